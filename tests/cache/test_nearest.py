"""Which stored identity is named as the nearest to one that is asked for, resolved or declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import Cache, Difference
from pivot_sum.cache.keys import sha256_hex

DECLARED: dict[str, Any] = {"stage": "translate", "version": 1, "model": "auto", "beams": 5}


def resolved(**changed: Any) -> dict[str, Any]:
    return {**DECLARED, "model": {"sha256": "0a"}, **changed}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache.sqlite3"


def test_a_declared_identity_is_held_against_declared_ones_that_have_rows(path: Path) -> None:
    with Cache(path) as cache:
        cache.put(resolved(), [("a", "A", {})])
        cache.remember(DECLARED, resolved())
        cache.remember({**DECLARED, "beams": 4}, resolved(beams=4))  # there are no rows for it
        wanted = {**DECLARED, "beams": 4}
        assert cache.nearest(wanted, declared=True) == (DECLARED, [Difference("beams", 4, 5)])
        assert cache.nearest(wanted) == (
            resolved(),
            [Difference("beams", 4, 5), Difference("model", "auto", {"sha256": "0a"})],
        )


def test_of_declared_ones_as_near_the_one_with_most_rows_is_named_then_the_newest(
    path: Path,
) -> None:
    with Cache(path) as cache:
        for beams, inputs in ((1, "abc"), (2, "ab"), (3, "abc"), (4, "a")):
            cache.put(resolved(beams=beams), [(text, text, {}) for text in inputs])
            cache.remember({**DECLARED, "beams": beams}, resolved(beams=beams))
    for beams, year in ((1, 2023), (2, 2025), (3, 2024), (4, 2026)):
        tamper(
            path,
            f"UPDATE resolutions SET created = '{year}-01-01T00:00:00Z'"
            f" WHERE json_extract(declared, '$.beams') = {beams}",
        )
    with Cache(path) as cache:
        nearest = cache.nearest(DECLARED, declared=True)
        assert nearest == ({**DECLARED, "beams": 3}, [Difference("beams", 5, 3)])


def test_a_damaged_resolution_is_never_the_nearest(path: Path) -> None:
    with Cache(path) as cache:
        cache.put(resolved(), [("a", "A", {})])
        cache.remember(DECLARED, resolved())
        tamper(path, "UPDATE resolutions SET checksum = 'x'")
        assert cache.nearest(DECLARED, declared=True) is None
        assert cache.declared() == {}


def test_the_declared_identities_of_each_stored_one_are_told(path: Path) -> None:
    other = {**DECLARED, "model": "./folder"}
    with Cache(path) as cache:
        cache.remember(DECLARED, resolved())
        cache.remember(other, resolved())
        cache.remember({**DECLARED, "beams": 4}, resolved(beams=4))
        found = cache.declared()
    assert len(found) == 2
    key = sha256_hex('{"beams":5,"model":{"sha256":"0a"},"stage":"translate","version":1}')
    assert sorted(one["model"] for one in found[key]) == ["./folder", "auto"]


def test_an_identity_without_rows_is_not_named(path: Path) -> None:
    with Cache(filled(path, "a")) as cache:
        cache.forget(IDENTITY, ["a"])
        assert cache.nearest(IDENTITY) is None
        assert cache.get(IDENTITY, ["a"]) == {}
