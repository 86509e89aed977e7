"""The cache: what each stage made of each text, kept in one SQLite file."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from pivot_sum.cache.database import open_database, transaction
from pivot_sum.cache.drop import drop_damaged, drop_identities, drop_keys
from pivot_sum.cache.errors import CacheError, CorruptRow
from pivot_sum.cache.keys import (
    Difference,
    canonical_json,
    identity_hasher,
    row_checksum,
    row_key_from,
    sha256_hex,
)
from pivot_sum.cache.nearest import declared_ones, nearest
from pivot_sum.cache.records import (
    Part,
    StoredIdentity,
    StoredResolution,
    StoredRow,
    beginning,
    fetch,
    identity_is_sound,
    insert_resolution,
    insert_rows,
    resolutions,
    rows_by_key,
    stored_identities,
    text_of,
    utc_now,
    written,
)
from pivot_sum.cache.schema import SCHEMA_VERSION
from pivot_sum.cache.soundness import (
    identity_in,
    resolution_checksum,
    row_is_sound,
    stage_of,
)
from pivot_sum.cache.sqlite_errors import LONGEST_TEXT
from pivot_sum.cache.sqlite_errors import damaged as damaged_file
from pivot_sum.cache.verify import Verified, verify

ROW_OVERHEAD: Final = 1_000
"""Bytes of a row beside its texts, and more than that."""

_read_json: Final = json.JSONDecoder().raw_decode


class Row(NamedTuple):
    """What is stored for one input text: the output, and a note of how it came about."""

    output: str
    note: dict[str, Any]


class CacheInfo(NamedTuple):
    """The cache file at a glance: size in bytes; the UTC times at which the first and the last of
    its rows were computed (an imported row keeps its time), None for an empty cache."""

    path: Path
    bytes: int
    schema_version: int
    rows: int
    identities: int
    first_write: str | None
    last_write: str | None


class Cache:
    """Stage outputs by identity and input text. Several processes may use one file; a `Cache` is
    for one thread.

    Every method raises CacheError or one of its kinds when the file cannot be used: NotACache when
    its structure is damaged, DiskFull or CacheReadOnly on writing.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the cache; make it, folders included, where there is none, unless `read_only`.

        Raises CacheMissing (`read_only` only), CacheReadOnly, CacheTooNew, NotACache, DiskFull.
        """
        self.path = path
        self.connection = open_database(path, read_only=read_only)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; harmless when it is closed already."""
        self.connection.close()

    def get(self, identity: Mapping[str, Any], texts: Collection[str]) -> dict[str, Row]:
        """The rows stored for these input texts, by text; texts without a row are left out.

        Raises CorruptRow when a row does not match its checksum.
        """
        hasher = identity_hasher(canonical_json(identity))
        asked = {row_key_from(hasher, text.encode()): text for text in texts}
        found: dict[str, Row] = {}
        for row in rows_by_key(self.connection, self.path, asked):
            key, output, note_json, _ = row
            text = asked.get(key)
            if text is None:
                raise damaged_file(self.path, "its index leads to other rows")
            if not row_is_sound(*row):
                where = f"the input {beginning(text.encode())}"
                raise self._corrupt(f"the row of stage {identity.get('stage')} for {where}")
            note = {} if note_json == b"{}" else _read_json(note_json.decode())[0]
            found[text] = Row(output.decode(), note)
        return found

    def put(
        self, identity: Mapping[str, Any], rows: Iterable[tuple[str, str, Mapping[str, Any]]]
    ) -> None:
        """Store (input, output, note) rows and their identity in one transaction, durable on
        return.

        A text that already has a row keeps it: the first row wins. Raises CacheError where a row is
        longer than 64 MB, and then stores nothing.
        """
        ready = [
            (text.encode(), output.encode(), canonical_json(note).encode() if note else b"{}")
            for text, output, note in rows
        ]
        identity_json, now = canonical_json(identity), utc_now().encode()
        hasher = identity_hasher(identity_json)
        stored = []
        for text, output, note_json in ready:
            if len(text) + len(output) + len(note_json) > LONGEST_TEXT - ROW_OVERHEAD:
                raise CacheError(
                    f"The text {beginning(text)}, or its answer, is too long for the cache, which"
                    f" holds up to {LONGEST_TEXT // 2**20} MB a row. Split it."
                )
            key = row_key_from(hasher, text)
            stored.append(
                StoredRow(
                    0, key, 0, text, output, note_json, now, row_checksum(key, output, note_json)
                )
            )
        with transaction(self.connection, self.path):
            insert_rows(self.connection, self.path, Part(stored, {0: identity_json}))

    def read_back(self, identity: Mapping[str, Any], texts: Collection[str]) -> dict[str, Row]:
        """The rows of texts that were put before, by text: what was put first, by whomever. Raises
        CorruptRow like `get`, and NotACache where one is not found: the file has lost it."""
        found = self.get(identity, texts)
        if any(text not in found for text in texts):
            raise damaged_file(self.path, "a row that was stored just now is not found in it")
        return found

    def forget(self, identity: Mapping[str, Any], texts: Collection[str]) -> None:
        """Delete the rows stored for these input texts."""
        hasher = identity_hasher(canonical_json(identity))
        keys = [row_key_from(hasher, text.encode()) for text in texts]
        drop_keys(self.connection, self.path, keys)

    def resolution(self, declared: Mapping[str, Any]) -> dict[str, Any] | None:
        """The identity last remembered for this declared one, None when there is none.

        Raises CorruptRow when it does not match its checksum.
        """
        declared_json = canonical_json(declared)
        sha256 = sha256_hex(declared_json)
        columns = ", ".join(map(text_of, ("resolved", "created", "checksum")))
        query = f"SELECT {columns} FROM resolutions WHERE sha256 = ?"
        for resolved, *rest in fetch(self.connection, self.path, query, [sha256]):
            identity = identity_in(resolved)
            one = StoredResolution(sha256, declared_json, resolved, *rest)
            if identity is None or not one.is_sound():
                raise self._corrupt(f"what the names in stage {declared.get('stage')} resolved to")
            return identity
        return None

    def remember(self, declared: Mapping[str, Any], identity: Mapping[str, Any]) -> None:
        """Store what a declared identity resolved to, so that an offline replay need not resolve
        it; newest wins."""
        declared_json, resolved = canonical_json(declared), canonical_json(identity)
        checksum = resolution_checksum(declared_json, resolved)
        resolution = StoredResolution(
            sha256_hex(declared_json), declared_json, resolved, utc_now(), checksum
        )
        with transaction(self.connection, self.path):
            insert_resolution(self.connection, resolution)

    def count(self, identity: Mapping[str, Any]) -> int:
        """How many rows are stored for this identity."""
        query = (
            "SELECT COUNT(*) FROM rows WHERE identity = (SELECT id FROM identities WHERE sha256"
            " = ?)"
        )
        return int(
            fetch(self.connection, self.path, query, [sha256_hex(canonical_json(identity))])[0][0]
        )

    def nearest(
        self, identity: Mapping[str, Any], *, declared: bool = False
    ) -> tuple[dict[str, Any], list[Difference]] | None:
        """Of the stored identities of the same stage that have rows, the one that differs in the
        fewest fields.

        `declared`: `identity` is a declared one and is held against the declared ones, whose names
        are not resolved yet. Ties go to the one with most rows, then to the newest. No differences
        means that this very identity is stored and only the texts are new to it. None when nothing
        of this stage is stored.
        """
        stored = self.identities()
        if declared:
            return nearest(identity, declared_ones(self.connection, self.path, stored))
        return nearest(identity, [(one.identity, one.rows) for one in reversed(stored)])

    def identities(self) -> list[StoredIdentity]:
        """Every stored identity with its number of rows, oldest first. Raises CorruptRow for a
        damaged one."""
        found = []
        query = "SELECT COUNT(key) FROM rows WHERE identity = ?"
        for number, sha256, identity_json in stored_identities(self.connection, self.path):
            identity = identity_in(identity_json)
            if identity is None or not identity_is_sound(sha256, identity_json):
                raise self._corrupt(f"an identity of stage {stage_of(identity_json)}")
            rows = fetch(self.connection, self.path, query, [number])[0][0]
            found.append(StoredIdentity(sha256, identity, rows))
        return found

    def declared(self) -> dict[str, list[dict[str, Any]]]:
        """The declared identities that resolved to each stored identity, by the SHA-256 of that."""
        found: dict[str, list[dict[str, Any]]] = {}
        for one in resolutions(self.connection, self.path):
            if one.is_sound():
                found.setdefault(sha256_hex(one.resolved), []).append(json.loads(one.declared))
        return found

    def info(self) -> CacheInfo:
        """Size, numbers and times of the file."""
        # Rows are appended, so the first and last by number are the oldest and newest but for what
        # was imported; nothing else is known without reading them all. Unlike COUNT(*), COUNT of a
        # column counts SQLite's steps, see `database.py`.
        moment = f"SELECT {text_of('created')} FROM rows ORDER BY id {{}} LIMIT 1"
        query = (
            "SELECT (SELECT COUNT(identity) FROM rows), (SELECT COUNT(id) FROM identities),"
            f" ({moment.format('ASC')}), ({moment.format('DESC')})"
        )
        rows, identities, first, last = fetch(self.connection, self.path, query)[0]
        size = self.path.stat().st_size
        return CacheInfo(
            self.path, size, SCHEMA_VERSION, rows, identities, written(first), written(last)
        )

    def drop(
        self, *, stage: str | None = None, identity: str | None = None, damaged: bool = False
    ) -> int:
        """Delete the rows of a stage, of an identity (beginning of its SHA-256), or the damaged
        ones; return how many.

        Exactly one of the three. With a stage or an identity go its resolutions, with the damaged
        rows the damaged resolutions. The file keeps its size and new rows take the freed space; an
        export is as small as can be. Raises CacheError when several identities begin like this.
        """
        if (stage is not None) + (identity is not None) + damaged != 1:
            raise ValueError("name exactly one of stage, identity and damaged")
        if damaged:
            return drop_damaged(self.connection, self.path)
        chosen = [
            known
            for known in self.identities()
            if known.identity["stage"] == stage
            or (identity is not None and known.sha256.startswith(identity.lower()))
        ]
        if identity is not None and len(chosen) > 1:
            names = ", ".join(known.sha256[:12] for known in chosen[:5])
            raise CacheError(
                f"{len(chosen)} identities in {self.path} begin with {identity!r} ({names})."
                " Write more of it."
            )
        return drop_identities(self.connection, self.path, chosen)

    def verify(self) -> Verified:
        """Check structure, index, and every key and checksum. Other processes write meanwhile."""
        return verify(self.connection, self.path)

    def _corrupt(self, what: str) -> CorruptRow:
        return CorruptRow(
            f"In the cache {self.path}, {what} is damaged: it does not match its checksum."
            f" `pivot-sum cache verify --cache {self.path}` shows what else is, `pivot-sum cache"
            f" drop --damaged --cache {self.path}` deletes it, and the next run computes it again."
        )
