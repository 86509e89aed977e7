"""Running a recipe: split, look up, compute what is missing, check, store, join. What is stored is
never computed again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from pivot_sum.cache import Cache, Row
from pivot_sum.data.samples import Sample, dialogues_of, ids_of
from pivot_sum.errors import CacheMiss
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.ends import Ends
from pivot_sum.running.executor import Executor, Local
from pivot_sum.running.progress import StepProgress
from pivot_sum.running.results import InMemory, StepResult, Texts, note_of
from pivot_sum.running.shards import LOOKED_UP, Missed, Shards, Waiting, parts_of, units_of
from pivot_sum.running.sources import Sources, cleaning
from pivot_sum.running.spending import billed, total
from pivot_sum.running.storing import BatchKeeper
from pivot_sum.stages.base import Billed
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.engines.padding import counted
from pivot_sum.stages.errors import StageError, Unanswered, some
from pivot_sum.wording import number

ProgressMaker = Callable[[str, int, int], AbstractContextManager[StepProgress]]

SHARD = 10_000
"""Samples whose missing texts are computed together: enough that batches hold texts of like
length, and few enough to be in memory."""


class Runner:
    """Runs steps over samples through a cache. `offline`: nothing is resolved, loaded or computed.
    `budget`: what services may bill in this run; without one it is only counted. `sources`: the
    dialogues, where those of the samples are other texts that are put in their place. `shard`: the
    samples whose missing texts are computed together. `executor`: where they are computed; default:
    in this process.

    Each step goes over all samples before the next begins, so that one model is in memory, and
    over a shard at a time, so that texts need not be.
    """

    def __init__(
        self,
        samples: Sequence[Sample],
        cache: Cache,
        progress: ProgressMaker,
        *,
        offline: bool = False,
        budget: Budget | None = None,
        sources: Sources | None = None,
        shard: int = SHARD,
        executor: Executor | None = None,
    ) -> None:
        self.samples = samples
        self.ids = ids_of(samples)
        self.cache = cache
        self.progress = progress
        self.offline = offline
        self.budget = budget or Budget()
        self.sources = sources
        self.shard = shard
        self.executor = executor or Local()

    def run(
        self,
        steps: Sequence[Step],
        chosen: Sequence[int],
        into: Callable[[int], AbstractContextManager[Texts]] = lambda _: nullcontext(InMemory()),
    ) -> Iterator[StepResult]:
        """Run the chosen steps in order, yielding each as it is done. Steps before and between them
        come from the cache; steps after the last chosen one are not run. `into` says for the
        position of a step where its texts go; it is left when the step is done or has failed.

        Raises `CacheMiss` where something must come from the cache and is not there, and the
        stages' own errors and KeyboardInterrupt with the step named and a word on what is kept.
        """
        dialogues = dialogues_of(self.samples)
        sources = self.sources or Sources.of(dialogues, steps)
        cleaned_by = None if self.sources else cleaning(steps)
        last = max(chosen)
        ends = Ends(sources, steps[: last + 1])
        texts: Sequence[str] = dialogues
        for position in range(last + 1):
            step = steps[position]
            label = f"step {position + 1} ({step.name})"
            judged = position == last > (-1 if cleaned_by is None else cleaned_by)
            with into(position) as given:
                result = StepResult(step.name, self._identity(step, label), given)
                if judged and not self.sources:
                    result.end_counts = Counter()
                shards = Shards(texts, sources, ends, step, result)
                self._run_step(shards, label, self._when_missing(steps, chosen, position))
            sources.passed(step, texts, result.texts)
            texts = result.texts
            if position == cleaned_by:
                sources.cleaned = texts
            yield result

    def _when_missing(
        self, steps: Sequence[Step], chosen: Sequence[int], position: int
    ) -> str | None:
        """What to do first where texts of a step are not in the cache; None where they are
        computed."""
        if self.offline:
            return "Run without --offline to compute them"
        if position in chosen:
            return None
        before = steps[min(later for later in chosen if later > position) - 1].name
        return f"Run the steps up to {before} first (--stages ..{before})"

    def _run_step(self, shards: Shards, label: str, when_missing: str | None) -> None:
        begun = time.monotonic()
        stage, result = shards.step.stage, shards.result
        if isinstance(stage, Billed):
            result.billed = billed(stage, ())
        missed = Missed(self.ids)
        unanswered: list[Unanswered] = []
        with counted() as result.tokens:
            for shard in parts_of(range(len(self.samples)), self.shard):
                waiting = Waiting(self.ids)
                for block in parts_of(shard, LOOKED_UP):
                    splits = shards.splits(block)
                    units = units_of(splits)
                    shards.distinct.add(units)
                    rows = self.cache.get(result.identity, units)
                    missing = [unit for unit in units if unit not in rows]
                    if missing and when_missing:
                        missed.add(block, splits, missing)
                    elif missing or waiting:
                        waiting.add(block, splits, missing)
                    if not (missing or waiting or missed or unanswered):
                        shards.give(block, splits, rows)
                if waiting:
                    try:
                        self._compute_shard(shards, self._named(label, shard), waiting)
                    except Unanswered as error:  # of no concern to other shards
                        unanswered.append(error)
                        continue
        if missed:
            said = self._miss_message(label, shards.step, result.identity, missed)
            raise CacheMiss(f"{said}. {when_missing}")
        if unanswered:
            raise _together(unanswered, label)
        result.unique = shards.distinct.count()
        result.cached = result.unique - result.computed
        if not result.computed:
            with self.progress(label, result.cached, 0):
                pass
        result.seconds = time.monotonic() - begun

    def _compute_shard(self, shards: Shards, label: str, waiting: Waiting) -> None:
        """Compute what is missing of a shard, then give what waited for it."""
        stage, result = shards.step.stage, shards.result
        missing = list(waiting.missing)
        found = shards.distinct.count() - result.computed - len(missing)
        with self.progress(label, found, len(missing)) as progress:

            def stored(computed: dict[str, Row]) -> None:
                if isinstance(stage, Billed):
                    costs = (stage.bill(note_of(row)) for row in computed.values())
                    result.billed = total(result.billed or {}, *costs)
                progress.advance(len(computed))

            self._compute(shards.step, label, result.identity, waiting, missing, stored)
        result.computed += len(missing)
        for block, splits in waiting.blocks:
            shards.give(block, splits, self.cache.get(result.identity, units_of(splits)))

    def _named(self, label: str, shard: range) -> str:
        """A step's label, with the part of the samples that is computed where there are several."""
        size = len(self.samples)
        if size <= self.shard:
            return label
        return f"{label}, dialogues {shard.start + 1:,} to {shard.stop:,} of {size:,}"

    def _identity(self, step: Step, label: str) -> dict[str, Any]:
        declared = step.declared_identity()
        if not self.offline:
            try:
                identity = step.resolved_identity()
            except StageError as error:
                raise type(error)(f"{label}: {error}") from error
            if self.cache.resolution(declared) != identity:
                self.cache.remember(declared, identity)
            return identity
        known = self.cache.resolution(declared)
        if known is None:
            raise CacheMiss(
                f"{label}: offline, and this cache never saw this stage with these settings"
                f"{nearest_note(self.cache, declared, declared=True)}. "
                "Run once without --offline, or import a cache that has it"
            )
        return known

    def _compute(
        self,
        step: Step,
        label: str,
        identity: dict[str, Any],
        waiting: Waiting,
        missing: Sequence[str],
        stored: Callable[[dict[str, Row]], None],
    ) -> None:
        # Batches then hold texts of like length, and the time left is never underestimated.
        missing = sorted(missing, key=lambda text: (-len(text), text))

        def keep(batch: Sequence[str]) -> BatchKeeper:
            return BatchKeeper(self.cache, identity, step.stage, batch, stored)

        try:
            unanswered = self.executor.compute(step, identity, missing, keep, self.budget)
        except (StageError, KeyboardInterrupt) as error:
            kept = self._kept(identity, missing)
            if isinstance(error, StageError):
                raise type(error)(f"{label}: {error}{kept and f' ({kept})'}") from error
            raise KeyboardInterrupt(f"{label}: {kept or 'nothing is computed yet'}") from None
        if unanswered:
            first, texts = unanswered[0], {text for error in unanswered for text in error.texts}
            raise Unanswered(texts, first.said, first.text, label, waiting.ids_of(texts))

    def _kept(self, identity: dict[str, Any], missing: Sequence[str]) -> str:
        """What the cache holds of the texts that were missing, in words; empty where it is none."""
        done = len(self.cache.get(identity, missing))
        return (
            f"{done:,} of {len(missing):,} missing texts are computed and kept; the same command"
            " goes on from there"
            if done
            else ""
        )

    def _miss_message(
        self, label: str, step: Step, identity: dict[str, Any], missed: Missed
    ) -> str:
        ids, texts = missed.ids, missed.texts.count()
        why = "" if self.cache.count(identity) else nearest_note(self.cache, identity)
        what = "text" if step.over == "dialogue" else step.over
        return (
            f"{label}: {number(texts, what)} of {number(len(ids), 'sample')} ({some(ids)}) not in"
            f" the cache{why}"
        )


def nearest_note(cache: Cache, identity: dict[str, Any], *, declared: bool = False) -> str:
    """Which fields differ from the nearest stored identity, as the tail of a message."""
    nearest = cache.nearest(identity, declared=declared)
    if nearest is None:
        return f"; it holds nothing of stage {identity['stage']!r}"
    differences = "; ".join(
        f"{item.field}: wanted {item.wanted!r}, stored {item.stored!r}" for item in nearest[1]
    )
    return f"; the nearest stored results differ in {differences}" if differences else ""


def _together(errors: Sequence[Unanswered], label: str) -> Unanswered:
    """The texts without an answer of several batches or shards, as one error of a step."""
    texts = {text for error in errors for text in error.texts}
    ids = [id for error in errors for id in error.ids]
    return Unanswered(texts, errors[0].said, errors[0].text, label, ids)
