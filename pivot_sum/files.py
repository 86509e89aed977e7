"""Writing a file whole or not at all, and reading one that anybody may have changed."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def read_text(path: Path) -> str:
    """The text of a file in UTF-8, its line ends as they are. Raises OSError, also for what is no
    regular file: reading a pipe or a device may never end; and ValueError where it is no UTF-8."""
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is not a file")
    return path.read_bytes().decode("utf-8")


DEEPEST = 200
"""How deep the lists and objects of a JSON text may be nested; ours have less than ten levels."""
_TOO_DEEP = "its values are nested too deep"


def parse_json(text: str) -> Any:
    """The value that a text in JSON holds. Raises ValueError where it is none that every reader of
    JSON takes: NaN, numbers beyond floats, halves of characters, values nested too deep."""
    from pivot_sum.cache.soundness import is_shallow

    try:
        value = json.loads(text, parse_constant=_refused, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # refuses "\\ud800", half a character
    except RecursionError as error:
        raise ValueError(_TOO_DEEP) from error
    # Python reads deeper since 3.12; what one version refuses, all do.
    if text.count("[") + text.count("{") > DEEPEST and not is_shallow(value, DEEPEST):
        raise ValueError(_TOO_DEEP)
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _refused(digits)


def _refused(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def write_whole(path: Path, text: str | Iterable[str]) -> None:
    """Write a text in UTF-8, or its parts one after another, line ends as they are. A reader sees
    the old file or the new one, never half of one, and a failure leaves the old file and nothing
    beside it.

    Raises OSError: what it means for the user, and what to do, the caller knows.
    """
    with drafted(path) as draft:
        with draft.open("wb") as file:
            for part in (text,) if isinstance(text, str) else text:
                file.write(part.encode())
        os.replace(draft, path)


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """A name beside a file to write its next content to; what is there at the end is removed."""
    # The process's number keeps two processes that write the same file out of each other's draft.
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)
