"""What SQLite reports about a file becomes our error, with what to do next."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from pivot_sum.cache import CacheError, CacheReadOnly, DiskFull, NotACache
from pivot_sum.cache.sqlite_errors import cannot_make, sqlite_errors

PLACE = Path("folder/cache.sqlite3")
UNREADABLE = (CacheReadOnly, "cannot be opened or written")
DAMAGED = (NotACache, "cache repair --cache folder/cache.sqlite3")
FULL = (DiskFull, "refused to take more")
LOCKED = (CacheError, "locked by another process for more than 60 seconds")
KINDS = {
    "FULL": FULL,
    "IOERR_WRITE": FULL,
    "IOERR_FSYNC": FULL,
    "IOERR_DIR_FSYNC": FULL,
    "IOERR_TRUNCATE": FULL,
    "IOERR_READ": (CacheError, "Check the disk"),
    "READONLY_DBMOVED": (CacheError, "removed, moved or replaced"),
    "READONLY": UNREADABLE,
    "CANTOPEN": UNREADABLE,
    "PERM": UNREADABLE,
    "NOTADB": DAMAGED,
    "CORRUPT": DAMAGED,
    "CORRUPT_INDEX": DAMAGED,
    "FORMAT": DAMAGED,
    "TOOBIG": (NotACache, "it holds a text longer than 64 MB"),
    "INTERRUPT": (NotACache, "takes longer than any sound file"),
    "BUSY": LOCKED,
    "BUSY_SNAPSHOT": LOCKED,
    "LOCKED": LOCKED,
}


def reported(name: str, said: str = "what SQLite says") -> sqlite3.Error:
    error = sqlite3.OperationalError(said)
    error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{name}")
    return error


@pytest.mark.parametrize("name", KINDS)
def test_each_of_sqlites_codes_has_its_kind_and_names_the_file(name: str) -> None:
    kind, said = KINDS[name]
    with pytest.raises(CacheError, match=said) as caught, sqlite_errors(PLACE):
        raise reported(name)
    assert type(caught.value) is kind
    assert str(PLACE) in str(caught.value)
    assert isinstance(caught.value.__cause__, sqlite3.Error)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("unsupported file format", "SQLite says: unsupported file format"),
        ("no such table: rows", "changed while it was open; SQLite says: no such table: rows"),
    ],
)
def test_a_file_that_is_not_what_it_was_is_damaged(said: str, expected: str) -> None:
    with pytest.raises(NotACache, match=expected) as caught, sqlite_errors(PLACE):
        raise reported("ERROR", said)
    assert str(PLACE) in str(caught.value)


def test_a_structure_that_python_cannot_decode_is_damaged() -> None:
    with pytest.raises(NotACache, match="bytes that are no text"), sqlite_errors(PLACE):
        b"\xff".decode()


@pytest.mark.parametrize(
    "mistake", [reported("ERROR", 'near "FORM": syntax error'), sqlite3.Error("no code")]
)
def test_a_mistake_in_our_own_sql_is_not_blamed_on_the_file(mistake: sqlite3.Error) -> None:
    with pytest.raises(sqlite3.Error) as caught, sqlite_errors(PLACE):
        raise mistake
    assert caught.value is mistake


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EFBIG, DiskFull),
        (errno.EACCES, CacheReadOnly),
    ],
)
def test_why_a_file_cannot_be_made_is_said(number: int, kind: type[CacheError]) -> None:
    made = cannot_make(PLACE, OSError(number, "the reason"))
    assert type(made) is kind
    assert str(made).startswith("folder/cache.sqlite3 cannot be made: the reason.")
