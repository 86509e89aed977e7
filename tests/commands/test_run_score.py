"""`pivot-sum run` ends with its score where there are references."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import pivot_sum, text_project, without_tokenizer, write_csv
from compareproject import HEADER, rows

from pivot_sum.run_score import score_run
from pivot_sum.running.run import Run
from pivot_sum.scoring import tokenizers

RUN = ("run", "text.yaml", "--data", "data.csv", "--out", "out")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Data with references, and a recipe that needs no model."""
    folder = text_project(tmp_path / "project", [])
    write_csv(folder / "data.csv", rows(), HEADER)
    return folder


def test_a_run_prints_its_score_and_keeps_it_with_its_signature(project: Path) -> None:
    shown = pivot_sum(project, *RUN).stdout
    kept = json.loads((project / "out/scores.json").read_text(encoding="utf-8"))
    assert f"signature: {kept['signature']}\n" in shown and "tok:mecab-ko-" in kept["signature"]
    line = [f"{kept[name]:.2f}" for name in ("final", "rouge1", "rouge2", "rougeL")]
    assert line in [words.split() for words in shown.splitlines()]
    scored = json.loads(pivot_sum(project, "score", "out", "--json").stdout)
    assert scored["scores"]["whole"] == kept
    assert (
        json.loads(pivot_sum(project, "runs", "--below", ".", "--json").stdout)[0]["final"]
        == (kept["final"])
    )


def test_a_program_gets_the_scores_with_the_record(project: Path) -> None:
    printed = json.loads(pivot_sum(project, *RUN, "--json").stdout)
    assert printed["scores"] == json.loads((project / "out/scores.json").read_text("utf-8"))


@pytest.mark.parametrize("words", [("--no-score",), ("--stages", "clean..tidy")], ids=str)
def test_no_score_where_none_is_wanted_or_only_a_part_ran(
    project: Path, words: tuple[str, ...]
) -> None:
    shown = pivot_sum(project, *RUN, *words).stdout
    assert "score" not in shown.replace("--no-score", "")
    assert not (project / "out/scores.json").exists()


def test_one_sample_without_references_leaves_the_score_out_and_is_named(project: Path) -> None:
    write_csv(project / "data.csv", [*rows(3), ("d77", "#Person1#: 네.", "", "")], HEADER)
    shown = pivot_sum(project, *RUN).stdout
    assert "signature" not in shown and not (project / "out/scores.json").exists()
    assert "not scored: data.csv has no reference summary for 1 (d77) of 4 dialogues." in shown


def test_a_test_file_without_references_is_no_matter(project: Path) -> None:
    write_csv(project / "data.csv", [("d77", "#Person1#: 네.", "", "")], HEADER)
    assert "scored" not in pivot_sum(project, *RUN).stdout


def test_where_the_tokenizer_is_missing_the_run_succeeds_and_says_how_to_score(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pivot_sum(project, *RUN, "--no-score")

    def missing() -> None:
        raise tokenizers.TokenizerMissing("mecab is not installed here")

    monkeypatch.setitem(tokenizers._LOADERS, tokenizers.DEFAULT_TOKENIZER, missing)
    monkeypatch.chdir(project)
    assert score_run(Run.load("out")) == "mecab is not installed here"
    assert not Path("out/scores.json").exists()


def test_a_run_says_before_it_begins_that_it_will_not_be_scored(project: Path) -> None:
    ran = pivot_sum(project, *RUN, env=without_tokenizer(project))
    notes = [line for line in ran.stderr.splitlines() if line.startswith(("note", "step"))]
    assert "this run will not be scored: The tokenizer mecab-ko cannot be loaded" in notes[0]
    assert "pip install mecab-ko" in notes[0] and notes[1].startswith("step 1")
    write_csv(project / "data.csv", [(id, dialogue, "", "") for id, dialogue, *_ in rows()], HEADER)
    for words in ((), ("--no-score",)):
        again = pivot_sum(project, *RUN[:-1], f"out{words}", *words, env=without_tokenizer(project))
        assert "scored" not in again.stderr, "there is nothing to score"


def test_summaries_that_mean_nothing_are_not_scored_and_the_run_succeeds(project: Path) -> None:
    english = "#Person1#: The weather is really fine today, is it not?"
    write_csv(project / "data.csv", [("d1", english, "둘은 날씨가 좋다고 말한다.", "")], HEADER)
    shown = pivot_sum(project, *RUN).stdout
    assert "not scored: " in shown and "another script" in shown
    assert "later: pivot-sum score out" in shown
    assert not (project / "out/scores.json").exists()
