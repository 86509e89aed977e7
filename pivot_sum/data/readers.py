"""Data files as tables: CSV, TSV, JSONL and Parquet, each value as it stands in the file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from pivot_sum.errors import DataFileMissing, DataUnreadable
from pivot_sum.wording import nearest, some

log = logging.getLogger(__name__)

SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsm", ".ods")
SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}


class Table(NamedTuple):
    """A data file as read: column names in order, and rows of values by name."""

    names: list[str]
    rows: list[dict[str, Any]]


def read_table(path: Path, limit: int | None = None) -> Table:
    """A data file as a table, only the first `limit` rows where given. The file's ending says what
    kind it is. Raises DataFileMissing, DataUnreadable.
    """
    _require_file(path)
    reader = reader_of(path)
    try:
        return reader(path, limit)
    except OSError as error:
        raise DataUnreadable(
            f"{path} cannot be read: {error.strerror or error}. Check its permissions and the disk."
        ) from error


def reader_of(path: Path) -> Callable[[Path, int | None], Table]:
    """What reads a file of this ending. Raises DataUnreadable where nothing does."""
    ending = path.suffix.lower()
    if ending in SPREADSHEETS:
        target = str(path.with_suffix(".csv"))
        raise DataUnreadable(
            f"{path} is a spreadsheet. Save it there as CSV UTF-8, or with pandas and openpyxl:"
            f" pandas.read_excel({str(path)!r}, dtype=str, keep_default_na=False)"
            f".to_csv({target!r}, index=False)"
        )
    if ending not in READERS:
        raise DataUnreadable(
            f"{path}: the ending {path.suffix!r} is none of {', '.join(READERS)}. Save it as CSV"
            " (UTF-8), or rename it."
        )
    return READERS[ending]


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes in hexadecimal. Raises DataFileMissing, DataUnreadable."""
    _require_file(path)
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataUnreadable(
            f"{path} cannot be read: {error.strerror}. Check its permissions and the disk."
        ) from error


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise DataUnreadable(f"{path} is a folder. Name a data file in it.")
    if not path.exists():
        beside = [name.name for name in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataFileMissing(
            f"There is no file {path}.{did_you_mean(path.name, beside)} Check the path."
        )


def _decode(path: Path) -> str:
    raw = path.read_bytes()
    if b"\0" in raw:
        raise DataUnreadable(
            f"{path} is not a text file in UTF-8: it holds NUL bytes. Save it as CSV (UTF-8)."
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        try:
            return raw.decode("cp949")  # what Korean Windows and Excel write
        except UnicodeDecodeError:
            line = raw.count(b"\n", 0, error.start) + 1
            raise DataUnreadable(
                f"{path}, line {line}: neither UTF-8 nor CP949. Save the file as UTF-8."
            ) from error


def _read_delimited(path: Path, limit: int | None, *, delimiter: str) -> Table:
    text = _decode(path)
    delimiter = _separator(path, text, delimiter)
    csv.field_size_limit(
        max(csv.field_size_limit(), len(text))
    )  # an hour's meeting is longer than the default allows
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[dict[str, Any]] = []
    try:
        names = [_bare(name) for name in next(reader, [])]
        for cells in islice((cells for cells in reader if cells), limit):
            if len(cells) != len(names):
                raise DataUnreadable(
                    f"{path}, row {len(rows) + 1} (ending on line {reader.line_num}): {len(cells)}"
                    f" cells under {len(names)} column names. A cell holding {delimiter!r}, a quote"
                    " or a line end must be in quotes."
                )
            rows.append(dict(zip(names, cells, strict=True)))
    except csv.Error as error:
        raise DataUnreadable(
            f"{path}, row {len(rows) + 1} (line {reader.line_num}): {error}. Look for a double"
            " quote that is not closed, or not doubled inside a cell."
        ) from error
    if twice := [name for name, times in Counter(names).items() if name and times > 1]:
        raise DataUnreadable(
            f"{path} has more than one column named {some(twice)}. Rename or remove one of each."
        )
    return Table(names, rows)


def _separator(path: Path, text: str, usual: str) -> str:
    """What separates the names in the first line: what the file's ending says, or another separator
    where the ending's is not in that line at all."""

    def names(separator: str) -> int:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), []))

    if names(usual) > 1:
        return usual
    found = max(SEPARATORS, key=names)
    if names(found) == 1:
        return usual
    _say_separator(path, found)
    return found


@cache
def _say_separator(path: Path, separator: str) -> None:
    """Once for each file, however often it is read."""
    log.warning("%s is separated by %s, and read so", path, SEPARATORS[separator])


def _read_jsonl(path: Path, limit: int | None) -> Table:
    return table_of_jsonl(_decode(path), str(path), limit)


def table_of_jsonl(text: str, name: str, limit: int | None = None) -> Table:
    """The table that JSON Lines hold; `name` stands in messages. Raises DataUnreadable."""
    names: dict[str, None] = {}
    rows: list[dict[str, Any]] = []
    decoded = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).decode
    # Not splitlines(): U+2028 and the like may stand inside a JSON string.
    lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
    for number, line in islice(lines, limit):
        try:
            value = decoded(line)
        except ValueError as error:
            raise DataUnreadable(
                f"{name}, line {number} is not JSON: {error}. Put one object on each line."
            ) from error
        if not isinstance(value, dict):
            raise DataUnreadable(
                f"{name}, line {number} is not a JSON object. Put one object on each line."
            )
        row = {_bare(key): cell for key, cell in value.items()}
        names.update(dict.fromkeys(row))
        rows.append(row)
    return Table(list(names), rows)


def _read_parquet(path: Path, limit: int | None) -> Table:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]  # pyarrow ships no types
    from pyarrow import parquet

    try:
        table = parquet.read_table(path)
    except pyarrow.ArrowException as error:
        raise DataUnreadable(
            f"{path} is not a Parquet file, or is damaged: {error}. Save it again."
        ) from error
    names = [_bare(name) for name in table.column_names]
    return Table(names, table.slice(0, limit).rename_columns(names).to_pylist())


def _bare(name: str) -> str:
    """A column name without the byte order mark and spaces that some programs put around it."""
    return name.strip(" \t\ufeff")


READERS: Final[dict[str, Callable[[Path, int | None], Table]]] = {
    ".csv": partial(_read_delimited, delimiter=","),
    ".tsv": partial(_read_delimited, delimiter="\t"),
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a sentence; "" where none is near."""
    near = nearest(name, known)
    return "" if near is None else f" Did you mean {near}?"
