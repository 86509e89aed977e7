"""Cutting texts into the batches that a model computes together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

FIRST_BATCH = 8192
"""Tokens of a batch, padding included, where nobody said how many and it is not known yet how many
fit."""

CPU_BATCH = (32, 2048)
"""Most texts and tokens of a batch on a CPU, where larger ones gain nothing, or are slower."""


def batches(
    pending: Sequence[int],
    length: Callable[[int], int],
    budget: int,
    most: int = sys.maxsize,
    *,
    equal: bool = False,
) -> Iterator[list[int]]:
    """Cut a longest-first list into batches of at most `budget` tokens, padding included, and
    `most` texts, if `equal` all of one length; never an empty batch.
    """
    start = 0
    while start < len(pending):
        longest = length(pending[start])
        size = min(max(1, budget // max(1, longest)), most)
        if equal:
            fitting = pending[start : start + size]
            size = sum(1 for index in fitting if length(index) == longest)
        yield list(pending[start : start + size])
        start += size
