"""A run's loss by kind: what is counted, what putting right gains, and what is left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from itemruns import ROWS, item_run

from pivot_sum.attribution.by_kind import ByKind, by_kind, by_kind_from, put_right
from pivot_sum.attribution.items import Item
from pivot_sum.attribution.source import open_source

PARTS = {
    "to-english": ("clean", "to-english"),
    "summarize": ("summarize",),
    "to-korean": ("to-korean", "polish"),
}
LOST = (
    {"to-english": 0.0, "summarize": 0.0, "to-korean": 3.0},
    {"to-english": 60.0, "summarize": 0.0, "to-korean": 0.0},
    {"to-english": 0.0, "summarize": 9.0, "to-korean": 30.0},
)


def shared_words(texts: Sequence[str]) -> list[float]:
    """A score: how many per cent of the reference's words a summary has."""
    return [
        100 * len({*text.split()} & {*row["summary"].split()}) / len({*row["summary"].split()})
        for text, row in zip(texts, ROWS, strict=True)
    ]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ByKind:
    folder = item_run(tmp_path_factory.mktemp("items"))
    return by_kind(open_source(folder), shared_words, LOST, PARTS)


def test_faults_are_counted_by_step_and_kind(found: ByKind) -> None:
    counted = {
        step.name: {
            (kind, fate): number
            for kind, counts in step.counts.items()
            for fate, number in counts.items()
            if number
        }
        for step in found.steps
    }
    assert counted == {
        "clean": {},
        "to-english": {("number", "changed"): 1},
        "summarize": {("number", "lost"): 1},
        "to-korean": {("name", "changed"): 1},
        "polish": {},
    }
    assert [step.dialogues for step in found.steps] == [0, 1, 1, 1, 0]


def test_how_many_of_what_every_reference_names_came_through(found: ByKind) -> None:
    assert found.needed == {"name": 1, "number": 4, "placeholder": 4}
    assert found.kept == {"name": 0, "number": 2, "placeholder": 4}


def test_points_are_what_putting_right_gains_and_the_rest_is_what_is_left(found: ByKind) -> None:
    hour = 100 / len(ROWS[1]["summary"].split())
    name = 100 / len(ROWS[2]["summary"].split())
    assert found.gains == {
        "i_0": {},
        "i_1": {"to-english": {"number": pytest.approx(hour)}},
        "i_2": {"to-korean": {"name": pytest.approx(name)}},
    }
    there, short, back = found.parts.values()
    assert there.kinds == pytest.approx({"name": 0, "number": hour / 3, "placeholder": 0})
    assert back.kinds == pytest.approx({"name": name / 3, "number": 0, "placeholder": 0})
    assert (there.rest, short.rest, back.rest) == pytest.approx(
        ((60 - hour) / 3, 3, (33 - name) / 3)
    )
    assert (there.loss, short.loss, back.loss) == pytest.approx((20, 3, 11))


def test_what_is_left_is_told_apart_by_whether_the_part_has_a_fault_there(found: ByKind) -> None:
    assert [points.faultless for points in found.parts.values()] == pytest.approx([0, 0, 1])


def test_the_same_is_read_from_what_is_written(found: ByKind) -> None:
    written = json.loads(json.dumps(found.as_json()))
    lines = [
        {"id": id, "items": [item.with_places() for item in items]}
        for id, items in found.dialogues.items()
    ]
    read = by_kind_from(written, json.loads(json.dumps(lines)))
    assert read.as_json() == written
    assert read.dialogues == found.dialogues
    assert list(written["dialogues"]) == ["i_1", "i_2"]
    assert written["dialogues"]["i_1"]["items"] == [
        {
            "kind": "number",
            "fate": "changed",
            "right": "오후 3시",
            "wrong": "오후 4시",
            "step": "to-english",
            "needed": True,
        }
    ]


def changed(right: str, *places: tuple[int, int]) -> Item:
    return Item("name", "changed", right, "", "", True, (), (), ((), places))


def test_what_is_put_right_gets_its_particle_at_every_place() -> None:
    text = "토미는 왔고 수지는 토미를 본다. #Person1#는 없다."
    assert put_right(text, [changed("톰", (0, 2), (11, 13))]) == (
        "톰은 왔고 수지는 톰을 본다. #Person1#은 없다."
    )
    assert put_right(text, []) == text


def test_the_data_without_english_says_which_step_it_was_all_the_same(tmp_path: Path) -> None:
    folder = item_run(tmp_path)
    data = tmp_path / "items.jsonl"
    rows = [{name: row[name] for name in row if name != "dialogue_en"} for row in ROWS]
    other = tmp_path / "bare.jsonl"
    other.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert data.exists()
    found = by_kind(open_source(folder, str(other)), shared_words, LOST, PARTS)
    assert [step.dialogues for step in found.steps] == [0, 1, 1, 1, 0]
