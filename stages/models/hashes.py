"""SHA-256 of files that may have gigabytes, read again only where they changed."""

from __future__ import annotations

import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from pivot_sum.stages.models.kept import kept_folder

LARGE: Final = 64 * 2**20
"""Bytes from which a hash is kept for later processes too: half a second of reading is worth it."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which a further change of a file is sure to show in its times; some file
systems count in seconds."""

_hashed: dict[tuple[str | int, ...], str] = {}


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal.

    A file counts as unchanged while its path, device, inode, size and both its times are the same:
    within this process, and for a file of `LARGE` bytes beside the converted checkpoints as well.
    Raises OSError where it cannot be read.
    """
    state = path.stat()
    unchanged = (
        str(path.absolute()),
        state.st_dev,
        state.st_ino,
        state.st_size,
        state.st_mtime_ns,
        state.st_ctime_ns,
    )
    if unchanged in _hashed:
        return _hashed[unchanged]
    is_large = state.st_size >= LARGE
    digest = _kept(unchanged) if is_large else None
    if digest is None:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) <= _SETTLED:
            return digest
        if is_large:
            _keep(unchanged, digest)
    _hashed[unchanged] = digest
    return digest


def _place(unchanged: tuple[str | int, ...]) -> Path:
    name = hashlib.sha256(str(unchanged[0]).encode("utf-8", "surrogateescape")).hexdigest()
    return kept_folder() / "hashes" / f"{name[:32]}.json"


def _kept(unchanged: tuple[str | int, ...]) -> str | None:
    """The hash an earlier process kept of the file in this very state."""
    try:
        found = json.loads(_place(unchanged).read_bytes())
        if found["file"] == [*unchanged] and len(bytes.fromhex(found["sha256"])) == 32:
            return str(found["sha256"])
    except (OSError, ValueError, TypeError, KeyError):  # none, or a damaged one: read the file
        pass
    return None


def _keep(unchanged: tuple[str | int, ...], digest: str) -> None:
    """Keep a hash; where that cannot be written, the file is read again next time."""
    place = _place(unchanged)
    draft = place.with_suffix(f".{os.getpid()}.tmp")
    with suppress(OSError, ValueError):
        place.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps({"file": unchanged, "sha256": digest}), encoding="utf-8")
        draft.replace(place)
