"""Where other metrics say otherwise than the one that decides: over systems, and in single
dialogues."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, NamedTuple, Protocol

from pivot_sum.comparison.significance import Interval, corrected, paired
from pivot_sum.scoring import Scores
from pivot_sum.scoring.metrics import label as part_label
from pivot_sum.wording import number

LEVEL: Final = 0.005
"""In points: what is rounded to 0.00 is no difference."""

NAMED: Final = 5
"""So many dialogues are named, those that both metrics tell apart most."""

_IN_TEXT: Final = 3


class Scored(Protocol):
    """What is read of a row of a comparison (which imports this module)."""

    @property
    def label(self) -> str: ...
    @property
    def scores(self) -> Mapping[str, Scores]: ...


class Contrary(NamedTuple):
    """A dialogue in which one metric puts one system in front, and another the other."""

    id: str
    deciding: float
    """Difference of the two systems in points, by the metric that decides."""
    other: float


@dataclass(frozen=True)
class Disagreement:
    """What another metric says of two systems, beside the one that decides."""

    label: str
    against: str
    metric: str
    """The key of the other metric."""
    part: str
    """Of the other metric, the part that is compared."""
    headline: str
    """The part that decides."""
    deciding: Interval
    """How far `label` is above `against`, by the part that decides and by the other metric."""
    other: Interval
    told_apart: int
    """Dialogues in which both metrics put one of the systems in front."""
    contrary: int
    """Those of them in which it is not the same one."""
    strongest: tuple[Contrary, ...]
    """Of the contrary ones, those with the largest differences by both metrics, the largest
    first."""

    @property
    def reversed(self) -> bool:
        """Whether the other metric puts the systems in the other order."""
        deltas = (self.deciding.delta, self.other.delta)
        return deltas[0] * deltas[1] < 0 and min(map(abs, deltas)) >= LEVEL

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return {
            **vars(self),
            "deciding": self.deciding._asdict(),
            "other": self.other._asdict(),
            "reversed": self.reversed,
            "strongest": [one._asdict() for one in self.strongest],
        }


def disagreements(
    systems: Sequence[Scored],
    ids: Sequence[str],
    resamples: int,
    seed: int,
    clusters: Sequence[int] | None = None,
) -> tuple[Disagreement, ...]:
    """What each other metric says of each pair of systems, the later against the earlier. `ids`
    name the dialogues, `clusters` number the cluster of each. The tests of a metric are corrected
    for as many as there are pairs. ROUGE with placeholders raw is no other metric than ROUGE."""
    first, *others = systems[0].scores
    pairs = list(combinations(systems, 2))

    def tested(key: str) -> list[Interval]:
        return corrected([paired(_apart(*pair, key), resamples, seed, clusters) for pair in pairs])

    deciding = tested(first)
    found = []
    for key in others:
        if key == "raw" and "whole" in systems[0].scores:
            continue
        for pair, ours, theirs in zip(pairs, deciding, tested(key), strict=True):
            against, row = pair
            places = map(Contrary, ids, _apart(*pair, first), _apart(*pair, key))
            apart = [one for one in places if min(abs(one.deciding), abs(one.other)) >= LEVEL]
            contrary = [one for one in apart if one.deciding * one.other < 0]
            contrary.sort(key=lambda one: (-abs(one.deciding * one.other), one.id))
            found.append(
                Disagreement(
                    row.label,
                    against.label,
                    key,
                    row.scores[key].headline,
                    row.scores[first].headline,
                    ours,
                    theirs,
                    len(apart),
                    len(contrary),
                    tuple(contrary[:NAMED]),
                )
            )
    return tuple(found)


def _apart(against: Scored, row: Scored, key: str) -> list[float]:
    pairs = zip(row.scores[key].finals, against.scores[key].finals, strict=True)
    return [ours - theirs for ours, theirs in pairs]


def sentences(found: Sequence[Disagreement], *, testable: bool) -> Iterator[str]:
    """Which metrics put systems in another order, and in how many dialogues they do, the strongest
    named. `testable`: whether there are dialogues enough for a difference to be significant."""
    for one in found:
        by, first = part_label(one.part, one.metric), part_label(one.headline)
        who = f"{one.label} against {one.against}"
        if one.reversed:
            told = ", ".join(
                f"{name} {interval.delta:+.2f} (95 % CI {interval.low:.2f} to {interval.high:.2f},"
                f" {'significant' if testable and interval.significant else 'not significant'})"
                for name, interval in ((first, one.deciding), (by, one.other))
            )
            yield f"{by} puts {who} the other way round than {first}: {told}."
        if one.contrary:
            named = ", ".join(
                f"{place.id} ({first} {place.deciding:+.2f}, {by} {place.other:+.2f})"
                for place in one.strongest[:_IN_TEXT]
            )
            yield (
                f"{who}: {first} and {by} disagree in {one.contrary:,} of the"
                f" {number(one.told_apart, 'dialogue')} that both tell apart, most in {named}."
            )
        elif one.told_apart and not one.reversed:
            yield (
                f"{who}: {first} and {by} agree in all of the"
                f" {number(one.told_apart, 'dialogue')} that both tell apart."
            )
