"""Addresses, hashtags and codes in what a chat model translates: asked for again with placeholders
in their place where the first answer lost one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pivot_sum.stages.base import Answer
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.chat import Chat
from pivot_sum.stages.services.asking import Asking
from pivot_sum.stages.services.chat_fields import Asked

TEXT = "예약은 https://a.kr/map 에서, 번호는 KE907이에요. #벚꽃축제"


def answered(rule: Callable[[str], str], **fields: Any) -> tuple[Answer, list[str]]:
    """What becomes of TEXT where a server answers by a rule, and what it was asked."""
    asked: list[str] = []

    def look_up(questions: Sequence[Asked]) -> list[Answer]:
        asked.extend(one.part for one in questions)
        return [Answer(rule(one.part), {"billed": 1, "written": 1}) for one in questions]

    stage = Chat(
        **{
            "task": "translate",
            "source": "ko",
            "target": "en",
            "model": "m",
            "snapshot": "x",
            "retries": (),
            **fields,
        }
    )
    return stage.computed(TEXT, look_up, Asking(Budget())), list(dict.fromkeys(asked))


def test_an_answer_that_keeps_them_is_taken_at_once() -> None:
    answer, asked = answered(lambda text: "Book at https://a.kr/map, code KE907. #벚꽃축제")
    assert asked == [TEXT]
    assert answer.text.startswith("Book at") and "retry" not in answer.note


def test_an_answer_that_lost_one_is_asked_for_again_with_placeholders() -> None:
    answer, asked = answered(
        lambda text: (
            "Book at #Url1#, code #Code1#. #Hashtag1#"
            if "#Url1#" in text
            else "Book on the map, code KE907. #Cherry"
        )
    )
    assert answer.text == "Book at https://a.kr/map, code KE907. #벚꽃축제"
    assert asked == [TEXT, "예약은 #Url1# 에서, 번호는 #Code1#이에요. #Hashtag1#"]
    assert answer.note["rung"] == "as-is"


@pytest.mark.parametrize("rule", [lambda text: "Gone.", lambda text: text[::-1]])
def test_a_model_that_loses_everything_is_asked_for_the_pieces(rule: Callable[[str], str]) -> None:
    answer, _ = answered(rule)
    assert answer.note["rung"] == "cut"
    for word in ("https://a.kr/map", "KE907", "#벚꽃축제"):
        assert answer.text.count(word) == 1


def test_nothing_is_protected_where_the_recipe_says_so() -> None:
    answer, asked = answered(lambda text: "Gone.", protect=())
    assert (answer.text, asked) == ("Gone.", [TEXT])
