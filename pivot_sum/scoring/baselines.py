"""Summaries that take no work: what a metric gives them is what a system has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pivot_sum.data.samples import Sample
from pivot_sum.data.sequences import Mapped

CONSTANT: Final = "#Person1#은 #Person2#"


def baselines(samples: Sequence[Sample]) -> dict[str, Sequence[str]]:
    """Texts by baseline, one a sample in order: the constant, the first turn, the first three, the
    longest turn. They are made when they are asked for.

    Turns are the lines of the dialogue as they stand, with their `#PersonN#:` heads; of turns of
    one length the first counts.
    """

    def made(of_turns: Callable[[list[str]], str]) -> Sequence[str]:
        return Mapped(samples, lambda part: [of_turns(_turns(sample.dialogue)) for sample in part])

    return {
        "constant": [CONSTANT] * len(samples),
        "lead-1": made(lambda turns: " ".join(turns[:1])),
        "lead-3": made(lambda turns: " ".join(turns[:3])),
        "longest turn": made(lambda turns: max(turns, key=len, default="")),
    }


def _turns(dialogue: str) -> list[str]:
    return [line.strip() for line in dialogue.splitlines() if line.strip()]
