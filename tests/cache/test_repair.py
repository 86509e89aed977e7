"""What `cache repair` saves of a hurt file, and that it loses nothing of the old one."""

from __future__ import annotations

import random
import sqlite3
from contextlib import nullcontext
from pathlib import Path

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import (
    Cache,
    CacheError,
    CacheMissing,
    NotACache,
    Repaired,
    Row,
    repair,
    repair_cache,
)

PAGE = 4096
INPUTS = [f"text {number} {'long ' * (number % 7)}" for number in range(600)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Cache(filled(tmp_path / "cache.sqlite3", *INPUTS)) as cache:
        cache.put(IDENTITY, [("of many pages", "글" * 20_000, {})])
        cache.remember({"stage": "translate", "version": 1, "model": "name"}, NAMED)
        cache.put(NAMED, [("a", "b", {})])
    return tmp_path / "cache.sqlite3"


NAMED = {"stage": "translate", "version": 1, "model": "name"}


def overwrite(path: Path, *pages: int) -> None:
    """Put random bytes in the place of pages, the first of which is 1."""
    content = bytearray(path.read_bytes())
    for page in pages:
        content[(page - 1) * PAGE : page * PAGE] = random.Random(page).randbytes(PAGE)
    path.write_bytes(content)


def root(path: Path, name: str) -> int:
    """The page at which a table or an index begins."""
    connection = sqlite3.connect(path)
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    page: int = connection.execute(query, [name]).fetchone()[0]
    connection.close()
    return page


def test_what_a_service_replied_is_saved_where_its_identity_is_damaged(path: Path) -> None:
    replies = {**NAMED, "replies": True}
    filled(path, "asked", identity=replies)
    tamper(path, "UPDATE identities SET json = 'x' WHERE json LIKE '%replies%'")
    repair_cache(path)
    with Cache(path) as cache:
        assert cache.get(replies, ["asked"])["asked"].output == "[asked]"
        assert cache.verify().sound


def test_a_sound_file_is_left_as_it_is(path: Path) -> None:
    content = path.read_bytes()
    assert repair_cache(path) is None
    assert path.read_bytes() == content
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("names", [[], ["rows"], ["sqlite_autoindex_rows_1", "rows_by_identity"]])
def test_no_row_is_lost_with_the_pages_that_only_lead_to_rows(path: Path, names: list[str]) -> None:
    # Without a name: the first page, where SQLite's header and the list of tables are.
    overwrite(path, *([root(path, name) for name in names] or [1]))
    content = path.read_bytes()
    with pytest.raises(NotACache, match="cache repair"), Cache(path) as cache:
        assert not cache.verify().sound
        cache.drop(damaged=True)
    repaired = repair_cache(path)
    kept = path.with_name("cache.sqlite3.damaged")
    assert repaired == Repaired(rows=602, resolutions=1, damaged=0, gaps=0, kept=kept)
    assert kept.read_bytes() == content
    with Cache(path) as cache:
        assert cache.verify().sound
        assert cache.get(IDENTITY, INPUTS) == {
            text: Row(f"[{text}]", {"rung": "plain"}) for text in INPUTS
        }
        assert cache.get(IDENTITY, ["of many pages"])["of many pages"].output == "글" * 20_000
        assert cache.resolution(NAMED) == NAMED


def test_a_page_of_rows_that_is_gone_costs_its_rows_alone(path: Path) -> None:
    content = path.read_bytes()
    page = content.index(INPUTS[300].encode()) // PAGE + 1
    overwrite(path, page)
    repaired = repair_cache(path)
    assert repaired is not None and repaired.rows + repaired.gaps == 602
    with Cache(path) as cache:
        found = cache.get(IDENTITY, INPUTS)
        assert INPUTS[300] not in found and 550 < len(found) < 600
        cache.put(IDENTITY, [(text, f"[{text}]", {"rung": "plain"}) for text in INPUTS])
        assert cache.verify().sound and cache.count(IDENTITY) == 601


def test_a_damaged_row_is_counted_and_not_saved(path: Path) -> None:
    tamper(path, f"UPDATE rows SET output = 'x' WHERE input = '{INPUTS[3]}'")
    tamper(path, f"UPDATE rows SET input = 'x' WHERE input = '{INPUTS[4]}'")
    repaired = repair_cache(path)
    assert repaired is not None and (repaired.rows, repaired.damaged) == (600, 2)


def test_rows_whose_identity_is_damaged_are_saved_where_a_name_stood_for_it(path: Path) -> None:
    tamper(path, "UPDATE identities SET json = 'x'")
    repaired = repair_cache(path)
    assert repaired is not None and (repaired.rows, repaired.damaged) == (1, 601)
    with Cache(path) as cache:
        assert cache.get(NAMED, ["a"]) == {"a": Row("b", {})}


def test_what_was_dropped_does_not_come_back(path: Path) -> None:
    with Cache(path) as cache:
        number = next(one.sha256 for one in cache.identities() if one.identity == IDENTITY)
        assert cache.drop(identity=number) == 601
    overwrite(path, root(path, "rows_by_identity"))
    repaired = repair_cache(path)
    assert repaired is not None and repaired.rows == 1


def test_old_files_are_kept_side_by_side(path: Path) -> None:
    for name in ("cache.sqlite3.damaged", "cache.sqlite3.damaged-2"):
        tamper(path, "UPDATE rows SET output = 'x' WHERE id = (SELECT MAX(id) FROM rows)")
        repaired = repair_cache(path)
        assert repaired is not None and repaired.kept == path.with_name(name)


def test_a_journal_that_cannot_be_played_back_goes_with_the_old_file(path: Path) -> None:
    overwrite(path, 1)
    path.with_name(path.name + "-journal").write_bytes(b"unreadable" * 100)
    assert repair_cache(path) is not None
    names = {entry.name for entry in path.parent.iterdir()}
    assert "cache.sqlite3-journal" not in names
    with Cache(path) as cache:
        assert cache.verify().sound


def test_a_file_that_never_was_a_cache_is_left_alone(tmp_path: Path) -> None:
    other, missing = tmp_path / "other", tmp_path / "missing"
    for content in (b"hello", b"fname,dialogue\n" * 1_000, b"\0" * 9_000):
        other.write_bytes(content)
        with pytest.raises(NotACache, match="nothing of a cache"):
            repair_cache(other)
        assert other.read_bytes() == content
    with pytest.raises(CacheMissing):
        repair_cache(missing)
    assert [entry.name for entry in tmp_path.iterdir()] == ["other"]


def test_another_process_that_had_the_file_open_is_told(path: Path) -> None:
    tamper(path, "UPDATE rows SET output = 'x' WHERE id = 1")
    with Cache(path) as before:
        assert before.count(IDENTITY) == 601
        repair_cache(path)
        with pytest.raises(CacheError, match="removed, moved or replaced"):
            before.put(IDENTITY, [("new", "new", {})])
    with Cache(path) as after:
        assert after.get(IDENTITY, ["new"]) == {}


def test_a_file_larger_than_its_disk_allows_is_left_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tamper(path, "UPDATE rows SET output = 'x' WHERE id = 1")
    content = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(CacheError, match="No space left"):
        repair_cache(path)
    assert path.read_bytes() == content


def test_a_value_of_another_type_or_a_text_that_is_none_is_not_saved(path: Path) -> None:
    tamper(path, "UPDATE rows SET key = 1 WHERE id = 10")
    tamper(path, "UPDATE rows SET input = CAST(x'ff41' AS TEXT) WHERE id = 11")
    tamper(path, "UPDATE identities SET sha256 = 7 WHERE json LIKE '%name%'")
    tamper(path, "UPDATE resolutions SET created = 7")
    tamper(path, "INSERT INTO resolutions VALUES ('a', '{}', '{}', '', '')")
    repaired = repair_cache(path)
    # The one row of the identity that is not known any more is saved by what its name stood for.
    assert repaired is not None and repaired[:4] == (600, 1, 2, 2)
    with Cache(path) as cache:
        assert cache.verify().sound and cache.get(NAMED, ["a"])


def test_on_a_file_system_without_hard_links_the_old_file_is_moved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refused)
    tamper(path, "UPDATE rows SET output = 'x' WHERE id = 1")
    content = path.read_bytes()
    repaired = repair_cache(path)
    assert repaired is not None and repaired.kept.read_bytes() == content
    assert repair_cache(path) is None


def test_a_journal_that_sqlite_left_goes_with_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The journal of whoever began to write between our look at the file and its exchange.
    monkeypatch.setattr(repair, "_locked", lambda path: nullcontext(journal.write_bytes(b"left")))
    journal = path.with_name(path.name + "-journal")
    overwrite(path, 1)
    repaired = repair_cache(path)
    assert repaired is not None and not journal.exists()
    assert repaired.kept.with_name("cache.sqlite3.damaged-journal").read_bytes() == b"left"
    with Cache(path) as cache:
        assert cache.verify().sound


def test_records_of_another_table_with_as_many_columns_are_not_taken_for_ours(path: Path) -> None:
    for columns in ("a, b, c", "a, b, c, d, e", "a, b, c, d, e, f, g, h"):
        name, values = f"of_{columns[-1]}", columns.translate({ord(one): "7" for one in "abcdefgh"})
        tamper(path, f"CREATE TABLE {name} ({columns})")
        tamper(path, f"INSERT INTO {name} VALUES ({values})")
    repaired = repair_cache(path)
    assert repaired is not None and repaired[:4] == (602, 1, 1, 0)
