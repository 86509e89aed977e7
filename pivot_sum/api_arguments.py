"""What the functions of the Python API are given, as the program takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from numbers import Integral
from pathlib import Path
from typing import Any, TypeAlias

from pivot_sum.data.memory import Data, data_file
from pivot_sum.data.samples import Columns
from pivot_sum.running.execute import cache_path
from pivot_sum.wording import did_you_mean

Settings: TypeAlias = Mapping[str, Any] | Sequence[str]


def whole(name: str, value: object, least: int) -> None:
    """Raises ValueError where a value is no whole number, or less than `least`."""
    if value is not None and (not isinstance(value, Integral) or value < least):
        raise ValueError(f"{name}={value!r}: a whole number, {least} or more")


def setting_list(settings: Settings) -> list[str]:
    """Changed fields as `--set` has them."""
    if isinstance(settings, Mapping):
        return [f"{field}={json.dumps(value)}" for field, value in settings.items()]
    return list(settings)


def columns_of(columns: Columns | Mapping[str, Any] | None) -> Columns | None:
    """How columns are called, where it is said. Raises TypeError for what says no such thing."""
    if columns is None or isinstance(columns, Columns):
        return columns
    known = [field.name for field in fields(Columns)]
    if not isinstance(columns, Mapping):
        raise TypeError(
            f"columns: {type(columns).__name__} is neither a pivot_sum.Columns nor a mapping such"
            " as {'id': 'number'}"
        )
    if unknown := [str(name) for name in columns if name not in known]:
        raise TypeError(
            f"columns: there is no {unknown[0]!r}{did_you_mean(unknown[0], known)}, only"
            f" {', '.join(known)}, as of pivot_sum.Columns"
        )
    return Columns(**columns)


def path_of(path: str | Path | None) -> Path | None:
    """A path, where one is given."""
    return None if path is None else Path(path)


def file_of(data: Data | None, cache: str | Path | None) -> str | None:
    """The data as a file: rows in memory are written beside the cache."""
    return None if data is None else data_file(data, cache_path(path_of(cache)).parent)
