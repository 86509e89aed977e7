"""What choosing gains, measured where there are references: the learned rule only on dialogues it
was not learned from."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pivot_sum.comparison.significance import RESAMPLES, SEED, Interval, paired
from pivot_sum.data.samples import Sample, clusters_of
from pivot_sum.errors import ScoreRefused
from pivot_sum.routing.choosing import METHODS, choose
from pivot_sum.routing.judging import Judged
from pivot_sum.routing.rules import Rule, learn
from pivot_sum.scoring import Scores

FOLDS = 5
LEARNED = "learned"
ORACLE = "oracle (not attainable)"
Kind = Literal["candidate", "method", "bound"]


@dataclass(frozen=True)
class Outcome:
    """What one way of serving scored: a single candidate, a method, or the bound that no method can
    reach."""

    label: str
    kind: Kind
    scores: Mapping[str, float]
    """The means by part of the metric, 0 to 100."""
    final: float
    """The one that decides."""
    gain: Interval | None
    """Against the candidate that is best alone, in points of the final score; None for that one."""
    served: tuple[int, ...]
    """How many dialogues each candidate serves."""

    def as_json(self) -> dict[str, Any]:
        """Scores in points."""
        return {
            "label": self.label,
            "kind": self.kind,
            **self.scores,
            "gain": None if self.gain is None else self.gain._asdict(),
            "served": list(self.served),
        }


@dataclass(frozen=True)
class Evaluated:
    """All outcomes over the same dialogues, with what the scores depend on."""

    outcomes: tuple[Outcome, ...]
    best: str
    """The candidate that is best alone on these dialogues: choosing it is luck that the methods are
    measured against."""
    signature: str
    folds: int | None
    seed: int

    @property
    def shows_gain(self) -> bool:
        """Whether the learned rule is above the best candidate significantly, on dialogues it was
        not learned from."""
        gains = [outcome.gain for outcome in self.outcomes if outcome.label.startswith(LEARNED)]
        return any(gain is not None and gain.significant and gain.delta > 0 for gain in gains)

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return vars(self) | {"outcomes": [outcome.as_json() for outcome in self.outcomes]}


def evaluate(
    judged: Sequence[Sequence[Judged]],
    scores: Sequence[Scores],
    samples: Sequence[Sample],
    labels: Sequence[str],
    *,
    rule: Rule | None = None,
    folds: int | None = None,
    seed: int = SEED,
    resamples: int = RESAMPLES,
) -> Evaluated:
    """Score every way of serving. `scores` are those of each candidate; `rule` one that was learned
    elsewhere; with `folds` one is learned here and each dialogue scored by the rule learned from
    the other folds. Raises `ScoreRefused` for too few dialogues.
    """
    finals = [[candidate.finals[place] for candidate in scores] for place in range(len(samples))]
    picks: dict[tuple[str, Kind], list[int]] = {
        (label, "candidate"): [place] * len(samples) for place, label in enumerate(labels)
    }
    for method in METHODS:
        picks[(method, "method")] = [choose(row, method).candidate for row in judged]
    if rule is not None:
        picks[("rule", "method")] = [rule.choose(row).candidate for row in judged]
    if folds is not None:
        crossed = _cross_validated(judged, finals, samples, labels, folds, seed)
        picks[(f"{LEARNED} ({folds}-fold cross-validation)", "method")] = crossed
    picks[(ORACLE, "bound")] = [row.index(max(row)) for row in finals]
    clusters = clusters_of(samples)
    totals = [round(candidate.final, 9) for candidate in scores]
    best = totals.index(max(totals))

    def outcome(label: str, kind: Kind, chosen: Sequence[int]) -> Outcome:
        means = {
            part: math.fsum(
                scores[candidate].values[part][place] for place, candidate in enumerate(chosen)
            )
            / len(chosen)
            for part in scores[0].values
        }
        differences = [
            finals[place][candidate] - finals[place][best] for place, candidate in enumerate(chosen)
        ]
        alone = kind == "candidate" and chosen[0] == best
        served = tuple(
            sum(candidate == place for candidate in chosen) for place in range(len(labels))
        )
        return Outcome(
            label,
            kind,
            means,
            means[scores[0].headline],
            None if alone else paired(differences, resamples, seed, clusters),
            served,
        )

    outcomes = tuple(outcome(label, kind, chosen) for (label, kind), chosen in picks.items())
    return Evaluated(outcomes, labels[best], scores[0].signature, folds, seed)


def _cross_validated(
    judged: Sequence[Sequence[Judged]],
    finals: Sequence[Sequence[float]],
    samples: Sequence[Sample],
    labels: Sequence[str],
    folds: int,
    seed: int,
) -> list[int]:
    """Who serves each dialogue by the rule learned from the other folds, with each cluster in one
    fold. The folds depend on the ids, or the clusters, and the seed alone."""
    names = [sample.cluster or sample.id for sample in samples]
    distinct = sorted(
        set(names), key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest()
    )
    if len(distinct) < 2 * folds:
        what = "dialogues" if len(distinct) == len(samples) else "clusters"
        raise ScoreRefused(
            f"{len(distinct)} {what} are too few for {folds} folds; give more, or fewer --folds."
        )
    numbers = {name: number % folds for number, name in enumerate(distinct)}
    fold_of = [numbers[name] for name in names]
    chosen = [0] * len(samples)
    for fold in range(folds):
        others = [place for place in range(len(samples)) if fold_of[place] != fold]
        rule = learn(
            [judged[place] for place in others], [finals[place] for place in others], labels
        )
        for place in range(len(samples)):
            if fold_of[place] == fold:
                chosen[place] = rule.choose(judged[place]).candidate
    return chosen
