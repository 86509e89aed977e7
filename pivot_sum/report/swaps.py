"""Summaries in which two speakers may have been exchanged."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

from pivot_sum.data.samples import Sample
from pivot_sum.html.marks import person
from pivot_sum.scoring.units import Units
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.text.placeholders import find

MAYBE_SWAPPED = "speakers swapped?"
MOST_WORK = 2_000_000
"""Characters times pairs of speakers: twenty speakers in a summary of 5,000 characters."""
SWAP_GAIN = 5.0
"""In points of ROUGE-2 against the nearest reference. Measured on the demo: with two speakers
exchanged, 177 of 192 summaries of its models gain more when they are exchanged back, and none of
the 192 as they are. Of 288 references, each against its two siblings in quite other words, 10 gain
as much and after an exchange no more than 38: of free paraphrases it says nothing."""


def gain_of_swap(units: Units, sample: Sample, text: str) -> float:
    """By how many points of ROUGE-2, against the nearest reference, a summary gets better when two
    speakers are exchanged; 0 where so many speak in so long a text that nobody could tell."""
    people = sorted(
        {name for name in (*find(sample.dialogue), *find(text)) if person(name) != "px"}
    )
    if len(text) * len(people) ** 2 > MOST_WORK:
        return 0.0
    exchanged = {_exchanged(text, one, other) for one, other in combinations(people, 2)} - {text}
    references = [_bigrams(units, reference) for reference in sample.references]

    def nearest(summary: str) -> float:
        own = _bigrams(units, summary)
        return max(
            200 * (own & known).total() / max(1, own.total() + known.total())
            for known in references
        )

    now = nearest(text)
    return max((nearest(other) - now for other in exchanged), default=0.0)


def _bigrams(units: Units, text: str) -> Counter[tuple[str, str]]:
    return Counter(pairwise(units.tokenize(text)))


def _exchanged(text: str, one: str, other: str) -> str:
    """The text with two speakers exchanged, and the particles behind them as their numbers want
    them."""
    return fix_particles(other.join(part.replace(other, one) for part in text.split(one)))[0]
