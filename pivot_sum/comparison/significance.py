"""Is a difference more than chance? Two tests on the same dialogues, one by resampling them, one by
swapping the two systems.

Both look at the difference of each dialogue's scores, because two systems stumble over the same
hard dialogues: the spread of the differences is much smaller than that of the scores. Neither says
anything about another training of the same models, nor about dialogues of another kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

RESAMPLES = 1_000
SEED = 12345
ALPHA = 0.05

_ROUNDING = 1e-9
"""In points. Differences that equal the one observed but for the order of their sum count as
equal.
"""


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
        """Both tests reject chance at 5 %, and the interval does not hold zero."""
        return (
            max(self.p_bootstrap, self.p_randomisation) < ALPHA and not self.low <= 0 <= self.high
        )


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
    figures. Raises ValueError without differences.
    """
    import numpy as np

    if not differences:
        raise ValueError("no differences: a test needs at least one dialogue")
    observed = math.fsum(differences) / len(differences)
    values = np.asarray(differences, dtype=np.float64)
    draw = np.random.default_rng(seed)
    means = np.array(
        [values[draw.integers(len(values), size=len(values))].mean() for _ in range(resamples)]
    )
    toss = np.random.default_rng(seed)
    swapped = np.array(
        [(values * (1 - 2 * toss.integers(2, size=len(values)))).mean() for _ in range(resamples)]
    )
    low, high = np.quantile(means, (ALPHA / 2, 1 - ALPHA / 2))
    reach = abs(observed) - _ROUNDING

    def share(chance: np.ndarray) -> float:
        return (int((np.abs(chance) >= reach).sum()) + 1) / (resamples + 1)

    return Interval(observed, float(low), float(high), share(means - observed), share(swapped))
