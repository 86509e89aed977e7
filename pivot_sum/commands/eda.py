"""`pivot-sum eda`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import LimitOption, SetOption
from pivot_sum.eda.eda import DEMO_RECIPES
from pivot_sum.eda.eda import eda as eda_of
from pivot_sum.eda.tokens import NO_TOKENIZER
from pivot_sum.html import page
from pivot_sum.html.i18n import texts


def eda(
    file: Annotated[
        str,
        typer.Argument(
            help="CSV, TSV, JSONL or Parquet with dialogues; demo:dialogues are the shipped ones."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("eda.html"),
    recipe: Annotated[
        list[str] | None,
        typer.Option(
            "--recipe",
            help="Count tokens as this recipe's models do. May be repeated; default: the demo's.",
        ),
    ] = None,
    set_: SetOption = None,
    limit: LimitOption = None,
) -> None:
    """Look at a data file before anything is run: lengths, speakers, placeholders, repeats, words,
    tokens, in one HTML page."""
    made = eda_of(file, recipe or DEMO_RECIPES, set_ or (), limit=limit)
    page.write(out, made.html)
    print(
        f"{out}: {made.dialogues:,} dialogue{'s' * (made.dialogues != 1)},"
        f" {len(made.html.encode()) / 1e6:,.1f} MB"
    )
    for counts in made.tokens:
        if counts.texts_exceeding:
            share = f"{counts.texts_exceeding:,} of {len(counts.counts):,} texts ({counts.side})"
            print(
                f"{counts.recipe}, {counts.step}: {share} are longer than {counts.limit:,} tokens"
            )
    uncounted = (
        (counts.recipe, counts.why, counts.step)
        for counts in made.tokens
        if counts.why in NO_TOKENIZER
    )
    for (name, why), steps in groupby(dict.fromkeys(uncounted), key=lambda found: found[:2]):
        print(
            f"{name}: tokens not counted for {', '.join(step for *_, step in steps)}:"
            f" {texts()[f'why:{why}']['en']}"
        )
