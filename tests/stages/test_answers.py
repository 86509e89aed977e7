"""An answer is a text and a note, whatever kind of stage gave it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from fakestages import Keeping, Noting
from paidstages import ByCharacter, ByToken

from pivot_sum.stages.base import Annotating, Answer, Billed, answers_of
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import BudgetExceeded


def test_a_stage_that_gives_texts_alone_has_answers_with_nothing_to_say() -> None:
    stage = Keeping(answer=str.upper)
    assert not isinstance(stage, Annotating)
    assert answers_of(stage, ["a", "b"], Budget()) == [Answer("A"), Answer("B", {})]


def test_a_stage_that_annotates_is_called_as_any_other_and_its_notes_arrive() -> None:
    stage = Noting(answer=lambda text: Answer(text.upper(), {"rung": "word"}))
    assert stage(["a", "b"]) == ["A", "B"]
    assert answers_of(stage, ["a"], Budget()) == [Answer("A", {"rung": "word"})]


def test_a_billed_stage_is_held_to_the_budget() -> None:
    budget, stage = Budget(5), ByCharacter()
    assert isinstance(stage, Billed)
    assert answers_of(stage, ["abc"], budget) == [Answer("abc", {"billed": 3})]
    assert budget.spent == {"characters": 3}
    with pytest.raises(BudgetExceeded, match=r"3 characters, and 3 characters of the budget of 5"):
        answers_of(stage, ["abc"], budget)


@pytest.mark.parametrize(("unit", "fits"), [("tokens", 4), ("USD", 0.6), ("characters", 0)])
def test_a_budget_limits_its_own_unit_and_counts_all(unit: str, fits: float) -> None:
    stage = ByToken(price_in=1e5, price_out=2e5)
    assert isinstance(stage, Billed)
    budget = Budget(fits, unit)
    answers_of(stage, ["가 나"], budget)
    assert budget.spent == pytest.approx({"tokens": 4, "USD": 0.6})
    if unit in stage.units:
        with pytest.raises(BudgetExceeded, match=unit):
            answers_of(stage, ["다"], budget)
    else:
        answers_of(stage, ["다"], budget)  # nothing is billed in that unit


def test_an_answer_cannot_be_changed_and_is_no_text_that_could_lose_its_note() -> None:
    answer = Answer("a")
    with pytest.raises(FrozenInstanceError):
        answer.text = "b"  # type: ignore[misc]
    assert answer != "a" and not isinstance(answer, str)
    assert Answer("a").note is not Answer("a").note
