"""The cache file itself: what is put is got, the first row wins, damage is noticed, bad files are
refused."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_sum.cache import (
    Cache,
    CacheError,
    CacheMissing,
    CacheReadOnly,
    CacheTooNew,
    CorruptRow,
    Difference,
    NotACache,
    Row,
)

IDENTITY: dict[str, Any] = {"stage": "translate", "version": 1, "model": "tiny", "num_beams": 5}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


def filled(path: Path, *inputs: str, identity: dict[str, Any] = IDENTITY) -> Path:
    with Cache(path) as cache:
        cache.put(identity, [(text, f"[{text}]", {"rung": "plain"}) for text in inputs])
    return path


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_what_is_put_is_got_after_reopening_and_nothing_else(path: Path) -> None:
    filled(path, "안녕", "b\0c\r\n", "")
    with Cache(path) as cache:
        assert cache.get(IDENTITY, ["안녕", "b\0c\r\n", "", "new"]) == {
            text: Row(f"[{text}]", {"rung": "plain"}) for text in ("안녕", "b\0c\r\n", "")
        }


@settings(max_examples=20)
@given(
    st.dictionaries(
        texts, st.tuples(texts, st.dictionaries(texts, st.integers(-9, 9) | texts, max_size=3))
    )
)
def test_any_text_and_note_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[str, Any]
) -> None:
    with Cache(tmp_path_factory.mktemp("any") / "c") as cache:
        cache.put(IDENTITY, [(text, output, note) for text, (output, note) in rows.items()])
        assert cache.get(IDENTITY, list(rows)) == {text: Row(*row) for text, row in rows.items()}
        assert cache.verify().sound


def test_more_texts_than_one_query_holds_are_all_found(path: Path) -> None:
    inputs = [f"text {number}" for number in range(1234)]
    with Cache(filled(path, *inputs)) as cache:
        assert len(cache.get(IDENTITY, [*inputs, *inputs, "new"])) == cache.count(IDENTITY) == 1234


def test_another_identity_does_not_see_the_row(path: Path) -> None:
    with Cache(filled(path, "a")) as cache:
        assert cache.get({**IDENTITY, "num_beams": 4}, ["a"]) == {}
        assert cache.count({**IDENTITY, "num_beams": 4}) == 0


def test_the_first_row_wins(path: Path) -> None:
    with Cache(path) as cache:
        cache.put(IDENTITY, [("a", "first", {}), ("a", "second", {})])
        cache.put(IDENTITY, [("a", "third", {"rung": "x"}), ("b", "new", {})])
        assert cache.get(IDENTITY, ["a", "b"]) == {"a": Row("first", {}), "b": Row("new", {})}


def test_a_failing_put_stores_nothing(path: Path) -> None:
    with Cache(path) as cache:
        with pytest.raises(UnicodeEncodeError):
            cache.put(IDENTITY, [("good", "fine", {}), ("bad", "half \ud83d", {})])
        assert cache.get(IDENTITY, ["good"]) == {}
        assert cache.identities() == []


@pytest.mark.parametrize(
    "change",
    [
        "output = 'something else'",
        """note = '{"rung":"other"}'""",
        "output = CAST(x'ff41' AS TEXT)",
        "output = x'ff41'",
        "checksum = zeroblob(32)",
    ],
)
def test_a_changed_row_is_refused_with_its_stage_and_the_beginning_of_its_input(
    path: Path, change: str
) -> None:
    tamper(filled(path, "안녕하세요 " * 20), f"UPDATE rows SET {change}")
    with Cache(path) as cache, pytest.raises(CorruptRow) as caught:
        cache.get(IDENTITY, ["안녕하세요 " * 20])
    for part in (
        "stage translate",
        "'안녕하세요 안녕",
        "cache verify",
        "cache drop --damaged",
        str(path),
    ):
        assert part in str(caught.value)


def test_a_text_that_lost_its_type_and_nothing_else_is_still_what_was_stored(path: Path) -> None:
    tamper(
        filled(path, "안녕"),
        "UPDATE rows SET output = CAST(output AS BLOB), note = CAST(note AS BLOB)",
    )
    with Cache(path) as cache:
        assert cache.get(IDENTITY, ["안녕"]) == {"안녕": Row("[안녕]", {"rung": "plain"})}
        assert cache.verify().sound


def test_a_value_that_became_null_is_damage(path: Path) -> None:
    filled(path, "a", "b", "c", "d")
    for column, text in (("output", "a"), ("checksum", "b"), ("input", "c")):
        # What a flipped bit in a row's header does; SQLite itself would refuse to write it.
        writable = (
            "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL',"
            " '') WHERE name = 'rows'"
        )
        connection = sqlite3.connect(path)
        connection.executescript(writable)
        connection.close()
        tamper(path, f"UPDATE rows SET {column} = NULL WHERE input = '{text}'")
    with Cache(path) as cache:
        for text in ("a", "b"):
            with pytest.raises(CorruptRow):
                cache.get(IDENTITY, [text])
        assert cache.verify().damaged == 3
        assert cache.drop(damaged=True) == 3
        assert cache.get(IDENTITY, ["a", "b", "c", "d"]).keys() == {"d"}


def test_verify_finds_the_tampered_row_and_drop_removes_it_alone(path: Path) -> None:
    filled(path, "a", "b", "c", "d")
    tamper(path, "UPDATE rows SET output = 'x' WHERE input = 'b'")
    tamper(path, "UPDATE rows SET input = 'x' WHERE input = 'c'")
    with Cache(path) as cache:
        found = cache.verify()
        assert (found.rows, found.damaged, found.structure, found.sound) == (4, 2, [], False)
        assert [(row.stage, row.input) for row in found.examples] == [
            ("translate", "'b'"),
            ("translate", "'x'"),
        ]
        assert cache.drop(damaged=True) == 2
        assert cache.verify().sound
        assert cache.get(IDENTITY, ["a", "b", "c", "d"]).keys() == {"a", "d"}


def test_verify_works_on_a_file_opened_for_reading(path: Path) -> None:
    with Cache(filled(path, "a"), read_only=True) as cache:
        assert cache.verify().sound


def test_a_damaged_identity_or_resolution_is_found_and_dropped(path: Path) -> None:
    with Cache(filled(path, "a")) as cache:
        cache.remember({"stage": "translate", "model": "auto"}, IDENTITY)
    tamper(path, "UPDATE identities SET json = replace(json, 'tiny', 'huge')")
    tamper(path, "UPDATE resolutions SET resolved = replace(resolved, 'tiny', 'huge')")
    with Cache(path) as cache:
        with pytest.raises(CorruptRow, match="identity of stage translate"):
            cache.identities()
        with pytest.raises(CorruptRow, match="resolved to"):
            cache.resolution({"stage": "translate", "model": "auto"})
        found = cache.verify()
        assert (found.damaged, found.damaged_resolutions) == (1, 1)
        assert cache.drop(damaged=True) == 1
        assert cache.identities() == []
        assert cache.resolution({"stage": "translate", "model": "auto"}) is None
        assert cache.verify().sound


def test_the_newest_resolution_wins(path: Path) -> None:
    declared = {"stage": "translate", "model": "auto"}
    with Cache(path) as cache:
        assert cache.resolution(declared) is None
        cache.remember(declared, {"stage": "translate", "model": "one"})
        cache.remember(declared, {"stage": "translate", "model": "two"})
    with Cache(path, read_only=True) as cache:
        assert cache.resolution(declared) == {"stage": "translate", "model": "two"}


def test_nearest_names_exactly_the_changed_field(path: Path) -> None:
    filled(path, "a", identity={**IDENTITY, "num_beams": 1, "model": "other"})
    filled(path, "a", identity=IDENTITY)
    filled(path, "a", identity={**IDENTITY, "stage": "summarize"})
    with Cache(path) as cache:
        assert cache.nearest({**IDENTITY, "num_beams": 4}) == (
            IDENTITY,
            [Difference("num_beams", 4, 5)],
        )
        assert cache.nearest(IDENTITY) == (IDENTITY, [])
        assert cache.nearest({"stage": "unheard-of"}) is None


def test_of_equally_near_identities_the_one_with_most_rows_is_named_then_the_newest(
    path: Path,
) -> None:
    for beams, inputs in ((1, "a"), (2, "ab"), (3, "ab"), (4, "a")):
        filled(path, *inputs, identity={**IDENTITY, "num_beams": beams})
    with Cache(path) as cache:
        assert cache.nearest(IDENTITY) == (
            {**IDENTITY, "num_beams": 3},
            [Difference("num_beams", 5, 3)],
        )


def test_drop_by_stage_or_identity_takes_only_those(path: Path) -> None:
    other, third = {**IDENTITY, "num_beams": 1}, {"stage": "summarize", "version": 1}
    for identity in (IDENTITY, other, third):
        filled(path, "a", "b", identity=identity)
    with Cache(path) as cache:
        cache.remember({"stage": "translate", "model": "auto"}, other)
        sha256 = next(known.sha256 for known in cache.identities() if known.identity == other)
        assert cache.drop(identity=sha256[:12].upper()) == 2
        assert cache.resolution({"stage": "translate", "model": "auto"}) is None
        assert cache.drop(stage="summarize") == 2
        assert cache.drop(stage="unheard-of") == 0
        assert [(known.identity, known.rows) for known in cache.identities()] == [(IDENTITY, 2)]


def test_drop_refuses_an_ambiguous_identity_and_more_than_one_selection(path: Path) -> None:
    filled(path, "a", identity={"stage": "a"})
    filled(path, "a", identity={"stage": "b"})
    with Cache(path) as cache:
        with pytest.raises(CacheError, match="2 identities"):
            cache.drop(identity="")
        with pytest.raises(ValueError, match="exactly one"):
            cache.drop(stage="a", damaged=True)
        assert cache.info().rows == 2


def test_info_counts(path: Path) -> None:
    with Cache(path) as cache:
        assert cache.info()[2:] == (1, 0, 0, None, None)
    with Cache(filled(path, "a", "b"), read_only=True) as cache:
        info = cache.info()
        assert (info.path, info.bytes, info.rows, info.identities) == (
            path,
            path.stat().st_size,
            2,
            1,
        )
        assert info.first_write is not None and info.first_write.endswith("Z")
        assert info.last_write is not None and info.first_write <= info.last_write


def test_folders_are_made_and_odd_names_work(tmp_path: Path) -> None:
    path = tmp_path / "a?b#c" / "캐시 50%.db"
    with Cache(filled(path, "a"), read_only=True) as cache:
        assert cache.count(IDENTITY) == 1
    assert list(tmp_path.rglob("*.db")) == [path]


def test_an_empty_file_becomes_a_cache(path: Path) -> None:
    path.touch()
    with Cache(filled(path, "a")) as cache:
        assert cache.count(IDENTITY) == 1


def test_reading_a_cache_that_is_not_there_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(CacheMissing, match="--cache"):
        Cache(tmp_path / "new" / "c", read_only=True)
    (tmp_path / "empty").touch()
    with pytest.raises(CacheMissing):
        Cache(tmp_path / "empty", read_only=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["empty"]


def test_a_cache_opened_for_reading_refuses_to_write(path: Path) -> None:
    with Cache(filled(path, "a"), read_only=True) as cache, pytest.raises(CacheReadOnly):
        cache.put(IDENTITY, [("b", "b", {})])


def test_a_file_without_write_permission_is_refused_at_once_but_can_be_read(path: Path) -> None:
    filled(path, "a").chmod(0o444)
    with pytest.raises(CacheReadOnly, match="read-only"):
        Cache(path)
    with Cache(path, read_only=True) as cache:
        assert cache.count(IDENTITY) == 1


def test_a_folder_without_write_permission_is_refused_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    filled(folder / "old.db", "a")
    folder.chmod(0o555)
    try:
        for path in (folder / "old.db", folder / "new.db", folder / "deeper" / "new.db"):
            with pytest.raises(CacheReadOnly, match="read-only"):
                Cache(path)
        with Cache(folder / "old.db", read_only=True) as cache:
            assert cache.count(IDENTITY) == 1
    finally:
        folder.chmod(0o755)


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CacheReadOnly):
        Cache(tmp_path / "file" / "cache.db")


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"hello", b"fname,dialogue\n" * 1000, b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(
    path: Path, content: bytes, read_only: bool
) -> None:
    path.write_bytes(content)
    with pytest.raises(NotACache, match="not a cache"):
        Cache(path, read_only=read_only)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [True, False])
def test_a_database_of_another_program_is_refused_and_left_alone(
    path: Path, read_only: bool
) -> None:
    tamper(path, "CREATE TABLE theirs (a)")
    content = path.read_bytes()
    with pytest.raises(NotACache, match="another program"):
        Cache(path, read_only=read_only)
    assert path.read_bytes() == content


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotACache, match="folder"):
        Cache(tmp_path)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_cache_of_a_newer_version_is_refused(path: Path, read_only: bool) -> None:
    tamper(filled(path, "a"), "PRAGMA user_version = 2")
    with pytest.raises(CacheTooNew, match="Upgrade pivot-sum"):
        Cache(path, read_only=read_only)


def test_a_truncated_cache_is_reported_as_damaged(path: Path) -> None:
    filled(path, *(f"text {number}" for number in range(2000)))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(NotACache, match="damaged"), Cache(path) as cache:
        cache.get(IDENTITY, [f"text {number}" for number in range(2000)])
