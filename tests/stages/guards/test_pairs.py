"""Precision and recall of the guards on labelled pairs that were not used to choose anything: the
test half of tests/golden/guard_pairs.jsonl (benchmarks/guards_pairs.py prints the table)."""

from __future__ import annotations

import pytest
from guards_pairs import Labelled, counts, half_of, labelled_pairs, raised

from pivot_sum.stages.guards.checks import GUARDS

PAIRS = labelled_pairs()
TEST = [pair for pair in PAIRS if pair.half == "test"]


def test_the_pairs_are_many_and_each_is_there_once() -> None:
    assert len(PAIRS) >= 650 and len({(p.direction, p.source, p.answer) for p in PAIRS}) == len(
        PAIRS
    )
    assert {flag for pair in PAIRS for flag in (*pair.flags, *pair.may)} == set(GUARDS)
    assert sum("wrong script" in pair.flags for pair in TEST) >= 60
    assert sum(not pair.flags for pair in TEST) >= 120


def test_a_source_is_in_one_half_whatever_is_added() -> None:
    assert half_of("네.") == Labelled("ko-en", "네.", "Yes.", ()).half
    halves = {pair.half for pair in PAIRS}
    assert halves == {"tune", "test"} and 0.4 < len(TEST) / len(PAIRS) < 0.6


@pytest.mark.parametrize("guard", [guard for guard in GUARDS if guard != "empty"])
def test_a_guard_is_right_and_finds_its_fault_nine_times_in_ten(guard: str) -> None:
    found = counts(TEST)[guard]
    assert found.precision >= 0.9 and found.recall >= 0.9, found


def test_right_answers_raise_hardly_a_flag() -> None:
    right = [pair for pair in TEST if not pair.flags]
    flagged = [pair for pair in right if raised(pair)]
    assert len(flagged) <= len(right) * 0.02, flagged
