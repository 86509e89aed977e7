"""Data that is no file: a pandas DataFrame, a list of dicts, a `datasets.Dataset`.

It is written as JSON Lines beside the cache, under a name made of what it is and of the SHA-256 of
its content. From there on it is a data file like any other, which every view of a run can read
again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from pivot_sum.data.files import data_path
from pivot_sum.data.readers import read_table, table_of_jsonl
from pivot_sum.data.samples import Columns, Sample, samples_of
from pivot_sum.errors import DataUnreadable, RunFolderError

if TYPE_CHECKING:
    import pandas

FOLDER = "data"
_JSON: Mapping[str, Any] = {"ensure_ascii": False, "default": str}


class Dataset(Protocol):
    """What is used of a `datasets.Dataset`."""

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        ...

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...


Data: TypeAlias = "str | Path | pandas.DataFrame | Sequence[Mapping[str, Any]] | Dataset"
"""A data file, or rows in memory."""


def read_data(data: Data, columns: Columns | None = None, limit: int | None = None) -> list[Sample]:
    """The samples of data of any kind, in order. Raises the data errors, DataUnreadable where it is
    of no kind we know."""
    if isinstance(data, str | Path):
        path = data_path(str(data))
        return samples_of(read_table(path, limit), str(path), columns)
    name, lines = _lines(data)
    return samples_of(table_of_jsonl(lines, name, limit), name, columns)


def data_file(data: Data, beside: Path) -> str:
    """The name of the file that holds the data: itself where it is one, else one in a folder
    `beside`, written where it is not there yet. Raises DataUnreadable, RunFolderError.
    """
    if isinstance(data, str | Path):
        return str(data)
    name, lines = _lines(data)
    raw = lines.encode("utf-8", "surrogatepass")  # reading says where half a character is
    digest = hashlib.sha256(raw).hexdigest()
    path = beside / FOLDER / f"{name.replace(' ', '-')}-{digest[:12]}.jsonl"
    try:
        if not path.exists() or path.read_bytes() != raw:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".tmp")
            draft.write_bytes(raw)
            draft.replace(path)
    except OSError as error:
        raise RunFolderError(
            f"{path} cannot be written: {error.strerror}. Check the folder and the disk, or name"
            " another place with cache="
        ) from error
    return str(path)


def _lines(data: Any) -> tuple[str, str]:
    """What the data is called, and its rows as JSON Lines: the same content gives the same text."""
    rows = list(_rows(data))
    name = f"{type(data).__name__} of {len(rows)} rows"
    lines = [
        json.dumps({str(key): _value(cell) for key, cell in row.items()}, **_JSON) for row in rows
    ]
    return name, "".join(line + "\n" for line in lines)


def _rows(data: Any) -> Iterable[Mapping[Any, Any]]:
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        found: list[Mapping[Any, Any]] = data.to_dict("records")
        return found
    if hasattr(data, "column_names") or (
        isinstance(data, Sequence) and not isinstance(data, bytes)
    ):
        found = list(data)
        if all(isinstance(row, Mapping) for row in found):
            return found
    raise DataUnreadable(
        f"data is a {type(data).__name__}, which cannot be read. Give a path, a pandas DataFrame, a"
        " list of dicts (one a dialogue), or one split of a datasets.Dataset"
    )


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
