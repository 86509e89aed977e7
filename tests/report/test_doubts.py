"""What the text of a summary alone makes doubtful, in the report: named, and marked where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from reportruns import write_run

from pivot_sum.data.samples import Sample
from pivot_sum.html.i18n import Interface
from pivot_sum.report.cards import Card
from pivot_sum.report.cards import card as card_of
from pivot_sum.report.report import report
from pivot_sum.report.systems import ReportSystem, StageTexts

TICKETS = "#Person1#: 표 두 장 주세요."
TIME = "#Person1#: 민수 씨, 내일 시간 있어요?\n#Person2#: 네, 있어요."


def card(dialogue: str, summary: str, references: tuple[str, ...] = (), flag: str = "") -> Card:
    sample = Sample("a", dialogue, references, None, None)
    remarks = {"a": {flag: 1}} if flag else {}
    stages = (StageTexts("summarize", "ko", {"a": summary}, remarks, True),)
    system = ReportSystem(0, "one", {"a": summary}, stages)
    return card_of(sample, 0, [system], None, [], 0, Interface())


@pytest.mark.parametrize(
    ("dialogue", "summary", "doubts"),
    [
        (TICKETS, "#Person1#은 표 네 장을 산다.", [("unsupported number", "네")]),
        (TICKETS, "#Person1#은 표 2장을 산다.", []),
        (TIME, "#Person2#는 민수에게 시간이 있는지 묻는다.", [("swapped speakers", "")]),
        (TIME, "#Person1#은 민수에게 시간이 있는지 묻는다.", []),
    ],
)
def test_what_the_dialogue_does_not_bear_out_is_a_remark(
    dialogue: str, summary: str, doubts: list[tuple[str, str]]
) -> None:
    found = card(dialogue, summary)
    assert found.scored[0].doubts == doubts
    assert found.remarks == {remark: 1 for remark, _ in doubts}


@pytest.mark.parametrize("references", [(), ("#Person1#은 표 두 장을 산다.",)])
def test_a_number_is_marked_where_it_stands(references: tuple[str, ...]) -> None:
    text = card(TICKETS, "#Person1#은 표 네 장을 산다.", references).scored[0].text
    assert '<span class="item number invented">네<small>' in text
    assert "not in the dialogue" in text
    assert "item" not in card(TICKETS, "#Person1#은 표 2장을 산다.", references).scored[0].text


def test_a_number_that_a_guard_flagged_is_named_and_counted_once() -> None:
    found = card(TICKETS, "#Person1#은 표 네 장을 산다.", flag="unsupported number")
    assert found.remarks == {"unsupported number": 1}
    assert found.scored[0].doubts == [("unsupported number", "네")]


def test_two_numbers_are_two_names_and_one_remark() -> None:
    found = card(TICKETS, "#Person1#은 표 네 장과 컵 일곱 개를 산다. 표는 네 장이다.")
    assert found.scored[0].doubts == [("unsupported number", "네"), ("unsupported number", "일곱")]
    assert found.remarks == {"unsupported number": 1}


def test_the_page_names_the_number_beside_the_summary(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text(f'{{"fname": "a", "dialogue": "{TICKETS}"}}\n', encoding="utf-8")
    recipe = tmp_path / "own.yaml"
    recipe.write_text("steps: [{name: clean, stage: clean}]\n", encoding="utf-8")
    texts = {"clean": ["#Person1#은 표 네 장을 산다."]}
    html = report([str(write_run(tmp_path / "run", str(recipe), data, texts))]).html
    assert 'unsupported number</span> <span lang="ko">네</span></span>' in html
    assert '<span class="item number invented">네<small>' in html
