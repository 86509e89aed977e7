"""F1 of counted things (Sørensen-Dice): how many of a summary's are the reference's, and how many
of the reference's the summary has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from pivot_sum.scoring.metric import References, Texts
from pivot_sum.stages.text import placeholders

PLACEHOLDERS_VERSION: Final = 1
"""Raised where another text is read as a placeholder than before."""


def best_f1(found: Counter[str], wanted: Sequence[Counter[str]]) -> float:
    """The F1 of two multisets in per cent, 100 where both are empty; of several references the
    best."""
    return max(_f1(found, one) for one in wanted)


def _f1(found: Counter[str], wanted: Counter[str]) -> float:
    total = found.total() + wanted.total()
    return 200 * (found & wanted).total() / total if total else 100.0


@dataclass(frozen=True)
class PlaceholderF1:
    """F1 of the placeholders of a summary, as often as they stand there, against those of a
    reference; of several references the best. 100 where neither holds any."""

    one_by_one: ClassVar[bool] = True
    name: str = "placeholders"

    @property
    def signature(self) -> str:
        return f"placeholder-f1|multiset|over-refs:max|reader:{PLACEHOLDERS_VERSION}"

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The F1 of each summary."""
        return [
            best_f1(placeholders.count(hypothesis), list(map(placeholders.count, known)))
            if hypothesis.strip()
            else 0.0
            for hypothesis, known in zip(hypotheses, references, strict=True)
        ]
