"""Damage in a cache file is noticed when it is read, found by verify, and dropped."""

from pathlib import Path

import pytest
from cachefiles import IDENTITY, filled, redefine, tamper

from pivot_sum.cache import Cache, CorruptRow, NotACache, Row, repair_cache
from pivot_sum.cache.schema import ROWS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


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
    # What a flipped bit in a row's header does; SQLite itself would refuse to write it.
    redefine(path, ROWS.replace(" NOT NULL", ""))
    for column, text in (("output", "a"), ("checksum", "b"), ("input", "c")):
        tamper(path, f"UPDATE rows SET {column} = NULL WHERE input = '{text}'")
    redefine(path, ROWS)
    with Cache(path) as cache:
        for text in ("a", "b"):
            with pytest.raises(CorruptRow):
                cache.get(IDENTITY, [text])
        assert cache.verify().damaged == 3
        with pytest.raises(NotACache, match="cache repair"):  # SQLite calls it a hurt structure
            cache.drop(damaged=True)
    repair_cache(path)
    with Cache(path) as cache:
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


def test_a_resolution_whose_hash_is_no_longer_a_text_is_dropped(path: Path) -> None:
    with Cache(filled(path, "a")) as cache:
        cache.remember({"stage": "translate", "model": "auto"}, IDENTITY)
    tamper(path, "UPDATE resolutions SET sha256 = CAST(x'ff41' AS TEXT)")
    with Cache(path) as cache:
        assert cache.verify().damaged_resolutions == 1
        assert cache.drop(damaged=True) == 0
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
