"""Options of the commands that score."""

from __future__ import annotations

from typing import Annotated

import typer

from pivot_sum.commands.completion import metrics, tokenizers
from pivot_sum.comparison.significance import LEAST_RESAMPLES
from pivot_sum.scoring import TOKENIZERS, OverReferences
from pivot_sum.scoring.metrics import HELP

MetricsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        help=f"{HELP} May be repeated: the first decides. Default: rouge.",
        autocompletion=metrics,
    ),
]
MetricOption = Annotated[str, typer.Option("--metric", help=HELP, autocompletion=metrics)]
TokenizerOption = Annotated[
    str,
    typer.Option(
        "--tokenizer",
        help=f"What ROUGE and BLEU count: {', '.join(TOKENIZERS)}.",
        autocompletion=tokenizers,
    ),
]
OverReferencesOption = Annotated[
    OverReferences,
    typer.Option(
        "--over-references", "--over", help="What becomes of ROUGE against several references."
    ),
]
ResamplesOption = Annotated[
    int, typer.Option("--resamples", min=LEAST_RESAMPLES, help="How often each test draws.")
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="COLUMN",
        help=(
            "Dialogues with one value in this column (a topic, a scene) are drawn as a whole."
            " Default: data.columns.cluster of the recipe."
        ),
    ),
]
CometOption = Annotated[
    str | None,
    typer.Option(
        "--comet",
        metavar="MODEL",
        help=(
            "Measure every translation of a run by a COMET checkpoint too: a folder, or an id on"
            " the Hugging Face hub."
        ),
    ),
]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="The seed of the tests.")]
