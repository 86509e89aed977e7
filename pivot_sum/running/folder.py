"""The run folder: everything one run did, written as it goes. Every view (show, compare, report)
only reads such folders."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pivot_sum import __version__
from pivot_sum.data.predictions import read_predictions_file
from pivot_sum.data.samples import Sample, file_sha256, write_predictions
from pivot_sum.errors import OracleRefused, PredictionsUnreadable, RunFolderError
from pivot_sum.files import write_whole
from pivot_sum.recipes.recipe import Recipe
from pivot_sum.running.runner import COUNTS, StepResult

RUNS = Path("runs")
RUN_FILE = "run.json"
PREDICTIONS = "predictions.csv"
_PACKAGES = (
    "ctranslate2",
    "torch",
    "transformers",
    "tokenizers",
    "sentencepiece",
    "safetensors",
    "sentencex",
    "pydantic",
    "deepl",
)


def utc_now() -> str:
    """The time now, UTC, to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_folder(recipe: str, out: Path | None) -> Path:
    """Where the next run goes: `out`, or `runs/<recipe>-<UTC time>`. The folder is not made yet.

    Raises `RunFolderError` when `out` holds something already.
    """
    if out is not None:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise RunFolderError(
                f"--out {out} exists and is not empty; a run never overwrites another, name a new"
                " folder"
            )
        return out
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [f"{recipe}-{stamp}", *(f"{recipe}-{stamp}-{number}" for number in range(2, 1000))]
    return next(RUNS / name for name in names if not (RUNS / name).exists())


class RunFolder:
    """Writes one run. `record` is what `run.json` holds; its `status` is started, finished or
    failed."""

    def __init__(
        self, path: Path, recipe: Recipe, data: Path, samples: Sequence[Sample], **options: Any
    ) -> None:
        self.path = path
        self.samples = samples
        self.record: dict[str, Any] = {
            "status": "started",
            "started": utc_now(),
            "pivot_sum": __version__,
            "recipe": recipe.filled(),
            "data": {"file": str(data), "sha256": file_sha256(data), "samples": len(samples)},
            "options": options,
            "steps": [],
            "versions": _versions(),
            "git": _git_revision(),
        }
        if oracles := sorted({name for sample in samples for name in sample.oracles}):
            self.record["oracles"] = oracles

    def start(self) -> None:
        """Make the folder and say that the run has started."""
        with writing(self.path):
            (self.path / "steps").mkdir(parents=True, exist_ok=True)
        self._write_record()

    def add_step(self, position: int, result: StepResult) -> None:
        """Write a step's texts and counts."""
        name = f"{position + 1:02d}-{result.name}.jsonl"
        lines = []
        encoded = json.JSONEncoder(ensure_ascii=False).encode
        for sample, text, noticed in zip(self.samples, result.texts, result.remarks, strict=True):
            line: dict[str, Any] = {"id": sample.id, "text": text}
            if noticed:
                line["remarks"] = dict(sorted(noticed.items()))
            lines.append(encoded(line) + "\n")
        with writing(self.path):
            write_whole(self.path / "steps" / name, "".join(lines))
        self.record["steps"].append(
            {
                "name": result.name,
                "file": f"steps/{name}",
                "identity": result.identity,
                "texts": result.units,
                "unique": result.unique,
                "cached": result.cached,
                "computed": result.computed,
                **({} if result.billed is None else {"billed_characters": result.billed}),
                "seconds": round(result.seconds, 3),
                **({} if not result.tokens.encoder else {"tokens": result.tokens.record()}),
                **{name: dict(counter.most_common()) for name, counter in result.counts.items()},
            }
        )
        self._write_record()

    def finish(self, summaries: Sequence[str] | None) -> None:
        """Write the predictions, where the recipe ran to its end, and say that the run is finished.

        Raises `OracleRefused` where an oracle took the place of a step: such texts know what no
        system may know.
        """
        if summaries is not None:
            if "oracles" in self.record:
                raise OracleRefused(
                    f"{self.path}: no predictions are written of a run in which the data took the"
                    f" place of {', '.join(self.record['oracles'])}; its texts are there to look"
                    " at, not to be submitted"
                )
            with writing(self.path):
                ids = [sample.id for sample in self.samples]
                write_predictions(self.path / PREDICTIONS, zip(ids, summaries, strict=True))
            self.record["predictions"] = PREDICTIONS
        self.record |= {"status": "finished", "finished": utc_now()}
        self._write_record()

    def fail(self, reason: str) -> None:
        """Say that the run failed, and why. A disk that is full must not hide the first error
        behind this one."""
        self.record |= {"status": "failed", "finished": utc_now(), "error": reason}
        with suppress(RunFolderError):
            self._write_record()

    def _write_record(self) -> None:
        with writing(self.path):
            write_whole(
                self.path / RUN_FILE, json.dumps(self.record, ensure_ascii=False, indent=2) + "\n"
            )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write below `path` into a `RunFolderError`."""
    try:
        yield
    except OSError as error:
        raise RunFolderError(
            f"cannot write to the run folder {path}: {error.strerror or error}. What was computed"
            " is in the cache: make room (or name another folder with --out) and run the same"
            " command again"
        ) from error


def read_run(path: Path) -> dict[str, Any]:
    """The record of a run. Raises `RunFolderError` when there is none."""
    try:
        record = json.loads((path / RUN_FILE).read_text(encoding="utf-8"))
        _require_shape(record)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise RunFolderError(
            f"{path} is not a run folder: {RUN_FILE} is missing or damaged; `pivot-sum run`"
            " makes one"
        ) from error
    whole: dict[str, Any] = record
    return whole


def _require_shape(record: Any) -> None:
    """Raises KeyError, TypeError or ValueError where a record lacks what every view of a run
    reads.
    """
    data, recipe = record["data"], record["recipe"]
    texts = [record["status"], record["started"], data["file"], data["sha256"], recipe["name"]]
    numbers = [data["samples"]]
    for step in record["steps"]:
        texts += [step["name"], step["file"]]
        numbers += [
            step["texts"],
            step["unique"],
            step["cached"],
            step["computed"],
            step["seconds"],
        ]
        for counts in (step[name] for name in COUNTS):
            texts += counts.keys()
            numbers += counts.values()
    if "file" not in recipe["data"] or not isinstance(recipe["steps"], list):
        raise ValueError("the recipe is not whole")
    if not all(isinstance(text, str) for text in texts) or not all(
        isinstance(number, int | float) for number in numbers
    ):
        raise ValueError("a value is of another kind than it should be")


def read_step(path: Path, step: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines (`id`, `text`, `remarks`) of one step of a run's record. Raises
    `RunFolderError`.
    """
    try:
        return [
            json.loads(line)
            for line in (path / step["file"]).read_text(encoding="utf-8").split("\n")
            if line
        ]
    except (OSError, ValueError) as error:
        raise RunFolderError(
            f"{path / step['file']} is missing or damaged; run the recipe again"
        ) from error


def latest_run() -> Path:
    """The newest run below `runs/`. Raises `RunFolderError` when there is none."""
    runs = {}
    for path in RUNS.glob(f"*/{RUN_FILE}"):
        with suppress(RunFolderError):  # one damaged folder must not hide the others
            runs[path.parent] = read_run(path.parent)["started"]
    if not runs:
        raise RunFolderError(
            f"there is no run in {RUNS}/ yet; `pivot-sum run` makes one, or name a run folder"
        )
    return max(runs, key=lambda path: (runs[path], path.name))


def read_predictions(path: Path) -> dict[str, str]:
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
        raise PredictionsUnreadable(
            f"{path} is a folder, but no run: {RUN_FILE} is missing or damaged. Name a predictions"
            " file or a run folder"
        ) from error
    if "predictions" not in record:
        raise PredictionsUnreadable(
            f"run {path} has no predictions: it is {record.get('status')}, or ran only a part of"
            " its recipe. Run it to its end"
        )
    return path / str(record["predictions"])


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "platform": sys.platform}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git_revision() -> str | None:
    """The commit of the checkout the program runs from; None where it was installed otherwise."""
    home = Path(__file__).resolve().parents[2]
    if not (home / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(home), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None
