"""A data file as a table: all of it, or row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Row = dict[str, Any]


class Table(NamedTuple):
    """A data file as read: column names in order, and rows of values by name."""

    names: list[str]
    rows: list[Row]

    @classmethod
    def of(cls, names: Mapping[str, None], rows: Iterable[Row]) -> Table:
        """The rows that are being read, and the columns as they are known then."""
        read = list(rows)
        return cls(list(names), read)


class Rows(NamedTuple):
    """A data file that is being read. `names`: the columns in order; those of JSONL grow with the
    rows. `rows` raises OSError and DataUnreadable where it comes to what cannot be read."""

    names: dict[str, None]
    rows: Iterator[Row]


RowReader = Callable[[], Rows]
"""Begins to read a file, each time from its first row."""


def bare(name: str) -> str:
    """A column name without the byte order mark and spaces that some programs put around it."""
    return name.strip(" \t\ufeff")
