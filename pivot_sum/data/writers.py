"""Writing a table of data: CSV, TSV or JSONL, whole or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from pivot_sum.data.tables import Table
from pivot_sum.errors import DataUnwritable
from pivot_sum.files import write_whole


def require_writable(path: Path) -> None:
    """Raise DataUnwritable where no table can be written to a file of this name: its ending is none
    we write, it exists, or its folder does not. Asked before anything is computed."""
    if path.suffix.lower() not in WRITERS:
        raise DataUnwritable(
            f"{path}: the ending {path.suffix!r} is none of {', '.join(WRITERS)}. Name a file with"
            " one of these"
        )
    if path.exists():
        raise DataUnwritable(f"{path} exists, and no file is ever replaced. Name a new one")
    if not path.parent.is_dir():
        raise DataUnwritable(f"{path.parent} is no folder. Make it first, or name another place")


def write_table(path: Path, table: Table) -> None:
    r"""Write a table; the ending says as what. CSV and TSV are in UTF-8, with `\n` behind each row
    and cells as they are; JSONL holds every value as it was read. Raises DataUnwritable.
    """
    require_writable(path)
    try:
        write_whole(path, WRITERS[path.suffix.lower()](path, table))
    except OSError as error:
        raise DataUnwritable(
            f"{path} cannot be written: {error.strerror}. Check the folder and the room on disk"
        ) from error


def _delimited(path: Path, table: Table, *, separator: str) -> str:
    rows = [
        table.names,
        *([_text(path, row.get(name)) for name in table.names] for row in table.rows),
    ]
    return "".join(separator.join(_cell(text, separator) for text in row) + "\n" for row in rows)


def _text(path: Path, value: Any) -> str:
    if isinstance(value, list | dict):
        raise DataUnwritable(
            f"{path}: a cell holds several values ({str(value)[:40]!r}), which {path.suffix} cannot"
            " hold. Name a file that ends in .jsonl"
        )
    return "" if value is None else str(value)


def _cell(text: str, separator: str) -> str:
    # The csv module leaves a lone "\r" unquoted when lines end in "\n", and every reader then sees
    # a line end there. A row of one empty cell would be an empty line, which readers pass over.
    needs_quotes = not text or re.search(rf'["\r\n{separator}]', text)
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def _jsonl(path: Path, table: Table) -> str:
    return "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in table.rows)


WRITERS: Final[dict[str, Callable[[Path, Table], str]]] = {
    ".csv": partial(_delimited, separator=","),
    ".tsv": partial(_delimited, separator="\t"),
    ".jsonl": _jsonl,
}
