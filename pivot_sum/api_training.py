"""The Python API of training: `pivot_sum.train`, `pivot_sum.regimes` and `pivot_sum.tune`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from pivot_sum.api_arguments import Settings, file_of, path_of, setting_list, whole
from pivot_sum.data.memory import Data
from pivot_sum.running.spending import Limit
from pivot_sum.training.progress import no_training_progress, training_progress
from pivot_sum.training.recipe import load_train_recipe, recipe_name
from pivot_sum.training.regimes import REGIMES, RegimesRequest, compare_regimes
from pivot_sum.training.regimes_result import Regimes
from pivot_sum.training.train import Training, TrainRequest
from pivot_sum.training.train import train as train_model
from pivot_sum.tuning.request import TRIALS_BY_DEFAULT, Keep, PrunerName, SamplerName, TuneRequest
from pivot_sum.tuning.result import Tuning
from pivot_sum.tuning.tune import tune as tune_recipe


def train(
    recipe: str | Path,
    data: Data | None = None,
    dev: Data | None = None,
    *,
    settings: Settings = (),
    out: str | Path | None = None,
    cache: str | Path | None = None,
    budget: Limit = None,
    progress: bool = True,
) -> Training:
    """Train a summariser or translator by a training recipe. The folder it gives is a model that
    recipes can name; the same call again goes on with a training that was interrupted.

    Args:
        recipe: a training recipe, or the name of one that comes with the program.
        data: what it learns from, as for `run`; the recipe's own file where it is left out.
        dev: what it is scored on at each evaluation.
        settings: changed values, `{"settings.learning_rate": 1e-5}` or
            `["settings.learning_rate=1e-5"]`.
        out: the folder of the result; default: `trainings/RECIPE-KEY`, the same for the same
            recipe, model and data.
        cache: the cache file for the steps of `data.pipeline`, as for `run`.
        budget: what services may bill for them.
        progress: whether to say on stderr how far it is.

    Raises:
        PivotSumError: each says what is wrong, where, and what to do next.
    """
    request = TrainRequest(
        name=recipe_name(str(recipe)),
        recipe=load_train_recipe(str(recipe), setting_list(settings)),
        train_file=file_of(data, cache),
        dev_file=file_of(dev, cache),
        folder=path_of(out),
        cache=path_of(cache),
        budget=budget,
    )
    return train_model(request, training_progress if progress else no_training_progress)


def regimes(
    recipe: str | Path,
    data: Data | None = None,
    dev: Data | None = None,
    *,
    regimes: Sequence[str] = tuple(REGIMES),
    settings: Settings = (),
    out: str | Path | None = None,
    cache: str | Path | None = None,
    budget: Limit = None,
    progress: bool = True,
) -> Regimes:
    """Train one recipe in several regimes, each in a process of its own, and compare them. The same
    call again trains only what is not finished.

    Args:
        recipe, data, dev, cache, budget, progress: as for `train`.
        regimes: which of `"as-is"`, `"scratch"`, `"decoder"`, `"full"` and `"lora"`.
        settings: as for `train`; `{"lora:settings.learning_rate": 1e-3}` is for one regime.
        out: the folder of the trainings; default: `trainings/RECIPE-KEY-regimes`.

    Raises:
        PivotSumError: each says what is wrong, where, and what to do next. A regime that fails is a
            row with its error.
    """
    request = RegimesRequest(
        recipe=str(recipe),
        regimes=regimes,
        settings=setting_list(settings),
        train_file=file_of(data, None),
        dev_file=file_of(dev, None),
        folder=path_of(out),
        cache=path_of(cache),
        budget=budget,
    )
    return compare_regimes(request) if progress else compare_regimes(request, None)


def tune(
    recipe: str | Path,
    data: Data | None = None,
    dev: Data | None = None,
    *,
    trials: int = TRIALS_BY_DEFAULT,
    sampler: SamplerName = "tpe",
    pruner: PrunerName = "median",
    settings: Settings = (),
    study: str | Path | None = None,
    out: str | Path | None = None,
    keep: Keep = "best",
    cache: str | Path | None = None,
    budget: Limit = None,
    progress: bool = True,
) -> Tuning:
    """Search the settings of a training recipe, over the ranges of its block `tune:`, by Optuna.
    The same call again, also at the same time in another process, works on the same search.

    Args:
        recipe, data, dev, settings: as for `train`; each trial is a training.
        trials: how many trials there are in the end, whichever process runs them.
        sampler: `"tpe"`, `"random"` or `"grid"`.
        pruner: `"median"`, `"hyperband"` or `"none"`.
        study: the SQLite file of the study; default: in the folder.
        out: the folder of the search; default: `tunings/RECIPE-KEY`.
        keep: whose weights stay, `"best"` or `"all"`.
        cache, budget: as for `train`; the steps of `data.pipeline` are run once for all trials.
        progress: whether to say on stderr how far it is.

    Raises:
        PivotSumError: each says what is wrong, where, and what to do next.
        ValueError: an argument that no search can have.
    """
    whole("trials", trials, 1)
    for name, value, known in (
        ("sampler", sampler, get_args(SamplerName)),
        ("pruner", pruner, get_args(PrunerName)),
        ("keep", keep, get_args(Keep)),
    ):
        if value not in known:
            raise ValueError(f"{name}={value!r}: one of {', '.join(known)}")
    request = TuneRequest(
        name=recipe_name(str(recipe)),
        recipe=load_train_recipe(str(recipe), setting_list(settings)),
        train_file=file_of(data, cache),
        dev_file=file_of(dev, cache),
        trials=trials,
        sampler=sampler,
        pruner=pruner,
        study_file=path_of(study),
        folder=path_of(out),
        keep=keep,
        cache=path_of(cache),
        budget=budget,
    )
    if progress:
        return tune_recipe(request)
    return tune_recipe(request, no_training_progress, say=lambda text: None)
