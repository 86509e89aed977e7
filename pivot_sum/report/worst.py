"""Which dialogues a report shows whole, where they are too many for one page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from heapq import nsmallest
from typing import Final

from pivot_sum.comparison.compare import Comparison
from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import ids_of
from pivot_sum.running.reading import lines_of_step

WORST: Final = 500
"""Where nothing else is asked for; how fast such a page opens: `benchmarks/report_size.py`."""


def worst(
    ids: Sequence[str], systems: Sequence[System], comparison: Comparison | None, number: int
) -> set[str]:
    """The ids of so many of the dialogues: those in which another system loses most against the
    first; of one system those with the lowest scores; without scores those with most remarks by the
    steps of the runs. Of equals the first in the data. Raises RunFolderError."""
    if len(ids) <= number:
        return set(ids)
    rank = _remarks(systems) if comparison is None else _scores(comparison)
    return set(nsmallest(number, ids, key=rank.__getitem__))


def _scores(comparison: Comparison) -> Mapping[str, float]:
    """The score of each dialogue, of several systems the worst difference from the first."""
    first, *others = (row.deciding.finals for row in comparison.systems)
    ids = ids_of(comparison.samples)
    if not others:
        return dict(zip(ids, first, strict=True))
    rows = zip(ids, first, *others, strict=True)
    return {id: min(rest) - own for id, own, *rest in rows}


def _remarks(systems: Sequence[System]) -> Mapping[str, float]:
    """How many remarks each dialogue has, as a negative number."""
    found: Counter[str] = Counter()
    for system in systems:
        if system.folder and system.record:
            for step in system.record.steps:
                for line in lines_of_step(system.folder, step):
                    found[line.id] -= sum(line.noticed.values())
    return found
