"""What a name stood for belongs to the run that resolved it: an import adds, and never changes it.

Two people have one recipe with `model: ./m`, and other weights in that folder.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from commandline import pivot_sum

from pivot_sum.cache import (
    Cache,
    CorruptRow,
    ImportedNames,
    NameConflict,
    canonical_json,
    export_cache,
    import_cache,
)
from pivot_sum.cache.keys import sha256_hex
from pivot_sum.cache.records import resolution_checksum

DECLARED: dict[str, Any] = {
    "stage": "summarize",
    "version": 1,
    "model": "./m",
    "engine": "auto",
    "num_beams": 4,
}


def identity(weights: str, engine: str = "ctranslate2") -> dict[str, Any]:
    return {**DECLARED, "model": {"sha256": weights}, "engine": engine}


OURS, THEIRS, OTHERS = identity("aa" * 32), identity("bb" * 32), identity("cc" * 32)


def make(path: Path, meaning: dict[str, Any], *, rows: bool = True) -> Path:
    """A cache in which the recipe's name stood for `meaning`, as a run leaves it."""
    with Cache(path) as cache:
        cache.remember(DECLARED, meaning)
        if rows:
            cache.put(meaning, [("a dialogue", f"from {path.name}", {})])
    return path


def forge(path: Path, declared: Any, resolved: Any) -> Path:
    """Put a resolution into a cache file as its maker wants it, with the checksum that fits."""
    texts = [
        value if isinstance(value, str) else canonical_json(value) for value in (declared, resolved)
    ]
    Cache(path).close()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "INSERT OR REPLACE INTO resolutions VALUES (?, ?, ?, '2999-01-01T00:00:00Z', ?)",
            [sha256_hex(texts[0]), *texts, resolution_checksum(*texts)],
        )
    connection.close()
    return path


def replayed(cache: Cache) -> str | None:
    """The answer an offline run gives: by the name, then by what it stood for."""
    meaning = cache.resolution(DECLARED)
    rows = cache.get(meaning, ["a dialogue"]) if meaning else {}
    return rows["a dialogue"].output if rows else None


@pytest.mark.parametrize("theirs", ["2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_an_import_never_changes_what_a_name_stood_for_here(tmp_path: Path, theirs: str) -> None:
    source = make(tmp_path / "theirs", THEIRS)
    connection = sqlite3.connect(source)
    with connection:
        connection.execute("UPDATE resolutions SET created = ?", [theirs])
    connection.close()
    with Cache(make(tmp_path / "ours", OURS)) as cache:
        result = import_cache(cache, source)
        assert cache.resolution(DECLARED) == OURS
        assert replayed(cache) == "from ours"
        assert (result.added, result.conflicts) == (1, 0)
        assert result.names == ImportedNames(
            0,
            0,
            1,
            0,
            0,
            [NameConflict("summarize", "model", "./m", OURS["model"], THEIRS["model"])],
        )
        assert cache.get(THEIRS, ["a dialogue"])["a dialogue"].output == "from theirs"
        assert cache.verify().sound


def test_every_field_that_stands_for_something_else_is_named(tmp_path: Path) -> None:
    theirs = {**identity("bb" * 32, "transformers"), "server": "https://example.org"}
    source = make(tmp_path / "theirs", theirs)
    with Cache(make(tmp_path / "ours", OURS)) as cache:
        names = import_cache(cache, source).names
    assert names.conflicts == 1
    assert [(found.field, found.name, found.kept, found.refused) for found in names.examples] == [
        ("engine", "auto", "ctranslate2", "transformers"),
        ("model", "./m", OURS["model"], THEIRS["model"]),
        ("server", "(absent)", "(absent)", "https://example.org"),
    ]


def test_a_name_never_resolved_here_is_added_so_that_a_colleague_can_replay(
    tmp_path: Path,
) -> None:
    source = make(tmp_path / "theirs", THEIRS)
    with Cache(tmp_path / "ours") as cache:
        assert import_cache(cache, source).names == ImportedNames(1, 0, 0, 0, 0, [])
        assert replayed(cache) == "from theirs"
        assert import_cache(cache, source).names == ImportedNames(0, 1, 0, 0, 0, [])


def test_of_two_imports_the_first_wins_and_an_own_run_wins_over_both(tmp_path: Path) -> None:
    first, second = make(tmp_path / "first", THEIRS), make(tmp_path / "second", OTHERS)
    with Cache(tmp_path / "ours") as cache:
        import_cache(cache, first)
        assert import_cache(cache, second).names.conflicts == 1
        assert replayed(cache) == "from first"
        make(cache.path, OURS)
        assert replayed(cache) == "from ours"
        assert import_cache(cache, first).names.conflicts == 1
        assert replayed(cache) == "from ours"


def test_a_name_without_rows_is_left_out_and_does_not_block_a_later_import(tmp_path: Path) -> None:
    """Such as a run that was interrupted before its first answer leaves."""
    interrupted = make(tmp_path / "interrupted", OTHERS, rows=False)
    with Cache(tmp_path / "ours") as cache:
        assert import_cache(cache, interrupted).names == ImportedNames(0, 0, 0, 0, 1, [])
        assert cache.resolution(DECLARED) is None
        assert import_cache(cache, make(tmp_path / "theirs", THEIRS)).names.added == 1
        assert replayed(cache) == "from theirs"


def test_a_name_whose_rows_are_here_already_is_added(tmp_path: Path) -> None:
    source = make(tmp_path / "theirs", OURS, rows=False)
    with Cache(tmp_path / "ours") as cache:
        cache.put(OURS, [("a dialogue", "from ours", {})])
        assert import_cache(cache, source).names.added == 1
        assert replayed(cache) == "from ours"


@pytest.mark.parametrize(
    "resolved",
    [
        {**OURS, "stage": "translate"},
        {**OURS, "version": 2},
        {name: value for name, value in OURS.items() if name != "version"},
        {name: value for name, value in OURS.items() if name != "num_beams"},
        [OURS],
        "null",
        '{"stage":',
        json.dumps(OURS),  # not the canonical form, which no row is keyed on
        '{"num_beams":NaN}',
        "[" * 100_000,
    ],
    ids=lambda resolved: str(resolved)[:30],
)
def test_a_resolution_that_cannot_be_one_is_damaged_whatever_its_checksum(
    tmp_path: Path, resolved: Any
) -> None:
    source = make(tmp_path / "theirs", OTHERS, rows=False)
    with Cache(source) as other:  # rows it would lead to
        for meaning in (OURS, {**OURS, "stage": "translate"}, {**OURS, "version": 2}):
            other.put(meaning, [("a dialogue", "forged", {})])
    forge(source, DECLARED, resolved)
    with Cache(tmp_path / "empty") as cache:
        assert import_cache(cache, source).names == ImportedNames(0, 0, 0, 1, 0, [])
        assert cache.resolution(DECLARED) is None
        assert cache.verify().sound
    with Cache(make(tmp_path / "ours", OURS)) as cache:
        assert import_cache(cache, source).names.damaged == 1
        assert replayed(cache) == "from ours"


def test_a_forged_resolution_already_in_a_cache_is_found_refused_and_dropped(
    tmp_path: Path,
) -> None:
    """Earlier versions took it over."""
    path = forge(make(tmp_path / "ours", OURS), DECLARED, {**OURS, "stage": "translate"})
    with Cache(path) as cache:
        with pytest.raises(CorruptRow, match="names in stage summarize"):
            cache.resolution(DECLARED)
        assert cache.verify().damaged_resolutions == 1
        names = import_cache(cache, make(tmp_path / "theirs", THEIRS)).names
        assert (names.conflicts, names.examples[0].kept) == (1, "(absent)")
        cache.drop(damaged=True)
        assert cache.verify().sound
        assert import_cache(cache, tmp_path / "theirs").names.added == 1
        assert replayed(cache) == "from theirs"


def test_an_export_carries_what_names_stood_for(tmp_path: Path) -> None:
    with Cache(make(tmp_path / "ours", OURS)) as cache:
        export_cache(cache, tmp_path / "export")
    with Cache(tmp_path / "export", read_only=True) as copy:
        assert replayed(copy) == "from ours"


def test_the_command_names_stage_field_and_both_meanings(tmp_path: Path) -> None:
    make(tmp_path / "theirs", THEIRS)
    make(tmp_path / "ours", OURS)
    command = ["cache", "import", "theirs", "--cache", "ours"]
    printed = pivot_sum(tmp_path, *command).stdout.splitlines()
    assert printed[0] == "rows added: 1, here already: 0, damaged and refused: 0"
    assert printed[2].startswith("names added: 0, here already: 0, damaged and refused: 0")
    assert printed[3].startswith("conflicts of names: 1 (")
    assert printed[4] == (
        "conflict of names: summarize, model ./m: kept sha256 aaaaaaaaaaaa…, refused sha256"
        " bbbbbbbbbbbb…"
    )
    assert "--offline --cache theirs" in printed[5]
    said = json.loads(pivot_sum(tmp_path, *command, "--json").stdout)
    assert (said["added"], said["already"], said["conflicts"]) == (0, 1, 0)
    assert said["names"] == {
        "added": 0,
        "already": 0,
        "conflicts": 1,
        "damaged": 0,
        "without_rows": 0,
        "examples": [
            {
                "stage": "summarize",
                "field": "model",
                "name": "./m",
                "kept": {"sha256": "aa" * 32},
                "refused": {"sha256": "bb" * 32},
            }
        ],
    }
