"""Reading run folders: what every view of a run (show, compare, report, ...) starts from."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.predictions import read_predictions_file
from pivot_sum.data.readers import file_sha256, is_data
from pivot_sum.data.samples import Sample
from pivot_sum.data.sequences import TextsById
from pivot_sum.errors import PredictionsUnreadable, RunFolderError
from pivot_sum.files import parse_json, read_text
from pivot_sum.running.record import NewerFormat, RecordedStep, RunRecord, parse_record
from pivot_sum.running.verdicts import Verdict

T = TypeVar("T")

RUNS = Path("runs")
RUN_FILE = "run.json"
PREDICTIONS = "predictions.csv"
SCORES = "scores.json"
AT_END = "at the end"
"""What remarks end with that judge a run's last texts against the dialogues."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """What one step gave for one sample. `remarks`: what a reader should look at, and how often.
    `end`: of the last step, what became of the dialogue's placeholders by then."""

    id: str
    text: str
    remarks: Mapping[str, int] = field(default_factory=dict)
    end: Verdict | None = None

    @property
    def noticed(self) -> dict[str, int]:
        """The remarks, with one on the end where placeholders are lost or invented there."""
        at_end = {f"placeholder {self.end} {AT_END}": 1} if self.end in ("lost", "invented") else {}
        return {**self.remarks, **at_end}

    def as_json(self) -> dict[str, Any]:
        """As it stands in the step's file."""
        line: dict[str, Any] = {"id": self.id, "text": self.text}
        line |= {"remarks": dict(self.remarks)} if self.remarks else {}
        return line | ({"end": self.end} if self.end else {})


def read_run(path: Path) -> RunRecord:
    """The record of a run. Raises `RunFolderError` when there is none, or a later version wrote
    it."""
    try:
        return parse_record(read_text(path / RUN_FILE))
    except NewerFormat as error:
        raise RunFolderError(
            f"{path} was written by a later version of pivot-sum: {error}. Update pivot-sum to look"
            " at it"
        ) from error
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{path} is not a run folder: {RUN_FILE} is missing or damaged; `pivot-sum run`"
            " makes one"
        ) from error


class OfStep(dict[str, T]):
    """Something of what one step gave, by the id of the sample. Asking for a sample that its file
    does not hold raises `RunFolderError`."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def __missing__(self, id: str) -> T:
        raise _lacking(self.file, id)


def read_step(path: Path, step: RecordedStep) -> list[StepLine]:
    """The texts of one step of a run's record, one a sample. Raises `RunFolderError`."""
    return list(step_lines(path, step).values())


def step_lines(
    path: Path, step: RecordedStep, only: Container[str] | None = None
) -> OfStep[StepLine]:
    """The same by the id of the sample, `only` those of some where they are named. Raises
    `RunFolderError`."""
    return of_step(path, step, lambda line: line, only)


def of_step(
    path: Path,
    step: RecordedStep,
    what: Callable[[StepLine], T],
    only: Container[str] | None = None,
) -> OfStep[T]:
    """What is wanted of each line, by the id of the sample; no more than that is in memory. Raises
    `RunFolderError`."""
    found = OfStep[T](path / step.file)
    for line in lines_of_step(path, step):
        if only is None or line.id in only:
            if line.id in found:
                raise _damaged(found.file)
            found[line.id] = what(line)
    return found


def lines_of_step(path: Path, step: RecordedStep) -> Iterator[StepLine]:
    """The same line by line, without having all of them in memory. Raises `RunFolderError`."""
    file = path / step.file
    try:
        if not _is_in(file, path) or not file.is_file():
            raise OSError("a link out of the run folder, or no file")
        with file.open("rb") as lines:
            for line in lines:
                if line.strip():
                    yield _line().validate_json(line)
    except (OSError, ValueError) as error:  # pydantic's errors are ValueErrors
        raise _damaged(file) from error


def lines_beside(
    path: Path, step: RecordedStep, samples: Iterable[Sample]
) -> Iterator[tuple[Sample, StepLine]]:
    """The samples of a run, in their order, each with what a step gave for it. Raises
    `RunFolderError`."""
    lines = lines_of_step(path, step)
    for sample in samples:
        line = next(lines, None)
        if line is None or line.id != sample.id:
            raise _lacking(path / step.file, sample.id)
        yield sample, line


def _damaged(file: Path) -> RunFolderError:
    return RunFolderError(f"{file} is missing or damaged; run the recipe again")


def _lacking(file: Path, id: str) -> RunFolderError:
    return RunFolderError(f"{file} is damaged: it has no line of {id}; run the recipe again")


@cache
def _line() -> TypeAdapter[StepLine]:
    return TypeAdapter(StepLine)


def read_scores(path: Path) -> dict[str, Any] | None:
    """The scores of a run; None where it was not scored. Raises `RunFolderError`."""
    if not (path / SCORES).exists():
        return None
    try:
        scores = parse_json(read_text(path / SCORES))
        if not isinstance(scores, dict):
            raise ValueError("not a JSON object")
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{path / SCORES} is damaged; remove it, and `pivot-sum score {path}` scores the run"
            " again"
        ) from error
    return scores


def runs_below(folder: Path) -> Iterator[tuple[Path, RunRecord]]:
    """The run folders directly below a folder. A damaged one does not hide the others."""
    for path in folder.glob(f"*/{RUN_FILE}"):
        with suppress(RunFolderError):
            yield path.parent, read_run(path.parent)


def latest_run() -> Path:
    """The newest run below `runs/`. Raises `RunFolderError` when there is none."""
    runs = {path: record.started for path, record in runs_below(RUNS)}
    if not runs:
        raise RunFolderError(
            f"there is no run in {RUNS}/ yet; `pivot-sum run` makes one, or name a run folder"
        )
    return max(runs, key=lambda path: (runs[path], path.name))


def data_of_run(path: Path, record: RunRecord) -> Path | None:
    """The data file a run was made from, where it is still as it was; None where it is not.

    Its recorded name counts from the working folder, and from the folders above the run: a run can
    be looked at from anywhere.
    """
    recorded = Path(record.data.file)
    # A run of the demo may come from a machine where the program is installed elsewhere.
    for file in (recorded, *_above(path, recorded), DEMO_FILE):
        if is_data(file) and file_sha256(file) == record.data.sha256:
            return file
    return None


class LostData(NamedTuple):
    """The data file that a run should have, what became of it (`has changed since`, `is not
    there`), and, behind a blank, where it was looked for."""

    file: Path
    what: str
    looked: str = ""


def lost_data(path: Path, record: RunRecord) -> LostData:
    """Why `data_of_run` finds nothing."""
    recorded = Path(record.data.file)
    for file in _above(path, recorded):
        if is_data(file):
            here = file.is_relative_to(Path.cwd())
            return LostData(file.relative_to(Path.cwd()) if here else file, "has changed since")
    if is_data(recorded):  # beside the caller, who may be somewhere else than the run was
        what = "has changed since, or is another file of that name"
        return LostData(recorded.resolve(), what)
    looked = f" (looked from {Path.cwd()} and from the folders above the run)"
    return LostData(recorded, "is not there", looked)


def _above(path: Path, file: Path) -> Iterator[Path]:
    return (folder / file for folder in path.resolve().parents)


def read_predictions(path: Path) -> TextsById:
    """The summary of each id, in file order, of a predictions file or of a run folder.

    Raises what `pivot_sum.data.predictions.read_predictions_file` raises.
    """
    return read_predictions_file(predictions_file(path))


def predictions_file(path: Path) -> Path:
    """The file itself, or the predictions of a run folder. Raises PredictionsUnreadable where a
    folder has none."""
    if not path.is_dir():
        return path
    try:
        record = read_run(path)
    except RunFolderError as error:
        if isinstance(error.__cause__, NewerFormat):
            raise PredictionsUnreadable(str(error)) from error
        raise PredictionsUnreadable(
            f"{path} is a folder, but no run: {RUN_FILE} is missing or damaged. Name a predictions"
            " file or a run folder"
        ) from error
    if record.predictions is None:
        raise PredictionsUnreadable(
            f"run {path} has no predictions: it is {record.status}, or ran only a part of"
            " its recipe. Run it to its end"
        )
    file = path / record.predictions
    if not _is_in(file, path):
        raise PredictionsUnreadable(
            f"{file} is a link to a file outside of its run folder. Name that file itself"
        )
    if file.exists() and not file.is_file():  # reading a pipe would never end
        raise PredictionsUnreadable(f"{file} is no file. Run the recipe again")
    return file


def _is_in(file: Path, folder: Path) -> bool:
    """Whether a file is in a folder, links followed: folders from elsewhere must not make anything
    else of this machine part of a page."""
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle, which Python up to 3.12 calls the latter
        return False
