"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.recipes.recipe import DEFAULT_RECIPE

RecipeArgument = Annotated[
    str, typer.Argument(help="A recipe file, or the name of one that comes with the program.")
]
DataOption = Annotated[
    str | None,
    typer.Option("--data", help="CSV, TSV, JSONL or Parquet; default: the recipe's own file."),
]
StagesOption = Annotated[
    str | None, typer.Option("--stages", help="Part of the recipe: FIRST..LAST or A,B.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Change one field: STEP.FIELD=VALUE. May be repeated."),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, help="Only the first N dialogues.")
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
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]

__all__ = [
    "DEFAULT_RECIPE",
    "CacheOption",
    "DataOption",
    "JsonOption",
    "LimitOption",
    "OfflineOption",
    "RecipeArgument",
    "SetOption",
    "StagesOption",
]
