"""Augmenting a data file: back-translation and its filter, changed words, what is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from commandline import write_csv

from pivot_sum.cache import Cache
from pivot_sum.errors import AugmentationRefused, CacheMiss, DataOverlaps
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.running.progress import no_progress
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import PlaceholderPolicy, Task, option, required
from pivot_sum.training.augment import Augmented, Augmenting, augment
from pivot_sum.training.augment_back import round_trip
from pivot_sum.training.augment_filter import values_differ
from pivot_sum.training.augment_words import WordChange

THERE = {
    "우리 내일 도서관에서 만나서 같이 공부할까요?": "Shall we meet at the library to study?",
    "내일 도서관에 갈까요?": "Shall we go?",
    "네, 정말 좋은 생각이에요.": "Yes, what a good idea.",
    "오늘은 날씨가 좋네요.": "The weather is nice today.",
    "표를 주세요.": "The ticket, please.",
    "7시에 만나요.": "Let us meet at eight.",
    "#PhoneNumber#로 전화하세요.": "Call me.",
    "둘은 도서관에서 공부하기로 한다.": "They are going to study at the library.",
}
BACK = {
    "Shall we meet at the library to study?": "내일 우리 도서관에서 만나서 공부할까요?",
    "Shall we go?": "가요.",
    "Yes, what a good idea.": "네, 정말 좋은 생각이네요.",
    "The weather is nice today.": "오늘은 날씨가 좋네요.",
    "The ticket, please.": "커피 한 잔.",
    "Let us meet at eight.": "8시에 만나요.",
    "Call me.": "전화하세요.",
    "They are going to study at the library.": "둘은 도서관에서 공부를 하기로 한다.",
}
ASKED: list[str] = []


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """Translates what it knows."""

    name: ClassVar[str] = "phrases"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    source: Literal["ko", "en"] = required("language of the texts it takes")
    target: Literal["ko", "en"] = required("language of the texts it gives")
    batch_size: int = option(4, "texts at once", identity=False)

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        ASKED.extend(texts)
        return [(THERE if self.target == "en" else BACK)[text] for text in texts]


RECIPE = """\
steps:
  - {name: clean, stage: clean}
  - {name: there, stage: phrases, over: turn, source: ko, target: en}
  - {name: short, stage: clean, language: en}
  - {name: back, stage: phrases, over: turn, source: en, target: ko}
  - {name: polish, stage: polish}
"""
GOOD = (
    "#Person1#: 우리 내일 도서관에서 만나서 같이 공부할까요?\r\n"
    "#Person2#: 네, 정말 좋은 생각이에요."
)
SUMMARY = "둘은 도서관에서 공부하기로 한다."
ROWS = [
    ("good", GOOD, SUMMARY, "공부"),
    ("copied", "#Person1#: 오늘은 날씨가 좋네요.", SUMMARY, "날씨"),
    ("other", "#Person1#: 표를 주세요.", SUMMARY, "표"),
    ("time", "#Person1#: 7시에 만나요.", SUMMARY, "약속"),
    ("call", "#Person2#: #PhoneNumber#로 전화하세요.", SUMMARY, "전화"),
    ("short", "#Person1#: 내일 도서관에 갈까요?", SUMMARY, "공부"),
]
HEADER = ("fname", "dialogue", "summary", "topic")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(STAGES, "phrases", Phrases)  # type: ignore[arg-type]  # a Rule, made a stage
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "train.csv", ROWS, HEADER)
    (tmp_path / "phrases.yaml").write_text(RECIPE, encoding="utf-8")
    ASKED.clear()
    return tmp_path


def augmented(**asked: Any) -> Augmented:
    return augment(Augmenting("train.csv", **asked), no_progress)


def new_rows(made: Augmented) -> list[dict[str, Any]]:
    return made.table.rows[made.rows :]


def test_a_dialogue_goes_there_and_back_and_what_is_not_as_good_is_counted_by_reason(
    project: Path,
) -> None:
    made = augmented(recipe="phrases.yaml")
    assert {one.id: one.reason for one in made.tried} == {
        "good": None,
        "copied": "copy",
        "other": "something else",
        "time": "numbers",
        "call": "placeholder lost",
        "short": "length",
    }
    for row, (id_, dialogue, summary, topic) in zip(made.table.rows, ROWS, strict=False):
        kept = {"fname": id_, "dialogue": dialogue, "summary": summary, "topic": topic}
        assert row == {**kept, "augmented_from": "", "augmentation": ""}
    [row] = new_rows(made)
    assert row["dialogue"].splitlines() == [
        "#Person1#: 내일 우리 도서관에서 만나서 공부할까요?",
        "#Person2#: 네, 정말 좋은 생각이네요.",
    ]
    assert (row["fname"], row["augmented_from"]) == ("good+back-translation", "good")
    assert (row["summary"], row["topic"]) == (SUMMARY, "공부")
    assert row["augmentation"].startswith("back-translation:phrases-")
    assert made.counts()["back-translation"]["kept"] == 1
    assert json.dumps(made.as_json())


@pytest.mark.parametrize(
    ("source", "text", "differ"),
    [
        ("세 시에 만나요.", "네 시에 만나요.", True),
        ("세 시에 만나요.", "3시에 만나요.", False),
        ("표 두 장에 삼만 원이에요.", "표 두 장에 사만 원이에요.", True),
        ("월요일 오전에 뵐게요.", "월요일 오후에 뵐게요.", True),
        ("A4 용지를 사요.", "A5 용지를 사요.", True),
        ("010-1234-5678이에요.", "010-1234-5679예요.", True),
        (
            "#Person1#: 두 시요?\n#Person2#: 세 시요.",
            "#Person1#: 세 시요?\n#Person2#: 두 시요.",
            True,
        ),
        ("하나 더 주세요.", "둘 더 주세요.", False),  # seen by nobody: docs/augmentation.md
    ],
)
def test_numbers_in_words_and_digits_are_compared_turn_by_turn(
    source: str, text: str, differ: bool
) -> None:
    assert values_differ(source, text, "ko") is differ
    assert not values_differ(source, source, "ko")


def test_what_is_translated_is_kept_and_a_replay_asks_nobody(project: Path) -> None:
    with Cache(Path(".pivot-sum/cache.sqlite3")):
        pass
    with pytest.raises(CacheMiss):
        augmented(recipe="phrases.yaml", offline=True)
    made = augmented(recipe="phrases.yaml", limit=1)
    asked = len(ASKED)
    augmented(recipe="phrases.yaml")
    assert len(ASKED) == asked + 2 * (len(ROWS) - 1)
    asked = len(ASKED)
    assert new_rows(augmented(recipe="phrases.yaml", offline=True)) == new_rows(made)
    assert len(ASKED) == asked


def test_summaries_are_translated_where_that_is_asked_for(project: Path) -> None:
    [row, *_] = new_rows(augmented(recipe="phrases.yaml", of="summary"))
    assert (row["dialogue"], row["summary"]) == (GOOD, "둘은 도서관에서 공부를 하기로 한다.")
    both = {
        row["augmented_from"]: row for row in new_rows(augmented(recipe="phrases.yaml", of="both"))
    }
    # One copy of two texts is no reason to leave the row out.
    assert sorted(both) == ["copied", "good"]
    assert both["copied"]["dialogue"] == ROWS[1][1] and both["copied"]["summary"] != SUMMARY


def test_a_row_is_made_once_and_never_from_an_augmented_one(project: Path) -> None:
    words = [
        WordChange("swap", 0.5, 0),
        WordChange("swap", 0.5, 0, 2),
        WordChange("deletion", 0.5, 0),
    ]
    made = augmented(words=words)
    ids = [row["fname"] for row in made.table.rows]
    assert len(set(ids)) == len(ids) and "good+swap2" in ids
    contents = [(row["dialogue"], row["summary"]) for row in made.table.rows]
    assert len(set(contents)) == len(contents)
    names = made.table.names
    write_csv(
        project / "train.csv", [[row[name] for name in names] for row in made.table.rows], names
    )
    again = augmented(words=words[:1])
    assert {one.id for one in again.tried} == {row[0] for row in ROWS}
    assert not new_rows(again)


def test_words_stay_with_their_speaker_in_a_dialogue_on_one_line(project: Path) -> None:
    line = "#Person1#: 가 나 다 라 마 #Person2#: 하나 둘 셋 넷 다섯"
    write_csv(project / "train.csv", [("d", line)])
    [row] = new_rows(augmented(words=[WordChange("swap", 1.0, 0)]))
    first, second = row["dialogue"].splitlines()
    assert sorted(first.split()) == ["#Person1#:", *"가나다라마"]
    assert sorted(second.split()) == ["#Person2#:", "넷", "다섯", "둘", "셋", "하나"]


def test_dev_and_test_dialogues_make_no_rows_and_a_dev_file_is_refused(project: Path) -> None:
    def words(*apart_from: str) -> Augmented:
        return augmented(words=[WordChange("swap", 0.5, 0)], apart_from=apart_from)

    reworded = "#Person2#: 우리 내일 도서관에서 만나서 공부할까요?\n#Person1#: 네, 좋은 생각이에요!"
    write_csv(project / "dev.csv", [("x", reworded), ("y", "#Person1#: 다른 이야기예요.")])
    made = words("dev.csv")
    assert {one.id: one.reason for one in made.tried}["good"] == "in dev.csv"
    assert "good" not in [row["augmented_from"] for row in new_rows(made)]
    assert made.overlaps["dev.csv"].first_ids == ("good",)
    write_csv(project / "same.csv", [(f"z{at}", row[1]) for at, row in enumerate(ROWS[:4])])
    write_csv(project / "part.csv", [("z", GOOD)])
    for name, said in (("same.csv", "4 of 6"), ("part.csv", "1 of 1")):
        with pytest.raises(DataOverlaps, match=said):
            words("dev.csv", name)


def test_what_cannot_be_augmented_is_refused(project: Path) -> None:
    with pytest.raises(AugmentationRefused, match="nothing to do"):
        augmented()
    with pytest.raises(AugmentationRefused, match="demo-direct does not translate"):
        augmented(recipe="demo-direct")


def test_the_steps_there_and_back_leave_the_summariser_out_and_keep_turns() -> None:
    steps = round_trip(load_recipe("pivot-nllb-bart"))
    assert [(step.name, step.over) for step in steps] == [
        ("clean", "dialogue"),
        ("to-english", "sentence"),
        ("to-korean", "sentence"),
        ("polish", "turn"),
    ]
