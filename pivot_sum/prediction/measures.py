"""What can be known about a translation without a reference: how its way back reads, what the
guards flagged, which numbers, names and placeholders it lost, how long it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

from pivot_sum.routing.judging import HARMLESS
from pivot_sum.stages.guards.alignment import size
from pivot_sum.stages.ledgers.name_alignment import SURE, misspelt, name_ledger
from pivot_sum.stages.ledgers.spellings import english_names
from pivot_sum.stages.ledgers.transliteration import similarity
from pivot_sum.stages.ledgers.values_changes import changed
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.services.chat_names import mentioned_names
from pivot_sum.stages.text.segmentation import split

if TYPE_CHECKING:
    from pivot_sum.scoring.comet import Comet

COMET: Final = "comet"
"""The measure that takes a model."""
ENOUGH: Final = 10
"""Of fewer values, or names, no share is given."""
LOST_PLACEHOLDERS: Final = frozenset({"placeholder lost", "placeholder invented"})


@dataclass(frozen=True)
class Translated:
    """A Korean dialogue (cleaned), what the summariser reads of it in English, and what the steps
    remarked on the way."""

    korean: str
    english: str
    remarks: Mapping[str, int]
    back: str | None = None
    """The English translated back to Korean; None where that is not at hand."""


class Measure(NamedTuple):
    """A measure of translated dialogues. `of` gives None where it is not at hand."""

    meaning: str
    of: Callable[[Sequence[Translated]], float | None]


def measures_with(comet: Comet | None) -> Mapping[str, Measure]:
    """The measures by name, with that of a COMET model where there is one, which has to do without
    references."""
    if comet is None:
        return MEASURES
    meaning = f"{comet.name} of the turns, without references"
    return MEASURES | {COMET: Measure(meaning, partial(_comet, comet))}


def _comet(comet: Comet, dialogues: Sequence[Translated]) -> float | None:
    turns = [pair for one in dialogues for pair in _turns(one.korean, one.english)]
    scores = comet.score(*zip(*turns, strict=True)) if turns else []
    return fmean(scores) if scores else None


def _round_trip(dialogues: Sequence[Translated]) -> float | None:
    """chrF2 of sacrebleu over all turns, without their heads."""
    from sacrebleu.metrics import CHRF

    turns = [
        pair for one in dialogues if one.back is not None for pair in _turns(one.korean, one.back)
    ]
    if not turns or any(one.back is None for one in dialogues):
        return None
    there, back = [korean for korean, _ in turns], [korean for _, korean in turns]
    return float(CHRF().corpus_score(back, [there]).score)


def _flags(dialogues: Sequence[Translated]) -> float | None:
    return _remarked(dialogues, lambda name: name not in HARMLESS | LOST_PLACEHOLDERS)


def _placeholders(dialogues: Sequence[Translated]) -> float | None:
    return _remarked(dialogues, LOST_PLACEHOLDERS.__contains__)


def _remarked(dialogues: Sequence[Translated], counts: Callable[[str], bool]) -> float | None:
    """Remarks of some names for a hundred turns."""
    turns = sum(len(split(one.korean, "turn", "ko").units) for one in dialogues)
    remarks = sum((Counter(one.remarks) for one in dialogues), Counter[str]())
    found = sum(number for name, number in remarks.items() if counts(name))
    return 100 * found / turns if turns else None


def _numbers(dialogues: Sequence[Translated]) -> float | None:
    """The share of the values (numbers, times, money, dates) of the Korean turns that the English
    ones do not hold, in per cent."""
    turns = [pair for one in dialogues for pair in _turns(one.korean, one.english)]
    said = sum(len(read_values(korean, "ko")) for korean, _ in turns)
    lost = sum(
        change.missing is not None
        for korean, english in turns
        for change in changed(korean, english, "ko", "en")
    )
    return 100 * lost / said if said >= ENOUGH else None


def _names(dialogues: Sequence[Translated]) -> float | None:
    """The share of names that the round trip loses, in per cent: of those that the
    English spells as the Korean surely does, the ones that do not come back in any like spelling;
    and those that the Korean surely mentions and the English has not."""
    known = lost = 0
    for one in dialogues:
        if one.back is None:
            return None
        there = english_names(one.english)
        ledger = name_ledger(there, one.korean, one.english)
        gone = sum(not _is_among(name, there) for name in mentioned_names(one.korean, "ko"))
        known += sum(entry.certain for entry in ledger.values()) + gone
        lost += len(misspelt(ledger, one.korean, one.back)[1]) + gone
    return 100 * lost / known if known >= ENOUGH else None


_FULL_NAME = 3
"""Syllables of a family name of one and a given name of two."""


def _is_among(name: str, english: Sequence[str]) -> bool:
    """Whether one of some English names sounds like a Korean one. English often has the given name
    alone, or the family name behind it."""
    forms = {name, name[1:]} if len(name) == _FULL_NAME else {name}
    return any(similarity(word, form) >= SURE for word in english for form in forms)


def _length(dialogues: Sequence[Translated]) -> float | None:
    korean = sum(size(one.korean) for one in dialogues)
    return sum(size(one.english) for one in dialogues) / korean if korean else None


def _turns(one: str, other: str) -> list[tuple[str, str]]:
    """The utterances of two dialogues side by side; of two that have not the same number of lines,
    both as a whole."""
    pairs = list(zip(_utterances(one), _utterances(other), strict=False))
    if len(_utterances(one)) != len(_utterances(other)):
        pairs = [(" ".join(_utterances(one)), " ".join(_utterances(other)))]
    return [pair for pair in pairs if pair[0]]


def _utterances(dialogue: str) -> list[str]:
    return [" ".join(split(line, "turn", "ko").units) for line in dialogue.strip().split("\n")]


MEASURES: Final = {
    "round-trip": Measure("chrF of the turns after a translation back, 0 to 100", _round_trip),
    "numbers": Measure("numbers, times, amounts lost or changed, per cent", _numbers),
    "names": Measure("names lost in the round trip, per cent", _names),
    "flags": Measure("flags of the guards, in 100 turns", _flags),
    "placeholders": Measure("placeholders lost or invented, in 100 turns", _placeholders),
    "length": Measure("length of the English as a multiple of the Korean, in letters", _length),
}
"""By name; of two that predict as well, the first does."""
