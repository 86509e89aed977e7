"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.recipes.recipe import DEFAULT_RECIPE
from pivot_sum.scoring import TOKENIZERS, OverReferences
from pivot_sum.scoring.metrics import HELP

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

MetricsOption = Annotated[
    list[str] | None,
    typer.Option("--metric", help=f"{HELP} May be repeated: the first decides. Default: rouge."),
]
MetricOption = Annotated[str, typer.Option("--metric", help=HELP)]
TokenizerOption = Annotated[
    str,
    typer.Option("--tokenizer", help=f"What ROUGE and BLEU count: {', '.join(TOKENIZERS)}."),
]
OverReferencesOption = Annotated[
    OverReferences,
    typer.Option(
        "--over-references", "--over", help="What becomes of ROUGE against several references."
    ),
]
ResamplesOption = Annotated[
    int, typer.Option("--resamples", min=100, help="How often each test draws.")
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The seed of the tests.")]

__all__ = [
    "DEFAULT_RECIPE",
    "CacheOption",
    "DataOption",
    "JsonOption",
    "LimitOption",
    "MetricOption",
    "MetricsOption",
    "OfflineOption",
    "OverReferencesOption",
    "RecipeArgument",
    "ResamplesOption",
    "SeedOption",
    "SetOption",
    "StagesOption",
    "TokenizerOption",
]
