"""What a cache file looks like, and whether a file looks exactly so.

A cache may come from an untrusted source. SQLite runs what a file's schema says (views, triggers,
computed columns, checks), so nothing but our own tables and indexes, word for word, is read at all.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from pivot_sum.cache.errors import CacheTooNew, NotACache

APPLICATION_ID: Final = 0x5056534D  # "PVSM"
SCHEMA_VERSION: Final = 1

IDENTITIES: Final = (
    "CREATE TABLE identities (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, json TEXT"
    " NOT NULL)"
)
RESOLUTIONS: Final = (
    "CREATE TABLE resolutions (sha256 TEXT NOT NULL PRIMARY KEY, declared TEXT NOT NULL,"
    " resolved TEXT NOT NULL, created TEXT NOT NULL, checksum TEXT NOT NULL) WITHOUT ROWID"
)
# `rows` keeps its rowid: texts are long, so new rows are appended and only the small index is
# written at random places; and a scan can go on where it stopped without holding a lock.
ROWS: Final = (
    "CREATE TABLE rows (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, identity INTEGER NOT"
    " NULL REFERENCES identities (id), input TEXT NOT NULL, output TEXT NOT NULL, note TEXT NOT"
    " NULL, created TEXT NOT NULL, checksum BLOB NOT NULL)"
)
ROWS_BY_IDENTITY: Final = "CREATE INDEX rows_by_identity ON rows (identity)"
KEYS: Final = "sqlite_autoindex_rows_1"
"""The index SQLite keeps because keys are unique."""

STATEMENTS: Final = (
    IDENTITIES,
    RESOLUTIONS,
    ROWS,
    ROWS_BY_IDENTITY,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)
"""What makes a new file a cache."""

OBJECTS: Final = {
    ("table", "identities", "identities", IDENTITIES),
    ("index", "sqlite_autoindex_identities_1", "identities", None),
    ("table", "resolutions", "resolutions", RESOLUTIONS),
    ("table", "rows", "rows", ROWS),
    ("index", KEYS, "rows", None),
    ("index", "rows_by_identity", "rows", ROWS_BY_IDENTITY),
}
"""Everything in SQLite's list of what a cache holds: type, name, table, definition."""


def is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """True for a cache of ours, false for a database that has nothing in it yet.

    Raises NotACache for anything else, CacheTooNew for a cache of a later version.
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    found = set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master"))
    if application != APPLICATION_ID:
        if application or version or found:
            raise NotACache(
                f"{path} is a database of another program; it was left as it is. Name another file."
            )
        return False
    if version > SCHEMA_VERSION:
        raise CacheTooNew(
            f"{path} was made by a newer pivot-sum (cache version {version}; this one reads"
            f" {SCHEMA_VERSION}). Upgrade pivot-sum, or name another file."
        )
    encoding: str = connection.execute("PRAGMA encoding").fetchone()[0]
    if version != SCHEMA_VERSION or encoding != "UTF-8" or found != OBJECTS:
        raise NotACache(
            f"{path} does not look like a cache{_first_difference(found)}: it is damaged, or was"
            " made to deceive, and nothing in it was read. Name another file, or"
            f" save its sound rows into a new file with `pivot-sum cache repair --cache {path}`."
        )
    return True


def _first_difference(found: set[tuple[object, ...]]) -> str:
    names = {f"{kind} {name}" for kind, name, *_ in found ^ OBJECTS}
    return f" ({min(names)!r} is not as it should be)" if names else ""
