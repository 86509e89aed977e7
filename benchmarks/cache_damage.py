"""What becomes of a damaged cache? `python benchmarks/cache_damage.py [--damages N] [--folder
FOLDER]`.

A cache and an export of it are damaged at random, N times in all: bits flipped (in any place, or
where SQLite keeps its headers), the file truncated, pages swapped, overwritten or doubled, bytes
inserted or taken away. After each damage everything that reads a cache is done with the file, as
`verify`, `info`, an offline run, an import and a run that computes what is missing do; then it is
repaired. Each has to answer rightly or refuse with one of our errors: a row that differs from what
was stored, any other error, or more than `LONGEST` seconds are what must never be. After a
repair, the file has to be sound.

The last line is the figure; exit code 1 where anything of that happened.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pivot_sum.cache import Cache, CacheError, export_cache, import_cache, repair_cache

LONGEST = 20
"""Seconds that anything may take; a hang otherwise. Machines where this runs are busy."""
PAGE = 4_096
DECLARED = {"stage": "translate", "version": 1, "model": "auto"}
IDENTITIES: list[dict[str, Any]] = [
    {**DECLARED, "model": {"sha256": 64 * "0"}},
    {"stage": "clean", "version": 2, "protect": ["a", {"b": 1}]},
]
ROWS = {f"입력 {n} {'그 얘기 마저 해요. ' * (n % 9)}": f"answer {n}" for n in range(100)}
ROWS |= {"long": "many pages of it " * 1_500}
"""What is stored under each identity."""


class Wrong(Exception):
    """A row that nobody stored."""


def rows_of(texts: Iterable[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """The rows of these texts."""
    return [(text, ROWS[text], {"n": len(ROWS[text])}) for text in texts]


def fill(path: Path) -> None:
    """A cache with some deleted rows, so that it has free pages."""
    with Cache(path) as store:
        for identity in IDENTITIES:
            store.put(
                identity, [(text, output, {"n": len(output)}) for text, output in ROWS.items()]
            )
        gone = [f"dropped {number}" * 20 for number in range(60)]
        store.put(IDENTITIES[0], [(text, text, {}) for text in gone])
        store.forget(IDENTITIES[0], gone)
        store.remember(DECLARED, IDENTITIES[0])


def flip(content: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 1, 2, 8))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def flip_header(content: bytearray, rng: random.Random) -> None:
    page = rng.randrange(len(content) // PAGE) * PAGE
    end = 2_000 if page == 0 and rng.random() < 0.5 else 120
    content[page + rng.randrange(end)] ^= 1 << rng.randrange(8)


def truncate(content: bytearray, rng: random.Random) -> None:
    at = rng.randrange(len(content))
    del content[at - at % PAGE if rng.random() < 0.5 else at :]


def swap(content: bytearray, rng: random.Random) -> None:
    one, two = _page(content, rng), _page(content, rng)
    content[one], content[two] = content[two], content[one]


def double(content: bytearray, rng: random.Random) -> None:
    content[_page(content, rng)] = content[_page(content, rng)]


def overwrite(content: bytearray, rng: random.Random) -> None:
    content[_page(content, rng)] = rng.choice((rng.randbytes(PAGE), bytes(PAGE), b"\xff" * PAGE))


def overwrite_some(content: bytearray, rng: random.Random) -> None:
    at, size = rng.randrange(len(content)), rng.randrange(1, 600)
    content[at : at + size] = rng.randbytes(len(content[at : at + size]))


def shift(content: bytearray, rng: random.Random) -> None:
    at, size = rng.randrange(len(content)), rng.randrange(1, 40)
    if rng.random() < 0.5:
        del content[at : at + size]
    else:
        content[at:at] = rng.randbytes(size)


DAMAGES: dict[str, Callable[[bytearray, random.Random], None]] = {
    "bits flipped": flip,
    "bits flipped in headers": flip_header,
    "truncated": truncate,
    "pages swapped": swap,
    "pages doubled": double,
    "pages overwritten": overwrite,
    "bytes overwritten": overwrite_some,
    "bytes inserted or gone": shift,
}


def _page(content: bytearray, rng: random.Random) -> slice:
    start = rng.randrange(max(len(content) // PAGE, 1)) * PAGE
    return slice(start, start + PAGE)


def right(store: Cache) -> bool:
    """Whether every row is there, and none is another than was stored. Raises Wrong."""
    complete = True
    for identity in IDENTITIES:
        found = store.get(identity, list(ROWS))
        for text, row in found.items():
            if row != (ROWS[text], {"n": len(ROWS[text])}):
                raise Wrong(f"{text[:40]!r} has the answer {row.output[:40]!r}")
        complete = complete and len(found) == len(ROWS)
    resolved = store.resolution(DECLARED)
    if resolved not in (None, IDENTITIES[0]):
        raise Wrong(f"a name stands for {resolved}")
    return complete and resolved is not None


def reading(path: Path) -> str:
    """`info`, `explain`, an offline run."""
    with Cache(path, read_only=True) as store:
        store.info(), store.declared(), store.identities(), store.nearest(IDENTITIES[0])
        return "all right" if right(store) else "some missing"


def verifying(path: Path) -> str:
    """`verify`."""
    with Cache(path, read_only=True) as store:
        return "sound" if store.verify().sound else "damage found"


def importing(path: Path) -> str:
    """`import` into a new cache, and then into one that has everything."""
    with Cache(path.with_name("new")) as mine:
        import_cache(mine, path)
        complete = right(mine)
        if not mine.verify().sound:
            raise Wrong("what was imported is not sound")
    return "all right" if complete else "some missing"


def exporting(path: Path) -> str:
    """`export`."""
    with Cache(path, read_only=True) as store:
        export_cache(store, path.with_name("export"))
    with Cache(path.with_name("export"), read_only=True) as copy:
        return "all right" if right(copy) else "some missing"


def computing(path: Path) -> str:
    """A run that computes what is missing."""
    with Cache(path) as store:
        for identity in IDENTITIES:
            found = store.get(identity, list(ROWS))
            missing = [text for text in ROWS if text not in found]
            store.put(identity, rows_of(missing))
            store.read_back(identity, missing)
        store.remember(DECLARED, IDENTITIES[0])
        return "all right" if right(store) else "some missing"


def dropping(path: Path) -> str:
    """`drop --damaged`."""
    with Cache(path) as store:
        store.drop(damaged=True)
        right(store)
        return "dropped"


def repairing(path: Path) -> str:
    """`repair`; what it makes has to be sound, and rows computed anew have to stay."""
    repaired = repair_cache(path)
    with Cache(path) as store:
        complete = right(store)
        if not store.verify().sound:
            raise Wrong("what was repaired is not sound")
    computing(path)
    if repaired is None:
        return "sound before"
    return "all saved" if complete else "some lost"


WORK: list[Callable[[Path], str]] = [
    reading,
    verifying,
    importing,
    exporting,
    computing,
    dropping,
    repairing,
]


@contextmanager
def in_time() -> Iterator[None]:
    """Raise TimeoutError after LONGEST seconds, also out of SQLite."""

    def late(*_: object) -> None:
        raise TimeoutError(f"more than {LONGEST} seconds")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)


def attempt(work: Callable[[Path], str], content: bytes, folder: Path) -> str:
    """What came of it, in words; "FAILED" where it must not be so."""
    path = folder / "cache.sqlite3"
    path.write_bytes(content)
    try:
        with in_time():
            return work(path)
    except CacheError as error:
        return f"refused ({type(error).__name__})"
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        return f"FAILED: {''.join(traceback.format_exception(error, limit=-3))}"
    finally:
        for left in folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def run(folder: Path, damages: int, seed: int) -> bool:
    """Damage, work, count, print; whether all went as it should."""
    fill(folder / "filled")
    with Cache(folder / "filled") as store:
        export_cache(store, folder / "exported")
    files = [(folder / name).read_bytes() for name in ("filled", "exported")]
    work_folder = folder / "work"
    work_folder.mkdir()
    outcomes: dict[str, Counter[str]] = {work.__name__: Counter() for work in WORK}
    failed = 0
    for number in range(damages):
        rng = random.Random(f"{seed}/{number}")
        name = list(DAMAGES)[number % len(DAMAGES)]
        content = bytearray(files[number // len(DAMAGES) % 2])
        DAMAGES[name](content, rng)
        for work in WORK:
            outcome = attempt(work, bytes(content), work_folder)
            if outcome.startswith("FAILED"):
                failed += 1
                print(f"damage {number} ({name}), {work.__name__}: {outcome}", flush=True)
                outcome = "FAILED"
            outcomes[work.__name__][outcome] += 1
    for work_name, counts in outcomes.items():
        print(f"{work_name}: " + ", ".join(f"{what} {n:,}" for what, n in counts.most_common()))
    print(
        f"{damages:,} damages, {damages * len(WORK):,} times read, verified, imported, exported,"
        f" written to, cleared or repaired: {failed:,} wrong texts, tracebacks or hangs"
    )
    return failed == 0


def main() -> None:
    """Parse, run, end with 1 where the promise is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--damages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="decides which disk is used")
    given = parser.parse_args()
    print(f"Run {date.today()}, SQLite {sqlite3.sqlite_version}.")
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        sys.exit(not run(Path(name), given.damages, given.seed))


if __name__ == "__main__":
    main()
