"""Names, numbers and placeholders in a report: marked in the texts, listed, and summed up."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from itemruns import item_run

from pivot_sum.attribution.by_kind import by_kind
from pivot_sum.attribution.source import open_source
from pivot_sum.report.report import report

PARTS = {
    "to-english": ("clean", "to-english"),
    "summarize": ("summarize",),
    "to-korean": ("to-korean", "polish"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run with what `attribute` leaves there of names, numbers and placeholders."""
    run = item_run(tmp_path)
    lost = [dict.fromkeys(PARTS, 3.0)] * 3
    found = by_kind(
        open_source(run), lambda texts: [float(len(text)) for text in texts], lost, PARTS
    )
    lines = [
        {"id": id, "loss": lost[0], "items": [item.with_places() for item in items]}
        for id, items in found.dialogues.items()
    ]
    stage = {"loss": 3.0, "low": 1.0, "high": 5.0, "shapley": {"mean": 3.0}}
    write(
        run,
        {
            "stages": [stage | {"name": name, "dialogues": 3, "worst": "i_1"} for name in PARTS],
            "actual": {"mean": 60.0},
            "ceiling": {"mean": 69.0},
            "loss": {"mean": 9.0},
            "notes": [],
            "by_kind": found.as_json(),
        },
        lines,
    )
    return run


def write(run: Path, found: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    (run / "attribution.json").write_text(json.dumps(found), encoding="utf-8")
    (run / "attribution-texts.jsonl").write_text(
        "\n".join(map(json.dumps, lines)), encoding="utf-8"
    )


def card(html: str, id: str) -> str:
    return html.partition(f'<span class="id">{id}</span>')[2].partition("</details>")[0]


def test_items_are_marked_in_every_text_and_wrong_ones_say_what_they_should_be(
    folder: Path,
) -> None:
    html = report([str(folder)]).html
    wrong = '<span class="item number changed">{}<small>≠ 오후 3시</small></span>'
    hour = card(html, "i_1")
    assert hour.count(wrong.format("오후 4시")) == 2  # the step's text and the final one
    assert hour.count(wrong.format("4 p.m.")) == 2  # a turn, and the English summary
    assert hour.count('<span class="item number">오후 3시</span>') == 2  # reference and dialogue
    assert '<span class="item name">Mr' not in html and '"item name">Dawson</span>' in html


def test_each_fault_is_listed_with_its_step_and_what_a_step_lost_is_said_under_its_text(
    folder: Path,
) -> None:
    html = report([str(folder)]).html
    last = card(html, "i_2")
    assert 'data-t="fault-changed" data-v="[&#34;to-korean&#34;]"' in last
    assert 'data-t="fault-lost" data-v="[&#34;summarize&#34;]"' in last
    assert "도슨 → 더슨" in last
    assert last.partition('class="gone"')[2].startswith(">")
    assert '<s lang="ko">화요일</s>' in last
    assert 'class="faults"' not in card(html, "i_0")


def test_dialogues_can_be_filtered_by_their_faults(folder: Path) -> None:
    html = report([str(folder)]).html
    for remark in ("number changed", "name changed", "number lost"):
        assert f'name="remark" value="{remark}"' in html


def test_the_sums_stand_in_two_tables(folder: Path) -> None:
    html = report([str(folder)]).html
    for caption in ("Names, numbers and placeholders: faults by step", "Points lost, by kind"):
        assert f">{caption}</span></caption>" in html
    assert '<span data-t="fate:changed">changed</span> 1' in html


def test_what_an_item_says_is_escaped(folder: Path) -> None:
    lines = [
        json.loads(line)
        for line in (folder / "attribution-texts.jsonl").read_text(encoding="utf-8").split("\n")
    ]
    for line in lines:
        for item in line["items"]:
            item["right"] = "<script>alert(1)</script>"
    found = json.loads((folder / "attribution.json").read_text(encoding="utf-8"))
    write(folder, found, lines)
    html = report([str(folder)]).html
    assert "<script>alert" not in html
    assert "≠ &lt;script&gt;alert(1)" in html


def test_a_run_that_was_not_taken_apart_has_no_marks(tmp_path: Path) -> None:
    html = report([str(item_run(tmp_path))]).html
    marked = re.findall('class="item ([^"]*)"', html)
    assert marked == ["number invented"]  # by the dialogue alone
    assert "faults by step" not in html
