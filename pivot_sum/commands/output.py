"""Printing: tables on a terminal and in a pipe, JSON for programs."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from pivot_sum.commands.streams import json_text, shown

PLAIN_WIDTH = 160
"""Columns of a table that goes into a file or a pipe, where there is no terminal to ask."""
_UNBOUNDED = 10_000


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    print(json_text(value))


def print_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    right: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """A table on stdout. `right` names the columns that are aligned to the right, `whole` those
    whose cells stay on one line so that they can be copied. Cell text is never read as markup.

    On a terminal so narrow that words of the table would be broken, each cell has a line of its
    own: its column, its text; and each row is a paragraph.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(Text(column), justify=justify, overflow="fold", no_wrap=column in whole)
    texts = [[_cell(value) for value in row] for row in rows]
    for row in texts:
        table.add_row(*row)
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else PLAIN_WIDTH)
    console.print(Text(title, style="bold"))
    # Asked in a narrow space, a table says that it fits.
    wide = console.options.update_width(_UNBOUNDED)
    if terminal and Measurement.get(console, wide, table).minimum > console.width:
        for number, row in enumerate(texts):
            if number:
                console.print()
            for column, text in zip(columns, row, strict=True):
                if not text:
                    continue
                line = Text.assemble((f"{column}: " if column else "", "bold"), text)
                console.print(line, soft_wrap=column in whole)
    else:
        console.print(table)


def _cell(value: object) -> Text:
    # True is an int too
    return Text(format(value, ",") if type(value) is int else shown(str(value)))


def options(**given: tuple[object, object]) -> list[str]:
    """The words that repeat options in a command line: each as (value, default), and left out where
    they are the same. A list is an option that is repeated."""
    return [
        word
        for name, (value, default) in given.items()
        if value != default
        for single in (value if isinstance(value, list | tuple) else [value])
        for word in (f"--{name.replace('_', '-')}", str(single))
    ]


def counts(counter: Mapping[str, int]) -> str:
    """`kept 12, repaired 3`."""
    return ", ".join(f"{name} {number:,}" for name, number in counter.items()) or "-"
