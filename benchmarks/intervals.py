"""What the intervals and tests of `compare` are worth: how often a 95 % interval holds the true
difference and how often one is found that is not there, with and without clusters and with and
without Holm's correction, and how often the difference is found that is called detectable.
`python benchmarks/intervals.py`. Needs no data and no model.

Paired differences of dialogues are drawn from a normal distribution. A share of their variance is
common to the dialogues of a cluster (the intraclass correlation). The true mean is known: 0, or
what is detectable by the true standard error.
"""

from __future__ import annotations

import argparse
import math
import platform
from collections.abc import Sequence
from datetime import date
from statistics import NormalDist, fmean
from typing import Any

import numpy as np

from pivot_sum.commands.output import print_table
from pivot_sum.comparison.power import POWER, effect
from pivot_sum.comparison.significance import ALPHA, Interval, corrected, paired

SPREAD = 12.0
"""Standard deviation of a difference, in points."""
SHAPES: Sequence[tuple[int, int, float]] = (
    (10, 1, 0.0),
    (30, 1, 0.0),
    (96, 1, 0.0),
    (499, 1, 0.0),
    (10, 3, 0.3),
    (20, 3, 0.3),
    (32, 3, 0.3),
    (50, 3, 0.3),
    (100, 5, 0.3),
)
"""Clusters, dialogues a cluster, and the share of the variance that these have in common."""
SYSTEMS = 5
DIALOGUES = 100


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=600, help="how many are drawn of each kind")
    parser.add_argument("--resamples", type=int, default=200)
    options = parser.parse_args()
    print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()};"
        f" {options.samples:,} samples, {options.resamples:,} resamples"
    )
    print_several(options.samples, options.resamples)
    columns = (
        "clusters",
        "dialogues",
        "common",
        "holds 0: by cluster",
        "by dialogue",
        "significant: by cluster",
        "by dialogue, too",
        "detectable",
        "estimated",
        "found",
    )
    title = (
        "95 % intervals that hold the true difference, 0; differences that are called significant;"
        " the detectable difference, its mean estimate, and how often it is found"
    )
    rows = [row(*shape, options.samples, options.resamples) for shape in SHAPES]
    print_table(title, columns, rows, right=columns)


def row(
    clusters: int, size: int, common: float, samples: int, resamples: int
) -> tuple[object, ...]:
    draw = np.random.default_rng(1)
    numbers = list(range(clusters) if size == 1 else np.arange(clusters).repeat(size))
    error = SPREAD * math.sqrt((1 + (size - 1) * common) / (clusters * size))
    normal = NormalDist()
    detectable = (normal.inv_cdf(1 - ALPHA / 2) + normal.inv_cdf(POWER)) * error
    clustered, single, shifted, estimated = [], [], [], []
    for seed in range(samples):
        values = differences(draw, clusters, size, common)
        clustered.append(paired(values.tolist(), resamples, seed, numbers))
        single.append(paired(values.tolist(), resamples, seed))
        shifted.append(paired((values + detectable).tolist(), resamples, seed, numbers))
        told = effect(values.tolist(), numbers)
        assert told is not None
        estimated.append(told.detectable)
    return (
        clusters,
        clusters * size,
        f"{common:g}",
        percent([holds(one) for one in clustered]),
        percent([holds(one) for one in single]),
        percent([one.significant for one in clustered]),
        percent([one.significant for one in single]),
        f"{detectable:.2f}",
        f"{fmean(estimated):.2f}",
        percent([one.significant for one in shifted]),
    )


def differences(
    draw: np.random.Generator, clusters: int, size: int, common: float
) -> np.ndarray[Any, Any]:
    """Differences with mean 0, cluster after cluster."""
    shared = draw.normal(0, 1, clusters).repeat(size)
    own = draw.normal(0, 1, clusters * size)
    return SPREAD * (np.sqrt(common) * shared + np.sqrt(1 - common) * own)


def print_several(samples: int, resamples: int) -> None:
    """How often one of several systems is called better or worse of which none is."""
    draw = np.random.default_rng(2)
    plain, holm = [], []
    for seed in range(samples):
        first = draw.normal(0, SPREAD, DIALOGUES)
        family = [
            paired((draw.normal(0, SPREAD, DIALOGUES) - first).tolist(), resamples, seed)
            for _ in range(SYSTEMS - 1)
        ]
        plain.append(any(one.significant for one in family))
        holm.append(any(one.significant for one in corrected(family)))
    print(
        f"{SYSTEMS} systems, {DIALOGUES} dialogues, none better than another: at least one of the"
        f" {SYSTEMS - 1} tests against the first is significant in {percent(plain)}, with Holm's"
        f" correction in {percent(holm)}"
    )


def holds(found: Interval) -> bool:
    return found.low <= 0 <= found.high


def percent(found: Sequence[bool]) -> str:
    return f"{100 * fmean(found):.1f} %"


if __name__ == "__main__":
    main()
