"""Which augmented texts are good enough to train on, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from pivot_sum.running.verdicts import REPAIRED, REPAIRED_BY_CUT
from pivot_sum.stages.guards.alignment import size
from pivot_sum.stages.ledgers.values_changes import changed
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count
from pivot_sum.stages.text.segmentation import split

HARMLESS = frozenset({REPAIRED, REPAIRED_BY_CUT})
"""Remarks on a text that are no reason to leave it out: the ladder brought its placeholders
through."""

_NUMBER = re.compile("[0-9]+")

COPY = "copy"
"""The reason for a text that is hardly another than its source."""


@dataclass(frozen=True)
class Band:
    """How near a back-translated text has to be to what it was made from.

    docs/augmentation.md says how the defaults were chosen.
    """

    min_similarity: float = 30.0
    """chrF below this: it says something else."""
    max_similarity: float = 95.0
    """chrF above this: it is a copy, which teaches nothing."""
    max_length_ratio: float = 1.5
    """How many times as long as its source, or as short, it may be in letters."""

    def reason(self, source: str, text: str, remarks: Collection[str], language: str) -> str | None:
        """Why a text is left out; None where it is good. `remarks` are what the stages noticed."""
        if wrong := sorted(set(remarks) - HARMLESS):
            return wrong[0]
        if damage := damaged(source, text):
            return damage
        if values_differ(source, text, language):
            return "numbers"
        long, short = sorted((size(source), size(text)), reverse=True)
        if long > self.max_length_ratio * short:
            return "length"
        near = similarity(source, text)
        if near > self.max_similarity:
            return COPY
        return "something else" if near < self.min_similarity else None


def damaged(source: str, text: str) -> str | None:
    """What a text lost of its source's form: its placeholders, or who speaks in which turn."""
    if count(source) != count(text):
        return "placeholders"
    return None if _heads(source) == _heads(text) else "speakers"


def values_differ(source: str, text: str, language: str) -> bool:
    """Whether a turn says another number, time, sum or date than that of the source, in digits or
    in words: a summary often hangs on them, and a similarity of characters hardly sees it."""
    ours, theirs = (split(whole, "turn", language).units for whole in (source, text))
    return any(
        changed(one, other, language, language)
        or _other_digits(one, language) != _other_digits(other, language)
        for one, other in zip(ours, theirs, strict=True)
    )


def _other_digits(text: str, language: str) -> list[str]:
    """The digits of a text that are in none of its values (A4), or in a telephone number, whose
    digits the values do not hold."""
    for value in reversed(read_values(text, language)):
        if value.kind != "phone":
            text = f"{text[: value.start]} {text[value.end :]}"
    return sorted(_NUMBER.findall(text))


def similarity(source: str, text: str) -> float:
    """chrF2 of a text against its source over their turns, without speakers and other placeholders,
    0 to 100 (Popović 2015; sacrebleu). Turns have to be as many; else it is 0."""
    from sacrebleu.metrics import CHRF

    ours, theirs = (
        [PLACEHOLDER.sub(" ", turn) for turn in split(whole, "turn", "ko").units]
        for whole in (text, source)
    )
    if len(ours) != len(theirs) or not ours:
        return 0.0
    return float(CHRF().corpus_score(ours, [theirs]).score)


def _heads(text: str) -> list[str]:
    """What stands around the utterances: line ends and speakers. Spaces may differ."""
    return [
        "".join([*PLACEHOLDER.findall(piece), "\n" * ("\n" in piece)])
        for piece in split(text, "turn", "ko").frame
    ]
