"""A user's folder: files called like our packages, a module with stages, and everything that can be
done with a recipe that names them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import CACHE, environment, pivot_sum, read, write_csv

MODULE = '''\
from pivot_sum import Rule


class Fillers(Rule):
    """Leaves filler words out."""

    name = "fillers"
    version = 2
    words: tuple[str, ...] = ("음",)

    def apply(self, text: str) -> str:
        return " ".join(word for word in text.split(" ") if word.strip(",") not in self.words)


class FirstTurn(Rule):
    """Takes the first turn for a summary."""

    name = "first-turn"
    version = 1
    task = "summarize"
    placeholders = "select"

    def apply(self, text: str) -> str:
        return text.split("\\n")[0].replace(": ", "은 ", 1)
'''
DIRECT = """\
data: {file: data.csv}
steps:
  - {name: clean, stage: clean}
  - {name: fillers, stage: "mine:Fillers", over: turn}
  - {name: first, stage: "mine:FirstTurn"}
  - {name: polish, stage: polish}
"""
ROWS = [
    (
        f"d{number}",
        f"#Person1#: 음, {place}에서 볼까요?\n#Person2#: 네.",
        f"#Person1#은 {place}에서 보자고 한다.",
    )
    for number, place in enumerate(("도서관", "우체국", "수영장"))
]
SCRIPT = """\
import pivot_sum
from mine import Fillers

assert Fillers(words=["네"])(["네, 음"]) == ["음"]
run = pivot_sum.run("recipes/direct.yaml", "data.csv", out="scripted", score=False)
assert len(run.summaries) == 3
assert not any("음" in summary for summary in run.summaries.values())
"""
NOTES = [
    f"note: stage mine:{name} is code from outside pivot-sum: " for name in ("Fillers", "FirstTurn")
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with one finished run, `out`."""
    folder = tmp_path_factory.mktemp("user")
    write_csv(folder / "data.csv", ROWS, header=("fname", "dialogue", "summary"))
    (folder / "cache.py").write_text("raise AssertionError('cache imported')\n", encoding="utf-8")
    for own in ("stages", "recipes"):
        (folder / own).mkdir()
    (folder / "stages" / "__init__.py").write_text("raise AssertionError\n", encoding="utf-8")
    (folder / "mine.py").write_text(MODULE, encoding="utf-8")
    (folder / "recipes" / "direct.yaml").write_text(DIRECT, encoding="utf-8")
    noted = pivot_sum(folder, "run", "recipes/direct.yaml", "--out", "out").stderr.splitlines()
    assert [line[: len(note)] for line, note in zip(noted, NOTES, strict=False)] == NOTES
    assert all(str(folder / "mine.py") in line for line in noted[:2])
    return folder


def test_the_run_holds_the_names_of_the_recipe_and_the_versions(folder: Path) -> None:
    record = json.loads((folder / "out/run.json").read_text(encoding="utf-8"))
    made = [(step["identity"]["stage"], step["identity"]["version"]) for step in record["steps"]]
    assert made[1:3] == [("mine:Fillers", 2), ("mine:FirstTurn", 1)]
    stored = read(folder / CACHE, "SELECT json_extract(json, '$.stage') FROM identities")
    assert {name for (name,) in stored} >= {"mine:Fillers", "mine:FirstTurn"}


def test_offline_replays_the_same_bytes_and_misses_are_explained(folder: Path) -> None:
    pivot_sum(folder, "run", "recipes/direct.yaml", "--offline", "--out", "again")
    assert (folder / "again/predictions.csv").read_bytes() == (
        folder / "out/predictions.csv"
    ).read_bytes()
    words = ("run", "recipes/direct.yaml", "--offline", "--set", "fillers.words=[네]")
    message = pivot_sum(folder, *words, code=3).message
    assert "step 2 (fillers)" in message and "words: wanted ['네'], stored ['음']" in message


def test_cache_explain_finds_what_is_stored(folder: Path) -> None:
    plans = json.loads(
        pivot_sum(folder, "cache", "explain", "recipes/direct.yaml", "--json").stdout
    )
    assert [(plan["stage"], plan["missing"]) for plan in plans] == [
        ("clean", 0),
        ("mine:Fillers", 0),
        ("mine:FirstTurn", 0),
        ("polish", 0),
    ]


def test_a_new_version_of_the_stage_is_computed_anew(folder: Path) -> None:
    text = MODULE.replace("version = 2", "version = 3")
    (folder / "mine.py").write_text(text, encoding="utf-8")
    try:
        words = ("run", "recipes/direct.yaml", "--out", "newer", "--json")
        record = json.loads(pivot_sum(folder, *words).stdout)
    finally:
        (folder / "mine.py").write_text(MODULE, encoding="utf-8")
    assert [step["computed"] > 0 for step in record["steps"]] == [False, True, False, False]


def test_compare_takes_runs_and_recipes(folder: Path) -> None:
    cheap = ("--tokenizer", "syllable", "--resamples", "100", "--json")
    compared = json.loads(pivot_sum(folder, "compare", "out", "recipes/direct.yaml", *cheap).stdout)
    assert compared


def test_attribute_finds_the_summariser_by_its_task(folder: Path) -> None:
    found = json.loads(
        pivot_sum(folder, "attribute", "out", "--tokenizer", "syllable", "--json").stdout
    )
    assert [stage["name"] for stage in found["stages"]] == ["first"]


def test_stages_shows_an_outside_stage(folder: Path) -> None:
    [shown] = json.loads(pivot_sum(folder, "stages", "mine:Fillers", "--json").stdout)
    assert (shown["stage"], shown["task"], shown["meaning"]) == (
        "mine:Fillers",
        "clean",
        "Leaves filler words out.",
    )
    assert [field["name"] for field in shown["fields"]] == ["language", "batch_size", "words"]


def test_a_script_beside_the_module_uses_the_library(folder: Path) -> None:
    (folder / "script.py").write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
