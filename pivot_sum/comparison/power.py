"""How large a difference is beside its spread, and how small a one so many dialogues can show.

The second is what to look at before the next experiment, and what to hold an announced gain
against. It comes from the spread alone. The power to find the very difference that was observed
is never given: it is the p-value in other words (Hoenig and Heisey 2001, The abuse of power).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

from pivot_sum.comparison.significance import ALPHA

POWER = 0.8
"""How often a difference that is there has to be found to count as detectable."""

_ROUNDING = 1e-9
"""In points: a spread or a difference that comes from rounding alone."""


class Effect(NamedTuple):
    """A mean difference beside the spread of its dialogues."""

    d_z: float
    """The mean difference in standard deviations of the paired differences: Cohen's d_z (Cohen
    1988, Statistical power analysis for the behavioral sciences; Lakens 2013)."""
    standard_error: float
    """Of the mean difference, in points; cluster-robust where there are clusters."""
    detectable: float
    """The smallest true difference in points that a two-sided test at the 5 % level finds in 80 %
    of samples of this size and spread."""
    dialogues_needed: int | None
    """How many dialogues like these it takes until a true difference of the size observed is
    detectable; None where none was observed. Clusters stay as large as they are: there have to be
    more of them."""


def effect(
    differences: Sequence[float], clusters: Sequence[int] | None = None, tests: int = 1
) -> Effect | None:
    """The effect of paired differences in points, None where nothing varies or all is one cluster.

    The detectable difference is (z of 0.975 + z of 0.8) standard errors, in the normal
    approximation (Cohen 1988, chapter 2). `tests`: how many are made at once; the level is then
    5 % divided by it, which is what the first step of Holm's method asks for. The cluster-robust
    standard error is that of Liang and Zeger 1986 with the correction G / (G - 1) for G clusters
    (Cameron and Miller 2015, A practitioner's guide to cluster-robust inference); with one dialogue
    a cluster it is the usual one.
    """
    number = len(differences)
    numbers = range(number) if clusters is None else clusters
    several = len(set(numbers))
    if several < 2:
        return None
    mean = math.fsum(differences) / number
    sums = dict.fromkeys(numbers, 0.0)
    for cluster, value in zip(numbers, differences, strict=True):
        sums[cluster] += value - mean
    error = math.sqrt(several / (several - 1) * math.fsum(s * s for s in sums.values())) / number
    spread = math.sqrt(math.fsum((value - mean) ** 2 for value in differences) / (number - 1))
    if min(error, spread) < _ROUNDING:
        return None
    normal = NormalDist()
    detectable = (normal.inv_cdf(1 - ALPHA / tests / 2) + normal.inv_cdf(POWER)) * error
    needed = None if abs(mean) < _ROUNDING else math.ceil(number * (detectable / mean) ** 2)
    return Effect(mean / spread, error, detectable, needed)
