"""What a run would do, without doing it: per step how much is cached, and why something is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.sources import Sources, cleaning
from pivot_sum.running.spending import billed
from pivot_sum.stages.base import Advising, Billed, Resolvable
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.text.segmentation import join


@dataclass(frozen=True)
class StepPlan:
    """One step of a plan. Counts are of different texts; `waiting` samples have texts that are not
    known yet, because an earlier step has not run for them.
    """

    name: str
    stage: str
    over: str
    samples: int
    waiting: int
    unique: int
    cached: int
    missing: int
    cost: dict[str, float] | None
    """What a service would bill for the missing texts, by unit; None for a stage nobody bills."""
    stored_for_identity: int
    differences: list[dict[str, Any]]
    """Fields in which the nearest stored identity differs, where nothing is stored for this one."""
    advice: str = ""
    """What the stage wants a user to know before it is run."""
    unreachable: str | None = None
    """Why nobody could say what the step's model is now; the counts are then those of what it was
    last."""

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


def plan(
    samples: Sequence[Sample], steps: Sequence[Step], cache: Cache | None, *, offline: bool = False
) -> list[StepPlan]:
    """Look every step's texts up, following each sample as far as the cache, and stages without a
    model, carry it.

    `offline` takes identities from the cache instead of asking for the models; so does a step whose
    model cannot be asked for.
    """
    dialogues = [sample.dialogue for sample in samples]
    texts: list[str | None] = list(dialogues)
    sources, cleaned_by = Sources.of(dialogues, steps), cleaning(steps)
    plans = []
    for position, step in enumerate(steps):
        declared, identity, unreachable = step.declared_identity(), None, None
        try:
            if not offline:
                identity = step.resolved_identity()
        except ModelUnreachable as error:
            unreachable = str(error)
        if cache and identity is None:
            identity = cache.resolution(declared)
        splits = sources.splits(step, texts)
        unique = list(dict.fromkeys(unit for parts in splits if parts for unit in parts.units))
        rows = cache.get(identity, unique) if cache and identity else {}
        missing = [unit for unit in unique if unit not in rows]
        stored = cache.count(identity) if cache and identity else 0
        nearest = (
            cache.nearest(identity or declared, declared=identity is None)
            if cache and not stored
            else None
        )
        plans.append(
            StepPlan(
                name=step.name,
                stage=step.kind,
                over=step.over,
                samples=len(samples),
                waiting=texts.count(None),
                unique=len(unique),
                cached=len(rows),
                missing=len(missing),
                cost=billed(step.stage, [step.stage.cost(missing)])
                if isinstance(step.stage, Billed)
                else None,
                stored_for_identity=stored,
                advice=step.stage.advice(missing)
                if missing and isinstance(step.stage, Advising)
                else "",
                differences=[difference._asdict() for difference in nearest[1]] if nearest else [],
                unreachable=unreachable,
            )
        )
        outputs = {unit: row.output for unit, row in rows.items()}
        if not isinstance(
            step.stage, Resolvable | Billed
        ):  # no model and no service: what follows can be known now
            outputs |= zip(missing, step.stage(missing), strict=True)
        taken = texts
        texts = [
            join(parts.frame, [outputs[unit] for unit in parts.units])
            if parts is not None and all(unit in outputs for unit in parts.units)
            else None
            for parts in splits
        ]
        sources.passed(step, taken, texts)
        if position == cleaned_by:
            sources.cleaned = texts
    return plans
