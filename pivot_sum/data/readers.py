"""Data files as tables: CSV, TSV, JSONL and Parquet, each value as it stands in the file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Final

from pivot_sum.data import parquet
from pivot_sum.data.tables import Row, RowReader, Rows, Table, bare
from pivot_sum.errors import DataFileMissing, DataUnreadable
from pivot_sum.wording import nearest, some

log = logging.getLogger(__name__)

SPREADSHEETS: Final = (".xlsx", ".xls", ".xlsm", ".ods")
BEGINNING: Final = 65_536
"""Characters of a file in which its column names stand."""
SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}


def read_table(path: Path, limit: int | None = None) -> Table:
    """A data file as a table, only the first `limit` rows where given. The file's ending says what
    kind it is; a folder is read as the Parquet files in it. Raises DataFileMissing, DataUnreadable.
    """
    with reading(path):
        names, rows = rows_of(path)()
        return Table.of(names, islice(rows, limit))


def rows_of(path: Path) -> RowReader:
    """What reads a data file row by row, as often as it is called. Raises as `read_table`."""
    require_data(path)
    with reading(path):
        return reader_of(path)(path)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn a failure to read into DataUnreadable."""
    try:
        yield
    except OSError as error:
        raise DataUnreadable(
            f"{path} cannot be read: {error.strerror or error}. Check its permissions and the disk."
        ) from error


def reader_of(path: Path) -> Callable[[Path], RowReader]:
    """What reads a file of this ending. Raises DataUnreadable where nothing does."""
    if path.is_dir():
        return parquet.folder
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
    """The SHA-256 of a file's bytes in hexadecimal; of a folder, that of the names and contents of
    its Parquet files. Raises DataFileMissing, DataUnreadable."""
    require_data(path)
    if path.is_dir():
        parts = [f"{file.name}\0{file_sha256(file)}\n" for file in parquet.files(path)]
        return hashlib.sha256("".join(parts).encode()).hexdigest()
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_data(path: Path) -> bool:
    """Whether there is a file, or a folder of Parquet files."""
    return path.is_file() or (path.is_dir() and bool(parquet.files(path)))


def require_data(path: Path) -> None:
    """Raise DataUnreadable for a folder without data, DataFileMissing where there is nothing."""
    if path.is_dir():
        if not parquet.files(path):
            raise DataUnreadable(
                f"{path} is a folder. Name a data file in it, or a folder of Parquet files."
            )
    elif not path.exists():
        beside = [name.name for name in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataFileMissing(
            f"There is no file {path}.{did_you_mean(path.name, beside)} Check the path."
        )


def _encoding(path: Path) -> str:
    """How a text file is written: UTF-8, else what Korean Windows and Excel write."""
    first = _first_line_not_in("utf-8", path)
    if first is None:
        return "utf-8-sig"
    if _first_line_not_in("cp949", path) is None:
        return "cp949"
    raise DataUnreadable(f"{path}, line {first}: neither UTF-8 nor CP949. Save the file as UTF-8.")


def _first_line_not_in(encoding: str, path: Path) -> int | None:
    """Lines can be judged one by one: in both encodings the byte of a line end is only that."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if b"\0" in line:
                raise DataUnreadable(
                    f"{path} is not a text file in UTF-8: it holds NUL bytes. Save it as CSV"
                    " (UTF-8)."
                )
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


def _delimited(path: Path, *, delimiter: str) -> RowReader:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        separator = _separator(path, file.read(BEGINNING), delimiter)
    # An hour's meeting is longer than the csv module allows a cell to be.
    csv.field_size_limit(max(csv.field_size_limit(), path.stat().st_size))

    def read_rows() -> Rows:
        rows = _cells(path, encoding, separator)
        names = [bare(name) for name in next(rows, [])]
        if twice := [name for name, times in Counter(names).items() if name and times > 1]:
            raise DataUnreadable(
                f"{path} has more than one column named {some(twice)}. Rename or remove one of"
                " each."
            )
        return Rows(dict.fromkeys(names), (dict(zip(names, cells, strict=True)) for cells in rows))

    return read_rows


def _cells(path: Path, encoding: str, separator: str) -> Iterator[list[str]]:
    """The rows that are not blank, that of the column names first; all are as long as this one."""
    number, columns = 0, None
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        try:
            for cells in reader:
                if columns is None:
                    columns = len(cells)
                elif not cells:
                    continue
                elif len(cells) != columns:
                    raise DataUnreadable(
                        f"{path}, row {number} (ending on line {reader.line_num}): {len(cells)}"
                        f" cells under {columns} column names. A cell holding {separator!r}, a"
                        " quote or a line end must be in quotes."
                    )
                number += 1
                yield cells
        except csv.Error as error:
            raise DataUnreadable(
                f"{path}, row {number} (line {reader.line_num}): {error}. Look for a double quote"
                " that is not closed, or not doubled inside a cell."
            ) from error


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


def _jsonl(path: Path) -> RowReader:
    encoding = _encoding(path)

    def lines() -> Iterator[str]:
        # In bytes, as U+2028 and the like, and a lone "\r", may stand inside a JSON string.
        with path.open("rb") as file:
            for line in file:
                yield line.decode("cp949" if encoding == "cp949" else "utf-8")

    return lambda: rows_of_jsonl(lines(), str(path))


def rows_of_jsonl(lines: Iterable[str], name: str) -> Rows:
    """The rows that JSON Lines hold; `name` stands in messages, which DataUnreadable brings."""
    names: dict[str, None] = {}
    return Rows(names, _objects(lines, name, names))


def _objects(lines: Iterable[str], name: str, names: dict[str, None]) -> Iterator[Row]:
    decoded = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).decode
    for number, line in enumerate(lines, 1):
        if number == 1:
            line = line.removeprefix("\ufeff")
        if not line.strip():
            continue
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
        if not value.keys() <= names.keys():  # else each key stands for itself
            value = {bare(key): cell for key, cell in value.items()}
            names.update(dict.fromkeys(value))
        yield value


READERS: Final[dict[str, Callable[[Path], RowReader]]] = {
    ".csv": partial(_delimited, delimiter=","),
    ".tsv": partial(_delimited, delimiter="\t"),
    ".jsonl": _jsonl,
    ".parquet": parquet.file,
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a sentence; "" where none is near."""
    near = nearest(name, known)
    return "" if near is None else f" Did you mean {near}?"
