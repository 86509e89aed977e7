"""What can be known about a summary without a reference: how far the others agree, what the guards
say, its length."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from pivot_sum.comparison.ends import cleaned_dialogues, ends
from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.running.reading import read_step
from pivot_sum.running.verdicts import INVENTED, REPAIRED, REPAIRED_BY_CUT
from pivot_sum.scoring import Metric, similarities
from pivot_sum.stages.guards.alignment import size
from pivot_sum.stages.guards.checks import SummaryGuards
from pivot_sum.stages.guards.support import support

HARMLESS = frozenset({REPAIRED, REPAIRED_BY_CUT, "split"})
"""Remarks of a run that say what was done, not that anything is wrong."""


@dataclass(frozen=True)
class Judged:
    """One candidate's summary of one dialogue, judged without a reference."""

    text: str
    consensus: float
    """Mean score (0 to 100) with each of the other candidates' summaries as the reference: the
    expected gain of serving this one, if the right summary is like one of theirs. 0 where there is
    no other."""
    votes: int
    """Candidates, this one included, that say the same but for whitespace, case and the full
    stop."""
    flags: tuple[str, ...]
    """What guards and steps found wrong, each once, by name."""
    share: float
    """Its length as a share of the dialogue's, in letters (a Hangul syllable counts 2)."""
    support: float
    """Share of its pairs of syllables that occur in the dialogue, 0 to 1."""


def judge(
    systems: Sequence[System], samples: Sequence[Sample], metric: Metric
) -> list[tuple[Judged, ...]]:
    """For each sample, its summaries in the order of the systems, judged."""
    noticed = [_noticed(system) for system in systems]
    cleaned = [cleaned_dialogues(system, samples) for system in systems]
    ended = [ends(system, samples) for system in systems]
    guards = SummaryGuards()
    judged = []
    for place, sample in enumerate(samples):
        texts = [system.texts[sample.id] for system in systems]
        gains = _consensus(texts, sample.dialogue, metric)
        votes = Counter(normalised(text) for text in texts)
        row = []
        for number, (text, gain, remarks) in enumerate(zip(texts, gains, noticed, strict=True)):
            dialogue, end = cleaned[number][place], ended[number][place]
            found = {*guards.flags_of(dialogue, text, "ko"), *remarks.get(sample.id, ())}
            if INVENTED in found:
                found.remove(INVENTED)
                end = "invented"
            if end in ("lost", "invented"):
                found.add(f"placeholder {end}")
            flags = tuple(sorted(found - HARMLESS))
            share = size(text) / max(size(dialogue), 1)
            row.append(
                Judged(
                    text, gain, votes[normalised(text)], flags, share, support(text, dialogue, "ko")
                )
            )
        judged.append(tuple(row))
    return judged


def normalised(text: str) -> str:
    """What two summaries have in common that say the same: whitespace, case, width and closing
    punctuation left out."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".!?。")


def _consensus(texts: Sequence[str], dialogue: str, metric: Metric) -> list[float]:
    """The mean gain of each text over the others. Two texts are compared once each way."""
    pairs = sorted({pair for pair in permutations(texts, 2)})
    known = dict(
        zip(
            pairs,
            similarities(
                metric,
                [one for one, _ in pairs],
                [other for _, other in pairs],
                [dialogue] * len(pairs),
            )
            if pairs
            else [],
            strict=True,
        )
    )
    gains = [
        [known[one, other] for at, other in enumerate(texts) if at != place]
        for place, one in enumerate(texts)
    ]
    return [math.fsum(found) / len(found) if found else 0.0 for found in gains]


def _noticed(system: System) -> Mapping[str, set[str]]:
    """What the steps of a run remarked on each dialogue; nothing for a file without its run."""
    noticed: dict[str, set[str]] = {}
    if system.folder is not None and system.record is not None:
        for step in system.record.steps:
            for line in read_step(system.folder, step):
                noticed.setdefault(line.id, set()).update(line.remarks)
    return noticed
