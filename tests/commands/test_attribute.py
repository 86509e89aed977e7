"""`pivot-sum attribute` as it is typed, on the demo with its shipped models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from commandline import CACHE, everything_in, pivot_sum, rows_by_stage

from pivot_sum.attribution import RESULT, TEXTS


@pytest.fixture(scope="module")
def attributed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the demo over three dialogues in `out/`, attributed once; what was
    printed in `printed.txt`."""
    folder = tmp_path_factory.mktemp("attribute")
    pivot_sum(folder, "run", "--limit", 3, "--out", "out")
    printed = pivot_sum(folder, "attribute", "out").stdout
    (folder / "printed.txt").write_text(printed, encoding="utf-8")
    return folder


def test_the_tables_say_what_was_put_in_and_what_each_stage_lost(attributed: Path) -> None:
    printed = (attributed / "printed.txt").read_text(encoding="utf-8")
    lines = printed.splitlines()
    assert lines[0] == "oracles in the place of stages (3 dialogues)"
    assert [line.split("  ")[0] for line in lines[2:6]] == [
        "-",
        "to-english",
        "summarize",
        "summarize + to-korean",
    ]
    assert "equal by construction: to-english + summarize = summarize;" in printed
    assert "cannot be had: to-korean; to-english + to-korean (no data says" in printed
    start = next(
        number for number, line in enumerate(lines) if line.startswith("points lost (ceiling ")
    )
    assert [line.split()[0] for line in lines[start + 2 : start + 6]] == [
        "to-english",
        "summarize",
        "to-korean",
        "together",
    ]
    assert (
        "to-english, summarize, to-korean; summarize, to-english, to-korean; summarize, to-korean,"
        " to-english" in printed
    )
    assert (
        "steps without an oracle of their own are counted with the step beside them: clean with"
        " to-english; polish with to-korean" in lines
    )
    assert "names, numbers and placeholders: faults by step" in lines
    start = lines.index("points lost, by kind")
    assert lines[start + 1].split("  ")[-1].strip() == "loss"
    for line in lines[start + 2 : start + 6]:
        *kinds, loss = map(float, line.split()[1:])
        assert sum(kinds) == pytest.approx(loss, abs=0.03)  # each is rounded
    assert "translation alone: the Korean reference after a round trip scores " in printed
    assert "the translation to English against the originals: chrF " in printed
    assert "1,000 resamples, seed 12345" in printed and "rouge-f1|tok:mecab-ko-" in printed
    assert f"written: out/{RESULT}; the texts, which are no predictions: out/{TEXTS}" in printed
    assert lines[-1].startswith("  pivot-sum show out --id demo_")


def test_the_figures_lie_in_the_run_folder_and_the_run_is_as_it_was(attributed: Path) -> None:
    told = json.loads((attributed / "out" / RESULT).read_text(encoding="utf-8"))
    assert sum(stage["loss"] for stage in told["stages"]) == pytest.approx(
        told["loss"]["mean"], abs=1e-12
    )
    assert told["ceiling"]["mean"] - told["actual"]["mean"] == pytest.approx(
        told["loss"]["mean"], abs=1e-12
    )
    assert [stage["name"] for stage in told["stages"]] == ["to-english", "summarize", "to-korean"]
    assert len(told["combinations"]) == 8
    assert (told["samples"], told["seed"], told["resamples"]) == (3, 12345, 1000)
    record = json.loads((attributed / "out" / "run.json").read_text(encoding="utf-8"))
    assert "oracles" not in record and record["predictions"] == "predictions.csv"


def test_a_second_time_and_offline_nothing_is_computed_and_the_bytes_are_the_same(
    attributed: Path,
) -> None:
    before, rows = everything_in(attributed / "out"), rows_by_stage(attributed / CACHE)
    again = pivot_sum(attributed, "attribute", "out")
    offline = pivot_sum(attributed, "attribute", "out", "--offline")
    assert (
        again.stdout == offline.stdout == (attributed / "printed.txt").read_text(encoding="utf-8")
    )
    assert everything_in(attributed / "out") == before and rows_by_stage(attributed / CACHE) == rows


def test_a_program_reads_the_same(attributed: Path) -> None:
    told = json.loads(
        pivot_sum(
            attributed, "attribute", "out", "--offline", "--json", "--out", "elsewhere"
        ).stdout
    )
    assert told.pop("folder") == "elsewhere"
    assert told == json.loads((attributed / "out" / RESULT).read_text(encoding="utf-8"))
    assert (attributed / "elsewhere" / TEXTS).read_bytes() == (
        attributed / "out" / TEXTS
    ).read_bytes()


def test_without_a_run_the_newest_is_taken(attributed: Path) -> None:
    shutil.copytree(attributed / "out", attributed / "runs" / "newest")
    printed = pivot_sum(attributed, "attribute", "--offline").stdout
    assert printed.replace("runs/newest", "out") == (attributed / "printed.txt").read_text(
        encoding="utf-8"
    )


def test_offline_what_is_missing_is_named(attributed: Path, tmp_path: Path) -> None:
    shutil.copytree(attributed / "out", tmp_path / "out")
    missing = pivot_sum(tmp_path, "attribute", "out", "--offline", code=46)
    assert "cache" in missing.message


def test_predictions_are_refused_before_anything_is_done(attributed: Path) -> None:
    refused = pivot_sum(attributed, "attribute", "out", "--predictions", "mine.csv", code=57)
    assert refused.message.startswith(
        "--predictions mine.csv: these texts were made with the help of the references"
    )
    assert not (attributed / "mine.csv").exists()


def test_the_direct_pipeline_has_nothing_to_share_out(attributed: Path) -> None:
    pivot_sum(attributed, "run", "demo-direct", "--limit", 3, "--out", "direct")
    printed = pivot_sum(attributed, "attribute", "direct", "--tokenizer", "syllable").stdout
    assert (
        "note: The direct pipeline is one summariser: nothing is to be shared out, the whole loss"
        " is its own." in printed
    )
    assert "orders" not in printed and "tok:syllable" in printed


def test_what_is_no_run_folder_is_refused(attributed: Path) -> None:
    assert "is not a run folder" in pivot_sum(attributed, "attribute", "nowhere", code=50).message
