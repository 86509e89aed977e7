"""Other metrics than ROUGE on the command line: built in, and a user's own beside the notebook."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from commandline import pivot_sum

GOLDEN = Path(__file__).parents[1] / "golden" / "v0.1"
OWN = """
class Speakers:
    name = "speakers"
    signature = "speakers|v7"

    def score(self, hypotheses, references, sources):
        assert len(hypotheses) == len(references) == len(sources) and all(sources)
        return [10.0 * min(text.count("#Person"), 10) for text in hypotheses]


class Short(Speakers):
    name = "short"

    def score(self, hypotheses, references, sources):
        return [50.0]
"""
RUNS = ("runs/direct", "runs/pivot")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of version 0.1.0, beside a user's own files of any name."""
    path = shutil.copytree(GOLDEN, tmp_path_factory.mktemp("metrics") / "notebook")
    (path / "cache.py").write_text("raise AssertionError('not ours')\n", encoding="utf-8")
    (path / "stages").mkdir()
    (path / "stages" / "__init__.py").write_text("raise AssertionError\n", encoding="utf-8")
    (path / "mine.py").write_text(OWN, encoding="utf-8")
    return path


def test_compare_has_a_column_an_interval_and_tests_for_every_metric(folder: Path) -> None:
    words = ("compare", *RUNS, "--metric", "rouge", "--metric", "chrf", "--metric", "mine:Speakers")
    printed = pivot_sum(folder, *words).stdout
    lines = [line.split() for line in printed.splitlines()]
    assert ["R1", "R2", "RL", "final", "raw", "R1", "raw", "R2", "raw", "RL", "raw", "final",
            "chrF", "speakers"] in lines  # fmt: skip
    tested = [line[0] for line in lines if len(line) == 7 and line[3] == "to"]
    assert tested == ["R1", "R2", "RL", "final", "chrF", "speakers"]
    assert "signature: speakers|v7|refs:3|n:2|v:" in printed
    assert "--metric rouge --metric chrf --metric mine:Speakers" in printed.partition("next:")[2]
    found = json.loads(pivot_sum(folder, *words, "--json").stdout)
    assert found["metrics"]["speakers"] == {"name": "speakers", "headline": "speakers"}
    assert list(found["rows"][0]["scores"]) == ["whole", "raw", "chrf", "speakers"]
    [difference] = found["differences"]
    assert list(difference["others"]) == ["raw", "chrf", "speakers"]
    assert difference["raw"] == difference["others"]["raw"]
    ours, theirs = (row["scores"]["speakers"]["speakers"] for row in found["rows"][1::-1])
    assert difference["others"]["speakers"]["delta"] == pytest.approx(ours - theirs)


def test_another_metric_alone_needs_no_tokenizer_and_decides(folder: Path) -> None:
    printed = pivot_sum(
        folder, "compare", *RUNS, "--metric", "mine:Speakers", "--tokenizer", "none"
    ).stdout
    assert printed.startswith("scores of 2 dialogues (0 to 100)\n")
    assert "(speakers, 95 % CI" in printed or "score the same in every dialogue" in printed
    assert "rouge" not in printed


def test_score_shows_other_metrics_below_rouge_or_alone(folder: Path) -> None:
    words = ("score", "runs/pivot", "--metric")
    alone = json.loads(pivot_sum(folder, *words, "chrf", "--json").stdout)["scores"]
    both = json.loads(pivot_sum(folder, *words, "rouge", "--metric", "chrf", "--json").stdout)
    assert list(alone) == ["chrf"] and list(both["scores"]) == ["whole", "raw", "chrf"]
    assert both["scores"]["chrf"] == alone["chrf"]
    printed = pivot_sum(folder, *words, "chrf").stdout
    assert f"chrF    {alone['chrf']['chrf']:.2f}" in printed and "R1" not in printed
    assert "pivot-sum compare runs/pivot OTHER --metric chrf " in printed


@pytest.mark.parametrize("first", ["mine:Speakers", "rouge"])
def test_a_report_shows_a_metric_of_ones_own(folder: Path, first: str) -> None:
    second = "rouge" if first != "rouge" else "mine:Speakers"
    words = ("--metric", first, "--metric", second, "--out", "page.html")
    pivot_sum(folder, "report", *RUNS, *words)
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert ">speakers</th>" in page and "<code>speakers|v7|refs:3|n:2|v:" in page
    assert ("ROUGE F1 on Korean morphemes" in page) == (first == "rouge")
    assert ("Final score per dialogue" in page) == (first == "rouge")
    assert ("of another metric than the scores above: rouge-f1" in page) == (first != "rouge")


def test_losses_are_shared_out_in_points_of_any_metric(folder: Path) -> None:
    words = ("attribute", "runs/pivot", "--offline", "--cache", "cache.sqlite3", "--out", "parts")
    found = json.loads(pivot_sum(folder, *words, "--metric", "mine:Speakers", "--json").stdout)
    assert (found["metric"], found["headline"]) == ("speakers", "speakers")
    assert sum(stage["loss"] for stage in found["stages"]) == pytest.approx(found["loss"]["mean"])
    assert found["loss"]["mean"] == pytest.approx(
        found["ceiling"]["mean"] - found["actual"]["mean"]
    )
    printed = pivot_sum(folder, *words, "--metric", "mine:Speakers").stdout
    assert "speakers|v7|refs:3|n:2|" in printed and " R1 " not in printed


def test_routing_measures_likeness_and_gain_by_any_metric(folder: Path) -> None:
    words = ("route", *RUNS, "--metric", "mine:Speakers")
    found = json.loads(pivot_sum(folder, *words, "--json").stdout)
    assert (found["metric"], found["tokenizer"]) == ("speakers", "")
    assert found["evaluated"]["signature"].startswith("speakers|v7|")
    assert all("speakers" in outcome for outcome in found["evaluated"]["outcomes"])
    printed = pivot_sum(folder, *words).stdout
    assert "mbr (speakers)" in printed and "--metric mine:Speakers --out" in printed


@pytest.mark.parametrize("command", ["compare", "report", "route"])
def test_what_a_metric_may_not_give_is_one_message_with_its_name(
    folder: Path, command: str
) -> None:
    refused = pivot_sum(folder, command, *RUNS, "--metric", "mine:Short", code=70)
    assert "the metric short gave 1 values for 2 summaries" in refused.message


def test_a_name_that_is_none_is_refused_with_the_nearest(folder: Path) -> None:
    refused = pivot_sum(folder, "score", "runs/pivot", "--metric", "rogue", code=70)
    assert "there is no metric 'rogue'; did you mean rouge?" in refused.message
