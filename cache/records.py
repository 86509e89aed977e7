"""Rows and resolutions as they lie in the file: checking them, walking over all of them, adding
them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from pivot_sum.cache.database import snapshot, sqlite_errors
from pivot_sum.cache.keys import (
    canonical_json,
    identity_hasher,
    row_checksum,
    row_key_from,
    sha256_hex,
)

ROWS_PER_PART: Final = 5_000
SHOWN_CHARACTERS: Final = 40


class StoredRow(NamedTuple):
    """One row. `id` is its number in the file, 0 for one not stored yet; `identity` the number of
    its identity.

    Texts are the bytes that lie in the file, UTF-8 unless they are damaged: they are what is
    hashed.
    """

    id: int
    key: bytes
    identity: int
    input: bytes
    output: bytes
    note_json: bytes
    created: bytes
    checksum: bytes


Raw = tuple[int, bytes, int, bytes, bytes, bytes, bytes, bytes]
"""A row as SQLite gives it: what a `StoredRow` is made of. Millions pass by, so only few are made
into one."""


class Part(NamedTuple):
    """Some rows, and the canonical JSON of all identities by number."""

    rows: Sequence[Raw]
    identities: dict[int, str]

    def damaged(self) -> Iterator[tuple[StoredRow, str]]:
        """The rows that are not what was stored, each with what is wrong."""
        hashers = {
            number: identity_hasher(identity_json)
            for number, identity_json in self.identities.items()
        }
        for row in self.rows:
            _, key, identity, text, output, note_json, _, checksum = row
            if not row_is_sound(key, output, note_json, checksum):
                yield StoredRow(*row), "output or note does not match the checksum"
            elif (
                identity not in hashers
                or text is None
                or row_key_from(hashers[identity], text) != key
            ):
                yield StoredRow(*row), "input or identity does not match the key"


class StoredIdentity(NamedTuple):
    """An identity in the cache, the SHA-256 of its canonical JSON, and how many rows it has."""

    sha256: str
    identity: dict[str, Any]
    rows: int


class StoredResolution(NamedTuple):
    """One resolution: declared and resolved identity as canonical JSON, and the SHA-256 of the
    declared one."""

    sha256: str
    declared: str
    resolved: str
    created: str
    checksum: str

    def is_sound(self) -> bool:
        """Whether both identities are what was stored, and the one can stand for the other."""
        return (self.sha256, self.checksum) == (
            sha256_hex(self.declared),
            resolution_checksum(self.declared, self.resolved),
        ) and _can_stand_for(self.resolved, self.declared)


def _can_stand_for(resolved_json: str, declared_json: str) -> bool:
    """Whether this can be what the names in a declared identity stood for.

    Resolving puts values in the place of names. It makes no other stage of a stage and leaves no
    field out: a checksum is soon computed, so a file made by somebody else is held to this too.
    """
    try:
        resolved, declared = json.loads(resolved_json), json.loads(declared_json)
        canonical = [canonical_json(resolved), canonical_json(declared)]
    except (ValueError, RecursionError):  # no JSON, NaN, brackets without end
        return False
    return (
        canonical == [resolved_json, declared_json]
        and isinstance(resolved, dict)
        and isinstance(declared, dict)
        and resolved.keys() >= declared.keys()
        and all(resolved.get(field) == declared.get(field) for field in ("stage", "version"))
    )


def row_is_sound(key: bytes, output: bytes, note_json: bytes, checksum: bytes) -> bool:
    """Whether output and note are what was stored under this key."""
    try:
        return row_checksum(key, output, note_json) == checksum
    except TypeError:  # one flipped bit in SQLite's record header turns a value into NULL
        return False


def resolution_checksum(declared_json: str, resolved_json: str) -> str:
    """SHA-256 in hexadecimal over both identities of a resolution."""
    return sha256_hex(f"{declared_json}\0{resolved_json}")


def utc_now() -> str:
    """The time now, UTC, ISO 8601 to the second: as text it sorts by age."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch(
    connection: sqlite3.Connection, path: Path, query: str, values: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a query at once, so that no read lock stays behind to hold up a writer."""
    with sqlite_errors(path):
        return connection.execute(query, values).fetchall()


def scan(connection: sqlite3.Connection, path: Path, size: int = ROWS_PER_PART) -> Iterator[Part]:
    """Every row, oldest first, in parts of `size` rows. No lock is held between the parts."""
    query = (
        "SELECT id, key, identity, CAST(input AS BLOB), CAST(output AS BLOB), CAST(note AS BLOB),"
        " CAST(created AS BLOB), checksum FROM rows WHERE id > ? ORDER BY id LIMIT ?"
    )
    last = -1
    while True:
        with snapshot(connection, path):  # rows and identities have to fit together
            rows = connection.execute(query, (last, size)).fetchall()
            identities = dict(
                connection.execute("SELECT id, COALESCE(CAST(json AS TEXT), '') FROM identities")
            )
        if not rows:
            return
        yield Part(rows, identities)
        last = rows[-1][0]


def resolutions(connection: sqlite3.Connection, path: Path) -> list[StoredResolution]:
    """Every resolution; there are as many as there were stages, so they fit in memory."""
    columns = (f"COALESCE(CAST({name} AS TEXT), '')" for name in StoredResolution._fields)
    query = f"SELECT {', '.join(columns)} FROM resolutions"
    return [StoredResolution(*row) for row in fetch(connection, path, query)]


def insert_rows(connection: sqlite3.Connection, part: Part) -> int:
    """Add rows and their identities to the transaction in progress; return how many rows were
    new.
    """
    numbers: dict[int, int] = {}
    for identity in dict.fromkeys(identity for _, _, identity, *_ in part.rows):
        identity_json = part.identities[identity]
        sha256 = sha256_hex(identity_json)
        connection.execute(
            "INSERT INTO identities (sha256, json) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (sha256, identity_json),
        )
        numbers[identity] = connection.execute(
            "SELECT id FROM identities WHERE sha256 = ?", [sha256]
        ).fetchone()[0]
    return connection.executemany(
        "INSERT INTO rows (key, identity, input, output, note, created, checksum) VALUES (?, ?,"
        " CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?) ON CONFLICT (key)"
        " DO NOTHING",
        ((key, numbers[identity], *rest) for _, key, identity, *rest in part.rows),
    ).rowcount


def insert_resolution(connection: sqlite3.Connection, resolution: StoredResolution) -> None:
    """Add a resolution to the transaction in progress, in place of an older one."""
    connection.execute(
        "INSERT OR REPLACE INTO resolutions (sha256, declared, resolved, created, checksum)"
        " VALUES (?, ?, ?, ?, ?)",
        resolution,
    )


def beginning(text: bytes) -> str:
    """The first characters of a text in UTF-8, on one line, fit for a message."""
    shown = text.decode(errors="replace")
    return repr(shown[:SHOWN_CHARACTERS] + ("…" if len(shown) > SHOWN_CHARACTERS else ""))


def stage_of(identity_json: str) -> str:
    """The stage an identity belongs to, as far as it can still be read."""
    try:
        return str(json.loads(identity_json)["stage"])
    except (ValueError, KeyError, TypeError):
        return "(unknown)"
