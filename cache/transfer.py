"""Cache files for colleagues: writing a cache to a new file, and taking another one's rows in."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pivot_sum.cache.database import transaction
from pivot_sum.cache.errors import CacheError, CacheMissing
from pivot_sum.cache.keys import ABSENT, canonical_json
from pivot_sum.cache.records import (
    Part,
    StoredResolution,
    StoredRow,
    beginning,
    insert_resolution,
    insert_rows,
    resolutions,
    rows_by_key,
    scan,
    stored_identities,
)
from pivot_sum.cache.soundness import stage_of
from pivot_sum.cache.sqlite_errors import cannot_make
from pivot_sum.cache.store import Cache

EXAMPLES: Final = 20


class Conflict(NamedTuple):
    """One input for which both caches have an output, and not the same; `kept` is the one that
    stays."""

    stage: str
    input: str
    kept: str
    refused: str


class NameConflict(NamedTuple):
    """One field of a stage whose `name`, as the recipe gives it, stands for one thing in this cache
    and for another in the imported one; `kept` is what it goes on standing for."""

    stage: str
    field: str
    name: Any
    kept: Any
    refused: Any


class ImportedNames(NamedTuple):
    """What names stood for, counted by stage and settings: how many were added, were here already,
    stand for something else here, were damaged, or lead to no row in either cache; the first
    fields in conflict."""

    added: int
    already: int
    conflicts: int
    damaged: int
    without_rows: int
    examples: list[NameConflict]


class Imported(NamedTuple):
    """How many rows were added, were here already, had another output here, or were damaged; the
    first conflicts; and the same of what names stood for."""

    added: int
    already: int
    conflicts: int
    damaged: int
    examples: list[Conflict]
    names: ImportedNames


class Exported(NamedTuple):
    """How many rows went into the file, and how many were left out because they are damaged."""

    rows: int
    damaged: int


def export_cache(
    cache: Cache,
    target: Path,
    *,
    overwrite: bool = False,
    chosen: Iterable[Mapping[str, Any]] | None = None,
) -> Exported:
    """Write everything sound in `cache`, or what is stored for the identities `chosen`, to one new
    cache file, which appears at `target` only when it is complete.

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
                done = _merge(cache, copy, chosen)
            os.replace(draft, target)
    except OSError as error:
        raise cannot_make(target, error) from error
    return Exported(done.added, done.damaged)


def import_cache(cache: Cache, source: Path) -> Imported:
    """Add the rows of the cache file `source`, and what names stood for in it. Nothing that is here
    already changes: where both have a row or a name, the one already here wins.

    What is damaged in the source is refused and counted. A name is added only where there are rows
    for what it stood for: it would lead nowhere, and keep a later import from saying better. What
    was added before an interruption stays, and importing again goes on. Raises CacheMissing,
    CacheTooNew, NotACache for the source.
    """
    if not source.exists():
        raise CacheMissing(
            f"There is no file {source} to import. Name one that `pivot-sum cache export` made, or"
            " another cache."
        )
    with Cache(source, read_only=True) as other:
        return _merge(other, cache)


def _merge(
    source: Cache, target: Cache, chosen: Iterable[Mapping[str, Any]] | None = None
) -> Imported:
    added = already = damaged = conflicts = 0
    examples: list[Conflict] = []
    for part in _parts(source, chosen):
        bad = {row.id for row, _ in part.damaged()}
        sound = [row for row in map(StoredRow._make, part.rows) if row.id not in bad]
        damaged += len(bad)
        with transaction(target.connection, target.path):
            stored = rows_by_key(target.connection, target.path, [row.key for row in sound])
            here = {key: output for key, output, *_ in stored}
            added += insert_rows(
                target.connection,
                target.path,
                part._replace(rows=[row for row in sound if row.key not in here]),
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
    return Imported(added, already, conflicts, damaged, examples, _merge_names(source, target))


def _parts(source: Cache, chosen: Iterable[Mapping[str, Any]] | None) -> Iterator[Part]:
    if chosen is None:
        yield from scan(source.connection, source.path)
        return
    wanted = {canonical_json(identity) for identity in chosen}
    for number, _, identity_json in stored_identities(source.connection, source.path):
        if identity_json in wanted:
            yield from scan(source.connection, source.path, identity=number)


def _merge_names(source: Cache, target: Cache) -> ImportedNames:
    added = already = conflicts = damaged = without_rows = 0
    examples: list[NameConflict] = []
    with transaction(target.connection, target.path):
        here = {known.sha256: known for known in resolutions(target.connection, target.path)}
        for resolution in resolutions(source.connection, source.path):
            known = here.get(resolution.sha256)
            if not resolution.is_sound():
                damaged += 1
            elif known is not None and known.resolved == resolution.resolved:
                already += 1
            elif known is not None:
                conflicts += 1
                examples += _name_conflicts(known, resolution)[: EXAMPLES - len(examples)]
            elif _has_rows(target, resolution.resolved):
                insert_resolution(target.connection, resolution)
                added += 1
            else:
                without_rows += 1
    return ImportedNames(added, already, conflicts, damaged, without_rows, examples)


def _name_conflicts(known: StoredResolution, other: StoredResolution) -> list[NameConflict]:
    declared, refused = json.loads(other.declared), json.loads(other.resolved)
    # Where our own is damaged there is no telling what was kept; `cache verify` counts it.
    kept = json.loads(known.resolved) if known.is_sound() else {}
    return [
        NameConflict(
            stage_of(other.declared),
            field,
            declared.get(field, ABSENT),
            kept.get(field, ABSENT),
            refused.get(field, ABSENT),
        )
        for field in sorted(kept.keys() | refused.keys())
        if kept.get(field, ABSENT) != refused.get(field, ABSENT)
    ]


def _has_rows(cache: Cache, identity_json: str) -> bool:
    return cache.count(json.loads(identity_json)) > 0
