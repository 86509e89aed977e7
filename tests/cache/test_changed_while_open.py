"""A file that loses a table behind an open cache's back: every operation that needs the table
says which file it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cachefiles import IDENTITY, filled, tamper

from pivot_sum.cache import Cache, CacheError, NotACache, export_cache, import_cache

DECLARED: dict[str, Any] = {"stage": "translate", "model": "auto"}
OPERATIONS: dict[str, tuple[str, Callable[[Cache], object]]] = {
    "get": ("rows", lambda cache: cache.get(IDENTITY, ["a"])),
    "put": ("rows identities", lambda cache: cache.put(IDENTITY, [("b", "B", {})])),
    "read back": ("rows", lambda cache: cache.read_back(IDENTITY, ["a"])),
    "forget": ("rows", lambda cache: cache.forget(IDENTITY, ["a"])),
    "count": ("rows identities", lambda cache: cache.count(IDENTITY)),
    "resolution": ("resolutions", lambda cache: cache.resolution(DECLARED)),
    "remember": ("resolutions", lambda cache: cache.remember(DECLARED, IDENTITY)),
    "identities": ("rows identities", lambda cache: cache.identities()),
    "declared": ("resolutions", lambda cache: cache.declared()),
    "nearest": ("rows identities", lambda cache: cache.nearest(IDENTITY)),
    "nearest declared": (
        "rows identities resolutions",
        lambda cache: cache.nearest(DECLARED, declared=True),
    ),
    "info": ("rows identities", lambda cache: cache.info()),
    "drop a stage": (
        "rows identities resolutions",
        lambda cache: cache.drop(stage="translate"),
    ),
    "drop what is damaged": (
        "rows identities resolutions",
        lambda cache: cache.drop(damaged=True),
    ),
    "verify": ("rows identities resolutions", lambda cache: cache.verify()),
    "export": (
        "rows identities resolutions",
        lambda cache: export_cache(cache, cache.path.with_name("new.sqlite3")),
    ),
    "import": (
        "rows identities resolutions",
        lambda cache: import_cache(cache, cache.path.with_name("other.sqlite3")),
    ),
}


@pytest.mark.parametrize(
    ("operation", "table"),
    [(name, table) for name, (needed, _) in OPERATIONS.items() for table in needed.split()],
)
def test_a_table_that_is_gone_is_reported_with_the_file(
    operation: str, table: str, tmp_path: Path
) -> None:
    path = filled(tmp_path / "cache.sqlite3", "a")
    with Cache(filled(tmp_path / "other.sqlite3", "c")) as other:
        other.remember(DECLARED, IDENTITY)
    with Cache(path) as cache:
        tamper(path, f"DROP TABLE {table}")
        with pytest.raises(NotACache) as caught:
            OPERATIONS[operation][1](cache)
    assert str(path) in str(caught.value)
    assert "None" not in str(caught.value)


def test_a_row_that_is_gone_is_reported_with_the_file(tmp_path: Path) -> None:
    path = filled(tmp_path / "cache.sqlite3", "a", "b")
    with Cache(path) as cache:
        tamper(path, "DELETE FROM rows WHERE input = 'b'")
        with pytest.raises(NotACache, match="stored just now is not found") as caught:
            cache.read_back(IDENTITY, ["a", "b"])
    assert str(path) in str(caught.value)


def test_identities_that_begin_alike_are_named(tmp_path: Path) -> None:
    path = filled(tmp_path / "cache.sqlite3", "a")
    filled(path, "a", identity={**IDENTITY, "num_beams": 4})
    said = r"begin with '' \([0-9a-f]{12}, [0-9a-f]{12}\)\."
    with Cache(path) as cache, pytest.raises(CacheError, match=said):
        cache.drop(identity="")
