"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import recipes, step_fields, step_names, training_recipes
from pivot_sum.recipes.recipe import DEFAULT_RECIPE

RecipeArgument = Annotated[
    str,
    typer.Argument(
        help="A recipe file, or the name of one that comes with the program.",
        autocompletion=recipes,
    ),
]
TrainRecipeArgument = Annotated[
    str,
    typer.Argument(
        help="A training recipe: a file, or the name of one that comes with the program.",
        autocompletion=training_recipes,
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option("--data", help="CSV, TSV, JSONL or Parquet; default: the recipe's own file."),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="AMOUNT[UNIT]",
        help=(
            "What services may bill: 200000 (in the unit they bill), 50000tokens, 2.50USD. Stops"
            " before it is exceeded."
        ),
    ),
]
StagesOption = Annotated[
    str | None,
    typer.Option(
        "--stages",
        help="Compute only these steps, FIRST..LAST or A,B; those before them come from the cache.",
        autocompletion=step_names,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change one field: STEP.FIELD=VALUE. May be repeated.",
        autocompletion=step_fields,
    ),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first N dialogues.")
]
ShardOption = Annotated[
    int | None,
    typer.Option(
        "--shard",
        min=1,
        help="Dialogues whose missing texts are computed together; default: 10,000. Fewer need less"
        " memory; the answers are the same.",
    ),
]
OnOption = Annotated[
    str,
    typer.Option(
        "--on",
        metavar="local|ray|ray://HOST|HOST:PORT",
        help="Where models run: in this process, on this machine by Ray, or on a Ray cluster. The"
        " answers are the same.",
    ),
]
ActorsOption = Annotated[
    int | None,
    typer.Option(
        "--actors",
        min=1,
        help="With Ray: processes that compute side by side; default: one a GPU, else one a"
        " machine.",
    ),
]
GpusOption = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-actor", min=0, help="With Ray: of each process; default: 1 where there are any."
    ),
]
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Answer from the cache or fail; load nothing, ask nobody.")
]
CacheOption = Annotated[
    Path | None,
    typer.Option(
        "--cache", help="The cache file; default: $PIVOT_SUM_CACHE or .pivot-sum/cache.sqlite3."
    ),
]
ReportToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--report-to",
        metavar="TOOL",
        help="Log scores there too: wandb, tensorboard, mlflow. May be repeated.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]

__all__ = [
    "DEFAULT_RECIPE",
    "ActorsOption",
    "BudgetOption",
    "CacheOption",
    "DataOption",
    "GpusOption",
    "JsonOption",
    "LimitOption",
    "OfflineOption",
    "OnOption",
    "RecipeArgument",
    "ReportToOption",
    "SetOption",
    "ShardOption",
    "StagesOption",
    "TrainRecipeArgument",
]
