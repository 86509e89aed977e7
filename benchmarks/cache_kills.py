"""Is a stored row ever lost or wrong? `python benchmarks/cache_kills.py [--rounds N] [--folder
FOLDER]`.

In every round four processes write into one cache file and each is killed with SIGKILL at a random
moment of its own, in the middle of a transaction or while it rolls back what another left behind.
What the cache acknowledged is logged outside of it: a line is written when `put` has returned. Then
the file is opened again, and every acknowledged row of the round has to be there, word for word.
All write some texts in common, of which the first answer has to stay. At the end every row of all
rounds is read once more, and the file verified.

The last line is the figure; exit code 1 where a row is lost or wrong, or the file is damaged. A
kill ends a process, not the machine: power loss is not tested.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.cache import Cache

WRITERS = 4
ROWS = 5_500
"""That a round shall acknowledge, more or less. What is left of a machine that does other work too
decides how many seconds a round lasts."""
SHORTEST, LONGEST = 0.2, 30.0
"""Seconds of a round, within which each writer has its moment."""
LARGEST = 1_200
"""Rows in a transaction, at most."""
SHARED = 10
"""Of the rows of a transaction, so many are of texts that all writers answer."""
IDENTITY = {"stage": "translate", "version": 1, "model": "sha256:" + 64 * "0"}
ENTRY = struct.Struct("<III")
"""What is logged: round, first number, rows."""

Rows = list[tuple[str, str, dict[str, Any]]]


class Batch(NamedTuple):
    """The rows of one transaction of one writer."""

    writer: int
    round: int
    first: int
    size: int

    def rows(self) -> Rows:
        """Made rows, which can be made again."""
        name = f"{self.round}/{self.writer}"
        own: Rows = [
            (f"{name}/{number} 그 얘기 마저 해요.", f"answer {name}/{number}", {"rung": "as-is"})
            for number in range(self.first, self.first + self.size)
        ]
        return own + [
            (f"{self.round}/{self.first + number} for all", f"by {self.writer}", {})
            for number in range(SHARED)
        ]


class Found(NamedTuple):
    """How many acknowledged rows were looked for, were not there, or held something else."""

    rows: int
    lost: int
    wrong: int

    def __add__(self, other: Any) -> Found:
        return Found(*map(sum, zip(self, other, strict=True)))


def write(path: Path, log: Path, writer: int, number: int, seed: int) -> None:
    """What a writer does until it is killed."""
    rng = random.Random(seed)
    with Cache(path) as store, log.open("ab", buffering=0) as entries:
        first = 0
        while True:
            batch = Batch(writer, number, first, rng.randrange(1, LARGEST))
            store.put(IDENTITY, batch.rows())
            entries.write(ENTRY.pack(number, first, batch.size))
            first += batch.size


def started(path: Path, log: Path, writer: int, number: int, seed: int) -> int:
    """A writer as a process of its own; its id. Nobody has the cache open while it begins."""
    process = os.fork()
    if process:
        return process
    try:
        write(path, log, writer, number, seed)
    finally:
        os._exit(1)  # only an error ends it so


def kill_all(writers: list[int], seconds: float, rng: random.Random) -> int:
    """Kill each at a moment of its own; how many had ended by themselves, with an error."""
    begin, failed = time.monotonic(), 0
    moments = sorted((rng.uniform(0, seconds), writer) for writer in writers)
    for moment, writer in moments:
        time.sleep(max(begin + moment - time.monotonic(), 0))
        os.kill(writer, signal.SIGKILL)
        failed += os.WIFEXITED(os.waitpid(writer, 0)[1])
    return failed


def acknowledged(log: Path, writer: int, start: int = 0) -> Iterator[Batch]:
    """What was logged, from a place in the log on."""
    content = log.read_bytes()[start:] if log.exists() else b""
    whole = len(content) - len(content) % ENTRY.size
    for number, first, size in ENTRY.iter_unpack(content[:whole]):
        yield Batch(writer, number, first, size)


def check(store: Cache, batch: Batch) -> Found:
    """Look for the rows of a batch."""
    rows = batch.rows()
    found = store.get(IDENTITY, [text for text, _, _ in rows])
    lost = sum(text not in found for text, _, _ in rows)
    wrong = 0
    for place, (text, output, note) in enumerate(rows):
        if text in found:
            allowed = {output} if place < batch.size else {f"by {n}" for n in range(WRITERS)}
            wrong += found[text].output not in allowed or found[text].note != note
    return Found(len(rows), lost, wrong)


def run(folder: Path, rounds: int, seconds: float, seed: int) -> bool:
    """Play the rounds, print what was found; whether nothing was lost."""
    rng = random.Random(seed)
    path, logs = folder / "cache.sqlite3", [folder / f"log-{n}" for n in range(WRITERS)]
    total, journals, failed, done = Found(0, 0, 0), 0, 0, 0
    begin, length = time.monotonic(), 1.0
    while done < rounds and time.monotonic() - begin < seconds:
        known = [log.stat().st_size if log.exists() else 0 for log in logs]
        writers = [
            started(path, log, writer, done, rng.getrandbits(32)) for writer, log in enumerate(logs)
        ]
        failed += kill_all(writers, length, rng)
        before = total.rows
        journal = folder / "cache.sqlite3-journal"
        journals += journal.exists() and journal.stat().st_size > 512
        with Cache(path) as store:
            for writer, log in enumerate(logs):
                for batch in acknowledged(log, writer, known[writer]):
                    total += check(store, batch)
        growth = (ROWS / max(total.rows - before, 1)) ** 0.5
        length = min(max(length * min(growth, 2.0), SHORTEST), LONGEST)
        done += 1
        if done % 50 == 0:
            print(f"{done:,} rounds, {total.rows:,} rows, {total.lost + total.wrong} wrong or lost")
            sys.stdout.flush()
    with Cache(path, read_only=True) as store:
        again = Found(0, 0, 0)
        for writer, log in enumerate(logs):
            for batch in acknowledged(log, writer):
                again += check(store, batch)
        verified = store.verify()
    print(
        f"rows in the file: {verified.rows:,}, sound: {verified.sound}; read again at the end:"
        f" {again.rows:,}, lost {again.lost:,}, wrong {again.wrong:,}"
    )
    print(
        f"{done:,} rounds, {done * WRITERS:,} kills, {journals:,} left a transaction to roll back,"
        f" {failed:,} writers failed; of {total.rows:,} acknowledged rows"
        f" {total.lost + again.lost:,} lost, {total.wrong + again.wrong:,} wrong"
    )
    return verified.sound and not (failed or any(total[1:]) or any(again[1:]))


def main() -> None:
    """Parse, run, end with 1 where the promise is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=1_200)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="decides which disk is used")
    given = parser.parse_args()
    print(f"Run {date.today()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores.")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        sys.exit(not run(Path(name), given.rounds, given.seconds, given.seed))


if __name__ == "__main__":
    main()
