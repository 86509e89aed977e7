"""Running a recipe: split, look up, compute what is missing, check, store, join. What is stored is
never computed again."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any, cast

from pivot_sum.cache import Cache, Row
from pivot_sum.data.samples import Sample
from pivot_sum.errors import CacheMiss
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.progress import StepProgress
from pivot_sum.running.sources import Sources, cleaning
from pivot_sum.running.spending import billed
from pivot_sum.running.storing import BatchKeeper
from pivot_sum.running.verdicts import Verdict, end_policy, remarks, verdict
from pivot_sum.stages.base import (
    Billed,
    Note,
    Stage,
    answers_of,
)
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.engines.padding import Tokens, counted
from pivot_sum.stages.errors import BadOutput, StageError, Unanswered, WrongLanguage, some
from pivot_sum.stages.finishing import kept_by
from pivot_sum.stages.outside import named_where_raised
from pivot_sum.stages.seen import Seen, sees
from pivot_sum.stages.text.segmentation import Split, join

ProgressMaker = Callable[[str, int, int], AbstractContextManager[StepProgress]]

COUNTS = ("verdicts", "rungs", "retries", "repairs", "flags")
"""What is counted for each step."""


@dataclass
class StepResult:
    """What a step gave: one text a sample, and the counts that go into `run.json` (over all texts,
    repeats included)."""

    name: str
    identity: dict[str, Any]
    texts: list[str]
    remarks: list[Counter[str]]
    """For each sample, what a reader should look at: verdicts other than kept, flags."""
    units: int = 0
    unique: int = 0
    cached: int = 0
    computed: int = 0
    seconds: float = 0.0
    billed: dict[str, float] | None = None
    """What a service billed for the texts that were computed, by unit; None for a stage nobody
    bills.
    """
    tokens: Tokens = field(default_factory=Tokens)
    """What local models read and wrote in this run, and how much of it was padding."""
    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {name: Counter() for name in COUNTS}
    )
    named: list[Counter[str]] = field(default_factory=list)
    """For each sample, the placeholders that became names."""
    ends: list[Verdict | None] | None = None
    """For each sample, what became of its dialogue's placeholders in the end; None where this is
    not the last step, or nothing but cleaning was run."""


class Runner:
    """Runs steps over samples through a cache. `offline`: nothing is resolved, loaded or computed.
    `budget`: what services may bill in this run; without one it is only counted. `sources`: the
    dialogues, where those of the samples are other texts that are put in their place.
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
    ) -> None:
        self.samples = samples
        self.cache = cache
        self.progress = progress
        self.offline = offline
        self.budget = budget or Budget()
        self.sources = sources

    def run(self, steps: Sequence[Step], chosen: Sequence[int]) -> Iterator[StepResult]:
        """Run the chosen steps in order, yielding each as it is done. Steps before and between them
        come from the cache; steps after the last chosen one are not run.

        Raises `CacheMiss` where something must come from the cache and is not there, and the
        stages' own errors and KeyboardInterrupt with the step named and a word on what is kept.
        """
        texts = [sample.dialogue for sample in self.samples]
        sources = self.sources or Sources.of(texts, steps)
        cleaned_by = None if self.sources else cleaning(steps)
        named: list[Counter[str]] = [Counter() for _ in texts]
        last = max(chosen)
        for position in range(last + 1):
            step = steps[position]
            label = f"step {position + 1} ({step.name})"
            # In a run every text is known by now; only a plan has others.
            splits = cast("list[Split]", sources.splits(step, texts))
            result = self._run_step(
                step, label, splits, from_cache=self.offline or position not in chosen
            )
            sources.passed(step, texts, result.texts)
            texts = result.texts
            named = [before + more for before, more in zip(named, result.named, strict=True)]
            if position == cleaned_by:
                sources.cleaned = texts
            if position == last > (-1 if cleaned_by is None else cleaned_by) and not self.sources:
                policy = end_policy(step.stage for step in steps[: last + 1])
                result.ends = [
                    verdict(policy, str(dialogue), text, {"named": dict(names)})
                    for dialogue, text, names in zip(sources.cleaned, texts, named, strict=True)
                ]
            yield result

    def _run_step(
        self, step: Step, label: str, splits: Sequence[Split], *, from_cache: bool
    ) -> StepResult:
        start = time.monotonic()
        unique = list(dict.fromkeys(unit for parts in splits for unit in parts.units))
        identity = self._identity(step, label)
        rows = self.cache.get(identity, unique)
        missing = [unit for unit in unique if unit not in rows]
        if missing and from_cache:
            raise CacheMiss(self._miss_message(label, step, identity, splits, set(missing)))
        with (
            counted() as tokens,
            self.progress(label, len(unique) - len(missing), len(missing)) as progress,
        ):

            def stored(computed: dict[str, Row]) -> None:
                rows.update(computed)
                progress.advance(len(computed))

            self._compute(step.stage, label, identity, splits, missing, stored)
        result = _collect(step, identity, splits, rows)
        result.tokens = tokens
        result.unique = len(unique)
        result.computed = len(missing)
        result.cached = len(unique) - len(missing)
        if isinstance(step.stage, Billed):
            bill = step.stage.bill
            result.billed = billed(step.stage, (bill(_note(rows[unit])) for unit in missing))
        result.seconds = time.monotonic() - start
        return result

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
        stage: Stage,
        label: str,
        identity: dict[str, Any],
        splits: Sequence[Split],
        missing: Sequence[str],
        stored: Callable[[dict[str, Row]], None],
    ) -> None:
        # Batches then hold texts of like length, and the time left is never underestimated.
        missing = sorted(missing, key=lambda text: (-len(text), text))
        unanswered: list[Unanswered] = []
        for start in range(0, len(missing), stage.batch_size):
            batch = missing[start : start + stage.batch_size]
            keeper = BatchKeeper(self.cache, identity, stage, batch, stored)
            try:
                with (
                    named_where_raised(stage, f"stage {identity['stage']}", StageError),
                    kept_by(keeper),
                ):
                    answers = answers_of(stage, batch, self.budget)
                keeper.complete(batch, answers)
            except Unanswered as error:  # of no concern to other batches
                keeper.stop()
                unanswered.append(error)
            except (StageError, KeyboardInterrupt) as error:
                with suppress(BadOutput, WrongLanguage):  # what came first has to be said
                    keeper.stop()
                kept = self._kept(identity, missing)
                if isinstance(error, StageError):
                    raise type(error)(f"{label}: {error}{kept and f' ({kept})'}") from error
                raise KeyboardInterrupt(f"{label}: {kept or 'nothing is computed yet'}") from None
        if unanswered:
            first, texts = unanswered[0], {text for error in unanswered for text in error.texts}
            raise Unanswered(texts, first.said, first.text, label, self._ids(splits, texts))

    def _kept(self, identity: dict[str, Any], missing: Sequence[str]) -> str:
        """What the cache holds of the texts that were missing, in words; empty where it is none."""
        done = len(self.cache.get(identity, missing))
        return (
            f"{done:,} of {len(missing):,} missing texts are computed and kept; the same command"
            " goes on from there"
            if done
            else ""
        )

    def _ids(self, splits: Sequence[Split], texts: set[str]) -> list[str]:
        """The ids of the samples that some texts are of."""
        return [
            sample.id
            for sample, parts in zip(self.samples, splits, strict=True)
            if texts.intersection(parts.units)
        ]

    def _miss_message(
        self,
        label: str,
        step: Step,
        identity: dict[str, Any],
        splits: Sequence[Split],
        missing: set[str],
    ) -> str:
        ids = self._ids(splits, missing)
        why = "" if self.cache.count(identity) else nearest_note(self.cache, identity)
        what = "text" if step.over == "dialogue" else step.over
        return (
            f"{label}: {len(missing):,} {what}{'s' if len(missing) != 1 else ''} of {len(ids):,} "
            f"sample{'s' if len(ids) != 1 else ''} ({some(ids)}) not in the cache{why}. "
            + (
                "Run without --offline to compute them"
                if self.offline
                else f"Run the steps up to {step.name} first"
            )
        )


def _note(row: Row) -> Note:
    """The note of a stored answer. The cache types it as any JSON object; it was written from an
    answer's."""
    return cast(Note, row.note)


def nearest_note(cache: Cache, identity: dict[str, Any], *, declared: bool = False) -> str:
    """Which fields differ from the nearest stored identity, as the tail of a message."""
    nearest = cache.nearest(identity, declared=declared)
    if nearest is None:
        return f"; it holds nothing of stage {identity['stage']!r}"
    differences = "; ".join(
        f"{item.field}: wanted {item.wanted!r}, stored {item.stored!r}" for item in nearest[1]
    )
    return f"; the nearest stored results differ in {differences}" if differences else ""


def _collect(
    step: Step, identity: dict[str, Any], splits: Sequence[Split], rows: dict[str, Row]
) -> StepResult:
    result = StepResult(step.name, identity, [], [])
    counts = result.counts
    # Each unit is judged once, however often it occurs: the same small talk stands in many
    # dialogues.
    occurrences = Counter(unit for parts in splits for unit in parts.units)
    remarkable: dict[str, list[str]] = {}
    named: dict[str, Counter[str]] = {}
    for unit, times in occurrences.items():
        row = rows[unit]
        note = _note(row)
        given = unit if sees(step.stage) == "text" else Seen.unpacked(unit).text
        flags = remarks(given, row.output, note, step.stage.target)
        for flag in flags:
            counts["flags"][flag] += times
        found = verdict(step.stage.placeholders, given, row.output, note)
        if found:
            counts["verdicts"][found] += times
        if "rung" in note:
            counts["rungs"][note["rung"]] += times
        if "named" in note:
            named[unit] = Counter(note["named"])
        if "retry" in note:
            counts["retries"][note["retry"]] += times
        for repair, places in note.get("repairs", {}).items():
            counts["repairs"][repair] += places * times
        if noticed := [*([] if found in (None, "kept") else [f"placeholder {found}"]), *flags]:
            remarkable[unit] = noticed
    for parts in splits:
        result.texts.append(join(parts.frame, [rows[unit].output for unit in parts.units]))
        noticed = [
            remark for unit in parts.units if unit in remarkable for remark in remarkable[unit]
        ]
        result.remarks.append(Counter(noticed))
        # A sum of counters leaves out what is below 0: there names became placeholders.
        result.named.append(sum((named[unit] for unit in parts.units if unit in named), Counter()))
    result.units = occurrences.total()
    return result
