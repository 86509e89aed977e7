"""Options of the commands that prepare data for training."""

from __future__ import annotations

from typing import Annotated

import typer

ThresholdOption = Annotated[
    float,
    typer.Option(
        "--threshold",
        min=0.01,
        max=1,
        help="From which Jaccard index of character trigrams on two dialogues are alike.",
    ),
]
SplitSeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="The same seed chooses the same.")
]
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="data.columns.NAME=COLUMN",
        help="Which column holds what: data.columns.dialogue=NAME. May be repeated.",
    ),
]
