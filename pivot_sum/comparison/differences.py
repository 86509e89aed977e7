"""How far systems are above another, part by part of every metric, with their tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pivot_sum.comparison.power import Effect, effect
from pivot_sum.comparison.significance import (
    FEWEST,
    RESAMPLES,
    SEED,
    Interval,
    corrected,
    paired,
)
from pivot_sum.scoring import Scores

_TIE = 1e-9
"""In points: how far two scores of one dialogue may be apart by rounding alone."""

Column = tuple[str, str]
"""The key of a metric, and the part of it."""


class Scored(Protocol):
    """What is read of a `Row` of a comparison (which imports this module)."""

    @property
    def label(self) -> str: ...
    @property
    def scores(self) -> Mapping[str, Scores]: ...


@dataclass(frozen=True)
class Difference:
    """How far one row is above another, in points."""

    label: str
    against: str
    headline: str
    """The part of the first metric that decides."""
    by_metric: Mapping[str, Interval]
    """By part of the first metric, which decides: of ROUGE (placeholders whole) `rouge1`, `rouge2`,
    `rougeL` and `final`."""
    others: Mapping[str, Interval]
    """By the key of each other metric, in its headline: `raw` is `final` with placeholders raw."""
    wins: int
    """Dialogues whose deciding score is higher than the other's; ties and losses alike."""
    ties: int
    losses: int
    drawn: int
    """How many clusters there were to draw from, or dialogues where the data names no clusters."""
    effect: Effect | None
    """Of the difference that decides, and the smallest one that so many dialogues can show; None
    where nothing varies."""

    @property
    def final(self) -> Interval:
        """The difference that decides."""
        return self.by_metric[self.headline]

    @property
    def dialogues(self) -> int:
        """How many it is a mean of."""
        return self.wins + self.ties + self.losses

    @property
    def significant(self) -> bool:
        """Whether the difference that decides is significant, and there were enough to draw from
        to tell."""
        return self.final.significant and self.drawn > FEWEST

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        by_metric = {part: interval._asdict() for part, interval in self.by_metric.items()}
        others = {key: interval._asdict() for key, interval in self.others.items()}
        # Version 0.1.0 had ROUGE alone, and `raw` beside `by_metric`.
        raw = {"raw": others["raw"]} if "raw" in others else {}
        return {
            **vars(self),
            "by_metric": by_metric,
            "others": others,
            **raw,
            "effect": self.effect and self.effect._asdict(),
            "significant": self.significant,
        }


def differences(
    rows: Sequence[Scored],
    against: Scored,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    clusters: Sequence[int] | None = None,
) -> tuple[Difference, ...]:
    """How far each row is above another, dialogue by dialogue: the tests of `significance.paired`,
    corrected for as many as there are rows. `clusters` numbers the cluster of each dialogue."""
    (first, deciding), *others = against.scores.items()
    decides = (first, deciding.headline)
    parts = [(first, part) for part in deciding.values]
    headlines = [(key, found.headline) for key, found in others]

    def apart(row: Scored, key: str, part: str) -> list[float]:
        pairs = zip(row.scores[key].values[part], against.scores[key].values[part], strict=True)
        return [ours - theirs for ours, theirs in pairs]

    tested: dict[Column, list[Interval]] = {
        column: corrected([paired(apart(row, *column), resamples, seed, clusters) for row in rows])
        for column in (*parts, *headlines)
    }
    made = []
    for place, row in enumerate(rows):
        decisive = apart(row, *decides)
        wins = sum(value > _TIE for value in decisive)
        losses = sum(value < -_TIE for value in decisive)
        made.append(
            Difference(
                row.label,
                against.label,
                deciding.headline,
                {part: tested[key, part][place] for key, part in parts},
                {key: tested[key, part][place] for key, part in headlines},
                wins,
                len(decisive) - wins - losses,
                losses,
                len(decisive) if clusters is None else len(set(clusters)),
                effect(decisive, clusters, tests=len(rows)),
            )
        )
    return tuple(made)
