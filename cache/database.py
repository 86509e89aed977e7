"""The SQLite file under the cache: the one place where it is opened, and its transactions.

Rollback journal and `synchronous=FULL`: with a few hundred rows a transaction that is as fast as
WAL, and WAL with several writers is unsafe on the SQLite versions that Python 3.11 links.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pivot_sum.cache.errors import CacheMissing, CacheReadOnly, NotACache
from pivot_sum.cache.schema import STATEMENTS, is_ours
from pivot_sum.cache.sqlite_errors import (
    BUSY_SECONDS,
    LONGEST_TEXT,
    cannot_make,
    damaged,
    sqlite_errors,
)

PAGE_CACHE_KB: Final = 65_536
"""Of memory, as far as it is used. A transaction that touches more pages than this holds is written
and synced in pieces."""
READ_CACHE_KB: Final = 2_048
"""The same where nothing is written: a replay reads each page about once, and its memory is not to
grow with the file."""
STEPS_BETWEEN_CHECKS: Final = 1_000_000
STEPS_FOR_ANY_FILE: Final = 50_000_000
"""Of SQLite's virtual machine, a second or two; and one more for every byte of the file. A row
takes hundreds of bytes and a few steps."""


def open_database(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the cache file, making it where there is none and `read_only` is false.

    Raises CacheMissing, CacheReadOnly, CacheTooNew, NotACache, DiskFull, CacheError.
    """
    with sqlite_errors(path):
        connection = open_unchecked(path, read_only=read_only)
        try:
            if read_only:
                _roll_back_interrupted_write(connection, path)
            if not _is_ours(connection, path):
                if read_only:
                    raise damaged(path, "it is empty")
                with transaction(connection, path):
                    # Another process may have made it in between.
                    if not is_ours(connection, path):
                        for statement in STATEMENTS:
                            connection.execute(statement)
            kept = READ_CACHE_KB if read_only else PAGE_CACHE_KB
            connection.execute(f"PRAGMA cache_size = {-kept}")
            if not read_only:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("PRAGMA synchronous = FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def open_unchecked(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Open the file whatever is in it; nothing of it is read yet.

    Raises CacheMissing, CacheReadOnly, NotACache, DiskFull.
    """
    try:
        if path.is_dir():
            raise NotACache(
                f"{path} is a folder, not a cache file. Name a file inside it, e.g."
                f" {path / 'cache.sqlite3'}."
            )
        if path.exists() and not path.is_file():
            raise NotACache(f"{path} is no file. Name another one.")
        if read_only and (not path.exists() or path.stat().st_size == 0):
            raise CacheMissing(
                f"There is no cache at {path}. Name an existing one with --cache (or"
                " PIVOT_SUM_CACHE), or run once without --offline to fill it."
            )
        if not read_only:
            _require_writable(path)
    except OSError as error:
        raise cannot_make(path, error) from error
    with sqlite_errors(path):
        return _connect(path, "ro" if read_only else "rwc")


class _Connection(sqlite3.Connection):
    """A connection on which no statement runs for ever: pages of a file made to deceive can point
    at each other so that reading them all would take years."""

    place: Path
    steps = 0

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        """As usual; each statement has its steps counted from none."""
        self.steps = 0
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        """As usual; what we write ourselves may take as long as it takes."""
        self.steps = -(2**62)
        return super().executemany(*arguments)

    def has_run_too_long(self) -> bool:
        """Whether the statement took more steps than a sound file of this size can need."""
        self.steps += STEPS_BETWEEN_CHECKS
        if self.steps <= STEPS_FOR_ANY_FILE:
            return False
        try:
            return self.steps > STEPS_FOR_ANY_FILE + self.place.stat().st_size
        except OSError:
            return True


def _connect(path: Path, mode: str) -> _Connection:
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, factory=_Connection
    )
    connection.place = path
    # Bytes that are no longer UTF-8 must come out as a checksum that does not fit, not as a
    # decoding error.
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_TEXT)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.set_progress_handler(connection.has_run_too_long, STEPS_BETWEEN_CHECKS)
    return connection


def _is_ours(connection: sqlite3.Connection, path: Path) -> bool:
    with snapshot(connection, path):  # another process may be making it
        return is_ours(connection, path)


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
    nearest = next(parent for parent in place.parents if parent.exists())
    _require_write_bit(nearest, path)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        _require_write_bit(place, path)


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
