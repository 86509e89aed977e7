"""Damaged placeholders in summaries."""

from __future__ import annotations

from pivot_sum.stages.answer import Answer
from pivot_sum.stages.text.placeholders import find, repair_placeholders

DAMAGED = "damaged placeholder"
"""What such a repair is counted as."""


def repaired(dialogue: str, summary: Answer) -> Answer:
    """A summary with its damaged forms of the dialogue's placeholders repaired, and counted in the
    note."""
    text, times = repair_placeholders(summary.text, set(find(dialogue)))
    if not times:
        return Answer(text, summary.note)
    repairs = {**summary.note.get("repairs", {}), DAMAGED: times}
    return Answer(text, {**summary.note, "repairs": repairs})
