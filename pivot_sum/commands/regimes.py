"""`pivot-sum regimes`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import BudgetOption, CacheOption, JsonOption, TrainRecipeArgument
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.errors import TrainingStopped
from pivot_sum.training.regimes import REGIMES, RegimesRequest, compare_regimes
from pivot_sum.training.regimes_page import PAGE, cells, score_names
from pivot_sum.training.regimes_result import Regime, Regimes


def regimes(
    recipe: TrainRecipeArgument,
    data: Annotated[
        str | None,
        typer.Option("--data", help="What each learns from: CSV, TSV, JSONL or Parquet."),
    ] = None,
    dev: Annotated[
        str | None,
        typer.Option("--dev", metavar="FILE", help="What each is scored on."),
    ] = None,
    chosen: Annotated[
        str,
        typer.Option("--regimes", metavar="A,B", help="Which of them, in this order."),
    ] = ",".join(REGIMES),
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="[REGIME:]KEY.KEY=VALUE",
            help=(
                "Change one value for all, settings.seed=1, or for one regime,"
                " lora:settings.learning_rate=1e-3. May be repeated."
            ),
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="The folder of the trainings; default: trainings/RECIPE-KEY-regimes."
        ),
    ] = None,
    cache: CacheOption = None,
    budget: BudgetOption = None,
    json: JsonOption = False,
) -> None:
    """Train one recipe in several regimes and compare them in one table: the model as it is, from
    fresh weights, decoder only, full, LoRA.

    Each is a training of its own, OUT/REGIME. The same command again trains only what is not
    finished.
    """
    made = compare_regimes(
        RegimesRequest(
            recipe=recipe,
            regimes=[name.strip() for name in chosen.split(",") if name.strip()],
            settings=set_ or (),
            train_file=data,
            dev_file=dev,
            folder=out,
            cache=cache,
            budget=budget,
        )
    )
    if json:
        print_json(made.as_json())
    else:
        print_regimes(made)
    if any(row.error for row in made.rows):
        raise typer.Exit(TrainingStopped.exit_code)


def print_regimes(made: Regimes) -> None:
    """The table, errors and signatures."""
    numbers = (*score_names(made), "trained", "of", "s an epoch", "peak MB", "best step")
    print_table(
        f"regimes of {made.name}, the best first by {made.metric}",
        ("regime", *numbers),
        [(_name(made, row), *cells(made, row)) for row in made.rows],
        right=numbers,
        whole=("regime",),
    )
    for row in made.rows:
        if row.error:
            print(f"{row.name}: {row.error}")
    for name, signature in made.signatures.items():
        print(f"signature: {name}|{signature}")
    print(f"\npage:   {made.folder / PAGE}")
    print(f"models: {made.folder}/REGIME")


def _name(made: Regimes, row: Regime) -> str:
    return f"{row.name} failed" if row.error else f"{row.name} *" if row is made.best else row.name
