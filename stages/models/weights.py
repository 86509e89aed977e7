"""Which files a model's weights are in, by their names and index: whether a folder holds all of
them.

Models of gigabytes lie in several files. A download that was stopped leaves some of them, and each
is whole by itself.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from pivot_sum.stages.errors import DamagedModel

_KINDS = ("model.safetensors", "pytorch_model.bin")
"""What transformers looks for, in its order; each may also lie in shards."""

_SHARD = re.compile(r"(.+)-(\d{1,5})-of-(\d{1,5})\.(safetensors|bin)")


def weight_files(folder: Path) -> list[str]:
    """Names of all files the weights in a folder are in, those that are not there included; empty
    where nothing in it points to weights.

    Of safetensors and pickles it is the kind of which something is there, safetensors first. Raises
    `DamagedModel` for an index that cannot be read.
    """
    kinds = [names for kind in _KINDS if (names := _of_kind(folder, kind))]
    for names in kinds:
        if any((folder / name).is_file() for name in names):
            return names
    return kinds[0] if kinds else []


def lacking(folder: Path) -> list[str]:
    """Those of the folder's weight files that are not there. Raises `DamagedModel`."""
    return [name for name in weight_files(folder) if not (folder / name).is_file()]


def _of_kind(folder: Path, single: str) -> list[str]:
    if (folder / single).is_file():
        return [single]
    index = folder / f"{single}.index.json"
    if index.is_file():
        return _indexed(index)
    # Files are fetched side by side, so the index may be what is not there yet.
    stem, suffix = single.split(".")
    names = set()
    for path in folder.glob(f"{stem}-*-of-*.{suffix}"):
        if shard := _SHARD.fullmatch(path.name):
            number, total = shard[2], int(shard[3])
            names |= {
                f"{shard[1]}-{other:0{len(number)}}-of-{shard[3]}.{shard[4]}"
                for other in range(1, total + 1)
            }
    return sorted(names)


def _indexed(index: Path) -> list[str]:
    """The files an index names. Raises `DamagedModel`."""
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        if not names or any(Path(name).name != name for name in names):
            raise ValueError("it names no files, or files outside the folder")
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise DamagedModel(
            f"{index} cannot be read: {error}. It says which files the weights are in: fetch it"
            " again"
        ) from error
    return sorted(names)
