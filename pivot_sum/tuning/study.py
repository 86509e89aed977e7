"""The study of a search, as Optuna keeps it in an SQLite file: several processes may work on it at
once, and a trial whose process was killed is taken up again."""

from __future__ import annotations

import hashlib
import itertools
import math
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import optuna
from optuna import Study, Trial
from optuna.distributions import CategoricalChoiceType
from optuna.exceptions import ExperimentalWarning
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, GridSampler, RandomSampler, TPESampler
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback, fail_stale_trials
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DatabaseError

from pivot_sum.errors import TuningRefused
from pivot_sum.training.form import LOWER_IS_BETTER, TrainRecipe
from pivot_sum.training.ranges import Range, Value, fields_by_key, takes_float
from pivot_sum.tuning.request import PrunerName, SamplerName

HEARTBEAT_INTERVAL: Final = 5
"""Seconds between the signs that the process of a trial is alive."""
GRACE_PERIOD: Final = 60
"""Seconds without one after which its trial is taken up again."""
_BUSY_TIMEOUT: Final = 120.0
"""Seconds that a process waits for another one to have written."""
_KEY: Final = "key"


def open_study(file: Path, name: str, key: str, recipe: TrainRecipe, pruner: PrunerName) -> Study:
    """The study of that name in a file, made where there is none.

    Raises `TuningRefused` where it is that of another search, or the file cannot be used.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        study = optuna.create_study(
            storage=_storage(file),
            study_name=name,
            direction="minimize" if recipe.metric in LOWER_IS_BETTER else "maximize",
            pruner=_PRUNERS[pruner](),
            load_if_exists=True,
        )
        there = study.user_attrs.get(_KEY)
        if there is None:
            study.set_user_attr(_KEY, key)
    except (OSError, DatabaseError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise TuningRefused(
            f"the study file {file} cannot be used: {reason}. Name another one with --study"
        ) from error
    if there not in (None, key):
        raise TuningRefused(
            f"{file} holds a study {name!r} of another search: the recipe, its ranges, the model or"
            " the data differ. Name another file with --study"
        )
    return study


def _storage(file: Path) -> RDBStorage:
    def opened() -> RDBStorage:
        return RDBStorage(
            f"sqlite:///{file}",
            engine_kwargs={"connect_args": {"timeout": _BUSY_TIMEOUT}},
            heartbeat_interval=HEARTBEAT_INTERVAL,
            grace_period=GRACE_PERIOD,
            heartbeat_stale_trial_callback=_taken_up_again(),
        )

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        try:
            return opened()
        except DatabaseError:  # another process made the same tables at the same moment
            time.sleep(1)
            return opened()


def _taken_up_again() -> RetryHeartbeatStaleTrialCallback:
    return RetryHeartbeatStaleTrialCallback(inherit_intermediate_values=True)


_PRUNERS: Final[Mapping[PrunerName, Callable[[], BasePruner]]] = {
    "median": MedianPruner,
    "hyperband": HyperbandPruner,
    "none": NopPruner,
}


def make_sampler(name: SamplerName, recipe: TrainRecipe, number: int) -> BaseSampler:
    """The sampler of the trial of that number. Its seed depends on the number, so that a search
    goes on as it would have, and two processes do not draw the same values."""
    seed = recipe.settings.seed + number
    if name == "grid":
        return GridSampler(grid(recipe), seed=recipe.settings.seed)
    return TPESampler(seed=seed) if name == "tpe" else RandomSampler(seed=seed)


def grid(recipe: TrainRecipe) -> dict[str, list[CategoricalChoiceType]]:
    """Every value of each key. Raises `TuningRefused` where a range has no steps."""
    fields = fields_by_key(TrainRecipe)
    if endless := [
        key
        for key, searched in recipe.tune.items()
        if searched.choices is None
        and (searched.log or (searched.step is None and takes_float(fields[key].annotation)))
    ]:
        raise TuningRefused(
            f"the grid has no end: {', '.join(endless)} can have any value between low and high."
            " Give a step or choices, or take --sampler tpe"
        )
    return {key: _steps(searched) for key, searched in recipe.tune.items()}


def _steps(searched: Range) -> list[CategoricalChoiceType]:
    if searched.choices is not None:
        return list(searched.choices)
    assert searched.low is not None and searched.high is not None
    step = searched.step or 1
    count = math.floor((searched.high - searched.low) / step + 1e-9) + 1
    return [searched.low + place * step for place in range(count)]


def grid_size(recipe: TrainRecipe) -> int:
    """How many combinations of values there are. Raises as `grid` does."""
    return len(list(itertools.product(*grid(recipe).values())))


def suggested(trial: Trial, recipe: TrainRecipe) -> dict[str, Value]:
    """A value for each key, by the trial's sampler."""
    fields = fields_by_key(TrainRecipe)
    return {
        key: _suggested(trial, key, searched, takes_float(fields[key].annotation))
        for key, searched in recipe.tune.items()
    }


def _suggested(trial: Trial, key: str, searched: Range, real: bool) -> Value:
    if searched.choices is not None:
        return trial.suggest_categorical(key, searched.choices)
    low, high, step = searched.low, searched.high, searched.step
    assert low is not None and high is not None
    if real:
        return trial.suggest_float(key, low, high, step=step, log=searched.log)
    return trial.suggest_int(key, int(low), int(high), step=int(step or 1), log=searched.log)


def first_number(trial: FrozenTrial) -> int:
    """The number of a trial, or of the one that it takes up again."""
    return int(trial.system_attrs.get("failed_trial", trial.number))


def latest(study: Study) -> list[FrozenTrial]:
    """The trials, each as it was run last."""
    found: dict[int, FrozenTrial] = {}
    for trial in study.get_trials(deepcopy=False):
        found[first_number(trial)] = trial
    return [found[number] for number in sorted(found)]


def take_up_again(study: Study, number: int) -> None:
    """Let a trial that was interrupted be run again."""
    trial = study.get_trials(deepcopy=False)[number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        _taken_up_again()(study, trial)


def is_another_wanted(study: Study, trials: int, waiting: Callable[[int], None]) -> bool:
    """Whether one more trial is to be run here; waits for those that other processes run, since one
    may be killed. `waiting` is told how many these are."""
    told = 0
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            fail_stale_trials(study)
        states = [trial.state for trial in latest(study)]
        if TrialState.WAITING in states or len(states) < trials:
            return True
        running = states.count(TrialState.RUNNING)
        if not running:
            return False
        if running != told:
            waiting(running)
            told = running
        time.sleep(min(HEARTBEAT_INTERVAL, 2))


def search_key(training_key: str, recipe: TrainRecipe) -> str:
    """A hash of what a search is: the training as its recipe has it, and the ranges."""
    ranges = [f"{key}={searched.model_dump_json()}" for key, searched in recipe.tune.items()]
    return hashlib.sha256("\n".join([training_key, *ranges]).encode()).hexdigest()
