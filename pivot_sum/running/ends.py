"""What became of the dialogues' placeholders by the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pivot_sum.recipes.recipe import Step
from pivot_sum.running.results import Block
from pivot_sum.running.sources import Sources
from pivot_sum.running.verdicts import end_policy, verdict


class Ends:
    """Follows the names that placeholders became, and judges the last texts by the cleaned
    dialogues."""

    def __init__(self, sources: Sources, steps: Sequence[Step]) -> None:
        self._sources = sources
        self._policy = end_policy(step.stage for step in steps)
        self._named: dict[int, Counter[str]] = {}

    def passed(self, start: int, block: Block) -> None:
        """Remember the names in what a step gave for the samples from `start` on."""
        for place, names in enumerate(block.named, start):
            if names:
                self._named[place] = self._named.get(place, Counter()) + names

    def judge(self, start: int, block: Block) -> None:
        """Give the block of the last step, which has passed, its `ends`."""
        cleaned = self._sources.cleaned[start : start + len(block.texts)]
        pairs = zip(cleaned, block.texts, strict=True)
        block.ends = [
            verdict(self._policy, str(dialogue), text, {"named": dict(self._named.get(place, {}))})
            for place, (dialogue, text) in enumerate(pairs, start)
        ]
