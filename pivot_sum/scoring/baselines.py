"""Summaries that take no work: what a metric gives them is what a system has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pivot_sum.data.samples import Sample

CONSTANT: Final = "#Person1#은 #Person2#"


def baselines(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """Texts by baseline, one a sample in order: the constant, the first turn, the first three, the
    longest turn.

    Turns are the lines of the dialogue as they stand, with their `#PersonN#:` heads; of turns of
    one length the first counts.
    """
    dialogues = [_turns(sample.dialogue) for sample in samples]
    return {
        "constant": [CONSTANT] * len(samples),
        "lead-1": [" ".join(turns[:1]) for turns in dialogues],
        "lead-3": [" ".join(turns[:3]) for turns in dialogues],
        "longest turn": [max(turns, key=len, default="") for turns in dialogues],
    }


def _turns(dialogue: str) -> list[str]:
    return [line.strip() for line in dialogue.splitlines() if line.strip()]
