"""`pivot-sum overlap`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.data_options import ColumnsOption, ThresholdOption
from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import options, print_json, print_table
from pivot_sum.commands.streams import Reported
from pivot_sum.data.files import data_path
from pivot_sum.data.overlap import THRESHOLD, Overlap
from pivot_sum.data.overlap import overlap as overlap_of
from pivot_sum.data.readers import read_table
from pivot_sum.data.samples import read_samples, samples_of
from pivot_sum.data.tables import Table
from pivot_sum.data.writers import require_writable, write_table
from pivot_sum.errors import DataOverlaps
from pivot_sum.recipes.settings import chosen_columns
from pivot_sum.wording import number

SHOWN = 8
"""Pairs that are shown; `--json` has them all."""
BEGINNING = 60
"""Characters that are shown of a dialogue."""


def overlap(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A data file, such as the training data.")
    ],
    second: Annotated[
        str, typer.Argument(metavar="B", help="Another one, such as dev or test data.")
    ],
    set_: ColumnsOption = None,
    threshold: ThresholdOption = THRESHOLD,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write the first file here, without what both have."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Find dialogues that two files share, word for word or nearly, whatever their ids.

    Exit code 0 where there are none, or where --write left them out; 17 otherwise.
    """
    if write is not None:
        require_writable(write)
    columns = chosen_columns(set_ or ())
    table = read_table(data_path(first))
    ours = samples_of(table, first, columns)
    theirs = read_samples(data_path(second), columns)
    found = overlap_of(ours, theirs, threshold)
    refused = None
    if write is not None:
        shared = set(found.first_ids)
        kept = [row for row, one in zip(table.rows, ours, strict=True) if one.id not in shared]
        write_table(write, Table(table.names, kept))
    elif found.pairs:
        same = options(set=(set_ or [], []), threshold=(threshold, THRESHOLD))
        again = shlex.join(["pivot-sum", "overlap", first, second, *same])
        refused = DataOverlaps(
            f"{first} and {second} share dialogues: what is trained on one is not to be judged by"
            f" the other. Leave them out: {again} --write CLEAN.csv"
        )
    if json:
        paths = {"first": first, "second": second, "written": write and str(write)}
        print_json({**paths, **found.as_json()})
        if refused:
            raise Reported(refused)
        return
    dialogues = {
        side: {one.id: one.dialogue for one in of} for side, of in ((0, ours), (1, theirs))
    }
    _print(found, first, second, dialogues)
    if write is not None:
        print(f"written: {write} ({number(len(kept), 'row')} of {len(table.rows):,})")
    if refused:
        raise refused


def _print(found: Overlap, first: str, second: str, dialogues: dict[int, dict[str, str]]) -> None:
    exact = {pair.first for pair in found.pairs if pair.exact}
    numbers = ("dialogues", "word for word", "alike", "shared")
    rows = [
        (name, whole, len(same), len(ids) - len(same), f"{len(ids) / whole:.1%}")
        for name, whole, same, ids in (
            (first, found.first_dialogues, exact, found.first_ids),
            (second, found.second_dialogues, set(found.exact_ids), found.second_ids),
        )
    ]
    print_table(
        f"dialogues in both files (alike: Jaccard index from {found.threshold:g} on)",
        ("", *numbers),
        rows,
        right=numbers,
    )
    if found.pairs:
        print()
        print_table(
            f"pairs, the likest first ({min(SHOWN, len(found.pairs))} of {len(found.pairs):,})",
            ("similarity", "id", "begins", "id in the other", "begins"),
            [
                (
                    "same" if pair.exact else f"{pair.similarity:.2f}",
                    pair.first,
                    _beginning(dialogues[0][pair.first]),
                    pair.second,
                    _beginning(dialogues[1][pair.second]),
                )
                for pair in found.pairs[:SHOWN]
            ],
        )


def _beginning(dialogue: str) -> str:
    line = " ".join(dialogue.split())
    return line if len(line) <= BEGINNING else line[:BEGINNING] + "…"
