"""Reading a `.wandb` file: records of wandb's own protocol in a LevelDB log (blocks of 32 KiB, each
piece with a checksum, a length and a kind in front of it)."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BLOCK = 32 * 1024
FILE_HEAD = 7
PIECE_HEAD = struct.Struct("<IHB")
WHOLE, FIRST, LAST = 1, 2, 4


def records(file: Path) -> Iterator[Any]:
    """Every record of a file."""
    from wandb.proto.wandb_internal_pb2 import Record

    content, place, parts = file.read_bytes(), FILE_HEAD, b""
    while place + PIECE_HEAD.size <= len(content):
        if BLOCK - place % BLOCK < PIECE_HEAD.size:  # padding at the end of a block
            place += BLOCK - place % BLOCK
            continue
        _, length, kind = PIECE_HEAD.unpack_from(content, place)
        place += PIECE_HEAD.size
        parts += content[place : place + length]
        place += length
        if kind in (WHOLE, LAST):
            yield Record.FromString(parts)
            parts = b""


def logged(file: Path) -> tuple[Any, dict[str, list[float]], dict[str, Any], dict[str, Any]]:
    """The run of a file, its history by name, its configuration and its summary."""
    run: Any = None
    history: dict[str, list[float]] = {}
    config: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    for record in records(file):
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run = record.run
            config |= _values(record.run.config.update)
        elif kind == "config":
            config |= _values(record.config.update)
        elif kind == "summary":
            summary |= _values(record.summary.update)
        elif kind == "history":
            for name, value in _values(record.history.item).items():
                if isinstance(value, int | float):
                    history.setdefault(name, []).append(value)
    return run, history, config, summary


def _values(items: Any) -> dict[str, Any]:
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}
