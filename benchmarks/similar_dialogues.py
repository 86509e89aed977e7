"""How alike dialogues of one scene are, and how alike others: what the thresholds of `overlap` and
`augment` rest on. `python benchmarks/similar_dialogues.py FILE …`, by default demo:dialogues. Needs
no model.

All dialogues of the files are compared with each other: Jaccard index of character trigrams, and
for those with as many turns chrF over the turns. `--many N` also times N made dialogues, turns of
the files drawn at random, against the files and among themselves.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
from collections import defaultdict
from datetime import date
from itertools import combinations

import numpy as np

from pivot_sum.commands.output import print_table
from pivot_sum.data.files import DEMO_DIALOGUES, data_path
from pivot_sum.data.overlap import alike_within, overlap
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.stages.text.segmentation import split
from pivot_sum.training.augment_filter import similarity

EDGES = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 0.9, 1.0)
"""Jaccard indexes: a row of the table holds the pairs from one to the next."""
SHARES = (0.0, 0.05, 0.5, 0.95, 1.0)
DRAWN = 4000
"""Pairs of other dialogues with as many turns."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", default=[DEMO_DIALOGUES])
    parser.add_argument("--many", type=int, default=0, help="how many dialogues to make")
    options = parser.parse_args()
    samples = [sample for file in options.files for sample in read_samples(data_path(file))]
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    print(f"{len(samples):,} dialogues of {', '.join(options.files)}")
    alike = pairs_alike(samples)
    print_alike(samples, alike)
    print_others(samples, alike)
    if options.many:
        print_times(samples, options.many)


def pairs_alike(samples: list[Sample]) -> dict[tuple[int, int], float]:
    """The Jaccard index of every pair from the lowest edge on, by positions."""
    place = {id(sample): at for at, sample in enumerate(samples)}
    numbered = [Sample(str(place[id(one)]), one.dialogue, (), None, None) for one in samples]
    return {
        (int(pair.first), int(pair.second)): pair.similarity
        for pair in overlap(numbered, numbered, EDGES[0]).pairs
        if int(pair.first) < int(pair.second)
    }


def print_alike(samples: list[Sample], alike: dict[tuple[int, int], float]) -> None:
    rows = []
    for low, high in zip(EDGES, [*EDGES[1:], 2.0], strict=True):
        pairs = [pair for pair, index in alike.items() if low <= index < high]
        near = [
            chrf
            for one, two in pairs
            if (chrf := similarity(samples[one].dialogue, samples[two].dialogue))
        ]
        span = f"{min(near):.1f} to {max(near):.1f}" if near else "-"
        rows.append((f"{low:g}", len(pairs), len(near), span))
    numbers = ("from", "pairs", "as many turns", "chrF")
    print_table("pairs of dialogues by Jaccard index", numbers, rows, right=numbers)


def print_others(samples: list[Sample], alike: dict[tuple[int, int], float]) -> None:
    by_turns = defaultdict(list)
    for at, sample in enumerate(samples):
        by_turns[len(split(sample.dialogue, "turn", "ko").units)].append(at)
    pairs = [
        pair
        for places in by_turns.values()
        for pair in combinations(places, 2)
        if pair not in alike
    ]
    drawn = random.Random(0).sample(pairs, min(DRAWN, len(pairs)))
    found = [similarity(samples[one].dialogue, samples[two].dialogue) for one, two in drawn]
    shown = ", ".join(f"{np.quantile(found, share):.1f}" for share in SHARES)
    print(
        f"chrF of {len(found):,} other pairs with as many turns: {shown} (least, 5 %, median, 95 %,"
        " most)"
    )


def print_times(samples: list[Sample], number: int) -> None:
    turns = [line for sample in samples for line in sample.dialogue.splitlines()]
    rng = random.Random(0)
    made = [
        Sample(f"made{at}", "\n".join(rng.sample(turns, 10)), (), None, None)
        for at in range(number)
    ]
    start = time.perf_counter()
    overlap(made, samples)
    between = time.perf_counter() - start
    start = time.perf_counter()
    alike_within([sample.dialogue for sample in made])
    among = time.perf_counter() - start
    print(
        f"{number:,} made dialogues of 10 turns: {between:.1f} s against the {len(samples):,},"
        f" {among:.1f} s among themselves"
    )


if __name__ == "__main__":
    main()
