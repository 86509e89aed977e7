"""Cache files for colleagues: writing a cache to a new file, and taking another one's rows in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from pivot_sum.cache.database import cannot_make, transaction
from pivot_sum.cache.errors import CacheError
from pivot_sum.cache.records import (
    StoredRow,
    beginning,
    fetch,
    insert_resolution,
    insert_rows,
    resolutions,
    scan,
    stage_of,
)
from pivot_sum.cache.store import Cache

EXAMPLES: Final = 20
KEYS_PER_QUERY: Final = 500


class Conflict(NamedTuple):
    """One input for which both caches have an output, and not the same; `kept` is the one that
    stays."""

    stage: str
    input: str
    kept: str
    refused: str


class Imported(NamedTuple):
    """How many rows were added, were here already, had another output here, or were damaged; the
    first conflicts."""

    added: int
    already: int
    conflicts: int
    damaged: int
    examples: list[Conflict]


class Exported(NamedTuple):
    """How many rows went into the file, and how many were left out because they are damaged."""

    rows: int
    damaged: int


def export_cache(cache: Cache, target: Path, *, overwrite: bool = False) -> Exported:
    """Write everything sound in `cache` to one new cache file, which appears at `target` only when
    it is complete.

    Raises CacheError when `target` exists and `overwrite` is not said, or is the cache itself;
    CacheReadOnly, DiskFull.
    """
    if target.exists() and (not overwrite or target.is_dir() or target.samefile(cache.path)):
        raise CacheError(
            f"{target} exists already and was left as it is. Give another name, or --overwrite to"
            " replace a file."
        )
    journal = target.with_name(f"{target.name}-journal")
    if journal.exists():
        # SQLite would take it for the new file's own unfinished transaction and play it back into
        # it.
        raise CacheError(
            f"{journal} belongs to an interrupted write. Give another name, or delete it if"
            f" {target} is not needed."
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
            draft = Path(folder) / target.name
            with Cache(draft) as copy:
                done = _merge(cache, copy)
            os.replace(draft, target)
    except OSError as error:
        raise cannot_make(target, error) from error
    return Exported(done.added, done.damaged)


def import_cache(cache: Cache, source: Path) -> Imported:
    """Take over the rows and resolutions of the cache file `source`; where both have a row, the one
    already here wins.

    Damaged rows of the source are refused and counted. Of two resolutions the newer wins. What was
    taken over before an interruption stays, and importing again goes on. Raises CacheMissing,
    CacheTooNew, NotACache for the source.
    """
    with Cache(source, read_only=True) as other:
        return _merge(other, cache)


def _merge(source: Cache, target: Cache) -> Imported:
    added = already = damaged = conflicts = 0
    examples: list[Conflict] = []
    for part in scan(source.connection, source.path):
        bad = {row.id for row, _ in part.damaged()}
        sound = [row for row in map(StoredRow._make, part.rows) if row.id not in bad]
        damaged += len(bad)
        with transaction(target.connection, target.path):
            here = _outputs(target, [row.key for row in sound])
            added += insert_rows(
                target.connection, part._replace(rows=[row for row in sound if row.key not in here])
            )
        clashes = [row for row in sound if here.get(row.key, row.output) != row.output]
        conflicts += len(clashes)
        already += len(here) - len(clashes)
        for row in clashes[: EXAMPLES - len(examples)]:
            stage = stage_of(part.identities[row.identity])
            examples.append(
                Conflict(
                    stage, beginning(row.input), beginning(here[row.key]), beginning(row.output)
                )
            )
    with transaction(target.connection, target.path):
        for resolution in resolutions(source.connection, source.path):
            if resolution.is_sound():
                insert_resolution(target.connection, resolution, if_newer=True)
    return Imported(added, already, conflicts, damaged, examples)


def _outputs(cache: Cache, keys: list[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), KEYS_PER_QUERY):
        part = keys[start : start + KEYS_PER_QUERY]
        query = (
            f"SELECT key, CAST(output AS BLOB) FROM rows WHERE key IN ({','.join('?' * len(part))})"
        )
        found.update(fetch(cache.connection, cache.path, query, part))
    return found
