"""The texts that other processes compute, in blocks: which are still to be computed, and what
becomes of a block whose process is lost."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pivot_sum.recipes.recipe import Step
from pivot_sum.running.executor import Keep, batches_of
from pivot_sum.running.remote_stage import Outcome
from pivot_sum.running.storing import BatchKeeper
from pivot_sum.stages.engines.padding import count
from pivot_sum.stages.errors import BadOutput, Unanswered, WorkersLost, WrongLanguage

log = logging.getLogger(__name__)

TRIES = 3
"""How often a block is computed whose process is lost each time."""

MOST_TEXTS, MOST_CHARACTERS = 512, 50_000
"""Of a block: a few of the batches that models compute, and some seconds to a minute of work."""

SHARES = 4
"""Blocks for each worker, as far as there are texts for it: they then end at about the same
time."""


@dataclass(eq=False)
class Block:
    """Texts that are computed together, of the batch of one keeper; `lost`: how often the process
    that computed them was lost."""

    keeper: BatchKeeper
    texts: Sequence[str]
    lost: int = 0


class Blocks:
    """The texts of one call of an executor, for so many `workers`."""

    def __init__(self, step: Step, texts: Sequence[str], keep: Keep, workers: int) -> None:
        self.unanswered: list[Unanswered] = []
        self._workers = workers
        self._again: deque[Block] = deque()
        self._left: dict[BatchKeeper, int] = {}
        self._lost_in_a_row = 0
        self._ahead: Block | None = None
        self._fresh = self._cut(step, texts, keep)

    @property
    def waiting(self) -> bool:
        """Whether there is a block to be computed that is with no worker."""
        if self._ahead is None:
            self._ahead = next(self._fresh, None)
        if self._ahead is None and self._again:
            self._ahead = self._again.popleft()
        return self._ahead is not None

    def take(self) -> Block:
        """The next block to be computed, where one is `waiting`. One that was lost comes behind all
        others, so that these are computed whatever is wrong with it."""
        assert self.waiting and self._ahead is not None
        block, self._ahead = self._ahead, None
        return block

    def put_back(self, block: Block) -> None:
        """Take back a block that was not begun."""
        self._again.append(block)

    def computed(self, block: Block, outcome: Outcome) -> None:
        """Hand what was computed to the keeper. Raises the error that ended it, but for texts
        without an answer."""
        self._lost_in_a_row = 0
        count(*outcome.tokens)
        if outcome.answers is not None:
            block.keeper.part(block.texts, outcome.answers)
        else:
            block.keeper.finished(outcome.finished)
        if isinstance(outcome.error, Unanswered):
            self.unanswered.append(outcome.error)
        elif outcome.error:
            raise outcome.error
        self._close(block)

    def lost(self, block: Block, why: str) -> None:
        """Have a block computed again whose process was lost: whole at first, then text by text,
        so that one that ends every process keeps no other from its answer.

        Raises `WorkersLost` where processes are lost one after another, which no text explains.
        """
        self.worker_lost(why)
        block.lost += 1
        if block.lost < TRIES:
            log.warning("a worker was lost (%s): its %d texts go to another", why, len(block.texts))
            self._again.append(block)
        elif len(block.texts) > 1:
            log.warning(
                "%d workers were lost over %d texts: now one by one", TRIES, len(block.texts)
            )
            self._left[block.keeper] += len(block.texts) - 1
            self._again += [Block(block.keeper, [text], TRIES - 1) for text in block.texts]
        else:
            said = f"every process that computed it ended: {why}"
            self.unanswered.append(Unanswered(block.texts, said, block.texts[0]))
            self._close(block)

    def worker_lost(self, why: str) -> None:
        """Count a process that was lost. Raises `WorkersLost`."""
        self._lost_in_a_row += 1
        if self._lost_in_a_row > TRIES * self._workers:
            raise WorkersLost(
                f"{self._lost_in_a_row} workers were lost one after another, and none computed"
                f" anything (the last: {why}). Is there enough memory for the model on each of"
                " them? Fewer of them (--actors) leave more to each"
            )

    def stop(self) -> None:
        """Store what is finished; nothing more will come."""
        for keeper in self._left:
            with suppress(BadOutput, WrongLanguage):  # what came first has to be said
                keeper.stop()

    def _close(self, block: Block) -> None:
        self._left[block.keeper] -= 1
        if not self._left[block.keeper]:
            del self._left[block.keeper]
            block.keeper.stop()

    def _cut(self, step: Step, texts: Sequence[str], keep: Keep) -> Iterator[Block]:
        share = -(-len(texts) // (SHARES * self._workers))
        for batch in batches_of(step, texts):
            parts = list(_parts(batch, min(share, MOST_TEXTS)))
            keeper = keep(batch)
            self._left[keeper] = len(parts)
            yield from (Block(keeper, part) for part in parts)


def _parts(texts: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Texts in parts of at most so many and of at most `MOST_CHARACTERS`, but for a longer one."""
    start = characters = 0
    for place, text in enumerate(texts):
        characters += len(text)
        if place > start and (place - start == most or characters > MOST_CHARACTERS):
            yield texts[start:place]
            start, characters = place, len(text)
    if texts:
        yield texts[start:]
