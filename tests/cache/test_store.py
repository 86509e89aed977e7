"""The cache: what is put is got, the first row wins, the nearest identity is named."""

from pathlib import Path
from typing import Any

import pytest
from cachefiles import IDENTITY, filled
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_sum.cache import (
    Cache,
    CacheError,
    Difference,
    Row,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


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
