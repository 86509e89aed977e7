"""How fast the cache is written, read and verified: `python benchmarks/cache_rows.py [ROWS]
[FOLDER]`.

Prints tables in Markdown. First rows per second, durable on return, from one process and from four
at once into one new cache, by rows in a transaction; beside them the same rows through sqlite3
alone (no keys, no checksums: what SQLite and the disk allow), and through diskcache where it is
installed (`pip install diskcache`), which does not wait for the disk. All take turns, so that a
busy machine is busy for all of them. Then one cache of ROWS rows (a million; 0 for none): filling
it, its size, gets at random, verification. The texts are made, as long as DialogSum's turns in
Korean (84 bytes) and English (62). FOLDER decides which disk is measured.
"""

from __future__ import annotations

import os
import platform
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from pivot_sum.cache import Cache

Rows = list[tuple[str, str, dict[str, Any]]]

WRITER = "--writer"
ROWS = 40_000
"""Written at a time, by all processes together."""
BATCHES = (256, 1_024, 4_096)
TURNS = 5
IDENTITY = {
    "stage": "translate",
    "version": 2,
    "model": "sha256:" + 64 * "0",
    "settings": 600 * "x",
}
KOREAN = " ".join(["우리 내일 세 시에 다시 만나서", "그 얘기 마저 해요."])
ENGLISH = "Let us meet again tomorrow at three and talk it over."


def rows(first: int, last: int) -> Rows:
    """Made rows by number, no two alike."""
    return [
        (text(number), f"{number:08} {ENGLISH}", {"rung": "as-is"}) for number in range(first, last)
    ]


def text(number: int) -> str:
    """The input of a row."""
    return f"{number:08} {KOREAN}"


def parts(first: int, last: int, size: int) -> Iterator[Rows]:
    """Made rows, in parts."""
    return (rows(start, min(start + size, last)) for start in range(first, last, size))


def ours(path: Path) -> Callable[[Rows], None]:
    """The cache of this project."""
    store = Cache(path)
    return lambda part: store.put(IDENTITY, part)


def plain(path: Path) -> Callable[[Rows], None]:
    """sqlite3 with the texts, a random key of 32 bytes, and nothing else."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=60)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, key BLOB UNIQUE, input TEXT,"
        " output TEXT)"
    )

    def put(part: Rows) -> None:
        values = [(random.randbytes(32), source, output) for source, output, _ in part]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO rows (key, input, output) VALUES (?, ?, ?)", values)
        connection.execute("COMMIT")

    return put


def diskcache(path: Path) -> Callable[[Rows], None]:
    """diskcache, which many use to keep answers on disk."""
    from diskcache import Cache as DiskCache  # type: ignore[import-not-found,unused-ignore]  # optional

    store = DiskCache(str(path))

    def put(part: Rows) -> None:
        with store.transact():
            for source, output, note in part:
                store[str(IDENTITY), source] = (output, note)

    return put


WAYS = {"ours": ours, "plain": plain, "diskcache": diskcache}


def write(way: str, path: Path, first: int, last: int, size: int) -> None:
    """What a writing process does: get ready, wait for the start, write, say that it is done."""
    ready = list(parts(first, last, size))
    put = WAYS[way](path)
    print("ready", flush=True)
    sys.stdin.readline()
    for part in ready:
        put(part)
    print("done", flush=True)


def rows_per_second(way: str, processes: int, size: int, folder: Path) -> float:
    """Of so many processes together, writing `ROWS` rows into a new file."""
    share = ROWS // processes
    with ExitStack() as stack:
        target = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder))) / "store"
        writers = []
        for number in range(processes):
            words = [WRITER, way, target, number * share, (number + 1) * share, size]
            command = [sys.executable, __file__, *map(str, words)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
            writers.append(stack.enter_context(subprocess.Popen(command, **pipes)))
            _expect(
                writers[-1], "ready"
            )  # one after the other: who makes the file is not what is measured
        start = time.monotonic()
        for writer in writers:
            print(file=writer.stdin, flush=True)
        for writer in writers:
            _expect(writer, "done")
        return share * processes / (time.monotonic() - start)


def _expect(writer: subprocess.Popen[str], word: str) -> None:
    assert writer.stdout is not None
    if writer.stdout.readline().strip() != word:
        raise RuntimeError("a writing process failed, see above")


def print_writing(folder: Path) -> None:
    """The table of rows written per second."""
    systems = [("ours", 1), ("ours", 4), ("plain", 1)]
    try:
        from diskcache import Cache as _  # type: ignore[import-not-found,unused-ignore]  # optional
    except ImportError:
        print("diskcache is not installed", file=sys.stderr)
    else:
        systems.append(("diskcache", 1))
    names = [f"{way}, {processes} process{'es' * (processes > 1)}" for way, processes in systems]
    print(f"| rows a transaction | {' | '.join(names)} |\n|--:|{'--:|' * len(names)}")
    for size in BATCHES:
        found: dict[tuple[str, int], list[float]] = {system: [] for system in systems}
        for _ in range(TURNS):
            for way, processes in systems:
                found[way, processes].append(rows_per_second(way, processes, size, folder))
        cells = [
            f"{median(speeds):,.0f} ({min(speeds):,.0f} to {max(speeds):,.0f})"
            for speeds in found.values()
        ]
        print(f"| {size:,} | {' | '.join(cells)} |", flush=True)


def print_large(total: int, folder: Path) -> None:
    """The table of one large cache."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as name,
        Cache(Path(name) / "cache.sqlite3") as store,
    ):
        print("| of one cache | |\n|---|--:|")
        step = max(total // 5, 1)
        for first in range(0, total, step):
            last = min(first + step, total)
            spent = sum(
                _seconds(lambda part=part: store.put(IDENTITY, part))
                for part in parts(first, last, BATCHES[-1])
            )
            print(
                f"| rows {first:,} to {last:,}, written {BATCHES[-1]:,} at a time |"
                f" {(last - first) / spent:,.0f} rows/s |",
                flush=True,
            )
        size = store.path.stat().st_size
        inputs = len(text(0).encode()) * total
        print(f"| size, {size / total:.0f} bytes a row | {size / 1e9:.2f} GB |")
        print(f"| of these the input texts | {inputs / 1e9:.2f} GB |")
        rng = random.Random(0)
        print("\n| reading it | clock | processors |\n|---|--:|--:|")
        for what, number, first, turns in (
            ("1 row at random", 1, 0, 2_000),
            ("500 rows at random, each", 500, 0, 20),
            ("10,000 rows at random, each", 10_000, 0, 9),
            ("10,000 rows that were stored together, each", 10_000, None, 9),
            ("500 rows that are not there, each", 500, -total, 9),
        ):
            wanted = [
                range(number)
                if first is None
                else [first + rng.randrange(total) for _ in range(number)]
                for _ in range(turns)
            ]
            spent = [measured(lambda part=part: _get(store, part)) for part in wanted]
            clock, processor = (median(times) / number * 1e6 for times in zip(*spent, strict=True))
            print(f"| get of {what} | {clock:,.1f} µs | {processor:,.1f} µs |", flush=True)
        clock, processor = measured(store.verify)
        print(f"| verify | {clock:.1f} s | {processor:.1f} s |")


def _get(store: Cache, numbers: Sequence[int]) -> None:
    store.get(IDENTITY, [text(number) for number in numbers])


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the clock, and of the processors."""
    before = _processor()
    return _seconds(work), _processor() - before


def _processor() -> float:
    """Seconds that this process and those it started have computed."""
    return time.process_time() + sum(os.times()[2:4])


def _seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def main(arguments: Sequence[str]) -> None:
    """Measure and print; `--writer …` is how it calls itself."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    if arguments[:1] == [WRITER]:
        way, path, first, last, size = arguments[1:]
        write(way, Path(path), int(first), int(last), int(size))
        return
    total = int(arguments[0]) if arguments else 1_000_000
    folder = Path(arguments[1] if arguments[1:] else tempfile.gettempdir())
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    print(f"Measured {date.today()} on {platform.machine()}, {os.cpu_count()} cores, {versions}.\n")
    print_writing(folder)
    if total:
        print()
        print_large(total, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
