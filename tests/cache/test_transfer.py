"""Export and import: what arrives, what is refused, and which file is never touched."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pivot_sum.cache import (
    Cache,
    CacheError,
    CacheMissing,
    CacheReadOnly,
    Conflict,
    Exported,
    Imported,
    ImportedNames,
    NotACache,
    Row,
    export_cache,
    import_cache,
)

DECLARED: dict[str, Any] = {"stage": "translate", "version": 1, "model": "auto"}
IDENTITY: dict[str, Any] = {**DECLARED, "model": {"sha256": "0a1b"}}
NO_NAMES = ImportedNames(0, 0, 0, 0, 0, [])


def make(path: Path, **outputs: str) -> Path:
    with Cache(path) as cache:
        cache.put(IDENTITY, [(text, output, {"rung": "plain"}) for text, output in outputs.items()])
    return path


def tamper(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement)
    connection.close()


def test_an_export_imported_elsewhere_holds_the_same(tmp_path: Path) -> None:
    with Cache(make(tmp_path / "a", one="1", two="2")) as cache:
        cache.remember(DECLARED, IDENTITY)
        assert export_cache(cache, tmp_path / "deep" / "er" / "export") == Exported(2, 0)
    with Cache(tmp_path / "b") as other:
        assert import_cache(other, tmp_path / "deep" / "er" / "export") == Imported(
            2, 0, 0, 0, [], NO_NAMES._replace(added=1)
        )
        assert import_cache(other, tmp_path / "deep" / "er" / "export") == Imported(
            0, 2, 0, 0, [], NO_NAMES._replace(already=1)
        )
        assert other.get(IDENTITY, ["one", "two"]) == {
            t: Row(o, {"rung": "plain"}) for t, o in (("one", "1"), ("two", "2"))
        }
        assert other.resolution(DECLARED) == IDENTITY
        assert other.verify().sound
    assert [entry.name for entry in (tmp_path / "deep" / "er").iterdir()] == ["export"]


def test_an_export_is_a_cache_by_itself(tmp_path: Path) -> None:
    with Cache(make(tmp_path / "a", one="1"), read_only=True) as cache:
        export_cache(cache, tmp_path / "export")
    with Cache(tmp_path / "export", read_only=True) as copy:
        assert copy.get(IDENTITY, ["one"]).keys() == {"one"}


def test_of_two_different_outputs_the_one_already_here_stays_and_is_reported(
    tmp_path: Path,
) -> None:
    source = make(tmp_path / "a", same="1", other="theirs", new="3")
    with Cache(make(tmp_path / "b", same="1", other="ours")) as cache:
        conflict = Conflict("translate", "'other'", "'ours'", "'theirs'")
        assert import_cache(cache, source) == Imported(1, 1, 1, 0, [conflict], NO_NAMES)
        assert cache.get(IDENTITY, ["other"])["other"].output == "ours"


def test_damaged_rows_are_refused_by_import_and_left_out_by_export(tmp_path: Path) -> None:
    source = make(tmp_path / "a", good="1", bad="2", worse="3")
    tamper(source, "UPDATE rows SET output = 'x' WHERE input = 'bad'")
    tamper(source, "UPDATE rows SET input = 'x' WHERE input = 'worse'")
    with Cache(tmp_path / "b") as cache:
        assert import_cache(cache, source) == Imported(1, 0, 0, 2, [], NO_NAMES)
        assert cache.verify().sound
    with Cache(source) as damaged:
        assert export_cache(damaged, tmp_path / "export") == Exported(1, 2)


def test_an_existing_file_is_overwritten_only_when_told(tmp_path: Path) -> None:
    target = tmp_path / "export"
    target.write_text("precious")
    with Cache(make(tmp_path / "a", one="1")) as cache:
        with pytest.raises(CacheError, match="--overwrite"):
            export_cache(cache, target)
        assert target.read_text() == "precious"
        export_cache(cache, target, overwrite=True)
    with Cache(target, read_only=True) as copy:
        assert copy.count(IDENTITY) == 1


def test_a_cache_is_never_exported_onto_itself_or_a_folder(tmp_path: Path) -> None:
    with Cache(make(tmp_path / "a", one="1")) as cache:
        for target in (tmp_path / "a", tmp_path):
            with pytest.raises(CacheError, match="left as it is"):
                export_cache(cache, target, overwrite=True)
        assert cache.count(IDENTITY) == 1


def test_a_journal_left_beside_the_target_is_not_played_back_into_the_export(
    tmp_path: Path,
) -> None:
    (tmp_path / "export-journal").write_text("left behind")
    with (
        Cache(make(tmp_path / "a", one="1")) as cache,
        pytest.raises(CacheError, match="interrupted write"),
    ):
        export_cache(cache, tmp_path / "export")
    assert not (tmp_path / "export").exists()


def test_an_export_of_some_identities_holds_their_rows_and_names_alone(tmp_path: Path) -> None:
    other = {**DECLARED, "model": "other"}
    with Cache(make(tmp_path / "a", one="1", two="2")) as cache:
        cache.put(other, [("one", "other", {})])
        cache.remember(DECLARED, IDENTITY)
        cache.remember(other, other)
        unknown = {"stage": "unheard-of"}
        done = export_cache(cache, tmp_path / "export", chosen=[IDENTITY, unknown])
        assert done == Exported(2, 0)
    with Cache(tmp_path / "export") as copy:
        assert [one.identity for one in copy.identities()] == [IDENTITY]
        assert (copy.resolution(DECLARED), copy.resolution(other)) == (IDENTITY, None)


def test_a_source_that_is_missing_or_no_cache_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    with Cache(tmp_path / "a") as cache:
        with pytest.raises(CacheMissing, match="There is no file") as missing:
            import_cache(cache, tmp_path / "missing")
        with pytest.raises(NotACache, match="text is not a cache") as wrong:
            import_cache(cache, tmp_path / "text")
    for error in (missing, wrong):  # the option names the cache that rows are added to
        assert "with --cache" not in str(error.value)


def test_more_rows_than_one_part_holds_are_all_taken_over(tmp_path: Path) -> None:
    with Cache(tmp_path / "a") as source:
        source.put(IDENTITY, [(f"text {n}", str(n), {}) for n in range(12_345)])
    with Cache(tmp_path / "b") as cache:
        assert import_cache(cache, tmp_path / "a").added == cache.count(IDENTITY) == 12_345


def test_an_export_into_a_folder_that_cannot_be_made_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        Cache(make(tmp_path / "a", one="1")) as cache,
        pytest.raises(CacheReadOnly, match=r"deeper/export cannot be made: Not a directory"),
    ):
        export_cache(cache, tmp_path / "file" / "deeper" / "export")


def test_an_identity_here_that_is_damaged_takes_no_rows(tmp_path: Path) -> None:
    source, target = make(tmp_path / "a", one="1"), make(tmp_path / "b", two="2")
    tamper(target, "UPDATE identities SET json = json || ' '")
    with (
        Cache(target) as cache,
        pytest.raises(NotACache, match=f"{target}.*an identity of stage translate in it is"),
    ):
        import_cache(cache, source)
    with Cache(target) as cache:
        assert cache.info().rows == 1
