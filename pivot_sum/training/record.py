"""The record of a training, `training.json`: what was trained on what, how far it is, and what came
of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from pivot_sum import __version__
from pivot_sum.errors import TrainingFolderError
from pivot_sum.files import write_whole
from pivot_sum.running.folder import package_versions, utc_now
from pivot_sum.running.spending import total
from pivot_sum.training.examples import TrainFile
from pivot_sum.training.form import LOWER_IS_BETTER, TrainRecipe

RECORD: Final = "training.json"
LOCK: Final = ".lock"
"""Held while a process trains in the folder."""
_PACKAGES: Final = (
    "torch", "transformers", "accelerate", "peft", "tokenizers", "sentencepiece", "safetensors",
)  # fmt: skip


OUTSIDE_KEY: Final = ("description", "report_to", "tune", "settings.save_steps")
"""Keys of a recipe that change nothing of what is trained."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecordedFile(_Form):
    """A data file as it was read."""

    file: str
    sha256: str
    rows: int
    examples: int
    unpaired: int = 0
    """dialogues whose turns are not as many as those of their translation"""
    counts: dict[str, int] = {}
    """pairs and tokens, and what became of pairs that are too long"""


class Point(_Form):
    """What was measured at one step: a training loss, a learning rate, or dev values."""

    step: int
    epoch: float
    values: dict[str, float]


class TrainingRecord(_Form):
    """Everything about one training. `scores` and `best_step` are those of the best checkpoint by
    `best_by`, `at_start` those before the first step."""

    format: int = 1
    status: Literal["started", "finished"] = "started"
    name: str
    key: str
    """hash of the recipe, the model's content and the data: what a training is"""
    recipe: dict[str, Any]
    base: dict[str, Any]
    """the fingerprint of the model it started from, and its licence where that is known"""
    train: RecordedFile
    dev: RecordedFile
    pivot_sum: str = __version__
    started: str
    finished: str | None = None
    versions: dict[str, str]
    device: str = ""
    precision: str = ""
    batch: tuple[int, int] = (0, 0)
    """samples of a batch, batches of a step"""
    parameters: int = 0
    trainable: int = 0
    steps: int = 0
    epochs: float = 0.0
    seconds: float = 0.0
    """spent on steps and evaluations, also before an interruption"""
    step_seconds: float = 0.0
    """the part of them that steps took"""
    spent: dict[str, float] = {}
    """what services billed for the steps of `data.pipeline`, by unit, interruptions included"""
    peak_memory: int = 0
    """bytes: of the GPU, or of the process on a CPU"""
    best_by: str = ""
    best_step: int | None = None
    scores: dict[str, float] = {}
    at_start: dict[str, float] = {}
    better_than_start: bool | None = None
    """whether the best checkpoint is, by `best_by`; None where nothing was trained or the start was
    not scored"""
    signatures: dict[str, str] = {}
    history: list[Point] = []


def is_better_than_start(record: TrainingRecord) -> bool | None:
    """What `better_than_start` has to be, by the scores of the record."""
    start, best = (one.get(record.best_by) for one in (record.at_start, record.scores))
    if not record.steps or start is None or best is None:
        return None
    return best < start if record.best_by in LOWER_IS_BETTER else best > start


class TrainPlan(_Form):
    """What a training would do. The counts are those of `RecordedFile`."""

    train: dict[str, int]
    dev: dict[str, int]
    features: int
    """pairs that are learned from, parts of split ones included"""
    steps_an_epoch: int
    steps: int
    parameters: int
    trainable: int


def new_record(
    name: str, recipe: TrainRecipe, base: Mapping[str, Any], train: TrainFile, dev: TrainFile
) -> TrainingRecord:
    """The record of a training that has not begun."""
    filled = recipe.model_dump()
    filled["data"] |= {"train": train.name, "dev": dev.name}
    asked = {
        "recipe": {key: value for key, value in filled.items() if key not in OUTSIDE_KEY},
        "base": base["model"],
        "train": train.sha256,
        "dev": dev.sha256,
    }
    # The files by content: their names, and where the data was named, make no other training.
    asked["recipe"]["data"] = {**filled["data"], "train": None, "dev": None}
    asked["recipe"]["settings"] = {
        key: value
        for key, value in filled["settings"].items()
        if f"settings.{key}" not in OUTSIDE_KEY
    }
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
    return TrainingRecord(
        name=name,
        key=hashlib.sha256(text.encode()).hexdigest(),
        recipe=filled,
        base=dict(base),
        train=_recorded(train),
        dev=_recorded(dev),
        started=utc_now(),
        versions=package_versions(_PACKAGES),
    )


def _recorded(file: TrainFile) -> RecordedFile:
    return RecordedFile(
        file=file.name,
        sha256=file.sha256,
        rows=file.rows,
        examples=len(file.examples),
        unpaired=file.unpaired,
    )


def read_record(folder: Path) -> TrainingRecord | None:
    """The record in a folder; None where there is none. Raises `TrainingFolderError` for one that
    cannot be read."""
    file = folder / RECORD
    if not file.is_file():
        return None
    try:
        return TrainingRecord.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise TrainingFolderError(
            f"{file} cannot be read: {str(error).splitlines()[0]}. Name another folder with --out,"
            " or remove this one"
        ) from error


def write_record(record: TrainingRecord, folder: Path) -> None:
    """Write the record. Raises `TrainingFolderError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / RECORD, record.model_dump_json(indent=1) + "\n")
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> TrainingFolderError:
    return TrainingFolderError(
        f"cannot write to the training folder {folder}: {error.strerror or error}. Make room,"
        " or name another folder with --out"
    )


def take_up(record: TrainingRecord, folder: Path) -> TrainingRecord:
    """The record of the training that `folder` holds already, or the new one where it holds
    nothing.

    Raises `TrainingFolderError` where it holds something else, and says what differs.
    """
    there = _held(folder)
    if there is None:
        return record
    if there.key != record.key:
        raise _another(there, folder, _differences(there, record))
    there.spent = total(there.spent, record.spent)
    return there


def require_place(folder: Path, recipe: TrainRecipe) -> None:
    """Raises `TrainingFolderError` where a folder holds something else than a training of this
    recipe: what of `take_up` can be said before the data is read."""
    there = _held(folder)
    if there and (found := _changed_keys(there.recipe, recipe.model_dump(mode="json"))):
        raise _another(there, folder, found)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """No other process trains in the folder while this lasts. Raises `TrainingFolderError` where
    one does, or the folder cannot be written.

    The lock file is removed with a finished training. Somebody may hold the removed file then, and
    somebody else a new one: both look at the record and find that nothing is left to be done.
    """
    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise TrainingFolderError(
            f"another process is training in {folder}: wait until it is done, or name another"
            " folder with --out"
        ) from None
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield
    finally:
        lock.release()
    if finished_in(folder):
        with suppress(OSError):  # Windows: another process has it open
            (folder / LOCK).unlink(missing_ok=True)


def finished_in(folder: Path) -> TrainingRecord | None:
    """The record in a folder, where it is that of a finished training. Raises as `read_record`."""
    there = read_record(folder)
    return there if there and there.status == "finished" else None


def _held(folder: Path) -> TrainingRecord | None:
    """The record in a folder; None where it is empty or not there. Raises `TrainingFolderError`
    where it holds something else."""
    there = read_record(folder)
    if there or not folder.exists():
        return there
    if not folder.is_dir() or any(path.name != LOCK for path in folder.iterdir()):
        raise TrainingFolderError(
            f"{folder} exists and holds something that is no training; name another folder"
            " with --out"
        )
    return None


_SHOWN: Final = 5


def _another(
    there: TrainingRecord, folder: Path, differences: Sequence[str]
) -> TrainingFolderError:
    more = len(differences) - _SHOWN
    shown = [*differences[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return TrainingFolderError(
        f"{folder} holds another training ({there.name}, {there.status}); it differs in:"
        f" {'; '.join(shown)}. Name another folder with --out"
    )


def _changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What differs between two recipes, but for what makes no other training."""
    return [
        f"{path} {before!r} -> {after!r}"
        for path, before, after in _changed(old, new)
        if path.partition(".")[0] not in OUTSIDE_KEY
        and path not in (*OUTSIDE_KEY, "data.train", "data.dev")
    ]


def _differences(there: TrainingRecord, here: TrainingRecord) -> list[str]:
    found = _changed_keys(there.recipe, here.recipe)
    found += [
        f"the {use} file {old.file} -> {new.file}"
        for use, old, new in (
            ("training", there.train, here.train),
            ("dev", there.dev, here.dev),
        )
        if old.sha256 != new.sha256
    ]
    if there.base.get("model") != here.base.get("model"):
        found.append("the content of the model it starts from")
    return found


def _changed(old: Any, new: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            item
            for key in {**old, **new}
            for item in _changed(old.get(key), new.get(key), f"{path}.{key}".removeprefix("."))
        ]
    return [] if old == new else [(path, old, new)]
