"""What a folder with a model holds: the files that can change an output, and a hash over them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

# What can change an output: configuration, vocabulary, weights. Model cards and training leftovers
# cannot.
_SUFFIXES = {".json", ".model", ".spm", ".txt", ".safetensors", ".bin"}
_NOT_WEIGHTS = {
    "training_args.bin",
    "optimizer.bin",
    "scheduler.bin",
    "trainer_state.json",
    "all_results.json",
    "training.json",
    "trained_on.json",
}


def content_files(folder: Path) -> list[Path]:
    """Every file of a model that can change an output, by name."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.suffix in _SUFFIXES and path.name not in _NOT_WEIGHTS
    ]


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of every file that can change an output, so a moved folder
    keeps its identity."""
    total = hashlib.sha256()
    for path in content_files(folder):
        total.update(f"{path.name}\0{_sha256(path)}\n".encode())
    return total.hexdigest()


_hashed: dict[tuple[str, int, int, int, int], str] = {}

_SETTLED = 2_000_000_000
"""Nanoseconds after which a further change of a file is sure to show in its times; some file
systems count in seconds."""


def _sha256(path: Path) -> str:
    """SHA-256 of a file. A run asks several times for models of gigabytes, so what did not change
    is not read again."""
    state = path.stat()
    unchanged = (
        str(path.absolute()),
        state.st_ino,
        state.st_size,
        state.st_mtime_ns,
        state.st_ctime_ns,
    )
    if unchanged in _hashed:
        return _hashed[unchanged]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) > _SETTLED:
        _hashed[unchanged] = digest
    return digest
