"""Comparisons of made-up systems over made-up dialogues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pivot_sum.comparison.compare import Comparison, compare
from pivot_sum.comparison.differences import Difference
from pivot_sum.comparison.significance import Interval
from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.running.record import RunRecord
from pivot_sum.scoring import load_metrics

REFERENCE = "민수는 밥을 먹는다 오늘"
THREE_OF_FOUR = "민수는 밥을 먹는다 내일"  # R1 3/4, R2 2/3, RL 3/4
CLOSE = 100 * (3 / 4 + 2 / 3 + 3 / 4) / 3
DIALOGUE = "#Person1#: 안녕하세요?\n#Person2#: 네, 반갑습니다. 무엇을 도와드릴까요?"


def samples(
    number: int, dialogue: str = DIALOGUE, references: tuple[str, ...] = (REFERENCE,)
) -> list[Sample]:
    return [Sample(f"s{place:02d}", dialogue, references, None, None) for place in range(number)]


def system(label: str, texts: Sequence[str], record: RunRecord | None = None) -> System:
    return System(label, {f"s{place:02d}": text for place, text in enumerate(texts)}, record=record)


def compared(*systems: System, among: Sequence[Sample] | None = None, **options: Any) -> Comparison:
    among = samples(len(systems[0].texts)) if among is None else among
    return compare(
        systems, among, load_metrics(tokenizer="eojeol"), **{"resamples": 200, **options}
    )


def uncorrected(difference: Difference) -> dict[str, Interval]:
    """Its tests, each as if it were the only one."""
    return {
        part: found._replace(p_bootstrap_holm=None, p_randomisation_holm=None)
        for part, found in difference.by_metric.items()
    }


def mixed(right: int, of: int = 40) -> list[str]:
    return [REFERENCE] * right + [THREE_OF_FOUR] * (of - right)
