"""One training from its recipe to its folder. Whoever starts the same again goes on from the last
whole checkpoint, and ends with the same weights."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pivot_sum.errors import TrainingFolderError, TrainingRefused
from pivot_sum.running.spending import Limit, total
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.catalogue import CATALOGUE, SEE_CARD
from pivot_sum.stages.models.hub import fingerprint
from pivot_sum.tracking.tools import Asked, require_tools, tracked
from pivot_sum.training.examples import TrainFile, read_file, read_rows, require_distinct
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.pipeline import PipelineInputs
from pivot_sum.training.progress import Shown, training_progress
from pivot_sum.training.record import (
    TrainingRecord,
    TrainPlan,
    alone_in,
    finished_in,
    new_record,
    read_record,
    require_place,
    take_up,
)
from pivot_sum.training.tracked import run_config, run_name

log = logging.getLogger(__name__)

TRAININGS: Final = Path("trainings")
_KEY_SHOWN: Final = 8


@dataclass(frozen=True)
class Training:
    """A training and its folder, which is a model that any recipe can name."""

    folder: Path
    record: TrainingRecord

    @classmethod
    def load(cls, folder: Path) -> Training:
        """The training of a folder. Raises `TrainingFolderError` where it holds none."""
        record = read_record(folder)
        if record is None:
            raise TrainingFolderError(f"{folder} holds no training (no training.json)")
        return cls(folder, record)


@dataclass(frozen=True)
class TrainRequest:
    """What is to be trained. `train_file` and `dev_file` replace those of the recipe; `folder` is
    `trainings/NAME-KEY` where it is not given. `callbacks` of transformers' trainer are told of
    every step. `cache` and `budget` are for the steps of `data.pipeline`, as in a run. In tracking
    tools it belongs to `group`.
    """

    name: str
    recipe: TrainRecipe
    train_file: str | None = None
    dev_file: str | None = None
    folder: Path | None = None
    callbacks: tuple[Any, ...] = ()
    cache: Path | None = None
    budget: Limit = None
    group: str | None = None


Progress = Callable[[str], AbstractContextManager[Shown]]
"""Makes what shows the progress of a training of that name."""


def train(request: TrainRequest, progress: Progress | None = None) -> Training:
    """Train, or go on with a training that was interrupted. One that is finished is not done again.

    Raises `TrainingRefused`, `TrainingDataRefused`, `TrainingFolderError` (the folder holds another
    training), `TrainingStopped`, `TrackingRefused`, and what reading data and loading models
    raises.
    """
    recipe = request.recipe
    require_tools(recipe.report_to)
    record, files = begin(request)
    folder = request.folder or TRAININGS / f"{request.name}-{record.key[:_KEY_SHOWN]}"
    record = take_up(record, folder)
    if record.status == "finished":
        log.warning("%s is finished already; nothing is trained again", folder)
        return Training(folder, record)
    with redirect_stdout(sys.stderr):  # transformers prints the mode of wandb when it is imported
        from pivot_sum.training.work import Work

    asked = Asked(run_name(record), run_config(record, folder), request.group)
    with alone_in(folder):
        if there := finished_in(folder):  # by another process, after we looked
            return Training(folder, there)
        with (
            tracked(recipe.report_to, asked) as runs,
            (progress or training_progress)(request.name) as shown,
        ):
            with _model_named():
                Work(recipe, folder, record, files, request.callbacks, runs).run(shown)
            for run in runs:
                run.log({f"best/{name}": value for name, value in record.scores.items()})
    return Training.load(folder)


def begin(request: TrainRequest) -> tuple[TrainingRecord, tuple[TrainFile, TrainFile]]:
    """What a training is, before its first step, and its files as they were read. What is refused
    without reading them is refused before services are asked anything. Raises as `train` does."""
    recipe = request.recipe
    _require_packages(recipe)
    if request.folder:
        require_place(request.folder, recipe)
    files, base, spent = _read(request)
    record = new_record(request.name, recipe, base, *files)
    record.spent = spent
    return record, files


def look(request: TrainRequest) -> TrainPlan:
    """What a training would learn from, and for how long; nothing is trained or written. Raises as
    `train` does before its first step."""
    with redirect_stdout(sys.stderr):
        from pivot_sum.training.work import plan

    _require_packages(request.recipe)
    files, _, _ = _read(request, offline=True)
    with _model_named():
        return plan(request.recipe, files)


def _read(
    request: TrainRequest, *, offline: bool = False
) -> tuple[tuple[TrainFile, TrainFile], dict[str, Any], dict[str, float]]:
    """The two files, the model, and what services billed for the files: they are asked last."""
    recipe = request.recipe
    train = read_rows(recipe, request.train_file or recipe.data.train, "train")
    dev = read_rows(recipe, request.dev_file or recipe.data.dev, "dev")
    base = _base(recipe)
    through = PipelineInputs.of(recipe, request.cache, request.budget, offline=offline)
    files = read_file(recipe, train, through), read_file(recipe, dev, through)
    require_distinct(*files)
    return files, base, total(through.budget.spent) if through else {}


def _require_packages(recipe: TrainRecipe) -> None:
    needed = ["accelerate", *(["peft"] if recipe.train == "lora" else [])]
    if missing := [name for name in needed if find_spec(name) is None]:
        raise TrainingRefused(
            f"training needs {' and '.join(missing)}: pip install 'pivot-sum[train]'"
        )


def _base(recipe: TrainRecipe) -> dict[str, Any]:
    licences = {preset.model: preset.licence for preset in CATALOGUE}
    with _model_named():
        content = fingerprint(recipe.model, recipe.revision)
    return {
        "name": recipe.model,
        "model": content,
        "licence": licences.get(recipe.model, SEE_CARD),
    }


@contextmanager
def _model_named() -> Iterator[None]:
    """A model that the hub does not give is told of as a training recipe names it."""
    try:
        yield
    except ModelUnreachable as error:
        if not error.of_hub:
            raise
        raise ModelUnreachable(
            f"{error.of_hub}, or give a local folder instead (--set model=FOLDER)"
        ) from error
