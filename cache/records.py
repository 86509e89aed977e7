"""Rows and resolutions as they lie in the file: checking them, walking over all of them, adding
them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from pivot_sum.cache.database import snapshot
from pivot_sum.cache.keys import identity_hasher, row_key_from, sha256_hex
from pivot_sum.cache.soundness import (
    LONGEST_IDENTITY,
    can_stand_for,
    identity_in,
    is_utf8,
    resolution_checksum,
    row_is_sound,
    stage_of,
)
from pivot_sum.cache.sqlite_errors import damaged, sqlite_errors

ROWS_PER_PART: Final = 5_000
BYTES_PER_PART: Final = 64 * 2**20
KEYS_PER_QUERY: Final = 5_000
BEFORE_ALL: Final = -(2**63)
LAST_ID: Final = 2**63 - 1
SHOWN_CHARACTERS: Final = 40
MOMENT: Final = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}Z")


def text_of(column: str) -> str:
    """SQL for a column that is a text, whatever type a flipped bit made of it; empty where it is
    longer than any identity is."""
    return (
        f"CASE WHEN LENGTH({column}) <= {LONGEST_IDENTITY}"
        f" THEN COALESCE(CAST({column} AS TEXT), '') ELSE '' END"
    )


def bytes_of(column: str) -> str:
    """SQL for the bytes of a column, whatever type a flipped bit made of it."""
    return f"COALESCE(CAST({column} AS BLOB), x'')"


ANSWER: Final = ", ".join(map(bytes_of, ("key", "output", "note", "checksum")))
IDENTITY_JSON: Final = text_of("json")
COLUMNS: Final = ", ".join(
    name if name in ("id", "identity") else bytes_of(name)
    for name in ("id", "key", "identity", "input", "output", "note", "created", "checksum")
)


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
    """Some rows, and the JSON of their identities by number."""

    rows: Sequence[Raw]
    identities: dict[int, str]

    def damaged(self) -> Iterator[tuple[StoredRow, str]]:
        """The rows that are not what was stored, each with what is wrong."""
        hashers = {
            number: identity_hasher(identity_json)
            for number, identity_json in self.identities.items()
            if identity_in(identity_json) is not None
        }
        for row in self.rows:
            _, key, identity, text, output, note_json, _, checksum = row
            if not row_is_sound(key, output, note_json, checksum):
                yield StoredRow(*row), "output or note does not match the checksum"
            elif (
                identity not in hashers
                or row_key_from(hashers[identity], text) != key
                or not is_utf8(text)
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
        ) and can_stand_for(self.resolved, self.declared)


def utc_now() -> str:
    """The time now, UTC, ISO 8601 to the second: as text it sorts by age."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(moment: str | None) -> str | None:
    """A stored time; None for what is none."""
    # Not in any checksum, and shown to people: anybody could write anything there.
    return moment if moment is not None and MOMENT.fullmatch(moment) else None


def fetch(
    connection: sqlite3.Connection, path: Path, query: str, values: Sequence[object] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a query at once, so that no read lock stays behind to hold up a writer."""
    with sqlite_errors(path):
        return connection.execute(query, values).fetchall()


def scan(
    connection: sqlite3.Connection,
    path: Path,
    size: int = ROWS_PER_PART,
    *,
    after: int = BEFORE_ALL,
    last: int = LAST_ID,
    identity: int | None = None,
) -> Iterator[Part]:
    """Every row, oldest first, in parts of up to `size` rows: those with numbers above `after` and
    up to `last`, of one `identity` where its number is given. No lock is held between the parts.

    Raises NotACache where the rows do not stand in the order of their numbers: reading on might
    never end.
    """
    chosen = "" if identity is None else f"identity = {identity:d} AND"
    query = f"SELECT {COLUMNS} FROM rows WHERE {chosen} id > ? AND id <= ? ORDER BY id LIMIT ?"
    while after < last:
        with snapshot(connection, path):  # rows and identities have to fit together
            rows, taken = [], 0
            for row in connection.execute(query, (after, last, size)):
                if row[0] <= after:
                    raise damaged(path, "its rows are not in their order")
                rows.append(row)
                after = row[0]
                taken += len(row[3]) + len(row[4])
                if taken > BYTES_PER_PART:
                    break
            numbers = {row[2] for row in rows}
            identities = _identities(connection, numbers)
        if not rows:
            return
        yield Part(rows, identities)


def rows_by_key(
    connection: sqlite3.Connection, path: Path, keys: Iterable[bytes]
) -> Iterator[tuple[bytes, bytes, bytes, bytes]]:
    """Key, output, note and checksum of the rows that are there for these keys."""
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_PER_QUERY):
        part = ordered[start : start + KEYS_PER_QUERY]
        # First the index is read in its order, then the rows in theirs, as SQLite sorts what stands
        # behind IN: rows that were stored together lie together, and each page is read once.
        inner = f"SELECT id FROM rows WHERE key IN ({','.join('?' * len(part))})"
        query = f"SELECT {ANSWER} FROM rows WHERE id IN ({inner})"
        yield from fetch(connection, path, query, part)


def _identities(connection: sqlite3.Connection, numbers: set[int]) -> dict[int, str]:
    query = f"SELECT {IDENTITY_JSON} FROM identities WHERE id = ?"
    found = {}
    for number in numbers:
        for (identity_json,) in connection.execute(query, [number]).fetchall():
            found[number] = identity_json
    return found


def stored_identities(connection: sqlite3.Connection, path: Path) -> list[tuple[int, str, str]]:
    """Number, SHA-256 and JSON of every identity, oldest first, sound or not."""
    query = f"SELECT id, {text_of('sha256')}, {IDENTITY_JSON} FROM identities ORDER BY id"
    return fetch(connection, path, query)


def identity_is_sound(sha256: str, identity_json: str) -> bool:
    """Whether this is an identity that was stored."""
    return sha256_hex(identity_json) == sha256 and identity_in(identity_json) is not None


def resolutions(connection: sqlite3.Connection, path: Path) -> list[StoredResolution]:
    """Every resolution; there are as many as there were stages, so they fit in memory."""
    columns = ", ".join(text_of(name) for name in StoredResolution._fields)
    query = f"SELECT {columns} FROM resolutions"
    return [StoredResolution(*row) for row in fetch(connection, path, query)]


def insert_rows(connection: sqlite3.Connection, path: Path, part: Part) -> int:
    """Add rows and their identities to the transaction in progress; return how many rows were
    new.

    Raises NotACache where the identity here is damaged: no row could be told from a damaged one.
    """
    numbers: dict[int, int] = {}
    for identity in dict.fromkeys(identity for _, _, identity, *_ in part.rows):
        identity_json = part.identities[identity]
        sha256 = sha256_hex(identity_json)
        connection.execute(
            "INSERT INTO identities (sha256, json) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (sha256, identity_json),
        )
        query = f"SELECT id, {IDENTITY_JSON} FROM identities WHERE sha256 = ?"
        known = connection.execute(query, [sha256]).fetchone()
        if known is None or known[1] != identity_json:
            raise damaged(path, f"an identity of stage {stage_of(identity_json)} in it is")
        numbers[identity] = known[0]
    return connection.executemany(
        "INSERT INTO rows (key, identity, input, output, note, created, checksum) VALUES (?, ?,"
        " CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?) ON CONFLICT (key)"
        " DO NOTHING",
        ((key, numbers[identity], *rest) for _, key, identity, *rest in part.rows),
    ).rowcount


def delete(
    connection: sqlite3.Connection, table: str, column: str, values: Iterable[object]
) -> int:
    """Delete, in the transaction in progress, the lines of a table with these values; return how
    many.
    """
    statement = f"DELETE FROM {table} WHERE {column} = ?"
    return connection.executemany(statement, [(value,) for value in values]).rowcount


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
