"""Saving what is sound in a damaged cache file into a new one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from pivot_sum.cache.database import open_unchecked, transaction
from pivot_sum.cache.errors import NotACache
from pivot_sum.cache.keys import canonical_json, identity_hasher, row_key_from
from pivot_sum.cache.pages import records_in
from pivot_sum.cache.records import (
    ROWS_PER_PART,
    Part,
    StoredResolution,
    StoredRow,
    identity_is_sound,
    insert_resolution,
    insert_rows,
    utc_now,
    written,
)
from pivot_sum.cache.soundness import identity_in, is_utf8, row_is_sound
from pivot_sum.cache.sqlite_errors import cannot_make, sqlite_errors
from pivot_sum.cache.store import Cache

IDENTITY_COLUMNS: Final = 3
RESOLUTION_COLUMNS: Final = 5
ROW_COLUMNS: Final = 8


class Repaired(NamedTuple):
    """What a repair saved and lost.

    `rows` and `resolutions` are in the new file. `damaged` rows were found and are not what was
    stored. `gaps` are numbers of rows between the first and the last that no sound row has: rows
    that could not be made out at all, and rows that were dropped before. `kept` is the old file.
    """

    rows: int
    resolutions: int
    damaged: int
    gaps: int
    kept: Path


def repair_cache(path: Path) -> Repaired | None:
    """Put a new file with every sound row of the cache `path` in its place, and keep the old file
    beside it; None where the file is sound, which is then left as it is.

    Nobody can write to the file meanwhile, unless it is too damaged for locks. Raises NotACache
    where there is nothing of a cache in the file, CacheMissing, CacheReadOnly, DiskFull.
    """
    if _is_sound(path):
        return None
    try:
        with ExitStack() as stack:
            # Opened first, closed last: closing a file gives back all locks of the process on it.
            file = stack.enter_context(path.open("rb"))
            stack.enter_context(_locked(path))
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent)
            )
            draft = Path(folder) / path.name
            saved = _save(file, draft)
            if not saved.rows and not saved.resolutions:
                raise NotACache(
                    f"There is nothing of a cache in {path} that could be saved; it was left as it"
                    " is. Name another file with --cache."
                )
            return saved._replace(kept=_exchange(path, draft))
    except OSError as error:
        raise cannot_make(path, error) from error


def _is_sound(path: Path) -> bool:
    open_unchecked(path, read_only=True).close()  # is there a file at all
    with suppress(NotACache), Cache(path, read_only=True) as cache:
        return cache.verify().sound
    return False


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold other writers up, after an interrupted write has been rolled back."""
    connection = open_unchecked(path, read_only=False)
    try:
        with suppress(NotACache), sqlite_errors(path):
            connection.execute("BEGIN IMMEDIATE")
        yield
    finally:
        connection.close()


def _save(file: BinaryIO, draft: Path) -> Repaired:
    identities = _identities(file)
    names = list(_resolutions(file))
    # An identity that is damaged itself may still be known from what resolved to it, or as one that
    # a service's replies were stored under.
    known = {*identities.values(), *(one.resolved for one in names)}
    known |= {canonical_json({**(identity_in(one) or {}), "replies": True}) for one in known}
    numbers = {identity_json: number for number, identity_json in enumerate(sorted(known))}
    known_numbers = {number: one for one, number in numbers.items()}
    rows = _Rows(file, identities, numbers)
    with Cache(draft) as copy:
        added, found = 0, iter(rows)
        while part := list(islice(found, ROWS_PER_PART)):
            with transaction(copy.connection, draft):
                added += insert_rows(copy.connection, draft, Part(part, known_numbers))
        with transaction(copy.connection, draft):
            for one in names:
                insert_resolution(copy.connection, one)
        resolutions = len({one.sha256 for one in names})
    return Repaired(added, resolutions, rows.damaged, max(rows.last - added, 0), draft)


def _identities(file: BinaryIO) -> dict[int, str]:
    found = {}
    for number, (_, sha256, identity) in records_in(file, IDENTITY_COLUMNS):
        if isinstance(sha256, bytes) and isinstance(identity, bytes):
            identity_json = identity.decode(errors="replace")
            if identity_is_sound(sha256.decode(errors="replace"), identity_json):
                found[number] = identity_json
    return found


def _resolutions(file: BinaryIO) -> Iterator[StoredResolution]:
    for _, values in records_in(file, RESOLUTION_COLUMNS):
        texts = [value.decode(errors="replace") for value in values if isinstance(value, bytes)]
        if len(texts) == RESOLUTION_COLUMNS:
            one = StoredResolution(*texts)
            if one.is_sound():
                yield one._replace(created=written(one.created) or utc_now())


class _Rows:
    """The sound rows in a file, each with its identity by the `numbers` of the new file; counts the
    damaged ones."""

    def __init__(self, file: BinaryIO, identities: dict[int, str], numbers: dict[str, int]) -> None:
        self._file = file
        self._identities = identities
        self._numbers = numbers
        self._hashers = {one: identity_hasher(one) for one in numbers}
        self.damaged = 0
        self.last = 0
        """The highest number of a sound row."""

    def __iter__(self) -> Iterator[StoredRow]:
        for number, (_, key, identity, *texts, checksum) in records_in(self._file, ROW_COLUMNS):
            values = [key, *texts, checksum]
            if all(isinstance(value, bytes) for value in values):
                raw = cast("list[bytes]", values)
                row = StoredRow(number, raw[0], 0, *raw[1:])
                owner = self._owner(row, self._identities.get(cast("int", identity)))
                if owner is not None:
                    self.last = max(self.last, number)
                    created = (written(row.created.decode(errors="replace")) or utc_now()).encode()
                    yield row._replace(identity=self._numbers[owner], created=created)
                    continue
            self.damaged += 1

    def _owner(self, row: StoredRow, said: str | None) -> str | None:
        """The identity whose row this is: the one that it says, or another that its key fits."""
        if not row_is_sound(row.key, row.output, row.note_json, row.checksum):
            return None
        if not is_utf8(row.input):
            return None
        candidates = self._hashers if said is None else (said, *self._hashers)
        for one in candidates:
            if row_key_from(self._hashers[one], row.input) == row.key:
                return one
        return None


def _exchange(path: Path, draft: Path) -> Path:
    """Put the draft in the place of the file; return where the old file is now."""
    kept = path.with_name(f"{path.name}.damaged")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{number}")
    journal = path.with_name(f"{path.name}-journal")
    if journal.exists():
        # SQLite would take it for the new file's own unfinished transaction.
        os.replace(journal, kept.with_name(f"{kept.name}-journal"))
    try:
        os.link(path, kept)  # there is a file at `path` at every moment
    except OSError:  # a file system without hard links
        os.replace(path, kept)
    os.replace(draft, path)
    return kept
