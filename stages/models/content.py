"""What a folder with a model holds: the files that can change an output, and a hash over them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pivot_sum.stages.models.hashes import file_sha256

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
        total.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return total.hexdigest()
