"""`pivot-sum tune`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import training_recipes
from pivot_sum.commands.options import BudgetOption, CacheOption, JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.stages.budget import cost_text
from pivot_sum.training.page import value_text
from pivot_sum.training.recipe import load_train_recipe, recipe_name
from pivot_sum.tuning.page import PAGE
from pivot_sum.tuning.request import (
    TRIALS_BY_DEFAULT,
    Keep,
    PrunerName,
    SamplerName,
    TuneRequest,
)
from pivot_sum.tuning.result import Tuning
from pivot_sum.tuning.tune import tune as tune_recipe


def tune(
    recipe: Annotated[
        str,
        typer.Argument(
            help="A training recipe with a block `tune:`, which says what is searched.",
            autocompletion=training_recipes,
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option("--data", help="What each trial learns from: CSV, TSV, JSONL or Parquet."),
    ] = None,
    dev: Annotated[
        str | None,
        typer.Option("--dev", metavar="FILE", help="What each trial is scored on."),
    ] = None,
    trials: Annotated[
        int,
        typer.Option(
            "--trials",
            min=1,
            metavar="N",
            help="How many trials there are in the end, whichever process runs them.",
        ),
    ] = TRIALS_BY_DEFAULT,
    sampler: Annotated[
        SamplerName, typer.Option("--sampler", help="Optuna's sampler of values.")
    ] = "tpe",
    pruner: Annotated[
        PrunerName, typer.Option("--pruner", help="Optuna's pruner, which ends hopeless trials.")
    ] = "median",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY.KEY=VALUE",
            help="Change one value for all trials: settings.seed=1. May be repeated.",
        ),
    ] = None,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study",
            metavar="FILE",
            help="The SQLite file of the study; default: study.sqlite3 in the folder.",
        ),
    ] = None,
    keep: Annotated[
        Keep, typer.Option("--keep", help="Whose weights stay: the best trial's, or all.")
    ] = "best",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder of the search; default: tunings/RECIPE-KEY."),
    ] = None,
    cache: CacheOption = None,
    budget: BudgetOption = None,
    json: JsonOption = False,
) -> None:
    """Search the settings of a training recipe with Optuna. The best ones become a recipe.

    The same command again goes on with a search that was interrupted; in a second terminal it works
    on the same search.
    """
    made = tune_recipe(
        TuneRequest(
            recipe_name(recipe),
            load_train_recipe(recipe, set_ or ()),
            data,
            dev,
            trials,
            sampler,
            pruner,
            study,
            out,
            keep,
            cache,
            budget,
        )
    )
    if json:
        print_json(made.as_json())
    else:
        _print(made)


def _print(made: Tuning) -> None:
    keys = list(dict.fromkeys(key for trial in made.trials for key in trial.params))
    sign = 1 if made.lower_is_better else -1
    ordered = sorted(
        made.trials,
        key=lambda one: (one.state != "complete", sign * (one.value or 0.0), one.number),
    )
    print_table(
        f"trials of {made.name}, the best first",
        ("trial", made.metric, "state", *keys, "s"),
        [
            (
                trial.number,
                value_text(made.metric, trial.value),
                f"{trial.state} at {trial.pruned_at}" if trial.pruned_at else trial.state,
                *(_value(trial.params.get(key)) for key in keys),
                "-" if trial.seconds is None else f"{trial.seconds:,.0f}",
            )
            for trial in ordered
        ],
        right=("trial", made.metric, *keys, "s"),
    )
    if made.importance:
        print_table(
            "importance, by Optuna over the complete trials",
            ("setting", "share"),
            [(key, f"{value:.2f}") for key, value in made.importance.items()],
            right=("share",),
        )
    for name, signature in made.signatures.items():
        print(f"signature: {name}|{signature}")
    if made.spent:
        print(f"billed for data.pipeline: {cost_text(made.spent)}")
    print(f"\nstudy:       {made.study}")
    print(f"page:        {made.folder / PAGE}")
    best = made.best_trial
    if best is None:
        print("no trial is complete, so there are no best settings")
        return
    print(f"best recipe: {made.best_recipe}")
    print(f"best model:  {made.folder / best.folder}")
    print("\nnext:")
    words = ["pivot-sum", "train", str(made.best_recipe)]
    print(f"  {shlex.join(words)} --set settings.seed=1    # the same settings, another seed")


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
