"""Verifying a cache file: its structure, its index, and every key and checksum.

The rows are read a part at a time, so that writers in other processes go on; a large file is read
by several processes at once.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Timer
from typing import Final, NamedTuple

from pivot_sum.cache.database import open_database, snapshot
from pivot_sum.cache.records import (
    BEFORE_ALL,
    beginning,
    fetch,
    identity_is_sound,
    resolutions,
    scan,
    stored_identities,
)
from pivot_sum.cache.schema import KEYS
from pivot_sum.cache.soundness import stage_of
from pivot_sum.cache.sqlite_errors import damaged

EXAMPLES: Final = 20
ROWS_PER_PART: Final = 2_000
KEYS_PER_PART: Final = 50_000
ROWS_A_PROCESS: Final = 200_000
"""Fewer are read sooner than another process has started."""
LOCK_SECONDS: Final = 30
"""How long SQLite's own check may hold up writers, which wait for twice as long."""


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
    damaged_identities: int
    damaged_resolutions: int
    examples: list[Damaged]
    structure: list[str]

    @property
    def sound(self) -> bool:
        """Whether nothing at all is damaged."""
        return not (
            self.damaged or self.damaged_identities or self.damaged_resolutions or self.structure
        )


class _Checked(NamedTuple):
    """Some rows: how many, how many damaged, the sum over their keys and numbers, examples."""

    rows: int
    damaged: int
    keys: int
    examples: list[Damaged]


def verify(connection: sqlite3.Connection, path: Path) -> Verified:
    """Read the whole file as it is now; what is stored meanwhile is not looked at.

    Raises NotACache where it cannot be read to its end.
    """
    last: int = fetch(connection, path, "SELECT COALESCE(MAX(id), 0) FROM rows")[0][0]
    with ThreadPoolExecutor() as pool:
        # Threads, because SQLite lets go of Python's lock, and other processes need none of it.
        hurt = pool.submit(structure, path)
        ranges = [pool.submit(_in_process, path, *part) for part in _ranges(last)]
        keys = _keys_in_index(connection, path, last)
        checked = [part.result() for part in ranges]
    problems = hurt.result()
    # Rows may have been dropped between the one reading and the other.
    if keys != sum(part.keys for part in checked) and not _index_fits(connection, path):
        problems.append("the index does not hold the rows' keys: some are not found")
    identities = stored_identities(connection, path)
    return Verified(
        sum(part.rows for part in checked),
        sum(part.damaged for part in checked),
        sum(not identity_is_sound(sha256, stored) for _, sha256, stored in identities),
        sum(not known.is_sound() for known in resolutions(connection, path)),
        [example for part in checked for example in part.examples][:EXAMPLES],
        problems,
    )


def structure(path: Path) -> list[str]:
    """What SQLite finds wrong with the pages of the file, empty where nothing is.

    SQLite holds up writers while it looks. Where that takes too long it is broken off: what it
    alone can find are pages that two tables claim, or that none does.
    """
    connection = open_database(path, read_only=True)
    timer = Timer(LOCK_SECONDS, connection.interrupt)
    timer.start()
    try:
        # SQLite's integrity_check would look every row up in the index: most of a minute for ten
        # million rows. The sums over keys and numbers show as much.
        lines = connection.execute("PRAGMA quick_check").fetchall()
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return []
        return [str(error)]
    except UnicodeDecodeError:
        return ["the list of its tables is no text"]
    finally:
        timer.cancel()
        connection.close()
    return [ascii(line)[1:-1] for (line,) in lines if line != "ok"]


def _ranges(last: int) -> list[tuple[int, int]]:
    """The numbers of rows, cut for the cores there are: (after, last) for each."""
    processes = min(os.cpu_count() or 1, max(last // ROWS_A_PROCESS, 1))
    cuts = [BEFORE_ALL, *(last * part // processes for part in range(1, processes)), last]
    return list(pairwise(cuts))


def _in_process(path: Path, after: int, last: int) -> _Checked:
    if last - max(after, 0) >= ROWS_A_PROCESS:
        code = f"from {__name__} import print_checked; print_checked()"
        command = [sys.executable, "-c", code, str(path), str(after), str(last)]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        if done.returncode == 0:
            rows, bad, keys, examples = json.loads(done.stdout)
            return _Checked(rows, bad, keys, [Damaged(*example) for example in examples])
    # A small file; or what goes wrong there goes wrong here too, as an error with its message.
    return _check(path, after, last)


def _check(path: Path, after: int, last: int) -> _Checked:
    rows = bad = keys = 0
    examples: list[Damaged] = []
    connection = open_database(path, read_only=True)
    try:
        for part in scan(connection, path, ROWS_PER_PART, after=after, last=last):
            rows += len(part.rows)
            keys += sum(_mixed(key, number) for number, key, *_ in part.rows)
            for row, damage in part.damaged():
                bad += 1
                if bad <= EXAMPLES:
                    stage = stage_of(part.identities.get(row.identity, ""))
                    examples.append(Damaged(stage, beginning(row.input), damage))
    finally:
        connection.close()
    return _Checked(rows, bad, keys, examples)


def print_checked() -> None:
    """What another process does for `verify`: check the rows of a file above one number up to
    another, all three arguments of the command line, and print what was found as JSON."""
    print(json.dumps(_check(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))


def _mixed(key: bytes, number: int) -> int:
    """What is summed over all rows and over the index: equal sums mean that each key leads to its
    row, as two keys that change places change the sum."""
    return int.from_bytes(key[:8]) * number


def _keys_in_index(connection: sqlite3.Connection, path: Path, last: int) -> int:
    query = (
        f"SELECT key, id FROM rows INDEXED BY {KEYS} WHERE key > ? AND TYPEOF(key) = 'blob'"
        f" ORDER BY key LIMIT {KEYS_PER_PART}"
    )
    total, previous = 0, b""
    while True:
        entries = fetch(connection, path, query, [previous])
        for key, number in entries:
            if key <= previous:
                raise damaged(path, "its index is not in order")
            previous = key
            if number <= last:
                total += _mixed(key, number)
        if len(entries) < KEYS_PER_PART:
            return total


def _index_fits(connection: sqlite3.Connection, path: Path) -> bool:
    """Compare rows and index as of one moment."""
    with snapshot(connection, path):
        sums = [
            sum(
                _mixed(key, number)
                for key, number in connection.execute(
                    f"SELECT CAST(key AS BLOB), id FROM rows {how} WHERE id > {BEFORE_ALL}"
                )
                if key
            )
            for how in ("NOT INDEXED", f"INDEXED BY {KEYS}")
        ]
    return sums[0] == sums[1]
