"""`pivot-sum eda`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import typer

from pivot_sum.commands.completion import recipes
from pivot_sum.commands.options import LimitOption, SetOption
from pivot_sum.eda.eda import eda as eda_of
from pivot_sum.eda.tokens import Missing, TokenCounts
from pivot_sum.html import page


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
            help=(
                "Count tokens as this recipe's models do; --set STEP.model=FOLDER for a model of"
                " yours. May be repeated; default: the shipped recipes whose tokenizers are on this"
                " machine, or else the demo's."
            ),
            autocompletion=recipes,
        ),
    ] = None,
    set_: SetOption = None,
    limit: LimitOption = None,
) -> None:
    """Look at a data file before anything is run: lengths, speakers, placeholders, repeats, words,
    tokens, in one HTML page."""
    made = eda_of(file, recipe or (), set_ or (), limit=limit)
    page.write(out, made.html)
    print(
        f"{out}: {made.dialogues:,} dialogue{'s' * (made.dialogues != 1)},"
        f" {len(made.html.encode()) / 1e6:,.1f} MB"
    )
    for name, of_recipe in groupby(made.tokens, key=lambda counts: counts.recipe):
        for line in _about_tokens(list(of_recipe)):
            print(f"{name}{line}")
    if not made.of_demo and not recipe and all(counts.of_demo for counts in made.tokens):
        print(
            "The demo's tokenizers were made for the demo's dialogues: a real model counts other"
            " texts differently, and no shipped recipe with real models has its tokenizers on this"
            " machine. Name the recipe you mean to run: --recipe direct-kobart, --recipe"
            " pivot-nllb-bart"
        )


def _about_tokens(tokens: Sequence[TokenCounts]) -> Iterator[str]:
    """Whose tokenizers counted for one recipe, what is too long, what was not counted and why."""
    models = dict.fromkeys(counts.model for counts in tokens if not counts.why)
    if models:
        yield f": tokens counted with the tokenizer{'s' * (len(models) > 1)} of {', '.join(models)}"
    for counts in tokens:
        if counts.texts_exceeding:
            share = f"{counts.texts_exceeding:,} of {len(counts.counts):,} texts ({counts.side})"
            yield f", {counts.step}: {share} are longer than {counts.limit:,} tokens"
    lacking = {
        (counts.model, counts.revision, counts.why): counts for counts in tokens if counts.why
    }
    for (model, revision, why), _ in lacking.items():
        if why not in _ADVICE:
            continue  # the page says what is known only after a run
        steps = dict.fromkeys(c.step for c in tokens if (c.model, c.why) == (model, why))
        at = "" if revision == "main" else f" --revision {revision}"
        yield (
            f": tokens not counted for {', '.join(steps)}:"
            f" {_ADVICE[why].format(model=model, at=at)}"
        )


_ADVICE: Final[dict[Missing | None, str]] = {
    "no-model": (
        "there is no model folder {model}; correct the path in the recipe, or give it with --set"
        " STEP.model=FOLDER"
    ),
    "not-downloaded": (
        "{model} is not downloaded yet. A run of the recipe does it; for the tokenizer alone: hf"
        " download {model}{at} --include '*.json' --include '*.txt' --include '*.model' --include"
        " '*.spm'"
    ),
    "no-tokenizer": (
        "no tokenizer can be loaded from the files of {model}; fetch its tokenizer.json, or copy it"
        " from the model it was trained from"
    ),
}
