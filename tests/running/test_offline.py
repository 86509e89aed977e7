"""Replaying from the cache: the same bytes without models, without their libraries, without a
socket; or nothing at all."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import CACHE, PIVOT, WATCHED, change, environment, everything_in, pivot_sum


@pytest.fixture
def moved(pivot_run: Path, tmp_path: Path) -> Path:
    """The project of the finished pivot without its models and its run folder."""
    return shutil.copytree(
        pivot_run, tmp_path / "moved", ignore=shutil.ignore_patterns("models", "out")
    )


def watched(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WATCHED, *words],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_offline_gives_the_same_bytes_without_models_libraries_or_sockets(
    pivot_run: Path, moved: Path
) -> None:
    cache = (moved / CACHE).read_bytes()
    done = watched(moved, *PIVOT, "--offline", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "imported: []" in done.stderr
    computed = json.loads((pivot_run / "out/run.json").read_text(encoding="utf-8"))
    replayed = json.loads((moved / "out/run.json").read_text(encoding="utf-8"))
    for name in ["predictions.csv", *(step["file"] for step in computed["steps"])]:
        assert (moved / "out" / name).read_bytes() == (pivot_run / "out" / name).read_bytes(), name
    same = (
        "name",
        "identity",
        "texts",
        "unique",
        "verdicts",
        "rungs",
        "retries",
        "repairs",
        "flags",
    )
    assert [[step[key] for key in same] for step in replayed["steps"]] == [
        [step[key] for key in same] for step in computed["steps"]
    ]
    assert [(step["cached"], step["computed"]) for step in replayed["steps"]] == [
        (step["unique"], 0) for step in replayed["steps"]
    ]
    assert replayed["status"] == "finished" and replayed["options"]["offline"] is True
    assert (moved / CACHE).read_bytes() == cache


def test_a_run_that_finds_everything_in_the_cache_needs_the_models_but_not_their_libraries(
    pivot_run: Path, moved: Path
) -> None:
    shutil.copytree(pivot_run / "models", moved / "models")
    done = watched(moved, *PIVOT, "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "imported: []" in done.stderr
    assert (moved / "out/predictions.csv").read_bytes() == (
        pivot_run / "out/predictions.csv"
    ).read_bytes()


@pytest.mark.parametrize(
    ("turn", "samples"),
    [
        ("네, 제 번호는 #PhoneNumber#이고 3번이에요.", "1 sample (d3)"),
        ("네, 좋아요.", "40 samples (d1, d2, d4, d5, d7, ...)"),
    ],
)
def test_offline_one_missing_row_is_named_with_its_samples_and_nothing_is_written(
    moved: Path, turn: str, samples: str
) -> None:
    change(moved / CACHE, f"DELETE FROM rows WHERE input = '{turn}'")
    before = everything_in(moved)
    message = pivot_sum(moved, *PIVOT, "--offline", "--out", "out", code=3).message
    assert (
        message
        == f"step 2 (to-english): 1 turn of {samples} not in the cache. Run without --offline to"
        " compute them\n"
    )
    assert everything_in(moved) == before


def test_offline_rows_missing_by_the_stage_are_counted_and_the_first_ids_named(moved: Path) -> None:
    change(
        moved / CACHE,
        "DELETE FROM rows WHERE identity = (SELECT id FROM identities WHERE json LIKE"
        " '%\"summarize\"%')",
    )
    before = everything_in(moved)
    message = pivot_sum(moved, *PIVOT, "--offline", code=3).message
    assert (
        "step 3 (summarize): " in message
        and "texts of 60 samples (d0, d1, d2, d3, d4, ...) not in the cache" in message
    )
    assert "it holds nothing of stage 'summarize'" in message
    assert everything_in(moved) == before


def test_offline_another_setting_is_a_miss_that_names_the_field(moved: Path) -> None:
    message = pivot_sum(
        moved, *PIVOT, "--offline", "--set", "to-english.num_beams=2", code=3
    ).message
    assert message.startswith(
        "step 2 (to-english): offline, and this cache never saw this stage with these settings"
    )
    assert "num_beams: wanted 2, stored 1" in message
