"""A stage or metric of the user's own that raises: one message with the place, and what is done is
kept; a bug of ours stays a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import pivot_sum, write_csv

from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring.metric import measure

MODULE = """\
from pivot_sum import Rule


def longest(text):
    return max(word for word in text.split() if len(word) > 10)


class Longest(Rule):
    \"\"\"Takes the longest word for a summary.\"\"\"

    name = "longest"
    version = 1
    task = "summarize"
    placeholders = "select"
    batch_size: int = 1

    def apply(self, text):
        return longest(text)


class Share:
    name = "share"
    signature = "share|1"

    def score(self, hypotheses, references, sources):
        return [100 / (len(text) - len(text)) for text in hypotheses]
"""
RECIPE = """\
data: {file: data.csv}
steps:
  - {name: longest, stage: "mine:Longest"}
"""
ROWS = [
    ("d0", "#Person1#: 도서관앞에서우리모두만나요.", "#Person1#은 도서관에서 만난다."),
    ("d1", "#Person1#: 네.", "#Person1#은 대답한다."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(RECIPE, encoding="utf-8")
    write_csv(tmp_path / "data.csv", ROWS, ("fname", "dialogue", "summary"))
    return tmp_path


def test_a_stage_that_raises_is_named_with_the_line_and_what_is_kept(folder: Path) -> None:
    message = pivot_sum(folder, "run", "mine.yaml", code=30).message
    assert message.startswith(
        "step 1 (longest): stage mine:Longest, code from outside pivot-sum, raises ValueError:"
    )
    assert f"({folder / 'mine.py'}, line 5). Correct it there" in message
    assert "1 of 2 missing texts are computed and kept" in message


def test_the_traceback_is_shown_where_it_is_asked_for(folder: Path) -> None:
    env = {"PIVOT_SUM_TRACEBACK": "1"}
    said = pivot_sum(folder, "run", "mine.yaml", env=env, code=30).stderr
    assert "return longest(text)" in said
    assert said.splitlines()[-1].startswith("error: step 1 (longest): ")


def test_a_metric_that_raises_is_named_with_the_line(folder: Path) -> None:
    (folder / "predictions.csv").write_text("fname,summary\nd0,비\nd1,눈\n", encoding="utf-8")
    words = ("score", "predictions.csv", "--data", "data.csv", "--metric", "mine:Share")
    message = pivot_sum(folder, *words, code=70).message
    assert "the metric share, code from outside pivot-sum, raises ZeroDivisionError" in message
    assert f"({folder / 'mine.py'}, line 26)" in message


def test_a_metric_made_in_python_is_named_too_and_its_error_is_the_cause() -> None:
    class Broken:
        name = signature = "broken"

        def score(self, *_: object) -> list[float]:
            raise KeyError("비")

    with pytest.raises(MetricInvalid, match=r"the metric broken, .* raises KeyError") as caught:
        measure(Broken(), ["비"], [["비"]])
    assert isinstance(caught.value.__cause__, KeyError)
    assert f"({__file__}, line " in str(caught.value)


def test_a_bug_of_ours_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    from pivot_sum.scoring.rouge import Rouge

    def broken(self: Rouge, *_: object) -> None:
        raise IndexError("ours")

    monkeypatch.setattr(Rouge, "parts", broken)
    from pivot_sum.scoring import load_metrics

    [rouge, *_] = load_metrics(["rouge"], tokenizer="syllable").values()
    with pytest.raises(IndexError, match="ours"):
        measure(rouge, ["비"], [["비"]])
