"""Damaged placeholders of a summary are repaired where the dialogue says what they were, and
counted beside other repairs."""

from __future__ import annotations

import pytest

from pivot_sum.stages.answer import Answer
from pivot_sum.stages.placeholders.damaged import DAMAGED, repaired

DIALOGUE = "#Person1#: 안녕하세요.\n#Person2#: 네, #Person1#님."


@pytest.mark.parametrize("note", [{}, {"rung": "plain", "repairs": {"number": 1}}])
def test_a_summary_without_damage_stays_what_it_was(note: dict[str, object]) -> None:
    summary = Answer("#Person1# greets #Person2#. #Person3 waits.", note)
    assert repaired(DIALOGUE, summary) == summary


def test_repairs_are_counted_beside_the_others_of_the_note() -> None:
    damaged = Answer("#Person1 greets Person2#.", {"rung": "xml", "repairs": {"number": 1}})
    assert repaired(DIALOGUE, damaged) == Answer(
        "#Person1# greets #Person2#.", {"rung": "xml", "repairs": {"number": 1, DAMAGED: 2}}
    )
    assert damaged.note == {"rung": "xml", "repairs": {"number": 1}}
    assert repaired(DIALOGUE, Answer("#Person1 greets.", {})).note == {"repairs": {DAMAGED: 1}}
