"""Bootstrap and significance tests: how far a mean over dialogues may be from the one observed, and
whether a difference of two systems is significant.

Both look at the difference of each dialogue's scores, because two systems stumble over the same
hard dialogues: the spread of the differences is much smaller than that of the scores. Neither says
anything about another training of the same models, nor about dialogues of another kind.

Dialogues that share a scene or a source document are no independent observations. Where the data
name such clusters, whole clusters are drawn and swapped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 1_000
LEAST_RESAMPLES = 100
SEED = 12345
ALPHA = 0.05

FEW = 30
"""Drawn from fewer dialogues or clusters than this, an interval is too narrow to be trusted."""

FEWEST = 5
"""So many dialogues or clusters cannot show a difference: if one system wins in all of five,
swapping the two gives p = 2/32 at the least.
"""

_ROUNDING = 1e-9
"""In points. Differences that equal the one observed but for the order of their sum count as
equal.
"""


class Estimate(NamedTuple):
    """A mean over the dialogues in points (0 to 100) with its 95 % confidence interval."""

    mean: float
    low: float
    high: float


class Interval(NamedTuple):
    """A mean difference in points (×100), its 95 % confidence interval, and two two-sided
    p-values.
    """

    delta: float
    low: float
    high: float
    p_bootstrap: float
    p_randomisation: float
    p_bootstrap_holm: float | None = None
    """Both p-values as `corrected` makes them for all tests of a family; None for a test that
    stands alone."""
    p_randomisation_holm: float | None = None

    @property
    def significant(self) -> bool:
        """Both p-values, corrected where they were, are below 5 %, and the interval, which never
        is, does not hold zero."""
        bootstrap, randomisation = (
            one if adjusted is None else adjusted
            for one, adjusted in (
                (self.p_bootstrap, self.p_bootstrap_holm),
                (self.p_randomisation, self.p_randomisation_holm),
            )
        )
        return max(bootstrap, randomisation) < ALPHA and not self.low <= 0 <= self.high


def estimates(
    columns: Sequence[Sequence[float]],
    resamples: int = RESAMPLES,
    seed: int = SEED,
    clusters: Sequence[int] | None = None,
) -> list[Estimate]:
    """The mean of each column, and the middle 95 % of its means over resampled rows (Efron and
    Tibshirani 1993, An introduction to the bootstrap, chapter 13), or over resampled clusters of
    rows, as in `paired`. All columns see the same resamples, so what adds up in the rows adds up in
    every one.
    """
    means = _resampled(_Sums.of(columns, clusters), resamples, seed)
    return [
        Estimate(math.fsum(column) / len(column), *_middle(resampled))
        for column, resampled in zip(columns, means.T, strict=True)
    ]


def paired(
    differences: Sequence[float],
    resamples: int = RESAMPLES,
    seed: int = SEED,
    clusters: Sequence[int] | None = None,
) -> Interval:
    """Both tests of the mean of paired differences: one difference in points for each dialogue, in
    a fixed order.

    *Paired bootstrap* (Koehn 2004, Statistical significance tests for machine translation
    evaluation; Efron and Tibshirani 1993, An introduction to the bootstrap, chapters 13 and 16):
    draw as many dialogues as there are, with replacement, and take their mean difference. The
    interval holds the middle 95 % of these means. For the p-value the means are shifted so that
    they lie around zero, as they would without a difference: it is the share at least as far from
    zero as the difference observed. Koehn counts on one side how often the better system is not the
    better one; this is two-sided.

    *Approximate randomisation* (Noreen 1989, Computer-intensive methods for testing hypotheses;
    Riezler and Maxwell 2005, On some pitfalls in automatic evaluation and significance testing for
    MT): swap the two systems' texts in each dialogue or not, by the toss of a coin, which turns the
    sign of its difference. The p-value is the share of these means at least as far from zero as the
    difference observed.

    *Clusters*: `clusters` numbers the cluster of each dialogue. As many clusters as there are are
    drawn with replacement, each with all its dialogues (the cluster bootstrap: Field and Welsh
    2007, Bootstrapping clustered data; Cameron, Gelbach and Miller 2008, Bootstrap-based
    improvements for inference with clustered errors), and the two systems are swapped in all
    dialogues of a cluster or in none. With one dialogue a cluster the numbers are those without.

    Both shares are (count + 1) / (resamples + 1), so that what was observed counts as one of the
    ways it could have come out and no p-value is 0. The same seed, count and order give the same
    numbers. Raises ValueError without differences.
    """
    import numpy as np

    if not differences:
        raise ValueError("no differences: a test needs at least one dialogue")
    observed = math.fsum(differences) / len(differences)
    drawn_from = _Sums.of([differences], clusters)
    means = _resampled(drawn_from, resamples, seed)[:, 0]
    toss = np.random.default_rng(seed)
    sums = drawn_from.sums[0]
    swapped = np.array(
        [(sums * (1 - 2 * toss.integers(2, size=len(sums)))).sum() for _ in range(resamples)]
    ) / len(differences)
    reach = abs(observed) - _ROUNDING

    def p_value(means: np.ndarray[Any, Any]) -> float:
        return (int((np.abs(means) >= reach).sum()) + 1) / (resamples + 1)

    return Interval(observed, *_middle(means), p_value(means - observed), p_value(swapped))


def corrected(family: Sequence[Interval]) -> list[Interval]:
    """Tests that are made at once, with both p-values corrected for that by Holm's step-down method
    (Holm 1979, A simple sequentially rejective multiple test procedure): where nothing differs, the
    probability that any of them is significant is at most 5 %. A test that stands alone stays as it
    is.
    """
    if len(family) < 2:
        return list(family)
    bootstrap = holm([test.p_bootstrap for test in family])
    randomisation = holm([test.p_randomisation for test in family])
    return [
        test._replace(p_bootstrap_holm=one, p_randomisation_holm=other)
        for test, one, other in zip(family, bootstrap, randomisation, strict=True)
    ]


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected by Holm's method, in their order."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


class _Sums(NamedTuple):
    """What is drawn: clusters of rows, or single rows, which are clusters of one."""

    sums: np.ndarray[Any, Any]
    """Of each column over each cluster."""
    sizes: np.ndarray[Any, Any]
    """How many rows each cluster has."""

    @classmethod
    def of(cls, columns: Sequence[Sequence[float]], clusters: Sequence[int] | None) -> _Sums:
        import numpy as np

        numbers = np.arange(len(columns[0])) if clusters is None else np.asarray(clusters)
        return cls(
            np.array([np.bincount(numbers, weights=column) for column in columns]),
            np.bincount(numbers),
        )


def _resampled(drawn_from: _Sums, resamples: int, seed: int) -> np.ndarray[Any, Any]:
    """The means of the columns over as many clusters as there are, drawn with replacement: one line
    a resample."""
    import numpy as np

    sums, sizes = drawn_from
    draw = np.random.default_rng(seed)
    draws = (draw.integers(len(sizes), size=len(sizes)) for _ in range(resamples))
    return np.array([sums[:, drawn].sum(axis=1) / sizes[drawn].sum() for drawn in draws])


def _middle(means: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Between what 95 % of the means lie."""
    import numpy as np

    low, high = np.quantile(means, (ALPHA / 2, 1 - ALPHA / 2))
    return float(low), float(high)
