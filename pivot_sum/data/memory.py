"""Data that is no file: a pandas DataFrame, a list of dicts or any other rows, a `datasets.Dataset`
or `datasets.IterableDataset`.

It is written as JSON Lines beside the cache, under a name made of what it is and of the SHA-256 of
its content. From there on it is a data file like any other, which every view of a run can read
again. A stream is written as it comes and never in memory as a whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from pivot_sum.data.files import data_path
from pivot_sum.data.readers import rows_of_jsonl
from pivot_sum.data.samples import Columns, Sample, file_sha256, read_samples, samples_of
from pivot_sum.data.tables import Table
from pivot_sum.errors import DataUnreadable, RunFolderError
from pivot_sum.files import drafted

if TYPE_CHECKING:
    import pandas

FOLDER = "data"
_JSON: Mapping[str, Any] = {"ensure_ascii": False, "default": str}
_REFUSED: Final = (
    "data is a {kind}, which cannot be read. Give a path, a pandas DataFrame, dicts (one a"
    " dialogue) in a list or any other iterable, or one split of a datasets.Dataset"
)

Data: TypeAlias = "str | Path | pandas.DataFrame | Iterable[Mapping[str, Any]]"
"""A data file, a folder of Parquet files, or rows: in memory, or a stream that is read once."""


def read_data(data: Data, columns: Columns | None = None, limit: int | None = None) -> list[Sample]:
    """The samples of data of any kind, in order. Raises the data errors, DataUnreadable where it is
    of no kind we know."""
    if isinstance(data, str | Path):
        return read_samples(data_path(str(data)), columns, limit)
    kind = type(data).__name__
    names, rows = rows_of_jsonl(_lines(data), kind)
    table = Table.of(names, islice(rows, limit))
    return samples_of(table, f"{kind} of {len(table.rows)} rows", columns)


def data_file(data: Data, beside: Path) -> str:
    """The name of the file that holds the data: itself where it is one, else one in a folder
    `beside`, written row by row where it is not there yet. Raises DataUnreadable, RunFolderError.
    """
    if isinstance(data, str | Path):
        return str(data)
    lines = _lines(data)
    first = next(lines, "")  # refuses what is no data before anything is made
    folder = beside / FOLDER
    digest, rows = hashlib.sha256(), 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with drafted(folder / type(data).__name__) as draft:
            with draft.open("wb") as file:
                for line in chain((first,) if first else (), lines):
                    # Reading says where half a character is.
                    raw = line.encode("utf-8", "surrogatepass")
                    digest.update(raw)
                    file.write(raw)
                    rows += 1
            name = f"{type(data).__name__}-of-{rows}-rows-{digest.hexdigest()[:12]}.jsonl"
            path = folder / name
            if not path.exists() or file_sha256(path) != digest.hexdigest():
                draft.replace(path)
    except OSError as error:
        raise RunFolderError(
            f"{folder} cannot be written to: {error.strerror}. Check the folder and the disk, or"
            " name another place with cache="
        ) from error
    return str(path)


def _lines(data: Any) -> Iterator[str]:
    """The rows as JSON Lines: the same content gives the same text."""
    kind = type(data).__name__
    try:
        for row in _rows(data):
            if not isinstance(row, Mapping):
                raise DataUnreadable(_REFUSED.format(kind=f"{kind} of {type(row).__name__}"))
            cells = {str(key): _value(cell) for key, cell in row.items()}
            yield json.dumps(cells, **_JSON) + "\n"
    except OSError as error:
        raise DataUnreadable(
            f"data is a {kind}, and reading its rows failed: {error}. Check where they come from"
        ) from error


def _rows(data: Any) -> Iterable[Mapping[Any, Any]]:
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        found: list[Mapping[Any, Any]] = data.to_dict("records")
        return found
    if isinstance(data, bytes | Mapping) or not isinstance(data, Iterable):
        raise DataUnreadable(_REFUSED.format(kind=type(data).__name__))
    return data


def _value(value: Any) -> Any:
    """A cell as JSON has it. What is missing (None, NaN, NaT, pandas.NA) is null."""
    if isinstance(value, str):
        return value
    if hasattr(value, "tolist"):  # numpy's arrays and scalars
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    if value is None or isinstance(value, bool | int | Mapping):
        return value
    # Missing values do not equal themselves; pandas.NA does not even say so.
    same = value == value
    if not isinstance(same, bool) or not same:
        return None
    return value if isinstance(value, float) else str(value)
