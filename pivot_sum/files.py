"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a text in UTF-8, its line ends as they are. A reader sees the old file or the new one,
    never half of one, and a failure leaves the old file and nothing beside it.

    Raises OSError: what it means for the user, and what to do, the caller knows.
    """
    # The process's number keeps two processes that write the same file out of each other's draft.
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(text.encode())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
