"""Predictions files: an id and a summary a row, written by this program or by anything else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pivot_sum.data.readers import reader_of
from pivot_sum.data.sequences import TextsById
from pivot_sum.data.tables import RowReader
from pivot_sum.errors import DataUnreadable, PredictionsUnreadable, RunFolderError
from pivot_sum.files import write_whole
from pivot_sum.stages.text.writable import unwritable
from pivot_sum.wording import some

ID_COLUMNS: Final = ("fname", "id")
TEXT_COLUMNS: Final = ("summary", "text")
"""What the columns are called in the files one meets; the first of each is what the competition
wants."""


def read_predictions_file(path: Path) -> TextsById:
    """The summary of each id, in file order, from CSV, TSV, JSONL or Parquet.

    Other columns are passed over, such as the row numbers pandas writes in front. Every value is
    text: `None` and `NaN` are words, an empty cell is ``. Raises PredictionsUnreadable when the
    file is missing or no table, lacks a column, or has an id twice or none in a row.
    """
    if not path.is_file():
        raise PredictionsUnreadable(
            f"There is no file {path}. Name a predictions file (CSV with fname,summary) or a run"
            " folder"
        )
    try:
        return _read(path, reader_of(path)(path))
    except DataUnreadable as error:
        raise PredictionsUnreadable(str(error)) from error
    except OSError as error:
        raise PredictionsUnreadable(
            f"{path} cannot be read: {error.strerror or error}. Check its permissions"
        ) from error


def _read(path: Path, read_rows: RowReader) -> TextsById:
    names, rows = read_rows()
    number = sum(1 for _ in rows)  # any row of JSONL may bring a column more
    ids = _column(path, names, ID_COLUMNS, "ids")
    texts = _column(path, names, TEXT_COLUMNS, "summaries")
    if not number:
        raise PredictionsUnreadable(f"{path} holds no rows. Check that it was saved completely")
    nameless: list[str] = []

    def pairs() -> Iterator[tuple[str, str]]:
        for number, row in enumerate(read_rows().rows, 1):
            where = f"{path}, row {number}"
            id = _cell(row.get(ids), where)
            if not id.strip():
                nameless.append(str(number))
            yield id, _cell(row.get(texts), where)

    found = TextsById(pairs())
    if nameless:
        raise PredictionsUnreadable(
            f"{path}: no id in row {some(nameless)}. Give each row the id of its dialogue"
        )
    if found.repeated:
        twice = [id for id in found if id in found.repeated]
        raise PredictionsUnreadable(
            f"{path}: more than one row with the id {some(twice)}. Keep one of each"
        )
    return found


def _column(path: Path, names: Iterable[str], wanted: tuple[str, ...], what: str) -> str:
    for name in wanted:
        if name in names:
            return name
    found = ", ".join(repr(name) for name in names) or "nothing"
    raise PredictionsUnreadable(
        f"{path} has no column of {what} ({' or '.join(wanted)}); it has {found}. Put fname,summary"
        " into its first line"
    )


def _cell(value: Any, where: str) -> str:
    if value is None:
        return ""
    text = str(value)
    if isinstance(value, (list, dict, bytes)) or unwritable(text):
        raise PredictionsUnreadable(f"{where}: {text[:40]!r} is not a text. Repair the file")
    return text


def write_predictions(path: Path, rows: Iterable[tuple[str, str]]) -> None:
    r"""Write (id, summary) rows as CSV with the header `fname,summary`, UTF-8 and `\n` line ends,
    all or nothing.

    Raises RunFolderError when the file cannot be written.
    """
    lines = (
        f"{_csv_cell(id)},{_csv_cell(summary)}\n"
        for id, summary in chain([("fname", "summary")], rows)
    )
    try:
        write_whole(path, lines)
    except OSError as error:
        raise RunFolderError(
            f"{path} cannot be written: {error.strerror}. Check the folder and the room on disk."
        ) from error


def _csv_cell(text: str) -> str:
    # The csv module leaves a lone "\r" unquoted when lines end in "\n", and every reader then sees
    # a line end there.
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text
