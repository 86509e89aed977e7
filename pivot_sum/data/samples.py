"""Data files: dialogues with their ids and references read from CSV, TSV, JSONL or Parquet, and
predictions written.

Texts stay exactly as they are in the file, line ends and odd characters included: cleaning is a
stage's work. pandas is not used: importing it takes as long as a whole offline replay may.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from pivot_sum.errors import (
    ColumnMissing,
    DataEmpty,
    DataFileMissing,
    DataUnreadable,
    DialogueEmpty,
    DuplicateIds,
    RunFolderError,
)
from pivot_sum.files import write_whole
from pivot_sum.wording import nearest, some


@dataclass(frozen=True)
class Sample:
    """One dialogue of a data file. `references` is empty for a test file; English originals are
    None where unknown."""

    id: str
    dialogue: str
    references: tuple[str, ...]
    english_dialogue: str | None
    english_summary: str | None
    oracles: tuple[str, ...] = ()
    """What stands here in the dialogue's place, taken from the data: a run over such samples gives
    no predictions."""


@dataclass(frozen=True)
class Columns:
    """What the columns are called. None stands for the usual names, and is no problem when there
    are none of them."""

    id: str = "fname"
    dialogue: str = "dialogue"
    references: tuple[str, ...] | None = (
        None  # `summary`, else `summary1`, `summary2`, … in numeric order
    )
    english_dialogue: str | None = None  # `dialogue_en`
    english_summary: str | None = None  # `summary_en`, else the first of the list `summaries_en`


class Table(NamedTuple):
    """A data file as read: column names in order, and rows of values by name."""

    names: list[str]
    rows: list[dict[str, Any]]


def read_samples(
    path: Path, columns: Columns | None = None, limit: int | None = None
) -> list[Sample]:
    """The samples of a data file in order, only the first `limit` where given. The file's ending
    says what kind it is.

    Every value is text: ids are as written (`007`), `NA` and `None` are words. Blank references are
    left out. Raises DataFileMissing, DataUnreadable, ColumnMissing, DataEmpty, DialogueEmpty,
    DuplicateIds.
    """
    _require_file(path)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(READERS)
        raise DataUnreadable(
            f"{path}: the ending {path.suffix!r} is none of {kinds}. Save it as CSV (UTF-8), or"
            " rename it."
        )
    try:
        table = reader(path, limit)
    except OSError as error:
        raise DataUnreadable(
            f"{path} cannot be read: {error.strerror or error}. Check its permissions and the disk."
        ) from error
    if not table.rows:
        raise DataEmpty(
            f"{path} holds no rows. Check that it is the right file and was saved completely."
        )
    return _samples(path, table, columns or Columns())


def write_predictions(path: Path, rows: Iterable[tuple[str, str]]) -> None:
    r"""Write (id, summary) rows as CSV with the header `fname,summary`, UTF-8 and `\n` line ends,
    all or nothing.

    Raises RunFolderError when the file cannot be written.
    """
    lines = [
        f"{_csv_cell(id)},{_csv_cell(summary)}\n" for id, summary in [("fname", "summary"), *rows]
    ]
    try:
        write_whole(path, "".join(lines))
    except OSError as error:
        raise RunFolderError(
            f"{path} cannot be written: {error.strerror}. Check the folder and the room on disk."
        ) from error


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


def _csv_cell(text: str) -> str:
    # The csv module leaves a lone "\r" unquoted when lines end in "\n", and every reader then sees
    # a line end there.
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise DataUnreadable(f"{path} is a folder. Name a data file in it.")
    if not path.exists():
        beside = [name.name for name in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataFileMissing(
            f"There is no file {path}.{_did_you_mean(path.name, beside)} Check the path."
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


def _read_jsonl(path: Path, limit: int | None) -> Table:
    names: dict[str, None] = {}
    rows: list[dict[str, Any]] = []
    decoded = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).decode
    # Not splitlines(): U+2028 and the like may stand inside a JSON string.
    lines = (
        (number, line) for number, line in enumerate(_decode(path).split("\n"), 1) if line.strip()
    )
    for number, line in islice(lines, limit):
        try:
            value = decoded(line)
        except ValueError as error:
            raise DataUnreadable(
                f"{path}, line {number} is not JSON: {error}. Put one object on each line."
            ) from error
        if not isinstance(value, dict):
            raise DataUnreadable(
                f"{path}, line {number} is not a JSON object. Put one object on each line."
            )
        row = {_bare(name): cell for name, cell in value.items()}
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


def _samples(path: Path, table: Table, columns: Columns) -> list[Sample]:
    references = (
        columns.references if columns.references is not None else _usual_references(table.names)
    )
    english_dialogue = columns.english_dialogue or _first_of(("dialogue_en",), table.names)
    english_summary = columns.english_summary or _first_of(
        ("summary_en", "summaries_en"), table.names
    )
    optional = [name for name in (english_dialogue, english_summary) if name]
    _require_columns(path, [columns.id, columns.dialogue, *references, *optional], table.names)

    samples = []
    for number, row in enumerate(table.rows, 1):
        where = f"{path}, row {number}"
        samples.append(
            Sample(
                id=_text(row.get(columns.id), columns.id, where),
                dialogue=_text(row.get(columns.dialogue), columns.dialogue, where),
                references=tuple(text for name in references for text in _texts(row, name, where)),
                english_dialogue=_optional(row, english_dialogue, where),
                english_summary=_optional(row, english_summary, where),
            )
        )
    _require_sound(path, samples, columns)
    return samples


def _usual_references(names: Sequence[str]) -> tuple[str, ...]:
    if "summary" in names:
        return ("summary",)
    numbered = [name for name in names if re.fullmatch(r"summary[0-9]+", name)]
    return tuple(sorted(numbered, key=lambda name: int(name.removeprefix("summary"))))


def _first_of(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _require_columns(path: Path, wanted: Sequence[str], names: Sequence[str]) -> None:
    if missing := [name for name in wanted if name not in names]:
        hints = "".join(_did_you_mean(name, names) for name in missing)
        raise ColumnMissing(
            f"{path} has no column {some(missing)}.{hints} Its columns are {', '.join(names)}. Say"
            " which of them holds what (dialogue, id, references): in the recipe, or with --set"
            " data.columns.dialogue=NAME where the command has --set; or rename them in the file."
        )


def _text(value: Any, column: str, where: str) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, dict, bool, bytes)):
        raise DataUnreadable(
            f"{where}: {column!r} holds {type(value).__name__} {str(value)[:40]!r} where a text is"
            " wanted."
        )
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DataUnreadable(
            f"{where}: {column!r} holds half a character ({text[error.start]!r}). Repair the file."
        ) from error
    return text


def _texts(row: dict[str, Any], column: str, where: str) -> list[str]:
    """The texts of a cell that may hold a list (JSONL, Parquet), without the blank ones."""
    value = row.get(column)
    items = value if isinstance(value, list) else [value]
    texts = [_text(item, column, where) for item in items]
    return [text for text in texts if text.strip()]


def _optional(row: dict[str, Any], column: str | None, where: str) -> str | None:
    return next(iter(_texts(row, column, where)), None) if column else None


def _require_sound(path: Path, samples: Sequence[Sample], columns: Columns) -> None:
    if nameless := [
        str(number) for number, sample in enumerate(samples, 1) if not sample.id.strip()
    ]:
        raise DialogueEmpty(
            f"{path}: no id ({columns.id!r}) in row {some(nameless)}. Give each row an id of its"
            " own."
        )
    if twice := [id for id, times in Counter(sample.id for sample in samples).items() if times > 1]:
        raise DuplicateIds(
            f"{path}: more than one row with the id ({columns.id!r}) {some(twice)}. Make the ids"
            " distinct."
        )
    if empty := [sample.id for sample in samples if not sample.dialogue.strip()]:
        raise DialogueEmpty(
            f"{path}: no dialogue ({columns.dialogue!r}) in {some(empty)}. Fill these rows in or"
            " remove them."
        )


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return "" if near is None else f" Did you mean {near}?"
