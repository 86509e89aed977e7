"""What a verification says about a file that is hurt in its structure, its index or its rows."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import Cache, Damaged, NotACache, Verified, verify
from pivot_sum.cache.verify import structure

PAGE = 4_096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "cache.sqlite3", *(f"text {number}" for number in range(200)))


def verified(path: Path) -> Verified:
    with Cache(path, read_only=True) as cache:
        return cache.verify()


def test_a_sound_file_is_said_to_be_sound(path: Path) -> None:
    with Cache(path) as cache:
        cache.remember(IDENTITY, IDENTITY)
        assert cache.verify() == Verified(200, 0, 0, 0, [], [])
    assert verified(path).sound


def test_an_empty_cache_is_sound(tmp_path: Path) -> None:
    with Cache(tmp_path / "cache.sqlite3") as cache:
        assert cache.verify() == Verified(0, 0, 0, 0, [], [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE rows SET output = 'x' WHERE id = 7",
        "UPDATE identities SET json = 'x'",
        "INSERT INTO resolutions VALUES ('a', 'b', 'c', 'd', 'e')",
    ],
)
def test_damage_of_any_kind_is_not_sound(path: Path, statement: str) -> None:
    tamper(path, statement)
    assert not verified(path).sound


def test_the_first_twenty_damaged_rows_are_shown_with_what_is_wrong(path: Path) -> None:
    tamper(path, "UPDATE rows SET output = 'x' WHERE id < 20")
    tamper(path, "UPDATE rows SET input = 'another' WHERE id BETWEEN 20 AND 50")
    found = verified(path)
    assert (found.rows, found.damaged, len(found.examples)) == (200, 50, 20)
    output, key = (
        "output or note does not match the checksum",
        "input or identity does not match the key",
    )
    assert found.examples[0] == Damaged("translate", "'text 0'", output)
    assert found.examples[18:] == [
        Damaged("translate", "'text 18'", output),
        Damaged("translate", "'another'", key),
    ]


def test_a_row_whose_identity_is_gone_is_damaged_and_of_no_known_stage(path: Path) -> None:
    tamper(path, "UPDATE rows SET identity = 99 WHERE id = 3")
    damage = "input or identity does not match the key"
    assert verified(path).examples == [Damaged("(unknown)", "'text 2'", damage)]


def test_an_index_that_is_not_in_order_is_a_damaged_file(path: Path) -> None:
    with Cache(path) as cache:
        keys = sorted(key for (key,) in cache.connection.execute("SELECT key FROM rows"))
    content = bytearray(path.read_bytes())
    # In the index an entry is the key and, in one or two bytes, the number of the row.
    index = next(
        at
        for at in range(0, len(content), PAGE)
        if content[at] == 0x0A and keys[3] in content[at : at + PAGE]
    )
    places = [content.index(key, index) for key in keys[3:5]]
    for place, key in zip(places, reversed(keys[3:5]), strict=True):
        content[place : place + 32] = key
    path.write_bytes(content)
    with pytest.raises(NotACache, match="its index is not in order"):
        verified(path)


def test_the_index_is_read_in_parts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = verified(path)
    for size in (1, 7, 200):  # the last part is empty, full, or neither
        monkeypatch.setattr(verify, "KEYS_PER_PART", size)
        assert verified(path) == whole


def test_rows_stored_after_the_beginning_are_not_looked_at(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges = verify._ranges

    def beside_a_writer(last: int) -> list[tuple[int, int]]:
        filled(path, "new")
        return ranges(last)

    monkeypatch.setattr(verify, "_ranges", beside_a_writer)
    monkeypatch.setattr(verify, "_index_fits", None)  # nothing makes that needed
    assert verified(path) == Verified(200, 0, 0, 0, [], [])


def test_a_row_that_the_index_misses_is_found(path: Path) -> None:
    with Cache(path) as cache:
        key, number = cache.connection.execute("SELECT key, id FROM rows WHERE id = 9").fetchone()
    content = path.read_bytes()
    assert content.count(key + bytes([number])) == 1
    path.write_bytes(content.replace(key + bytes([number]), key + bytes([number + 1])))
    assert verified(path).structure == [
        "the index does not hold the rows' keys: some are not found"
    ]


def test_what_sqlite_objects_to_is_said_on_one_line(path: Path) -> None:
    content = bytearray(path.read_bytes())
    free = len(content) // PAGE + 1
    content[28:32] = free.to_bytes(4)  # a page more, which belongs to nothing
    path.write_bytes(bytes(content) + bytes(PAGE))
    said = structure(path)
    assert len(said) == 1 and f"Page {free}" in said[0] and "\n" not in said[0]
    assert verified(path).structure == said


def test_a_check_that_sqlite_itself_gives_up_is_a_finding(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(error: Exception) -> list[str]:
        class Connection(sqlite3.Connection):
            def execute(self, *_: object) -> sqlite3.Cursor:
                raise error

        monkeypatch.setattr(
            verify, "open_database", lambda path, **_: sqlite3.connect(path, factory=Connection)
        )
        return structure(path)

    failed, stopped = sqlite3.DatabaseError("malformed"), sqlite3.OperationalError("interrupted")
    failed.sqlite_errorcode, stopped.sqlite_errorcode = 11, 9
    assert check(failed) == ["malformed"]
    assert check(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no text")) == [
        "the list of its tables is no text"
    ]
    assert check(stopped) == []  # it took too long; the rest of the verification goes on


def test_a_check_that_holds_writers_up_for_too_long_is_broken_off(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Connection(sqlite3.Connection):
        def execute(self, *_: object) -> sqlite3.Cursor:
            endless = (
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT MAX(i) FROM n"
            )
            return super().execute(endless)

    monkeypatch.setattr(verify, "LOCK_SECONDS", 0.02)
    monkeypatch.setattr(
        verify, "open_database", lambda path, **_: sqlite3.connect(path, factory=Connection)
    )
    assert structure(path) == []


def test_a_file_is_cut_for_the_cores_there_are_but_not_into_small_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verify, "ROWS_A_PROCESS", 100)
    before = -(2**63)
    for cores, last, expected in [
        (4, 0, [(before, 0)]),
        (4, 199, [(before, 199)]),
        (4, 200, [(before, 100), (100, 200)]),
        (4, 1_000, [(before, 250), (250, 500), (500, 750), (750, 1_000)]),
        (None, 1_000, [(before, 1_000)]),
    ]:
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        assert verify._ranges(last) == expected


def test_what_goes_wrong_in_another_process_is_said_in_this_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "ROWS_A_PROCESS", 200)
    monkeypatch.setattr(sys, "executable", "false")  # ends with 1 whatever it is told
    assert verified(path) == Verified(200, 0, 0, 0, [], [])


def test_another_process_prints_what_it_checked(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(path, "UPDATE rows SET output = 'x' WHERE id IN (10, 11)")
    monkeypatch.setattr(sys, "argv", ["-c", str(path), "9", "20"])
    verify.print_checked()
    rows, bad, keys, examples = json.loads(capsys.readouterr().out)
    with Cache(path) as cache:
        query = "SELECT key, id FROM rows WHERE id BETWEEN 10 AND 20"
        found = cache.connection.execute(query).fetchall()
    assert (rows, bad, [example[1] for example in examples]) == (11, 2, ["'text 9'", "'text 10'"])
    assert keys == sum(int.from_bytes(key[:8]) * number for key, number in found)
