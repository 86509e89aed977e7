"""The SQLite file under the cache: opening it, its tables, its transactions, and SQLite's errors in
our words.

Rollback journal and `synchronous=FULL`: with a few hundred rows a transaction that is as fast as
WAL, and WAL with several writers is unsafe on the SQLite versions that Python 3.11 links.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pivot_sum.cache.errors import (
    CacheError,
    CacheMissing,
    CacheReadOnly,
    CacheTooNew,
    DiskFull,
    NotACache,
)

APPLICATION_ID: Final = 0x5056534D  # "PVSM"
SCHEMA_VERSION: Final = 1
BUSY_SECONDS: Final = 60
PAGE_CACHE_KB: Final = 65_536
"""Of memory, as far as it is used. A transaction that touches more pages than this holds is written
and synced in pieces."""
FAILED_WRITES: Final = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
)

# `rows` keeps its rowid: texts are long, so new rows are appended and only the small index is
# written at random places; and a scan can go on where it stopped without holding a lock.
SCHEMA: Final = (
    (
        "CREATE TABLE identities (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE, json TEXT"
        " NOT NULL)"
    ),
    (
        "CREATE TABLE resolutions (sha256 TEXT NOT NULL PRIMARY KEY, declared TEXT NOT NULL,"
        " resolved TEXT NOT NULL, created TEXT NOT NULL, checksum TEXT NOT NULL) WITHOUT ROWID"
    ),
    (
        "CREATE TABLE rows (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, identity INTEGER NOT"
        " NULL REFERENCES identities (id), input TEXT NOT NULL, output TEXT NOT NULL, note TEXT NOT"
        " NULL, created TEXT NOT NULL, checksum BLOB NOT NULL)"
    ),
    "CREATE INDEX rows_by_identity ON rows (identity)",
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


def open_database(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the cache file, making it where there is none and `read_only` is false.

    Raises CacheMissing, CacheReadOnly, CacheTooNew, NotACache, DiskFull, CacheError.
    """
    if path.is_dir():
        raise NotACache(
            f"{path} is a folder, not a cache file. Name a file inside it, e.g."
            f" {path / 'cache.sqlite3'}."
        )
    if read_only:
        if not path.exists() or path.stat().st_size == 0:
            raise CacheMissing(
                f"There is no cache at {path}. Name an existing one with --cache (or"
                " PIVOT_SUM_CACHE), or run once without --offline to fill it."
            )
    else:
        _require_writable(path)
    with sqlite_errors(path):
        connection = _connect(path, "ro" if read_only else "rwc")
        try:
            if read_only:
                _roll_back_interrupted_write(connection, path)
            if not _is_ours(connection, path):
                with transaction(connection, path):
                    if not _is_ours(
                        connection, path
                    ):  # another process may have made it in between
                        for statement in SCHEMA:
                            connection.execute(statement)
            connection.execute(f"PRAGMA cache_size = {-PAGE_CACHE_KB}")
            if not read_only:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    # Bytes that are no longer UTF-8 must come out as a checksum that does not fit, not as a
    # decoding error.
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    return connection


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    """True for a cache of ours, false for a database that has nothing in it yet."""
    with snapshot(connection, path):  # another process may be making it
        application: int = connection.execute("PRAGMA application_id").fetchone()[0]
        version: int = connection.execute("PRAGMA user_version").fetchone()[0]
        tables: int = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION_ID:
        if application or version or tables:
            raise NotACache(
                f"{path} is a database of another program; it was left as it is. Name another file"
                " with --cache."
            )
        return False
    if version > SCHEMA_VERSION:
        raise CacheTooNew(
            f"{path} was made by a newer pivot-sum (cache version {version}; this one reads"
            f" {SCHEMA_VERSION}). Upgrade pivot-sum, or name another file with --cache."
        )
    return True


def _roll_back_interrupted_write(connection: sqlite3.Connection, path: Path) -> None:
    """A killed writer leaves a journal that must be played back first, which a read-only connection
    may not do."""
    try:
        connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
            raise
        writer = _connect(path, "rw")
        try:
            writer.execute("PRAGMA user_version").fetchone()
        finally:
            writer.close()


def _require_writable(path: Path) -> None:
    """Make the folder, and fail now rather than after an hour of computing when the cache could not
    be written."""
    place = path.resolve()
    folder = place.parent
    try:
        nearest = next(parent for parent in place.parents if parent.exists())
        _require_write_bit(nearest, path)
        folder.mkdir(parents=True, exist_ok=True)
        if place.exists():
            _require_write_bit(place, path)
    except OSError as error:
        raise cannot_make(path, error) from error


def cannot_make(path: Path, error: OSError) -> CacheError:
    """Why a cache file or its folder could not be made."""
    kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT) else CacheReadOnly
    return kind(
        f"{path} cannot be made: {error.strerror}. Name a file in a folder that can be written."
    )


def _require_write_bit(place: Path, path: Path) -> None:
    # The mode is looked at as well because root may write where nobody is meant to.
    if not place.stat().st_mode & 0o222 or not os.access(place, os.W_OK):
        what = "folder" if place.is_dir() else "file"
        raise CacheReadOnly(
            f"The cache {path} cannot be written: the {what} {place} is read-only. Change its"
            " permissions, name another file with --cache, or use --offline, which only reads."
        )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Everything inside becomes durable together, or nothing does. Waits for other writers."""
    with sqlite_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # after a full disk SQLite has rolled back by itself
                connection.execute("ROLLBACK")
            raise


@contextmanager
def snapshot(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Everything read inside is of one moment: others cannot commit meanwhile. One inside another
    changes nothing."""
    if connection.in_transaction:
        yield
        return
    with sqlite_errors(path):
        connection.execute("BEGIN")
        try:
            connection.execute(
                "SELECT 1 FROM sqlite_master"
            ).fetchone()  # the moment: BEGIN alone does not fix it
            yield
        finally:
            if connection.in_transaction:  # after some errors SQLite has ended it by itself
                connection.execute("ROLLBACK")


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite can report about the file into our errors; mistakes in our own SQL stay
    tracebacks."""
    try:
        yield
    except sqlite3.Error as error:
        translated = _translate(error, path)
        if translated is None:
            raise
        raise translated from error


def _translate(error: sqlite3.Error, path: Path) -> CacheError | None:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    said = f"SQLite says: {error}"
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return _disk_full(path, said)
        case sqlite3.SQLITE_IOERR if code in FAILED_WRITES:
            return _disk_full(path, said)
        case sqlite3.SQLITE_IOERR:
            return CacheError(
                f"The cache {path} cannot be used ({said}). Check the disk, or name a copy with"
                " --cache."
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return CacheReadOnly(
                f"The cache {path} cannot be opened or written ({said}). Change the permissions of"
                " the file and its folder, or name another file with --cache."
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return NotACache(
                f"{path} is not a cache, or is damaged beyond reading ({said}). Name another file"
                " with --cache; if this one was a cache, restore it from a copy or an export."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return CacheError(
                f"The cache {path} has been locked by another process for more than {BUSY_SECONDS}"
                " seconds. Wait until that one is done, then run the same command again to go on."
            )
    return None


def _disk_full(path: Path, said: str) -> DiskFull:
    return DiskFull(
        f"The disk refused to take more of the cache {path} ({said}). What was written before is"
        " kept: free some space, or check the disk, and run the same command again to go on."
    )
