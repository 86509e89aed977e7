"""Readers beside writers on one cache file: `python benchmarks/cache_readers.py`.

Eight processes read what four others are writing, in the same file at the same time, each writer
its own rows and rows that all of them write. A reader gets a row as its writer gave it or none; a
row that was there once stays; in the end every row is there and the file verifies. Prints the
figure last; exits with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT = Path(__file__).parent.parent
IDENTITY: Final = {"stage": "translate", "version": 1}
AT_ONCE = 25
COMMON = """
import random, sys
from pathlib import Path
from pivot_sum.cache import Cache

IDENTITY = {"stage": "translate", "version": 1}
path, stop, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
writers, rows, at_once = map(int, sys.argv[4:7])
"""
WRITER = """
with Cache(path) as cache:
    for start in range(0, rows, at_once):
        numbers = range(start, start + at_once)
        own = [(f"{name} {n}", f"answer of {name} {n}", {"flags": [name]}) for n in numbers]
        shared = [(f"all {n}", f"answer of all {n}", {}) for n in numbers]
        cache.put(IDENTITY, own + shared)
"""
READER = """
rng, seen, reads, found = random.Random(name), set(), 0, 0
with Cache(path, read_only=True) as cache:
    last = False
    while not last:
        last = stop.exists()
        asked = [f"{rng.choice([*map(str, range(writers)), 'all'])} {rng.randrange(rows)}"
                 for _ in range(100)]
        given = cache.get(IDENTITY, asked)
        reads, found = reads + len(set(asked)), found + len(given)
        for text, row in given.items():
            assert row.output == f"answer of {text}", (text, row)
            assert row.note == ({} if text.startswith("all") else {"flags": [text.split()[0]]})
        assert not (seen & set(asked)) - set(given), "a row is gone"
        seen |= set(given)
print(reads, found)
"""


def beside(place: Path, writers: int, readers: int, rows: int) -> tuple[int, int, list[str]]:
    """Let them work: how many rows were asked for and found while others were written, and what
    was wrong."""
    from pivot_sum.cache import Cache

    path, stop = place / "cache.sqlite3", place / "stop"
    Cache(path).close()

    def start(code: str, name: str) -> subprocess.Popen[str]:
        words = [path, stop, name, writers, rows, AT_ONCE]
        return subprocess.Popen(
            [sys.executable, "-c", COMMON + code, *map(str, words)],
            cwd=ROOT,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    reading = [start(READER, f"reader {number}") for number in range(readers)]
    writing = [start(WRITER, str(number)) for number in range(writers)]
    wrong = _ended(writing)
    stop.touch()
    wrong += _ended(reading)
    asked = found = 0
    for process in reading:
        said = process.stdout.read().split() if process.stdout else []
        if len(said) == 2:
            asked, found = asked + int(said[0]), found + int(said[1])
    with Cache(path, read_only=True) as cache:
        if cache.count(IDENTITY) != (writers + 1) * rows or not cache.verify().sound:
            wrong.append("rows are missing or damaged in the end")
    return asked, found, wrong


def _ended(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    return [
        process.stderr.read()[-1500:] if process.stderr else ""
        for process in processes
        if process.wait(600)
    ]


def main() -> int:
    """Write, read, count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--rows", type=int, default=5_000, help="of each writer")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        asked, found, wrong = beside(Path(place), given.writers, given.readers, given.rows)
    for what in wrong:
        print(what)
    print(
        f"{given.readers} readers beside {given.writers} writers of {given.rows:,} rows and as many"
        f" shared ones in {time.monotonic() - began:,.0f} s: {asked:,} rows asked for, {found:,}"
        f" found, {len(wrong)} faults"
    )
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
