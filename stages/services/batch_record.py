"""Which requests have been handed to a server in which batch, so that a run that was killed finds
them again and submits none twice."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from filelock import FileLock, Timeout

from pivot_sum.stages.errors import ServiceUnavailable

log = logging.getLogger(__name__)

NAME = "batches.sqlite3"
_AT_ONCE = 500
"""Requests looked up in one query."""


class Handed(NamedTuple):
    """An uploaded file of requests, by its number in the record and its id at the server, and the
    batch made of it; None where nobody knows yet whether one was."""

    number: int
    file: str
    batch: str | None


class BatchRecord:
    """A small SQLite file in `folder`: hashes of requests, ids of files and batches. It holds no
    text and no key. Every change is durable on return. Raises `ServiceUnavailable` where the file
    cannot be used."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.path.with_suffix(".lock"))
            self._file = sqlite3.connect(self.path, timeout=60, isolation_level=None)
            self._file.execute("PRAGMA synchronous=FULL")
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS files (number INTEGER PRIMARY KEY, file TEXT, batch"
                " TEXT)"
            )
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS requests (request TEXT PRIMARY KEY, number INTEGER)"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else submits requests meanwhile, in whatever process; a killed one lets go."""
        with self._explained():
            try:
                self._lock.acquire(blocking=False)
            except Timeout:
                log.warning(
                    "another run submits requests (%s is locked); this one waits for it",
                    self._lock.lock_file,
                )
                self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def handed(self, requests: Collection[str]) -> dict[str, Handed]:
        """Where these requests are, as far as they have been handed over."""
        found = {}
        for part in _parts(requests):
            query = (
                "SELECT request, number, file, batch FROM requests JOIN files USING (number)"
                f" WHERE request IN ({','.join('?' * len(part))})"
            )
            with self._explained():
                for request, *where in self._file.execute(query, part):
                    found[request] = Handed(*where)
        return found

    def about_to_make(self, file: str, requests: Iterable[str]) -> int:
        """A batch of these requests, which stand in an uploaded file, is asked for now; the number
        of the file."""
        with self._transaction():
            made = self._file.execute("INSERT INTO files VALUES (NULL, ?, NULL)", [file])
            number = int(made.lastrowid or 0)
            self._file.executemany(
                "INSERT OR REPLACE INTO requests VALUES (?, ?)",
                [(request, number) for request in requests],
            )
        return number

    def made(self, number: int, batch: str) -> None:
        """The batch of a file."""
        with self._transaction():
            self._file.execute("UPDATE files SET batch = ? WHERE number = ?", [batch, number])

    def not_made(self, number: int) -> None:
        """There is no batch of this file, and there will be none."""
        with self._transaction():
            self._file.execute("DELETE FROM requests WHERE number = ?", [number])
            self._file.execute("DELETE FROM files WHERE number = ?", [number])

    def forget(self, batch: str, requests: Collection[str]) -> None:
        """Nothing more is wanted of these requests in a batch. What another process has put into
        another batch since stays."""
        with self._transaction():
            for part in _parts(requests):
                self._file.execute(
                    f"DELETE FROM requests WHERE request IN ({','.join('?' * len(part))})"
                    " AND number IN (SELECT number FROM files WHERE batch = ?)",
                    [*part, batch],
                )
            self._file.execute(
                "DELETE FROM files WHERE batch = ? AND number NOT IN (SELECT number FROM requests)",
                [batch],
            )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._explained():
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._file.execute("ROLLBACK")
                raise
            self._file.execute("COMMIT")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise ServiceUnavailable(
                f"{self.path}, which says what has been submitted in batches, cannot be used"
                f" ({error}); repair that, for without it answers would be paid twice"
            ) from None


def _parts(requests: Collection[str]) -> Iterator[list[str]]:
    ordered = list(requests)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
