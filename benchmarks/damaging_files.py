"""Damage done at random to the files of a folder: bytes, values of JSON, whole files."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

VALUES: Sequence[Any] = (
    *(None, True, False, 0, -1, 1, 2**63, -(10**30), 10**400, 0.5, 1e308, float("nan")),
    *(float("inf"), "", "x", "\0", "\ud800", "\u202e#Person1#", "finished", "../../etc/passwd"),
    *("/etc/passwd", "1" * 5000, "#" * 3000, "\x1b[31m[red]</script>", "9999-99-99T99:99:99Z"),
    *([], {}, [[]], [None], {"": None}, {"id": 1}, ["x", 1], {"name": "x", "stage": "clean"}),
)
"""What takes the place of a JSON value."""


def damaged(folder: Path, rng: random.Random) -> str:
    """Damage one to three files of a folder; what was done, in words."""
    return "; ".join(_damaged_once(folder, rng) for _ in range(rng.choice((1, 1, 1, 2, 3))))


def _damaged_once(folder: Path, rng: random.Random) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if not files:
        return "nothing is left"
    file = rng.choice(files)
    kinds: list[Callable[[Path, random.Random], str]] = [_bytes_changed, _file_changed]
    if file.suffix in (".json", ".jsonl"):
        kinds += [_value_changed] * 4
    with suppress(OSError, ValueError, RecursionError):
        return f"{file.relative_to(folder)}: {rng.choice(kinds)(file, rng)}"
    return f"{file.relative_to(folder)}: as it was"


def _bytes_changed(file: Path, rng: random.Random) -> str:
    raw = bytearray(file.read_bytes())
    at = rng.randrange(len(raw) + 1)
    how = rng.choice(("flipped", "cut", "zeroed", "inserted", "repeated"))
    if how == "flipped":
        for _ in range(rng.choice((1, 1, 8))):
            raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    elif how == "cut":
        del raw[at:]
    elif how == "zeroed":
        raw[at : at + 64] = bytes(len(raw[at : at + 64]))
    elif how == "inserted":
        raw[at:at] = rng.choice((rng.randbytes(9), b"\xed\xa0\x80", b"\xef\xbb\xbf", b"[" * 99_999))
    else:
        raw[at:at] = raw[max(0, at - 200) : at]
    file.write_bytes(raw)
    return f"bytes {how} at {at}"


def _file_changed(file: Path, rng: random.Random) -> str:
    how = rng.choice(("removed", "emptied", "folder", "pipe", "loop", "zero", "another"))
    others = [path for path in file.parent.rglob("*") if path.is_file() and path != file]
    if how == "emptied":
        file.write_bytes(b"")
        return how
    if how == "another" and others:
        other = rng.choice(others)
        file.write_bytes(other.read_bytes())
        return f"has what {other.name} has"
    file.unlink()
    if how == "folder":
        file.mkdir()
    elif how == "pipe":
        os.mkfifo(file)
    elif how == "loop":
        file.symlink_to(file.name)
    elif how == "zero":
        file.symlink_to("/dev/zero")
    return how


def _value_changed(file: Path, rng: random.Random) -> str:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        value, done = _changed(json.loads(text), rng)
        file.write_text(_json(value), encoding="utf-8")
        return done
    lines = text.splitlines()
    at = rng.randrange(len(lines))
    value, done = _changed(json.loads(lines[at]), rng)
    lines[at] = _json(value)
    if rng.random() < 0.3:
        rng.shuffle(lines)
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return f"line {at + 1}, {done}"


def _json(value: Any) -> str:
    text = json.dumps(value)
    return text.replace('"deep"', "[" * 5000 + "]" * 5000)


def _changed(value: Any, rng: random.Random) -> tuple[Any, str]:
    """A value with one of the values in it changed, and where."""
    places = list(_places(value))
    if not places:
        return rng.choice(VALUES), "the whole"
    holder, key = rng.choice(places)
    how = rng.choice(("replaced", "replaced", "replaced", "removed", "moved", "renamed"))
    if how == "replaced":
        holder[key] = rng.choice((*VALUES, "deep"))
        return value, f"{key} = {str(holder[key])[:40]!r}"
    if how == "moved":
        there, other = rng.choice(places)
        with suppress(KeyError, IndexError):
            holder[key] = json.loads(json.dumps(there[other]))
        return value, f"{key} = what stands at {other}"
    if how == "renamed" and isinstance(holder, dict):
        holder[rng.choice(("x", "", "id", "name", "\0"))] = holder.pop(key)
        return value, f"{key} renamed"
    del holder[key]
    return value, f"{key} removed"


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in keys:
        found += [(value, key), *_places(value[key])]
    return found
