"""Samples: dialogues with their ids, references and English originals, as a data file has them.

Texts stay exactly as they are in the file, line ends and odd characters included: cleaning is a
stage's work. pandas is not used: importing it takes as long as a whole offline replay may.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

from pivot_sum.data.readers import (
    READERS,
    did_you_mean,
    file_sha256,
    read_table,
    reading,
    rows_of,
)
from pivot_sum.data.sequences import FileSequence, Mapped, OnDisk
from pivot_sum.data.tables import Row, Table
from pivot_sum.errors import ColumnMissing, DataEmpty, DataUnreadable, DialogueEmpty, DuplicateIds
from pivot_sum.stages.text.writable import unwritable
from pivot_sum.wording import some

__all__ = [
    "READERS",
    "Columns",
    "Sample",
    "SampleFile",
    "clusters_of",
    "file_sha256",
    "on_disk",
    "read_samples",
    "reference_columns",
    "samples_of",
]


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
    cluster: str | None = None
    """What it shares with other dialogues (a scene, a source document), blank where it stands
    alone; None where the data names no such column."""


@dataclass(frozen=True)
class Columns:
    """What the columns are called. None stands for the usual names, and is no problem when there
    are none of them."""

    id: str = "fname"
    dialogue: str = "dialogue"
    references: str | Sequence[str] | None = None  # `summary`, else `summary1`, `summary2`, …
    english_dialogue: str | None = None  # `dialogue_en`
    english_summary: str | None = None  # `summary_en`, else the first of the list `summaries_en`
    cluster: str | None = None  # no usual name: a file's `topic` may or may not be one


def read_samples(
    path: Path, columns: Columns | None = None, limit: int | None = None
) -> list[Sample]:
    """The samples of a data file in order, only the first `limit` where given. The file's ending
    says what kind it is; a folder is read as the Parquet files in it.

    Every value is text: ids are as written (`007`), `NA` and `None` are words. Blank references are
    left out. Raises DataFileMissing, DataUnreadable, ColumnMissing, DataEmpty, DialogueEmpty,
    DuplicateIds.
    """
    return samples_of(read_table(path, limit), str(path), columns)


def samples_of(table: Table, name: str, columns: Columns | None = None) -> list[Sample]:
    """The samples of a table in order; `name` stands in messages. Raises as `read_samples` does."""
    columns = columns or Columns()
    maker, checks = SampleMaker(name, table.names, columns), Checks(name, columns)
    samples = [maker.sample(number, row) for number, row in enumerate(table.rows, 1)]
    for sample in samples:
        checks.add(sample)
    checks.require_sound(maker)
    return samples


class SampleFile(FileSequence[Sample]):
    """The samples of a data file that is larger than memory: read whenever they are asked for, as
    `read_samples` reads them. Only their ids are kept."""

    def __init__(
        self, path: Path, columns: Columns | None = None, limit: int | None = None
    ) -> None:
        """Reads the file once and raises what `read_samples` does."""
        self._path = path
        self._read_rows = rows_of(path)
        columns = columns or Columns()
        names: list[str] = []
        while True:
            checks = Checks(str(path), columns)
            with reading(path):
                known, rows = self._read_rows()
                maker = SampleMaker(str(path), names or list(known), columns)
                for number, row in enumerate(islice(rows, limit), 1):
                    checks.add(maker.sample(number, row))
            if len(known) == len(maker.names):
                break
            names = list(known)  # rows of JSONL brought more columns: once more, with all of them
        checks.require_sound(maker)
        self.ids: list[str] = checks.ids
        self._maker = maker

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Sample]:
        with reading(self._path):
            rows = enumerate(islice(self._read_rows().rows, len(self)), 1)
            number = 0
            for number, row in rows:
                sample = self._maker.sample(number, row)
                if sample.id != self.ids[number - 1]:
                    break
                yield sample
            else:
                if number == len(self):
                    return
        raise DataUnreadable(f"{self._path} changed while it was read. Run the same command again.")


def ids_of(samples: Sequence[Sample]) -> Sequence[str]:
    """The ids of samples, without reading a file again."""
    return samples.ids if isinstance(samples, SampleFile) else [sample.id for sample in samples]


def dialogues_of(samples: Sequence[Sample]) -> Sequence[str]:
    """The dialogues of samples; those of a file are read when they are asked for."""
    return Mapped(samples, lambda part: [sample.dialogue for sample in part])


def references_of(samples: Sequence[Sample]) -> Sequence[tuple[str, ...]]:
    """The references of samples, in the same way."""
    return Mapped(samples, lambda part: [sample.references for sample in part])


def on_disk(samples: Iterable[Sample]) -> Sequence[Sample]:
    """The samples in a temporary file, where any of them is at hand in microseconds. A data file
    has to be read from its beginning."""
    kept = OnDisk(tuple(getattr(sample, name) for name in _FIELDS) for sample in samples)
    return Mapped(kept, lambda part: [Sample(*values) for values in part])


def oracles_of(samples: Sequence[Sample]) -> list[str]:
    """The names of all that stands in the place of a dialogue; a data file has none."""
    if isinstance(samples, SampleFile):
        return []
    return sorted({name for sample in samples for name in sample.oracles})


_FIELDS = tuple(field.name for field in fields(Sample))


class SampleMaker:
    """Makes samples of rows that have columns of these names."""

    def __init__(self, name: str, names: Sequence[str], columns: Columns) -> None:
        self.names = names
        self._name = name
        self._columns = columns
        self._references = reference_columns(names, columns)
        self._english_dialogue = columns.english_dialogue or _first_of(("dialogue_en",), names)
        self._english_summary = columns.english_summary or _first_of(
            ("summary_en", "summaries_en"), names
        )

    def require_columns(self) -> None:
        """Raise ColumnMissing where columns that are named are not there."""
        name, names, columns = self._name, self.names, self._columns
        english = [name for name in (self._english_dialogue, self._english_summary) if name]
        _require_columns(name, [columns.id, columns.dialogue, *self._references, *english], names)
        if columns.cluster is not None and columns.cluster not in names:
            raise ColumnMissing(
                f"{name} has no column {columns.cluster}, which is to name the clusters of its"
                f" dialogues.{did_you_mean(columns.cluster, names)} Its columns are"
                f" {', '.join(names)}. Name one of them (data.columns.cluster, or"
                " --cluster of compare and report), or leave it out"
            )

    def sample(self, number: int, row: Row) -> Sample:
        """The sample of a row; rows are counted from 1. Raises DataUnreadable for a value that is
        no text."""
        where, columns = f"{self._name}, row {number}", self._columns
        return Sample(
            id=_text(row.get(columns.id), columns.id, where),
            dialogue=_text(row.get(columns.dialogue), columns.dialogue, where),
            references=tuple(
                text for name in self._references for text in _texts(row, name, where)
            ),
            english_dialogue=_optional(row, self._english_dialogue, where),
            english_summary=_optional(row, self._english_summary, where),
            cluster=columns.cluster and (_optional(row, columns.cluster, where) or ""),
        )


class Checks:
    """What samples have to be beside one another; `ids` are those seen so far."""

    def __init__(self, name: str, columns: Columns) -> None:
        self._name = name
        self._columns = columns
        self.ids: list[str] = []
        self._empty: list[str] = []

    def add(self, sample: Sample) -> None:
        """Look at the next sample."""
        self.ids.append(sample.id)
        if not sample.dialogue.strip():
            self._empty.append(sample.id)

    def require_sound(self, maker: SampleMaker) -> None:
        """Raise DataEmpty, ColumnMissing, DialogueEmpty or DuplicateIds for what was seen."""
        name, columns = self._name, self._columns
        if not self.ids:
            raise DataEmpty(
                f"{name} holds no rows. Check that it is the right file and was saved completely."
            )
        maker.require_columns()
        if nameless := [str(number) for number, id in enumerate(self.ids, 1) if not id.strip()]:
            raise DialogueEmpty(
                f"{name}: no id ({columns.id!r}) in row {some(nameless)}. Give each row an id of"
                " its own."
            )
        if len(set(self.ids)) < len(self.ids):
            twice = [id for id, times in Counter(self.ids).items() if times > 1]
            raise DuplicateIds(
                f"{name}: more than one row with the id ({columns.id!r}) {some(twice)}. Make the"
                " ids distinct."
            )
        if self._empty:
            raise DialogueEmpty(
                f"{name}: no dialogue ({columns.dialogue!r}) in {some(self._empty)}. Fill these"
                " rows in or remove them."
            )


def reference_columns(names: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """Which of a table's columns hold the reference summaries."""
    if isinstance(columns.references, str):
        return (columns.references,)
    if columns.references is not None:
        return tuple(columns.references)
    if "summary" in names:
        return ("summary",)
    numbered = [name for name in names if re.fullmatch(r"summary[0-9]+", name)]
    return tuple(sorted(numbered, key=lambda name: int(name.removeprefix("summary"))))


def clusters_of(samples: Sequence[Sample]) -> list[int] | None:
    """The number of the cluster that each sample is in, counted by their first samples; one whose
    cell is blank is a cluster of its own. None where the data names no clusters."""
    if all(sample.cluster is None for sample in samples):
        return None
    names = [sample.cluster or (sample.id,) for sample in samples]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names]


def _first_of(wanted: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _require_columns(file: str, wanted: Sequence[str], names: Sequence[str]) -> None:
    if missing := [name for name in wanted if name not in names]:
        hints = "".join(did_you_mean(name, names) for name in missing)
        raise ColumnMissing(
            f"{file} has no column {some(missing)}.{hints} Its columns are {', '.join(names)}."
            " Rename them in the file, or say which holds what (id, dialogue, references) in the"
            " recipe or with --set data.columns.dialogue=NAME. `score`, `compare` and `report` have"
            " no --set: name them the folder of a run that had it."
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
    if found := unwritable(text):
        raise DataUnreadable(f"{where}: {column!r} holds {found}. Repair the file.")
    return text


def _texts(row: dict[str, Any], column: str, where: str) -> list[str]:
    """The texts of a cell that may hold a list (JSONL, Parquet), without the blank ones."""
    value = row.get(column)
    items = value if isinstance(value, list) else [value]
    texts = [_text(item, column, where) for item in items]
    return [text for text in texts if text.strip()]


def _optional(row: dict[str, Any], column: str | None, where: str) -> str | None:
    return next(iter(_texts(row, column, where)), None) if column else None
