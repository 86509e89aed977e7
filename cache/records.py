"""Rows and resolutions as they lie in the file: checking them, walking over all of them, adding them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from cache.database import sqlite_errors
from cache.keys import row_checksum, row_keys, sha256_hex

ROWS_PER_PART: Final = 5_000
SHOWN_CHARACTERS: Final = 40


class StoredRow(NamedTuple):
    """One row with the canonical JSON of its identity. `id` is its number in the file, 0 for one not stored yet."""

    id: int
    key: bytes
    identity_json: str
    input: str
    output: str
    note_json: str
    created: str
    checksum: bytes

    def damage(self) -> str | None:
        """What is wrong with the row, None when nothing is."""
        if not row_is_sound(self.key, self.output, self.note_json, self.checksum):
            return "output or note does not match the checksum"
        try:
            key = row_keys(self.identity_json, [self.input])[0]
        except (UnicodeEncodeError, AttributeError, TypeError):  # no longer UTF-8, or no longer a text
            key = b""
        return None if key == self.key else "input or identity does not match the key"


class StoredResolution(NamedTuple):
    """One resolution: declared and resolved identity as canonical JSON, and the SHA-256 of the declared one."""

    sha256: str
    declared: str
    resolved: str
    created: str
    checksum: str

    def is_sound(self) -> bool:
        """Whether both identities are what was stored."""
        return (self.sha256, self.checksum) == (
            sha256_hex(self.declared),
            resolution_checksum(self.declared, self.resolved),
        )


def row_is_sound(key: bytes, output: str, note_json: str, checksum: bytes) -> bool:
    """Whether output and note are what was stored under this key."""
    # One flipped bit in SQLite's record header turns a text into a blob.
    return isinstance(output, str) and isinstance(note_json, str) and row_checksum(key, output, note_json) == checksum


def resolution_checksum(declared_json: str, resolved_json: str) -> str:
    """SHA-256 in hexadecimal over both identities of a resolution."""
    return sha256_hex(f"{declared_json}\0{resolved_json}")


def new_row(key: bytes, identity_json: str, text: str, output: str, note_json: str) -> StoredRow:
    """A row made now."""
    return StoredRow(0, key, identity_json, text, output, note_json, utc_now(), row_checksum(key, output, note_json))


def utc_now() -> str:
    """The time now, UTC, ISO 8601 to the second: as text it sorts by age."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fetch(connection: sqlite3.Connection, path: Path, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """All rows of a query at once, so that no read lock stays behind to hold up a writer."""
    with sqlite_errors(path):
        return connection.execute(query, values).fetchall()


def scan(connection: sqlite3.Connection, path: Path) -> Iterator[list[StoredRow]]:
    """Every row, oldest first, in parts that fit in memory. No lock is held between the parts."""
    query = (
        "SELECT rows.id, key, COALESCE(json, ''), input, output, note, created, checksum FROM rows"
        " LEFT JOIN identities ON identities.id = rows.identity WHERE rows.id > ? ORDER BY rows.id LIMIT ?"
    )
    last = -1
    while part := [StoredRow(*row) for row in fetch(connection, path, query, (last, ROWS_PER_PART))]:
        yield part
        last = part[-1].id


def resolutions(connection: sqlite3.Connection, path: Path) -> list[StoredResolution]:
    """Every resolution; there are as many as there were stages, so they fit in memory."""
    query = "SELECT sha256, declared, resolved, created, checksum FROM resolutions"
    return [StoredResolution(*row) for row in fetch(connection, path, query)]


def insert_rows(connection: sqlite3.Connection, rows: Sequence[StoredRow]) -> int:
    """Add rows and their identities to the transaction in progress; return how many rows were new."""
    ids: dict[str, int] = {}
    for identity_json in dict.fromkeys(row.identity_json for row in rows):
        sha256 = sha256_hex(identity_json)
        connection.execute("INSERT INTO identities (sha256, json) VALUES (?, ?) ON CONFLICT DO NOTHING", (sha256, identity_json))
        ids[identity_json] = connection.execute("SELECT id FROM identities WHERE sha256 = ?", [sha256]).fetchone()[0]
    return connection.executemany(
        "INSERT INTO rows (key, identity, input, output, note, created, checksum) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO NOTHING",
        [(r.key, ids[r.identity_json], r.input, r.output, r.note_json, r.created, r.checksum) for r in rows],
    ).rowcount


def insert_resolution(connection: sqlite3.Connection, resolution: StoredResolution, *, if_newer: bool) -> None:
    """Add a resolution to the transaction in progress; `if_newer` keeps one that is as new or newer."""
    connection.execute(
        "INSERT INTO resolutions (sha256, declared, resolved, created, checksum) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (sha256) DO UPDATE SET declared = excluded.declared, resolved = excluded.resolved,"
        " created = excluded.created, checksum = excluded.checksum" + (" WHERE excluded.created > created" if if_newer else ""),
        resolution,
    )


def beginning(text: object) -> str:
    """The first characters of a text, on one line, fit for a message."""
    shown = str(text).encode(errors="replace").decode()
    return repr(shown[:SHOWN_CHARACTERS] + ("…" if len(shown) > SHOWN_CHARACTERS else ""))


def stage_of(identity_json: str) -> str:
    """The stage an identity belongs to, as far as it can still be read."""
    try:
        return str(json.loads(identity_json)["stage"])
    except (ValueError, KeyError, TypeError):
        return "(unknown)"
