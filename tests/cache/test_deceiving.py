"""Files made by somebody who knows what a cache looks like: refused, or read without harm."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import (
    Cache,
    CorruptRow,
    NotACache,
    canonical_json,
    database,
    import_cache,
    repair_cache,
)
from pivot_sum.cache.keys import identity_hasher, row_checksum, row_key_from, sha256_hex
from pivot_sum.cache.pages import INDEX_INTERIOR, INDEX_LEAF

PAGE = 4_096
ENDLESS = (
    "CREATE VIEW rows AS WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT"
    " id, zeroblob(32) AS key, 1 AS identity, '' AS input, '' AS output, '{}' AS note, '' AS"
    " created, zeroblob(32) AS checksum FROM n"
)
MISFITS = {
    "view": ("DROP TABLE rows", ENDLESS),
    "trigger": ("CREATE TRIGGER t BEFORE INSERT ON rows BEGIN SELECT RAISE(IGNORE); END",),
    "no table": ("DROP TABLE resolutions",),
    "no column": ("ALTER TABLE rows DROP COLUMN note",),
    "another column": ("ALTER TABLE rows ADD COLUMN more TEXT AS (hex(zeroblob(100000000)))",),
    "another table": ("CREATE TABLE more (a)",),
    "no index": ("DROP INDEX rows_by_identity",),
    "another index": ("CREATE INDEX more ON rows (hex(zeroblob(length(input))))",),
    "another version": ("PRAGMA user_version = 0",),
}
BAD_IDENTITIES = {
    "list": "[1]",
    "null": "null",
    "number": "7",
    "no JSON": "{stage",
    "deep": '{"stage":"a","b":' + "[" * 100_000 + "]" * 100_000 + "}",
    "rather deep": '{"a":' + "[" * 500 + "]" * 500 + ',"stage":"a"}',
    "no stage": '{"model":"a"}',
    "stage that is no text": '{"stage":{}}',
    "terminal codes": '{"stage":"\\u001b[2J"}',
    "not canonical": '{"stage": "a"}',
    "endless number": '{"a":' + "9" * 5_000 + ',"stage":"a"}',
}


def reading(path: Path) -> dict[str, Callable[[], Any]]:
    """Everything that reads a cache file."""

    def with_cache(work: Callable[[Cache], Any]) -> Any:
        with Cache(path, read_only=True) as cache:
            return work(cache)

    def imported() -> Any:
        with Cache(path.with_name("mine.sqlite3")) as cache:
            return import_cache(cache, path)

    return {
        "verify": lambda: with_cache(Cache.verify),
        "info": lambda: with_cache(Cache.info),
        "identities": lambda: with_cache(Cache.identities),
        "declared": lambda: with_cache(Cache.declared),
        "nearest": lambda: with_cache(lambda cache: cache.nearest(IDENTITY)),
        "get": lambda: with_cache(lambda cache: cache.get(IDENTITY, ["a"])),
        "import": imported,
    }


@pytest.mark.parametrize("statements", MISFITS.values(), ids=MISFITS)
def test_a_file_that_holds_anything_but_our_tables_is_refused_whole_and_can_be_repaired(
    tmp_path: Path, statements: tuple[str, ...]
) -> None:
    path = filled(tmp_path / "untrusted", "a", "b")
    for statement in statements:
        tamper(path, statement)
    for work in reading(path).values():
        with pytest.raises(NotACache, match="cache repair"):
            work()
    if "DROP TABLE rows" not in statements and "note" not in statements[0]:
        repaired = repair_cache(path)
        assert repaired is not None and repaired.rows == 2


def test_a_text_in_another_encoding_is_not_taken_for_damaged_rows(tmp_path: Path) -> None:
    path = filled(tmp_path / "untrusted", "a")
    content = bytearray(path.read_bytes())
    content[59] = 2  # says that all texts are UTF-16
    path.write_bytes(content)
    with pytest.raises(NotACache, match="cache repair"):
        Cache(path)


def test_a_format_of_a_later_sqlite_is_refused(tmp_path: Path) -> None:
    path = filled(tmp_path / "untrusted", "a")
    content = bytearray(path.read_bytes())
    content[47] = 9
    path.write_bytes(content)
    for work in reading(path).values():
        with pytest.raises(NotACache, match="cache repair"):
            work()
    repaired = repair_cache(path)
    assert repaired is not None and repaired.rows == 1


def forged(path: Path, identity_json: str, **values: bytes) -> Path:
    """A cache with one row whose checksums fit whatever is in it."""
    Cache(path).close()
    row = {"input": b"a", "output": b"b", "note": b"{}", "created": b"now"} | values
    key = row_key_from(identity_hasher(identity_json), row["input"])
    checksum = row_checksum(key, row["output"], row["note"])
    connection = sqlite3.connect(path)
    with connection:
        known = (sha256_hex(identity_json), identity_json)
        connection.execute("INSERT INTO identities VALUES (1, ?, ?)", known)
        connection.execute(
            "INSERT INTO rows VALUES (-5, ?, 1, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT),"
            " CAST(? AS TEXT), ?)",
            (key, *row.values(), checksum),
        )
    connection.close()
    return path


@pytest.mark.parametrize("identity_json", BAD_IDENTITIES.values(), ids=BAD_IDENTITIES)
def test_an_identity_that_is_none_of_ours_is_damage_whatever_its_checksum(
    tmp_path: Path, identity_json: str
) -> None:
    path = forged(tmp_path / "untrusted", identity_json)
    work = reading(path)
    assert work["import"]().damaged == 1
    found = work["verify"]()
    assert (found.rows, found.damaged, found.damaged_identities) == (1, 1, 1)
    assert work["get"]() == work["declared"]() == {}
    for name in ("identities", "nearest"):
        with pytest.raises(CorruptRow, match="cache drop --damaged"):
            work[name]()
    with Cache(path) as cache:
        assert cache.drop(damaged=True) == 1
        assert cache.verify().sound and cache.identities() == []


FORGED_VALUES = {
    "an output that is no text": {"output": b"\xff"},
    "an input that is no text": {"input": b"\xff"},
    "a note that is a list": {"note": b"[]"},
    "a note that is no text": {"note": b"\xff"},
    "a note with NaN": {"note": b'{"a":NaN}'},
    "a deep note": {"note": b'{"a":' + b"[" * 9_000 + b"]" * 9_000 + b"}"},
    "half a character": {"note": b'{"a":"\\ud83d"}'},
}


@pytest.mark.parametrize("values", FORGED_VALUES.values(), ids=FORGED_VALUES.keys())
def test_a_forged_row_that_would_make_a_reader_stumble_is_damage(
    tmp_path: Path, values: dict[str, bytes]
) -> None:
    path = forged(tmp_path / "untrusted", canonical_json(IDENTITY), **values)
    assert reading(path)["import"]().damaged == 1
    assert reading(path)["verify"]().damaged == 1
    if "input" not in values:
        with pytest.raises(CorruptRow):
            reading(path)["get"]()


def test_a_moment_that_is_none_is_not_shown(tmp_path: Path) -> None:
    path = forged(tmp_path / "untrusted", canonical_json(IDENTITY), created=b"\x1b[2J\xff")
    info = reading(path)["info"]()
    assert (info.rows, info.first_write, info.last_write) == (1, None, None)


def test_a_forged_row_of_the_right_form_passes_because_a_checksum_proves_no_maker(
    tmp_path: Path,
) -> None:
    path = forged(tmp_path / "untrusted", canonical_json(IDENTITY), output=b"a lie")
    assert reading(path)["import"]().added == 1
    assert reading(path)["get"]()["a"].output == "a lie"


def test_a_value_larger_than_any_of_ours_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = filled(tmp_path / "untrusted", "a", "b")
    tamper(path, "UPDATE rows SET output = zeroblob(70000000) WHERE input = 'a'")
    for name in ("verify", "get", "import"):
        with pytest.raises(NotACache, match="longer than 64 MB"):
            reading(path)[name]()
    repaired = repair_cache(path)
    assert repaired is not None and (repaired.rows, repaired.gaps) == (1, 1)


def test_an_identity_larger_than_any_of_ours_is_damage(tmp_path: Path) -> None:
    path = filled(tmp_path / "untrusted", "a")
    tamper(path, "UPDATE identities SET json = zeroblob(2000000)")
    assert reading(path)["verify"]().damaged_identities == 1
    assert reading(path)["import"]().damaged == 1


def test_values_of_other_types_are_damage(tmp_path: Path) -> None:
    path = filled(tmp_path / "untrusted", "a", "b", "c", "d")
    for change in (
        "rows SET key = 7 WHERE id = 1",
        "rows SET checksum = 7 WHERE id = 2",
        "rows SET identity = 'x' WHERE id = 3",
        "rows SET output = 7 WHERE id = 4",
        "identities SET json = 7",
        "identities SET sha256 = x'ff'",
    ):
        tamper(path, f"UPDATE {change}")
    work = reading(path)
    found = work["verify"]()
    assert (found.rows, found.damaged, found.damaged_identities) == (4, 4, 1)
    assert work["import"]().damaged == 4
    with pytest.raises(CorruptRow):
        work["identities"]()


def test_deeply_nested_json_is_read_by_nobody(tmp_path: Path) -> None:
    deep: dict[str, Any] = {"stage": "a", "inner": json.loads("[" * 90 + "]" * 90)}
    with Cache(tmp_path / "mine") as cache:  # as deep as anything of ours could be
        cache.put(deep, [("a", "b", {})])
        assert cache.identities()[0].identity == deep and cache.verify().sound


def index_page(kind: int, cells: list[bytes], last_child: bytes = b"") -> bytes:
    """A page of an index, as SQLite writes it."""
    size = len(cells[0])
    starts = [PAGE - size * n for n in range(len(cells), 0, -1)]
    numbers = b"".join(number.to_bytes(2) for number in (0, len(cells), starts[0]))
    head = bytes([kind]) + numbers + bytes(1) + last_child
    head += b"".join(start.to_bytes(2) for start in starts)
    return head + bytes(starts[0] - len(head)) + b"".join(cells)


def test_pages_that_lead_to_each_other_are_not_followed_for_years(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path / "untrusted", "a")
    content = path.read_bytes()
    first, levels = len(content) // PAGE + 1, 6
    # Each page of the index leads 400 times to the next one: 400 to the power of 5 entries to read.
    entry = bytes([3, 3, 9, 9])
    for page in range(first, first + levels):
        child = (page + 1).to_bytes(4)
        content += index_page(INDEX_INTERIOR, [child + entry] * 400, child)
    content += index_page(INDEX_LEAF, [entry])
    pages = (first + levels).to_bytes(4)
    path.write_bytes(content[:28] + pages + content[32:])
    tamper(path, "PRAGMA user_version = 1")  # SQLite counts the pages anew
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("PRAGMA writable_schema = ON")
        query = "UPDATE sqlite_master SET rootpage = ? WHERE name = 'rows_by_identity'"
        connection.execute(query, [first])
    connection.close()
    monkeypatch.setattr(database, "STEPS_FOR_ANY_FILE", 3_000_000)
    for name in ("info", "identities"):
        with pytest.raises(NotACache, match="takes longer than any sound file"):
            reading(path)[name]()
    assert not reading(path)["verify"]().sound
    assert reading(path)["import"]().added == 1  # the row itself is as it was
