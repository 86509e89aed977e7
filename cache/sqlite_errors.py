"""What SQLite says about a file, in our words: the one place where its errors become ours."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pivot_sum.cache.errors import CacheError, CacheReadOnly, DiskFull, NotACache

BUSY_SECONDS: Final = 60
LONGEST_TEXT: Final = 64 * 2**20
"""Bytes of a row, and so of any text in it. A record of a few bytes can claim to be a gigabyte."""

FAILED_WRITES: Final = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
)


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
    except UnicodeDecodeError as error:
        # SQLite quotes the file in its messages, and Python wants these to be UTF-8. Texts of rows
        # come out without decoding errors, see `database.py`.
        raise damaged(path, "its structure holds bytes that are no text") from error


def damaged(path: Path, said: str) -> NotACache:
    """A file whose structure is hurt, with what to do next."""
    return NotACache(
        f"{path} is not a cache, or is damaged ({said}). Name another file; if this"
        f" one was a cache, `pivot-sum cache repair --cache {path}` saves its sound rows into a new"
        " file."
    )


def cannot_make(path: Path, error: OSError) -> CacheError:
    """Why a cache file or its folder could not be made."""
    kind = DiskFull if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else CacheReadOnly
    return kind(
        f"{path} cannot be made: {error.strerror}. Name a file in a folder that can be written."
    )


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
                f"The cache {path} cannot be used ({said}). Check the disk and whether the file is"
                " still whole (`pivot-sum cache verify`), or name a copy with --cache."
            )
        case sqlite3.SQLITE_READONLY if code == sqlite3.SQLITE_READONLY_DBMOVED:
            return CacheError(
                f"The cache {path} was removed, moved or replaced while it was in use. What was"
                " stored before went with the old file; run the same command again to go on with"
                " the file that is there now."
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return CacheReadOnly(
                f"The cache {path} cannot be opened or written ({said}). Change the permissions of"
                " the file and its folder, or name another file with --cache."
            )
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_FORMAT:
            return damaged(path, said)
        case sqlite3.SQLITE_ERROR if "unsupported file format" in str(error):
            return damaged(path, said)
        case sqlite3.SQLITE_ERROR if "no such" in str(error):
            # What we name was there when the file was opened.
            return damaged(path, f"it was changed while it was open; {said}")
        case sqlite3.SQLITE_TOOBIG:
            return damaged(path, f"it holds a text longer than {LONGEST_TEXT // 2**20} MB")
        case sqlite3.SQLITE_INTERRUPT:
            return damaged(path, "reading it takes longer than any sound file of its size would")
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
