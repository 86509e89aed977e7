"""The outside of a predictions file: bytes, cells, header, columns. Everything is read as far as it
can be, and every departure from plain `fname,summary` in UTF-8 is reported.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import NamedTuple

from pivot_sum.errors import PredictionsUnreadable
from pivot_sum.stages.text.placeholders import ZERO_WIDTH
from pivot_sum.submission.kinds import Problem

ID, SUMMARY = "fname", "summary"
BOM = "\ufeff"
_DELIMITERS = (",", "\t", ";")
_INDEX_NAMES = ("", "unnamed: 0", "index", "id", "no")


class Row(NamedTuple):
    """One row as far as it could be read; `number` counts from 1."""

    number: int
    id: str
    summary: str
    surplus: tuple[str, ...] = ()
    """Cells behind those that have a name: what they are for, only the author knows."""


class Layout(NamedTuple):
    """A file's rows, whether it has an index column, and what is wrong with its outside."""

    rows: list[Row]
    has_index: bool
    problems: list[Problem]


class _Record(NamedTuple):
    cells: list[str]
    quoted: bool


class _Columns(NamedTuple):
    numbering: int | None
    id: int
    summary: int


def bare(name: str) -> str:
    """A name or id without what nobody sees: whitespace around it, zero-width characters."""
    return "".join(character for character in name if character not in ZERO_WIDTH).strip()


def read_layout(raw: bytes, name: str, ids: Collection[str], index: bool | None) -> Layout:
    """Read a file's bytes. `ids` are those of the test set, which tell columns apart whose names do
    not; `index` says whether an index column has to be there (None: as the file has it).

    Raises `PredictionsUnreadable` where the bytes are no table, or it cannot be told which column
    is which.
    """
    problems: list[Problem] = []
    text = _decode(raw, name, problems)
    delimiter = _delimiter(text, ids)
    if delimiter != ",":
        problems.append(
            Problem("delimiter", f"cells are separated by {delimiter!r} -> ','", certain=True)
        )
    records = _records(text, delimiter, name, problems)
    if not records:
        raise PredictionsUnreadable(
            f"{name} is empty. Check that it is the right file and was saved completely."
        )
    names = records[0].cells
    if {bare(cell) for cell in names} & set(ids):
        columns = _columns([""] * len(names), records, ids)
        wanted = _header(columns is not None and columns.numbering is not None)
        problems.append(
            Problem(
                "header",
                f"there is none, the first row is {','.join(names)[:60]!r} -> {wanted}",
                certain=True,
            )
        )
    else:
        records = records[1:]
        columns = _columns(names, records, ids)
        if columns is not None and (found := ",".join(names)) != (
            wanted := _header(columns.numbering is not None)
        ):
            _header_problems(names, columns, found, wanted, problems)
    if columns is None:
        raise PredictionsUnreadable(
            f"{name}: cannot tell which column holds the ids and which the summaries; the header is"
            f" {','.join(names)[:80]!r}. Name them {ID},{SUMMARY}."
        )
    rows = [
        _row(number, record, columns, len(names), delimiter, problems)
        for number, record in enumerate(records, 1)
    ]
    _check_index(records, columns, index, problems)
    return Layout(rows, columns.numbering is not None, problems)


def _decode(raw: bytes, name: str, problems: list[Problem]) -> str:
    utf_16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if utf_16 else ("utf-8", "cp949"):
        with suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            break
    else:
        raise PredictionsUnreadable(f"{name} is neither UTF-8 nor CP949. Save it as CSV (UTF-8).")
    if "\0" in text:
        raise PredictionsUnreadable(
            f"{name} is not a text file: it holds NUL bytes. Save it as CSV (UTF-8)."
        )
    if encoding != "utf-8":
        problems.append(Problem("encoding", f"{encoding.upper()} -> UTF-8", certain=True))
    elif text.startswith(BOM):
        problems.append(
            Problem(
                "bom",
                "the file begins with one, which may become part of a name -> none",
                certain=True,
            )
        )
    return text.lstrip(BOM)


def _delimiter(text: str, ids: Collection[str]) -> str:
    """What separates the cells of the first line into names, or an id, that we know."""
    head = next((line for line in text.split("\n") if line.strip()), "")
    known = {ID, SUMMARY, *ids}
    for delimiter in _DELIMITERS:
        cells = [bare(cell).strip('"') for cell in head.split(delimiter)]
        if len(cells) > 1 and any(cell in known or cell.casefold() in known for cell in cells):
            return delimiter
    return _DELIMITERS[0]


def _records(text: str, delimiter: str, name: str, problems: list[Problem]) -> list[_Record]:
    """The cells of each line that has some; what csv itself cannot read is an error, as everything
    behind it is a guess."""
    lines = list(io.StringIO(text, newline=""))
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    records: list[_Record] = []
    start = blank = returned = 0
    try:
        for cells in reader:
            span, start = lines[start : reader.line_num], reader.line_num
            returned += span[-1].endswith("\r\n") or span[-1].endswith("\r")
            if any(cells):
                records.append(_Record(cells, any('"' in line for line in span)))
            else:
                blank += 1
    except csv.Error as error:
        raise PredictionsUnreadable(
            f"{name}, line {reader.line_num}: {error}. Look for a double quote that is not closed,"
            " or not doubled inside a cell; writing the file with csv or pandas quotes what has"
            " to be."
        ) from error
    if returned:
        problems.append(
            Problem("line ends", f"{returned:,} lines end with \\r\\n or \\r -> \\n", certain=True)
        )
    if blank:
        problems.append(
            Problem("blank lines", f"{blank:,} lines hold nothing -> left out", certain=True)
        )
    return records


def _columns(
    names: Sequence[str], records: Sequence[_Record], ids: Collection[str]
) -> _Columns | None:
    """Which column is which: by name, else by what is in it; None where that leaves a doubt."""
    plain = [bare(name).casefold() for name in names]
    known = set(ids)

    def share(column: int) -> float:
        return sum(
            bare(record.cells[column]) in known for record in records if column < len(record.cells)
        ) / max(len(records), 1)

    by_content = [column for column in range(len(names)) if share(column) > 0.5]
    id_column = _only(column for column, name in enumerate(plain) if name == ID)
    if id_column is None:
        id_column = _only(by_content)
    if id_column is None:
        return None
    index = 0 if id_column != 0 and plain[0] in _INDEX_NAMES and _counts(records) else None
    summary = _only(
        column for column, name in enumerate(plain) if name == SUMMARY and column != id_column
    )
    if summary is None:
        summary = _only(column for column in range(len(names)) if column not in (id_column, index))
    return None if summary is None else _Columns(index, id_column, summary)


def _only(columns: Iterable[int]) -> int | None:
    found = list(columns)
    return found[0] if len(found) == 1 else None


def _counts(records: Sequence[_Record]) -> bool:
    """Whether the first column holds nothing but whole numbers."""
    return all(record.cells[0].strip().isdecimal() for record in records if record.cells)


def _header(index: bool) -> str:
    return f",{ID},{SUMMARY}" if index else f"{ID},{SUMMARY}"


def _header_problems(
    names: Sequence[str], columns: _Columns, found: str, wanted: str, problems: list[Problem]
) -> None:
    extra = [name for column, name in enumerate(names) if column not in columns]
    if extra:
        problems.append(
            Problem("extra column", f"{', '.join(map(repr, extra))} -> left out", certain=True)
        )
    kept = ",".join(name for column, name in enumerate(names) if column in columns)
    if kept != wanted:
        problems.append(Problem("header", f"{kept!r} -> {wanted!r}", certain=True))


def _row(
    number: int,
    record: _Record,
    columns: _Columns,
    width: int,
    delimiter: str,
    problems: list[Problem],
) -> Row:
    cells = record.cells
    id_ = cells[columns.id] if columns.id < len(cells) else ""
    summary = cells[columns.summary] if columns.summary < len(cells) else ""
    if len(cells) > width and columns.summary == width - 1 and not record.quoted:
        # Written by gluing cells together: the summary is last and has commas of its own.
        summary = delimiter.join(cells[columns.summary :])
        problems.append(
            Problem("cells", f"a {delimiter!r} outside quotes -> quoted", number, id_, certain=True)
        )
    elif len(cells) != width:
        problems.append(Problem("cells", f"{len(cells)} cells below {width} names", number, id_))
        return Row(number, id_, summary, tuple(cells[width:]))
    return Row(number, id_, summary)


def _check_index(
    records: Sequence[_Record], columns: _Columns, index: bool | None, problems: list[Problem]
) -> None:
    if columns.numbering is None:
        if index:
            problems.append(
                Problem("index", "there is no index column -> put in front", certain=True)
            )
    elif index is False:
        problems.append(Problem("index", "there is an index column -> left out", certain=True))
    elif any(
        record.cells[columns.numbering].strip() != str(number)
        for number, record in enumerate(records)
    ):
        problems.append(
            Problem(
                "index", "the rows are not numbered 0, 1, 2, ... in order -> numbered", certain=True
            )
        )
