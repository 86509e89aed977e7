"""Verifying a cache file: its structure, its index, and every key and checksum."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

from pivot_sum.cache.database import open_database, snapshot
from pivot_sum.cache.records import beginning, fetch, resolutions, scan, stage_of

EXAMPLES: Final = 20
ROWS_PER_PART: Final = 1_000
KEYS: Final = "sqlite_autoindex_rows_1"
"""The index SQLite keeps because keys are unique."""


class Damaged(NamedTuple):
    """A damaged row: its stage, the beginning of its input, and what is wrong."""

    stage: str
    input: str
    damage: str


class Verified(NamedTuple):
    """What a verification found; `examples` are the first damaged rows, `structure` is what SQLite
    objects to."""

    rows: int
    damaged: int
    damaged_resolutions: int
    examples: list[Damaged]
    structure: list[str]

    @property
    def sound(self) -> bool:
        """Whether nothing at all is damaged."""
        return not (self.damaged or self.damaged_resolutions or self.structure)


class _Structure(NamedTuple):
    """What SQLite finds wrong with the file, and the sum of the hashes of all keys in the index."""

    problems: list[str]
    keys: int


def verify(connection: sqlite3.Connection, path: Path) -> Verified:
    """Read the whole file, a part at a time. Writers in other processes wait until it is done."""
    rows = damaged = keys = 0
    examples: list[Damaged] = []
    with snapshot(connection, path), ThreadPoolExecutor(max_workers=1) as pool:
        # The rows are checked on one core while SQLite checks the structure on another.
        other = pool.submit(_structure, path)
        for part in scan(connection, path, ROWS_PER_PART):
            rows += len(part.rows)
            keys += sum(hash(key) for _, key, *_ in part.rows)
            for row, damage in part.damaged():
                damaged += 1
                if damaged <= EXAMPLES:
                    stage = stage_of(part.identities.get(row.identity, ""))
                    examples.append(Damaged(stage, beginning(row.input or b""), damage))
        structure = other.result()
    problems = structure.problems
    if keys != structure.keys:
        problems.append(
            "the index does not hold the rows' keys: some are not found; an export has a new index"
        )
    broken = sum(not known.is_sound() for known in resolutions(connection, path))
    return Verified(rows, damaged, broken, examples, problems)


def _structure(path: Path) -> _Structure:
    connection = open_database(path, read_only=True)
    try:
        # SQLite's integrity_check would look every row up in the index: most of a minute for ten
        # million rows. Equal sums show as much, but for which row an entry leads to, and a wrong
        # one fails that row's checksum when it is read.
        problems = [
            line for (line,) in fetch(connection, path, "PRAGMA quick_check") if line != "ok"
        ]
        entries = connection.execute(f"SELECT key FROM rows INDEXED BY {KEYS} ORDER BY key")
        return _Structure(problems, sum(hash(key) for (key,) in entries))
    finally:
        connection.close()
