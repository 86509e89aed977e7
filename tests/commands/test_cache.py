"""`pivot-sum cache`: what each of its commands prints, changes and leaves alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from commandline import (
    CACHE,
    PIVOT,
    change,
    dialogues,
    everything_in,
    pivot_sum,
    read,
    rows_by_stage,
    text_project,
)
from textruns import RUN, cold, project, said

from pivot_sum.cache import Cache
from pivot_sum.cache.keys import row_checksum

__all__ = ["cold", "project"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run over ten dialogues, in `out/`. Copy it before changing it."""
    folder = text_project(tmp_path_factory.mktemp("commands") / "project", dialogues(10))
    pivot_sum(folder, *RUN, "--out", "out")
    return folder


def test_cache_info_counts_rows_by_identity(finished: Path) -> None:
    facts = said(finished, "cache", "info")
    assert facts["rows"] == 10 + 15 + 15 and facts["path"] == str(CACHE)
    assert [(item["identity"]["stage"], item["rows"]) for item in facts["identities"]] == [
        ("clean", 10),
        ("polish", 15),
        ("clean", 15),
    ]
    printed = pivot_sum(finished, "cache", "info").stdout
    assert printed.startswith(f"{CACHE}: 40 rows") and "colloquial=True" in printed


def test_cache_explain_names_the_one_field_that_differs(project: Path) -> None:
    explain = ["cache", "explain", "text.yaml", "--data", "data.csv"]
    assert [step["differences"] for step in said(project, *explain)] == [[], [], []]
    change(project / CACHE, "DELETE FROM rows WHERE identity = 1")
    before = everything_in(project)
    plan = said(project, *explain)
    assert plan[0]["differences"] == [{"field": "colloquial", "wanted": False, "stored": True}]
    assert (plan[0]["cached"], plan[0]["missing"], plan[1]["missing"]) == (0, 10, 0)
    printed = pivot_sum(project, *explain).stdout
    assert (
        "clean: nothing is cached for these settings; nearest stored: colloquial True -> False"
        in printed
    )
    assert everything_in(project) == before


def test_cache_explain_names_the_changed_setting_of_a_model(pivot_run: Path) -> None:
    explain = ["cache", "explain", *PIVOT[1:]]
    assert [step["missing"] for step in said(pivot_run, *explain)] == [0] * 5
    plan = said(pivot_run, *explain, "--set", "to-english.num_beams=2")
    assert [step["differences"] for step in plan] == [
        [],
        [{"field": "num_beams", "wanted": 2, "stored": 1}],
        [],
        [],
        [],
    ]
    assert [step["waiting"] for step in plan] == [0, 0, 60, 60, 60]


def test_cache_verify_finds_a_damaged_row_and_drop_removes_it(project: Path) -> None:
    assert said(project, "cache", "verify")["sound"] is True
    change(project / CACHE, "UPDATE rows SET output = 'other' WHERE id = 3")
    result = said(project, "cache", "verify", code=43)
    assert (result["rows"], result["damaged"], result["sound"]) == (40, 1, False)
    ran = pivot_sum(project, "cache", "verify", "--cache", str(CACHE), code=43)
    assert (
        "damaged: 1," in ran.stdout
        and f"next: pivot-sum cache drop --damaged --cache {CACHE}, then" in ran.stdout
        and ran.stderr == ""
    )
    assert pivot_sum(project, "cache", "drop", "--damaged").stdout == "rows dropped: 1\n"
    assert said(project, "cache", "verify")["rows"] == 39


def test_cache_repair_says_what_it_saved_and_lost(project: Path) -> None:
    assert "is sound" in pivot_sum(project, "cache", "repair").stdout
    assert said(project, "cache", "repair") is None
    content = bytearray((project / CACHE).read_bytes())
    content[:4_096] = bytes(4_096)
    (project / CACHE).write_bytes(content)
    for words in (["verify"], ["info"], ["drop", "--damaged"], ["export", "new"]):
        assert "cache repair" in pivot_sum(project, "cache", *words, code=45).message
    printed = pivot_sum(project, "cache", "repair").stdout
    assert "rows saved: 40, names saved: 3" in printed and f"kept as {CACHE}.damaged" in printed
    assert (project / f"{CACHE}.damaged").read_bytes() == content
    assert said(project, "cache", "verify")["sound"] is True
    record = said(project, *RUN, "--offline", "--out", "again")
    assert [step["computed"] for step in record["steps"]] == [0, 0, 0]


def test_what_is_exported_can_be_imported_and_replayed_elsewhere(project: Path, cold: Path) -> None:
    printed = pivot_sum(project, "cache", "export", cold / "colleague.sqlite3").stdout
    assert "40 rows" in printed and "pivot-sum cache import colleague.sqlite3" in printed
    result = said(cold, "cache", "import", "colleague.sqlite3")
    assert [result[count] for count in ("added", "already", "conflicts", "damaged")] == [
        40,
        0,
        0,
        0,
    ]
    record = said(cold, *RUN, "--offline", "--out", "out")
    assert [step["computed"] for step in record["steps"]] == [0, 0, 0]
    assert (cold / "out/predictions.csv").read_bytes() == (
        project / "out/predictions.csv"
    ).read_bytes()


def test_an_export_for_a_recipe_holds_what_its_replay_needs(project: Path, cold: Path) -> None:
    export = ["cache", "export", cold / "colleague.sqlite3", "--recipe", "text.yaml"]
    with Cache(project / CACHE) as cache:
        cache.put({"stage": "clean", "model": "of another recipe"}, [("a", "b", {})])
    pivot_sum(project, *export)
    assert said(cold, "cache", "import", "colleague.sqlite3")["added"] == 40
    record = said(cold, *RUN, "--offline", "--out", "out")
    assert [step["computed"] for step in record["steps"]] == [0, 0, 0]
    change(project / CACHE, "DELETE FROM rows WHERE identity = 1")
    printed = pivot_sum(project, *export, "--overwrite").stdout
    assert printed.startswith("steps without results in this cache: clean\n")
    nothing = pivot_sum(cold, *export, "--cache", "new.sqlite3", "--overwrite", code=46)
    assert "no cache at new.sqlite3" in nothing.message
    change(project / CACHE, "DELETE FROM rows")
    assert "cache explain" in pivot_sum(project, *export, "--overwrite", code=3).message


def test_importing_another_answer_to_the_same_text_is_a_conflict_and_the_first_row_wins(
    project: Path, cold: Path
) -> None:
    pivot_sum(cold, *RUN, "--stages", "clean")
    pivot_sum(project, "cache", "export", "colleague.sqlite3")
    [(text,)] = read(cold / CACHE, "SELECT input FROM rows WHERE id = 1")
    _answer_otherwise(cold / CACHE, "another answer")
    printed = pivot_sum(cold, "cache", "import", project / "colleague.sqlite3").stdout
    assert printed.startswith(
        "rows added: 30, here already: 9, damaged and refused: 0\nconflicts: 1 ("
    )
    assert (
        "conflict: clean: '#Person1#: " in printed
        and "kept 'another answer', refused '#Person1#: " in printed
    )
    assert read(cold / CACHE, "SELECT input, output FROM rows WHERE id = 1") == [
        (text, "another answer")
    ]


def _answer_otherwise(cache: Path, output: str) -> None:
    """Give the first row another output, with the checksum that belongs to it."""
    [(key, note)] = read(cache, "SELECT key, CAST(note AS BLOB) FROM rows WHERE id = 1")
    checksum = row_checksum(key, output.encode(), note)
    connection = sqlite3.connect(cache)
    with connection:
        connection.execute(
            "UPDATE rows SET output = ?, checksum = ? WHERE id = 1", [output, checksum]
        )
    connection.close()


def test_an_export_overwrites_only_when_told_to(project: Path) -> None:
    (project / "precious").write_text("kept", encoding="utf-8")
    assert "--overwrite" in pivot_sum(project, "cache", "export", "precious", code=40).message
    assert (project / "precious").read_text(encoding="utf-8") == "kept"
    pivot_sum(project, "cache", "export", "precious", "--overwrite")
    assert said(project, "cache", "info", "--cache", "precious")["rows"] == 40


def test_drop_removes_a_stage_or_one_identity_and_nothing_else(project: Path) -> None:
    [sha256] = [
        item["sha256"]
        for item in said(project, "cache", "info")["identities"]
        if item["identity"].get("colloquial") is True
    ]
    assert (
        pivot_sum(project, "cache", "drop", "--identity", sha256[:10]).stdout
        == "rows dropped: 15\n"
    )
    assert rows_by_stage(project / CACHE) == {"clean": 10, "polish": 15}
    assert pivot_sum(project, "cache", "drop", "--stage", "polish").stdout == "rows dropped: 15\n"
    assert rows_by_stage(project / CACHE) == {"clean": 10}


@pytest.mark.parametrize("words", [[], ["--damaged", "--stage", "clean"]])
def test_drop_wants_to_be_told_exactly_one_thing(project: Path, words: list[str]) -> None:
    assert "exactly one of" in pivot_sum(project, "cache", "drop", *words, code=2).stderr
    assert rows_by_stage(project / CACHE) == {"clean": 25, "polish": 15}
