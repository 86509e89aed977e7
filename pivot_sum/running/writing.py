"""Writing below a run folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pivot_sum.errors import RunFolderError


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a failure to write below `folder` into a `RunFolderError`."""
    try:
        yield
    except OSError as error:
        raise RunFolderError(
            f"cannot write to the run folder {folder}: {error.strerror or error}. What was computed"
            " is in the cache: make room (or name another folder with --out) and run the same"
            " command again"
        ) from error
