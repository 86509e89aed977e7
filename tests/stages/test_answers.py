"""An answer is a text and a note, whatever kind of stage gave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError, dataclass
from typing import ClassVar

import pytest
from fakestages import Keeping, Noting

from pivot_sum.stages.base import Annotating, Answer, Billed, PlaceholderPolicy, answers_of
from pivot_sum.stages.budget import Budget


@dataclass(frozen=True, kw_only=True)
class Paid(Annotating):
    """A stage whose service bills each character."""

    name: ClassVar[str] = "paid"
    version: ClassVar[int] = 1
    placeholders: ClassVar[PlaceholderPolicy] = "keep"
    source: str = "ko"
    target: str = "ko"
    batch_size: int = 4

    def cost(self, texts: Sequence[str]) -> int:
        return sum(map(len, texts))

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        return self.answers_within(texts, Budget())

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        budget.reserve(self.cost(texts))
        return [Answer(text, {"billed": len(text)}) for text in texts]


def test_a_stage_that_gives_texts_alone_has_answers_with_nothing_to_say() -> None:
    stage = Keeping(answer=str.upper)
    assert not isinstance(stage, Annotating)
    assert answers_of(stage, ["a", "b"], Budget()) == [Answer("A"), Answer("B", {})]


def test_a_stage_that_annotates_is_called_as_any_other_and_its_notes_arrive() -> None:
    stage = Noting(answer=lambda text: Answer(text.upper(), {"rung": "word"}))
    assert stage(["a", "b"]) == ["A", "B"]
    assert answers_of(stage, ["a"], Budget()) == [Answer("A", {"rung": "word"})]


def test_a_billed_stage_is_held_to_the_budget() -> None:
    budget, stage = Budget(5), Paid()
    assert isinstance(stage, Billed)
    assert answers_of(stage, ["abc"], budget) == [Answer("abc", {"billed": 3})]
    assert budget.spent == 3


def test_an_answer_cannot_be_changed_and_is_no_text_that_could_lose_its_note() -> None:
    answer = Answer("a")
    with pytest.raises(FrozenInstanceError):
        answer.text = "b"  # type: ignore[misc]
    assert answer != "a" and not isinstance(answer, str)
    assert Answer("a").note is not Answer("a").note
