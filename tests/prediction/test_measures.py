"""What is measured of a translation without a reference."""

from __future__ import annotations

from typing import Any

import pytest

from pivot_sum.prediction.measures import MEASURES, Translated

MANY = 10
"""Of the same dialogue so many: of fewer values and names no share is given."""
DIALOGUE = "#Person1#: 수진 씨, 세 시에 볼까요?\n#Person2#: 좋아요, 표는 오천 원이에요."


def translated(english: str, back: str | None = None, **remarks: int) -> Translated:
    named = {name.replace("_", " "): number for name, number in remarks.items()}
    return Translated(DIALOGUE, english, named, back)


RIGHT = "#Person1#: Sujin, shall we meet at three?\n#Person2#: Good, a ticket is 5,000 won."


def of(*dialogues: Translated) -> dict[str, Any]:
    return {name: measure.of(dialogues * MANY) for name, measure in MEASURES.items()}


def test_a_right_translation_that_comes_back_as_it_was_has_lost_nothing() -> None:
    found = of(translated(RIGHT, DIALOGUE))
    assert found["round-trip"] == pytest.approx(100)
    assert found["numbers"] == found["names"] == found["flags"] == found["placeholders"] == 0
    assert 0.8 < found["length"] < 2


def test_the_way_back_is_compared_turn_by_turn() -> None:
    exchanged = "#Person1#: 좋아요, 표는 오천 원이에요.\n#Person2#: 수진 씨, 세 시에 볼까요?"
    assert of(translated(RIGHT, exchanged))["round-trip"] < 30
    one = DIALOGUE.split("\n")[0]
    assert 30 < of(translated(RIGHT, one))["round-trip"] < 80


def test_without_a_way_back_there_is_no_round_trip() -> None:
    assert of(translated(RIGHT))["round-trip"] is None
    assert of(translated(RIGHT, DIALOGUE), translated(RIGHT))["round-trip"] is None


def test_a_changed_number_and_a_lost_one_count() -> None:
    wrong = RIGHT.replace("three", "four")
    assert of(translated(wrong))["numbers"] == pytest.approx(50)
    assert of(translated("#Person1#: Sujin?\n#Person2#: Good."))["numbers"] == pytest.approx(100)
    assert of(Translated("#Person1#: 안녕하세요.", "#Person1#: Hello.", {}))["numbers"] is None


def test_of_a_few_values_and_names_no_share_is_given() -> None:
    some = [translated(RIGHT, DIALOGUE)] * 4
    few = {name: measure.of(some) for name, measure in MEASURES.items()}
    assert few["numbers"] is few["names"] is None


@pytest.mark.parametrize(
    ("english", "back", "lost"),
    [
        ("Sujin, hello.", "수진 씨, 안녕하세요.", 0),
        ("Sujin, hello.", "수신 씨, 안녕하세요.", 0),  # another spelling, which can be put right
        ("Sujin, hello.", "로버트 씨, 안녕하세요.", 100),
        ("Robert, hello.", "수진 씨, 안녕하세요.", 100),
        ("Hello.", "안녕하세요.", 100),
    ],
)
def test_a_name_is_lost_that_is_not_in_the_english_or_does_not_come_back(
    english: str, back: str, lost: float
) -> None:
    korean = "#Person1#: 수진 씨, 안녕하세요."
    found = of(Translated(korean, f"#Person1#: {english}", {}, f"#Person1#: {back}"))
    assert found["names"] == lost


def test_a_family_name_may_be_left_out_or_stand_behind() -> None:
    korean = "#Person1#: 김민수 씨 계세요?"
    for english in ("Is Minsu there?", "Is Minsu Kim there?", "Is Mr. Kim Minsu there?"):
        assert of(Translated(korean, f"#Person1#: {english}", {}, korean))["names"] in (0, None), (
            english
        )


def test_flags_and_placeholders_count_for_a_hundred_turns_and_repairs_do_not() -> None:
    noticed = {"length": 1, "placeholder_lost": 1, "placeholder_repaired": 1, "split": 1}
    found = of(translated(RIGHT, **noticed))
    assert (found["flags"], found["placeholders"]) == (50, 50)


def test_every_measure_is_explained() -> None:
    assert all(measure.meaning for measure in MEASURES.values())
