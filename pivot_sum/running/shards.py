"""Going over samples in parts, so that what is in memory does not grow with the data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast

from pivot_sum.cache import Row
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.ends import Ends
from pivot_sum.running.results import Distinct, StepResult, collect
from pivot_sum.running.sources import Sources
from pivot_sum.stages.text.segmentation import Split

LOOKED_UP = 500
"""Samples whose texts are in memory at once while none of them has to be computed."""


def parts_of(places: range, size: int) -> Iterator[range]:
    """The places in parts of at most so many."""
    for start in range(0, len(places), size):
        yield places[start : start + size]


def units_of(splits: Sequence[Split]) -> list[str]:
    """The different units of some samples, in their order."""
    return list(dict.fromkeys(unit for parts in splits for unit in parts.units))


class Shards:
    """One step over all samples: what it takes of some of them, and where what it gives goes."""

    def __init__(
        self,
        texts: Sequence[str],
        sources: Sources,
        ends: Ends,
        step: Step,
        result: StepResult,
    ) -> None:
        self.step = step
        self.result = result
        self.distinct = Distinct()
        """The units that were taken."""
        self._texts = texts
        self._sources = sources
        self._ends = ends

    def splits(self, block: range) -> list[Split]:
        """The texts of some samples, cut into what the stage gets."""
        texts = self._texts[block.start : block.stop]
        # In a run every text is known by now; only a plan has others.
        return cast("list[Split]", self._sources.splits(self.step, texts, block.start))

    def give(self, block: range, splits: Sequence[Split], rows: Mapping[str, Row]) -> None:
        """Put the answers of some samples together, and hand them on."""
        given = collect(self.step, splits, rows, self.result)
        self._ends.passed(block.start, given)
        if self.result.end_counts is not None:
            self._ends.judge(block.start, given)
            self.result.end_counts.update(end for end in given.ends or () if end)
        self.result.given.add(given)


class Waiting:
    """Samples of one shard, in blocks, that wait until what is missing is computed."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids
        self.blocks: list[tuple[range, Sequence[Split]]] = []
        self.missing: dict[str, None] = {}
        """The units that have no row, each once."""

    def __bool__(self) -> bool:
        return bool(self.blocks)

    def add(self, block: range, splits: Sequence[Split], missing: Collection[str]) -> None:
        """Let the next block wait: something of it is missing, or of one before it."""
        self.blocks.append((block, splits))
        self.missing.update(dict.fromkeys(missing))

    def ids_of(self, units: Collection[str]) -> list[str]:
        """The ids of the samples that some units are of."""
        return [id for block, splits in self.blocks for id in _ids(self._ids, block, splits, units)]


class Missed:
    """What is missing where nothing may be computed."""

    def __init__(self, ids: Sequence[str]) -> None:
        self._ids = ids
        self.texts = Distinct()
        self.ids: list[str] = []
        """Of the samples that something is missing of."""

    def __bool__(self) -> bool:
        return bool(self.ids)

    def add(self, block: range, splits: Sequence[Split], missing: Collection[str]) -> None:
        """Note what is missing of a block."""
        self.texts.add(missing)
        self.ids += _ids(self._ids, block, splits, missing)


def _ids(
    ids: Sequence[str], block: range, splits: Sequence[Split], units: Collection[str]
) -> Iterator[str]:
    wanted = set(units)
    for place, parts in zip(block, splits, strict=True):
        if not wanted.isdisjoint(parts.units):
            yield ids[place]
