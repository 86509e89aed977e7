"""Metrics of the numbers, times, amounts and dates in summaries: how many are those of the
references, and how many the dialogue bears out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pivot_sum.scoring.metric import References, Texts
from pivot_sum.stages.ledgers.values import Value
from pivot_sum.stages.ledgers.values_changes import unsupported
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.ledgers.versions import READER
from pivot_sum.stages.text.scripts import main_script


@dataclass(frozen=True)
class NumberF1:
    """F1 of the certain values of a summary against those of a reference; of several references
    the best. 100 where neither holds any."""

    one_by_one: ClassVar[bool] = True
    name: str = "numbers"

    @property
    def signature(self) -> str:
        return f"number-f1|certain-values|over-refs:max|reader:{READER}"

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The F1 of each summary."""
        return [
            max(_f1(hypothesis, reference) for reference in known) if hypothesis.strip() else 0.0
            for hypothesis, known in zip(hypotheses, references, strict=True)
        ]


@dataclass(frozen=True)
class NumberSupport:
    """The share of a summary's certain values that its dialogue holds; 100 where it has none. A
    dialogue in another language bears nothing out: it is meant for summaries of Korean in Korean,
    or of English in English."""

    one_by_one: ClassVar[bool] = True
    name: str = "number-support"

    @property
    def signature(self) -> str:
        return f"number-support|certain-values|reader:{READER}"

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The share of each summary, in per cent."""
        return [
            _support(hypothesis, source, _language(hypothesis)) if hypothesis.strip() else 0.0
            for hypothesis, source in zip(hypotheses, sources, strict=True)
        ]


def _f1(hypothesis: str, reference: str) -> float:
    language = _language(reference)  # of both, even where the summary came out in another one
    said, wanted = _certain(hypothesis, language), _certain(reference, language)
    if not said or not wanted:
        return 0.0 if said or wanted else 100.0
    precision = _support(hypothesis, reference, language)
    recall = _support(reference, hypothesis, language)
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0


def _support(text: str, other: str, language: str) -> float:
    """The share of a text's certain values that another one of this language holds."""
    values = _certain(text, language)
    wrong = len(unsupported(text, other, language))
    return 100 * (len(values) - wrong) / len(values) if values else 100.0


def _certain(text: str, language: str) -> list[Value]:
    return [value for value in read_values(text, language) if value.certain]


def _language(text: str) -> str:
    return "en" if main_script(text) == "en" else "ko"
