"""What the intervals and tests of `compare` are worth: how often a 95 % interval holds the true
difference, how often one is found that is not there, with and without clusters and with and
without Holm's correction, and how often the difference is found that is called detectable.
`python benchmarks/intervals.py`. Needs no data and no model.

Paired differences are made: normal, or as those of ROUGE between two systems that give most
dialogues the same summary (70 % ties, the others exponential, to either side). A share of their
variance is common to the dialogues of a cluster (the intraclass correlation). The true mean is
known: 0, or what `effect` calls detectable, by the true standard error.
"""

from __future__ import annotations

import argparse
import math
import platform
from collections.abc import Sequence
from datetime import date
from statistics import fmean

import numpy as np

from pivot_sum.commands.output import print_table
from pivot_sum.comparison.power import effect
from pivot_sum.comparison.significance import FEW, Interval, corrected, paired

SPREAD = 12.0
"""Standard deviation of a made difference, in points."""
TIES = 0.7
SHAPES: Sequence[tuple[int, int, float]] = (
    (10, 1, 0.0),
    (30, 1, 0.0),
    (100, 1, 0.0),
    (10, 10, 0.3),
    (32, 3, 0.3),
    (100, 5, 0.3),
)
"""Clusters, dialogues a cluster, and the share of the variance that its dialogues share."""
SYSTEMS = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=300, help="how many samples are made")
    parser.add_argument("--resamples", type=int, default=200)
    options = parser.parse_args()
    print(
        f"{date.today()}, {platform.machine()}, Python {platform.python_version()};"
        f" {options.samples:,} samples, {options.resamples:,} resamples"
    )
    print_coverage(options.samples, options.resamples)
    print_several(options.samples, options.resamples)


def made(
    draw: np.random.Generator, clusters: int, size: int, share: float, *, ties: bool
) -> np.ndarray:
    """Differences with mean 0, cluster after cluster."""
    number = clusters * size
    if ties:
        sides = draw.choice([-1.0, 1.0], number) * (draw.random(number) >= TIES)
        single = sides * draw.exponential(1, number) / math.sqrt(2 * (1 - TIES))
    else:
        single = draw.normal(0, 1, number)
    common = draw.normal(0, 1, clusters).repeat(size)
    return SPREAD * (math.sqrt(share) * common + math.sqrt(1 - share) * single)


def print_coverage(samples: int, resamples: int) -> None:
    rows = []
    for clusters, size, share in SHAPES:
        for ties in (False, True) if size == 1 and clusters >= FEW else (False,):
            rows.append(
                (
                    clusters,
                    clusters * size,
                    f"{share:g}",
                    "ties" if ties else "normal",
                    *shares(clusters, size, share, ties, samples, resamples),
                )
            )
    columns = (
        "clusters",
        "dialogues",
        "shared",
        "made",
        "holds 0",
        "by dialogue",
        "significant",
        "by dialogue, too",
        "detectable, true",
        "mean estimate",
        "found",
    )
    print_table(
        "95 % intervals that hold the true difference of 0, and differences called significant:"
        " drawn by cluster, and by dialogue; detectable differences, and how often they are found",
        columns,
        rows,
        right=columns,
    )


def shares(
    clusters: int, size: int, share: float, ties: bool, samples: int, resamples: int
) -> tuple[str, ...]:
    draw = np.random.default_rng(1)
    numbers = list(np.arange(clusters).repeat(size))
    error = SPREAD * math.sqrt((1 + (size - 1) * share) / (clusters * size))
    found, single, shifted, estimates = [], [], [], []
    for seed in range(samples):
        values = made(draw, clusters, size, share, ties=ties)
        found.append(paired(values.tolist(), resamples, seed, numbers))
        single.append(paired(values.tolist(), resamples, seed) if size > 1 else found[-1])
        told = effect(values.tolist(), numbers)
        assert told is not None
        estimates.append(told.detectable)
        detectable = told.detectable / told.standard_error * error
        shifted.append(paired((values + detectable).tolist(), resamples, seed, numbers))
    return (
        percent([holds(one) for one in found]),
        percent([holds(one) for one in single]),
        percent([one.significant for one in found]),
        percent([one.significant for one in single]),
        f"{detectable:.2f}",
        f"{fmean(estimates):.2f}",
        percent([one.significant for one in shifted]),
    )


def print_several(samples: int, resamples: int) -> None:
    """Five systems of which none is better than the first: how often is one called better?"""
    draw = np.random.default_rng(2)
    plain, holm = [], []
    for seed in range(samples):
        first = draw.normal(0, 1, 100)
        family = [
            paired((SPREAD * (draw.normal(0, 1, 100) - first)).tolist(), resamples, seed)
            for _ in range(SYSTEMS - 1)
        ]
        plain.append(any(one.significant for one in family))
        holm.append(any(one.significant for one in corrected(family)))
    print(
        f"\n{SYSTEMS} systems, 100 dialogues, none better than another: one or more of the"
        f" {SYSTEMS - 1} tests against the first significant in {percent(plain)} without and"
        f" {percent(holm)} with Holm's correction"
    )


def holds(found: Interval) -> bool:
    return found.low <= 0 <= found.high


def percent(found: Sequence[bool]) -> str:
    return f"{100 * fmean(found):.1f} %"


if __name__ == "__main__":
    main()
