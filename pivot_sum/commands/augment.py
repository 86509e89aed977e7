"""`pivot-sum augment`."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from pivot_sum.commands.completion import recipes
from pivot_sum.commands.data_options import SplitSeedOption, ThresholdOption
from pivot_sum.commands.options import (
    BudgetOption,
    CacheOption,
    JsonOption,
    LimitOption,
    OfflineOption,
    SetOption,
)
from pivot_sum.commands.output import counts, print_json, print_table
from pivot_sum.data.overlap import THRESHOLD
from pivot_sum.data.writers import require_writable, write_table
from pivot_sum.errors import AugmentationRefused
from pivot_sum.stages.budget import cost_text
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.text.glossary import read_terms
from pivot_sum.training.augment import Augmented, Augmenting, Part
from pivot_sum.training.augment import augment as augment_data
from pivot_sum.training.augment_filter import Band
from pivot_sum.training.augment_words import Operation, WordChange
from pivot_sum.wording import number

BAND = Band()


def augment(
    data: Annotated[
        str, typer.Option("--data", help="The training data: CSV, TSV, JSONL or Parquet.")
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Write all rows and the new ones here (CSV, TSV, JSONL).")
    ],
    recipe: Annotated[
        str | None,
        typer.Option(
            "--recipe",
            help="Back-translate with the translators of this recipe.",
            autocompletion=recipes,
        ),
    ] = None,
    set_: SetOption = None,
    of: Annotated[
        Part, typer.Option("--of", help="What is back-translated; words change in dialogues only.")
    ] = "dialogue",
    min_similarity: Annotated[
        float, typer.Option(min=0, max=100, help="Least chrF of a back-translation to its source.")
    ] = BAND.min_similarity,
    max_similarity: Annotated[
        float, typer.Option(min=0, max=100, help="Largest chrF; what is above is a copy.")
    ] = BAND.max_similarity,
    max_length_ratio: Annotated[
        float, typer.Option(min=1, help="How many times as long, or as short, it may be.")
    ] = BAND.max_length_ratio,
    swap: Annotated[bool, typer.Option("--swap", help="Swap words inside sentences.")] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Leave words out of sentences.")] = False,
    synonyms: Annotated[
        Path | None,
        typer.Option(
            "--synonyms", help="Replace nouns: a CSV file of pairs, one `word,synonym` a line."
        ),
    ] = None,
    share: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of a dialogue's words that these three change."),
    ] = 0.1,
    copies: Annotated[
        int, typer.Option(min=1, help="How many dialogues each of them makes of one.")
    ] = 1,
    seed: SplitSeedOption = 0,
    dev: Annotated[
        str | None, typer.Option("--dev", help="Dialogues that are in this file make no new rows.")
    ] = None,
    test: Annotated[str | None, typer.Option("--test", help="As --dev.")] = None,
    threshold: ThresholdOption = THRESHOLD,
    limit: LimitOption = None,
    offline: OfflineOption = False,
    cache: CacheOption = None,
    budget: BudgetOption = None,
    json: JsonOption = False,
) -> None:
    """Make more training data: dialogues back-translated, or with words swapped, left out
    or replaced.

    Speakers and placeholders never change. What is translated is kept: the same command again
    goes on where it stopped.
    """
    require_writable(out)
    pairs = None if synonyms is None else _pairs(synonyms)
    asked: dict[Operation, bool] = {"swap": swap, "deletion": delete, "synonyms": bool(pairs)}
    made = augment_data(
        Augmenting(
            data,
            recipe,
            set_ or (),
            of,
            Band(min_similarity, max_similarity, max_length_ratio),
            [
                WordChange(operation, share, seed, copy, pairs)
                for operation in asked
                if asked[operation]
                for copy in range(1, copies + 1)
            ],
            [name for name in (dev, test) if name is not None],
            threshold,
            limit,
            offline,
            cache,
            budget,
        )
    )
    write_table(out, made.table)
    if json:
        print_json({"data": data, "written": str(out), **made.as_json()})
    else:
        _print(made, data, out)


def _pairs(path: Path) -> dict[str, str]:
    """Raises AugmentationRefused where the file holds no pairs of words."""
    try:
        return read_terms(path)
    except StageError as error:
        raise AugmentationRefused(f"--synonyms: {error}") from error


def _print(made: Augmented, data: str, out: Path) -> None:
    rows = []
    for way, found in made.counts().items():
        near = [
            one.similarity
            for one in made.tried
            if one.way == way and one.reason is None and one.similarity is not None
        ]
        middle = f"{median(near):.1f}" if near else "-"
        rows.append((way, found["tried"], found["kept"], middle, counts(found["rejected"])))
    numbers = ("tried", "kept", "median chrF")
    print_table(data, ("", *numbers, "left out"), rows, right=numbers)
    added = len(made.table.rows) - made.rows
    print(
        f"written: {out} ({number(made.rows, 'row')} of the data, {number(added, 'new row')} behind"
        " them; augmented_from and augmentation say what each was made from, and how)"
    )
    if made.spent:
        print(f"billed: {cost_text(made.spent)}")
    if not made.overlaps:
        print("not compared with a dev or test file: name them with --dev and --test")
