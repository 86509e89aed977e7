"""What services bill for an attribution is counted by unit, and held to its budget."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import pytest
from wordstages import SEEN, Words, project, ran

from pivot_sum.attribution import attribute
from pivot_sum.errors import BudgetRefused
from pivot_sum.scoring import load_metric
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Answer, Billed, Note
from pivot_sum.stages.budget import Budget, Cost
from pivot_sum.stages.errors import BudgetExceeded

__all__ = ["project"]


class Sold(Words):
    """The same translator, which is billed a token for each text."""

    units: ClassVar[tuple[str, ...]] = ("tokens",)

    def cost(self, texts: Sequence[str]) -> Cost:
        return {"tokens": len(texts)}

    def bill(self, note: Note) -> Cost:
        return {"tokens": note.get("billed", 0)}

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        budget.reserve(self.cost(texts))
        return [Answer(text, {"billed": 1}) for text in self(texts)]


def test_oracles_that_a_service_is_sent_are_billed_and_limited(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, metric = ran(), load_metric(tokenizer="eojeol")
    monkeypatch.setitem(STAGES, "words", Sold)
    assert isinstance(Sold(source="ko", target="en"), Billed)
    SEEN.clear()
    with pytest.raises(BudgetRefused, match="no step is billed in USD"):
        attribute(folder, metric=metric, budget="2USD")
    with pytest.raises(BudgetExceeded, match="0 tokens of the budget of 0 tokens are spent"):
        attribute(folder, metric=metric, budget=0)
    assert SEEN == []
    assert attribute(folder, metric=metric, budget="50tokens").billed["tokens"] > 0
    assert attribute(folder, metric=metric).billed == {}  # all of it is in the cache
