"""Opening the file, and what may go wrong between two statements of ours."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest
from cachefiles import IDENTITY, filled

from pivot_sum.cache import Cache, CacheError, NotACache, database, records
from pivot_sum.cache.database import open_unchecked, snapshot, transaction
from pivot_sum.cache.schema import STATEMENTS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


def test_a_database_with_nothing_in_it_is_no_cache_to_read_but_becomes_one(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.execute("DROP TABLE t")
    connection.close()
    with pytest.raises(NotACache, match="it is empty"):
        Cache(path, read_only=True)
    with Cache(path) as cache:
        assert cache.info().rows == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
@pytest.mark.parametrize("read_only", [False, True])
def test_a_pipe_is_refused_without_waiting_for_its_other_end(path: Path, read_only: bool) -> None:
    os.mkfifo(path)
    with pytest.raises(NotACache, match="is no file"):
        Cache(path, read_only=read_only)


def test_a_file_that_another_process_made_a_cache_just_now_is_used(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made_by_another_one(*_: object) -> bool:
        other = sqlite3.connect(path)
        for statement in STATEMENTS:
            other.execute(statement)
        other.close()
        return False  # as it was a moment before

    with monkeypatch.context() as patched:
        patched.setattr(database, "_is_ours", made_by_another_one)
        Cache(path).close()
    with Cache(filled(path, "a")) as cache:
        assert cache.count(IDENTITY) == 1


COUNTED = (
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT MAX(i) FROM n"
)
"""Takes some 15 steps for each number."""


def test_a_statement_is_broken_off_where_it_takes_more_steps_than_the_file_can_need(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STEPS_BETWEEN_CHECKS", 1_000)
    monkeypatch.setattr(database, "STEPS_FOR_ANY_FILE", 5_000)
    with Cache(filled(path, "a")) as cache:
        # A step for each byte of the file, some ten thousands, is allowed as well; each statement
        # begins anew.
        for _ in range(9):
            assert records.fetch(cache.connection, path, COUNTED, [700]) == [(700,)]
        with pytest.raises(NotACache, match="takes longer"):
            records.fetch(cache.connection, path, COUNTED, [100_000])
        path.unlink()
        with pytest.raises(NotACache, match="takes longer"):
            records.fetch(cache.connection, path, COUNTED, [700])


def test_what_we_write_ourselves_may_take_as_long_as_it_takes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STEPS_BETWEEN_CHECKS", 1_000)
    connection = open_unchecked(path, read_only=False)
    connection.execute("CREATE TABLE t (a)")
    monkeypatch.setattr(database, "STEPS_FOR_ANY_FILE", -(2**40))
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        connection.execute(COUNTED, [1_000]).fetchall()
    connection.executemany(f"INSERT INTO t {COUNTED}", [[1_000], [2_000]])
    monkeypatch.setattr(database, "STEPS_FOR_ANY_FILE", 2**40)
    assert connection.execute("SELECT a FROM t").fetchall() == [(1_000,), (2_000,)]
    connection.close()


def test_a_lock_that_is_held_is_no_interrupted_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    writer = sqlite3.connect(filled(path, "a"))
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CacheError, match="locked by another process"):
        Cache(path, read_only=True)
    writer.close()


def test_a_snapshot_inside_another_or_inside_a_transaction_changes_nothing(path: Path) -> None:
    with Cache(filled(path, "a")) as cache:
        connection = cache.connection
        with snapshot(connection, path):
            with snapshot(connection, path):
                assert connection.in_transaction
            assert connection.in_transaction
        assert not connection.in_transaction
        with transaction(connection, path):
            with snapshot(connection, path):
                connection.execute("DELETE FROM rows")
            assert connection.in_transaction
        assert cache.count(IDENTITY) == 0


@pytest.mark.parametrize("inside", [snapshot, transaction])
def test_what_sqlite_has_ended_by_itself_is_not_ended_again(path: Path, inside: Any) -> None:
    with Cache(filled(path, "a")) as cache:
        with pytest.raises(ZeroDivisionError), inside(cache.connection, path):
            cache.connection.execute("ROLLBACK")  # as SQLite does where the disk is full
            raise ZeroDivisionError
        assert not cache.connection.in_transaction
        assert cache.count(IDENTITY) == 1


def test_parts_end_where_their_texts_grow_large(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = [letter * 10 for letter in "abcde"]  # with its answer, `[...]`, 22 bytes each
    with Cache(filled(path, *inputs)) as cache:

        def sizes(limit: int) -> list[int]:
            monkeypatch.setattr(records, "BYTES_PER_PART", limit)
            return [len(part.rows) for part in records.scan(cache.connection, path)]

        assert sizes(21) == [1, 1, 1, 1, 1]
        assert sizes(44) == [3, 2]
        assert sizes(110) == [5]


def test_rows_of_one_identity_or_of_some_numbers_are_scanned_alone(path: Path) -> None:
    filled(path, "a", "b", "c")
    filled(path, "d", identity={**IDENTITY, "num_beams": 1})
    with Cache(path) as cache:

        def inputs(**which: Any) -> list[list[bytes]]:
            parts = records.scan(cache.connection, path, 2, **which)
            return [[row[3] for row in part.rows] for part in parts]

        assert inputs() == [[b"a", b"b"], [b"c", b"d"]]
        assert inputs(identity=1) == [[b"a", b"b"], [b"c"]]
        assert inputs(identity=2) == [[b"d"]]
        assert inputs(after=1, last=3) == [[b"b", b"c"]]
        assert inputs(after=4) == inputs(after=2, last=2) == []


@pytest.mark.parametrize("order", ["DESC LIMIT 2", "UNION ALL SELECT * FROM one LIMIT 3"])
def test_rows_that_are_not_in_the_order_of_their_numbers_are_not_read_for_ever(
    path: Path, order: str
) -> None:
    class Unordered(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            query = arguments[0]
            if "FROM rows WHERE" in query:  # the last row first, or a row twice
                chosen = query.partition(" WHERE")[0]
                query = (
                    f"WITH one AS ({chosen} ORDER BY id LIMIT 1) SELECT * FROM one {order}"
                    if "UNION" in order
                    else f"{chosen} ORDER BY id {order}"
                )
                arguments = (query,)
            return super().execute(*arguments)

    connection = sqlite3.connect(filled(path, "a", "b"), factory=Unordered, isolation_level=None)
    with pytest.raises(NotACache, match=f"{path}.*not in their order"):
        list(records.scan(connection, path))
    connection.close()


def test_what_reads_a_file_names_it_where_it_is_hurt(path: Path) -> None:
    with Cache(filled(path, "a")) as cache:
        for table in ("rows", "identities", "resolutions"):
            cache.connection.execute(f"ALTER TABLE {table} RENAME TO not_{table}")
        for read in (
            lambda: list(records.scan(cache.connection, path)),
            lambda: list(records.rows_by_key(cache.connection, path, [b"k"])),
            lambda: records.stored_identities(cache.connection, path),
            lambda: records.resolutions(cache.connection, path),
        ):
            with pytest.raises(NotACache, match=f"{path}.*no such table"):
                read()
