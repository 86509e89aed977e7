"""A cache that many fill: `python benchmarks/cache_size.py [ROWS] [FOLDER]`.

Ten people export ROWS rows each (100,000; a tenth of them everybody has), and one imports all ten
files into one cache: rows a second for each, as the cache grows. Then that cache is verified, 500
keys are read at random and 500 that were stored one after the other, and a tenth is exported, as
`cache export --recipe` does. Prints a table in Markdown; the processors' seconds are those of all
processes together, so that they can be compared on a machine that does other work too.
"""

from __future__ import annotations

import os
import platform
import random
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from cache_rows import measured, parts, text

from pivot_sum.cache import Cache, export_cache, import_cache

EXPORTS = 10
SHARED = 0.1
IDENTITY = {"stage": "translate", "version": 2, "settings": 600 * "x"}


def identity(number: int) -> dict[str, Any]:
    """The identity of the rows of one person, or of those that everybody has (-1)."""
    return {**IDENTITY, "model": f"sha256:{number}"}


def make(path: Path, number: int, rows: int) -> None:
    """One person's export."""
    shared = int(rows * SHARED)
    with Cache(path) as store:
        for whose, first, last in ((-1, 0, shared), (number, shared, rows)):
            for part in parts(first, last, 10_000):
                store.put(identity(whose), part)


def line(what: str, clock: float, processors: float, more: str = "") -> None:
    """A line of the table."""
    print(f"| {what} | {clock:,.1f} | {processors:,.1f} | {more} |", flush=True)


def run(folder: Path, rows: int) -> None:
    """Make, merge, verify, read, export; print."""
    print("| | clock, s | processors, s | |\n|---|--:|--:|---|")
    with Cache(folder / "cache.sqlite3") as store:
        total = 0.0
        for number in range(EXPORTS):
            export = folder / f"export-{number}"
            make(export, number, rows)
            clock, processors = measured(lambda export=export: import_cache(store, export))
            export.unlink()
            total += clock
            line(f"import {number + 1}", clock, processors, f"{rows / clock:,.0f} rows/s")
        count = store.info().rows
        size = store.path.stat().st_size
        print(f"| all {EXPORTS} imports | {total:,.1f} | | {count:,} rows, {size / 1e9:.2f} GB |")
        clock, processors = measured(store.verify)
        line("verify", clock, processors, f"{processors / count * 1e6:.1f} µs a row")
        rng = random.Random(0)
        shared = int(rows * SHARED)
        wanted = [[text(rng.randrange(shared, rows)) for _ in range(500)] for _ in range(30)]
        for name, keys in (
            ("at random", wanted),
            ("stored together", [[text(shared + n) for n in range(500)]] * 30),
        ):
            reads = [
                measured(lambda n=n, part=part: store.get(identity(n % EXPORTS), part))
                for n, part in enumerate(keys)
            ]
            clock = median(clock for clock, _ in reads)
            spent = sum(processors for _, processors in reads) / len(reads)
            each = f"{clock / 500 * 1e6:.0f} µs each, {spent / 500 * 1e6:.0f} µs of a processor"
            print(f"| get of 500 rows, {name} | {clock:.3f} | {spent:.3f} | {each} |")
        target = folder / "recipe"
        clock, processors = measured(lambda: export_cache(store, target, chosen=[identity(3)]))
        line("export of a tenth", clock, processors, f"{target.stat().st_size / 1e9:.2f} GB")


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    rows = int(arguments[0]) if arguments else 100_000
    folder = Path(arguments[1] if arguments[1:] else tempfile.gettempdir())
    versions = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"{date.today()}, {platform.machine()}, {os.cpu_count()} cores, {load}, {versions}\n")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        run(Path(name), rows)


if __name__ == "__main__":
    main(sys.argv[1:])
