"""One search from its recipe to its folder. Whoever starts the same again, at the same time or
later, works on the same study."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from pivot_sum.errors import (
    TrainingDiverged,
    TrainingFolderError,
    TrainingRefused,
    TuningRefused,
)
from pivot_sum.files import write_whole
from pivot_sum.running.spending import total
from pivot_sum.stages.budget import cost_text
from pivot_sum.tracking.tools import require_tools
from pivot_sum.training.checkpoints import CHECKPOINTS
from pivot_sum.training.form import LOWER_IS_BETTER, TrainRecipe
from pivot_sum.training.page import value_text
from pivot_sum.training.ranges import with_values
from pivot_sum.training.record import TrainingRecord, read_record
from pivot_sum.training.train import Progress, begin, train
from pivot_sum.tuning.request import TuneRequest
from pivot_sum.tuning.result import (
    RESULT,
    TRIALS,
    Tuning,
    best_recipe,
    importance,
    tuned_trial,
    write_result,
)

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

TUNINGS: Final = Path("tunings")
_KEY_SHOWN: Final = 8


def tune(
    request: TuneRequest,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True),
) -> Tuning:
    """Search, or go on with a search, until the study has its trials.

    Raises `TuningRefused`, and what `train` raises but `TrainingDiverged`, which fails one trial.
    """
    recipe = request.recipe
    if not recipe.tune:
        raise TuningRefused(
            "the recipe says nothing about what to search. Give it a block `tune:` with a range for"
            " each key, such as settings.learning_rate: {low: 1e-5, high: 1e-3, log: true}"
            " (docs/tuning.md)"
        )
    if find_spec("optuna") is None:
        raise TrainingRefused("tune needs optuna: pip install 'pivot-sum[train]'")
    from pivot_sum.tuning.study import grid_size, open_study, search_key

    require_tools(recipe.report_to)
    trials = request.trials
    if request.sampler == "grid":
        trials = min(trials, grid_size(recipe))
    record, _ = begin(request.training())
    if record.spent:
        say(f"billed for data.pipeline: {cost_text(record.spent)}")
    key = search_key(record.key, recipe)
    folder = request.folder or TUNINGS / f"{request.name}-{key[:_KEY_SHOWN]}"
    spent = _take_up(folder, key, record.spent)
    file = request.study_file or folder / "study.sqlite3"
    study = open_study(file, request.name, key, recipe, request.pruner)
    search = _Search(request, recipe, folder, study, progress, say)
    search.run(trials)
    return search.result(record, file, key, spent)


class _Search:
    """The trials that this process runs."""

    def __init__(
        self,
        request: TuneRequest,
        recipe: TrainRecipe,
        folder: Path,
        study: Study,
        progress: Progress | None,
        say: Callable[[str], None],
    ) -> None:
        self.request, self.recipe, self.folder, self.study = request, recipe, folder, study
        self.progress, self.say = progress, say
        self.running: int | None = None
        self.metric = "final" if recipe.metric == "rouge" else recipe.metric

    def run(self, trials: int) -> None:
        """Run trials until the study has as many."""
        from pivot_sum.tuning.study import (
            GRACE_PERIOD,
            is_another_wanted,
            make_sampler,
            take_up_again,
        )

        def waiting(running: int) -> None:
            self.say(
                f"waiting for {running} that other processes run; one whose process was killed is"
                f" taken up again after {GRACE_PERIOD} s"
            )

        self.study.sampler = make_sampler(self.request.sampler, self.recipe, 0)
        while is_another_wanted(self.study, trials, waiting):
            self.running = None
            try:
                self.study.optimize(self._objective, 1, catch=(TrainingDiverged, _Conflict))
            except BaseException:
                if self.running is not None:
                    take_up_again(self.study, self.running)
                raise
            self._tell()
            self._tidy()

    def _objective(self, trial: Trial) -> float:
        from pivot_sum.tuning.callback import ToPruner
        from pivot_sum.tuning.study import first_number, make_sampler, suggested

        self.running = trial.number
        frozen = self.study.get_trials(deepcopy=False)[trial.number]
        original = first_number(frozen)
        if self.request.sampler != "grid":
            self.study.sampler = make_sampler(self.request.sampler, self.recipe, original)
        values = suggested(trial, self.recipe)
        listing = ", ".join(f"{key}={value}" for key, value in values.items())
        self.say(f"trial {original}: {listing}")
        try:
            recipe = with_values(self.recipe, values)
            made = train(
                replace(
                    self.request.training(),
                    name=f"{self.request.name}-{original:04d}",
                    recipe=recipe,
                    folder=self.folder / TRIALS / f"{original:04d}",
                    callbacks=(ToPruner(trial, set(frozen.intermediate_values)),),
                    group=self.folder.name,
                ),
                self.progress,
            )
        except ValidationError as error:
            why = "; ".join(item["msg"] for item in error.errors())
            trial.set_user_attr("why", why)
            raise _Conflict(why) from error
        except TrainingDiverged as error:
            trial.set_user_attr("why", str(error).partition(".")[0])
            raise
        return made.record.scores[made.record.best_by]

    def _tell(self) -> None:
        from pivot_sum.tuning.study import first_number

        assert self.running is not None
        trial = self.study.get_trials(deepcopy=False)[self.running]
        shown = tuned_trial(trial, first_number(trial))
        at = f" at evaluation {shown.pruned_at}" if shown.pruned_at else ""
        value = (
            "" if shown.value is None else f", {self.metric} {value_text(self.metric, shown.value)}"
        )
        why = f": {shown.why}" if shown.why else ""
        self.say(f"trial {shown.number}: {shown.state}{at}{value}{why}")

    def _tidy(self) -> None:
        """Remove the checkpoints of trials that are over, and the weights of all but the best."""
        from pivot_sum.tuning.study import first_number, latest

        if self.request.keep == "all":
            return
        trials = latest(self.study)
        best = _best(trials, self.recipe)
        for trial in trials:
            if trial.state.is_finished():
                folder = self.folder / TRIALS / f"{first_number(trial):04d}"
                shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)
                if trial is not best:
                    for weights in folder.rglob("*.safetensors"):
                        weights.unlink(missing_ok=True)

    def result(
        self, record: TrainingRecord, file: Path, key: str, spent: Mapping[str, float]
    ) -> Tuning:
        """What came of the search, written into its folder."""
        from pivot_sum.tuning.page import write_page
        from pivot_sum.tuning.study import first_number, latest

        found = latest(self.study)
        chosen = _best(found, self.recipe)
        best = None if chosen is None else tuned_trial(chosen, first_number(chosen))
        made = None if best is None else read_record(self.folder / best.folder)
        trials = tuple(tuned_trial(trial, first_number(trial)) for trial in found)
        tuning = Tuning(
            folder=self.folder,
            name=self.request.name,
            study=file,
            key=key,
            metric=self.metric,
            lower_is_better=self.recipe.metric in LOWER_IS_BETTER,
            sampler=self.request.sampler,
            pruner=self.request.pruner,
            trials=trials,
            best=None if best is None else best.number,
            importance=importance(self.study),
            signatures=made.signatures if made else {},
            spent=spent,
        )
        recipe = None
        if best is not None:
            about = (
                f"The best of {len(trials)} trials of {tuning.name}: {tuning.metric}"
                f" {value_text(tuning.metric, best.value)}."
            )
            recipe = best_recipe(self.recipe, best, (record.train.file, record.dev.file), about)
        write_result(tuning, recipe)
        write_page(tuning, recipe)
        return tuning


def _best(trials: Sequence[FrozenTrial], recipe: TrainRecipe) -> FrozenTrial | None:
    """The complete trial with the best value, the first of several."""
    sign = -1 if recipe.metric in LOWER_IS_BETTER else 1
    complete = [trial for trial in trials if trial.state.name == "COMPLETE"]
    return max(complete, key=lambda trial: sign * (trial.value or 0.0), default=None)


def _take_up(folder: Path, key: str, spent: Mapping[str, float]) -> dict[str, float]:
    """Begin in the folder of this search, or go on: what it was billed in all, noted there at once.
    Raises `TuningRefused` where it holds something else."""
    file = folder / RESULT
    try:
        there: dict[str, Any] = {"key": key}
        if file.is_file():
            there = json.loads(file.read_text(encoding="utf-8"))
            if there.get("key") != key:
                raise TuningRefused(
                    f"{folder} holds another search: the recipe, its ranges, the model or the data"
                    " differ. Name another folder with --out"
                )
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise TuningRefused(
                f"{folder} exists and holds something that is no search; name another folder with"
                " --out"
            )
        folder.mkdir(parents=True, exist_ok=True)
        billed = total(there.get("spent", {}), spent)
        write_whole(file, json.dumps({**there, "spent": billed}, ensure_ascii=False) + "\n")
    except (OSError, ValueError, AttributeError) as error:
        raise TrainingFolderError(
            f"{folder} cannot be used: {error}. Name another folder with --out"
        ) from error
    return billed


class _Conflict(Exception):
    """Values that do not go together, each of them possible alone."""
