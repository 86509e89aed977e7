"""Bootstrap and significance tests: how far a mean over dialogues may be from the one observed, and
whether a difference of two systems is significant.

Both look at the difference of each dialogue's scores, because two systems stumble over the same
hard dialogues: the spread of the differences is much smaller than that of the scores. Neither says
anything about another training of the same models, nor about dialogues of another kind.
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

    @property
    def significant(self) -> bool:
        """Both p-values are below 5 %, and the interval does not hold zero."""
        return (
            max(self.p_bootstrap, self.p_randomisation) < ALPHA and not self.low <= 0 <= self.high
        )


def estimates(
    columns: Sequence[Sequence[float]], resamples: int = RESAMPLES, seed: int = SEED
) -> list[Estimate]:
    """The mean of each column, and the middle 95 % of its means over resampled rows (Efron and
    Tibshirani 1993, An introduction to the bootstrap, chapter 13). All columns see the same
    resamples, so what adds up in the rows adds up in every one.
    """
    means = _resampled(columns, resamples, seed)
    return [
        Estimate(math.fsum(column) / len(column), *_middle(resampled))
        for column, resampled in zip(columns, means.T, strict=True)
    ]


def paired(differences: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
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

    Both shares are (count + 1) / (resamples + 1), so that what was observed counts as one of the
    ways it could have come out and no p-value is 0. The same seed, count and order give the same
    numbers. Raises ValueError without differences.
    """
    import numpy as np

    if not differences:
        raise ValueError("no differences: a test needs at least one dialogue")
    observed = math.fsum(differences) / len(differences)
    values = np.asarray(differences, dtype=np.float64)
    means = _resampled([differences], resamples, seed)[:, 0]
    toss = np.random.default_rng(seed)
    swapped = np.array(
        [(values * (1 - 2 * toss.integers(2, size=len(values)))).mean() for _ in range(resamples)]
    )
    reach = abs(observed) - _ROUNDING

    def p_value(means: np.ndarray[Any, Any]) -> float:
        return (int((np.abs(means) >= reach).sum()) + 1) / (resamples + 1)

    return Interval(observed, *_middle(means), p_value(means - observed), p_value(swapped))


def _resampled(
    columns: Sequence[Sequence[float]], resamples: int, seed: int
) -> np.ndarray[Any, Any]:
    """The means of the columns over as many rows as there are, drawn with replacement: one line a
    resample."""
    import numpy as np

    rows = len(columns[0])
    values = np.asarray(columns, dtype=np.float64)
    draw = np.random.default_rng(seed)
    return np.array(
        [values[:, draw.integers(rows, size=rows)].mean(axis=1) for _ in range(resamples)]
    )


def _middle(means: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Between what 95 % of the means lie."""
    import numpy as np

    low, high = np.quantile(means, (ALPHA / 2, 1 - ALPHA / 2))
    return float(low), float(high)
