"""Dialogues as the first steps of a pivot translate them, and translated back: of a recipe, through
the cache; of a run, from its folder. The summariser is never run."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from heapq import nsmallest
from pathlib import Path

from pivot_sum.attribution.pipeline import Direct, Pivot, pipeline_of
from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample, ids_of
from pivot_sum.errors import CacheMiss, OracleMissing, PredictionRefused
from pivot_sum.prediction.measures import Translated
from pivot_sum.recipes.recipe import Recipe, Step
from pivot_sum.running.progress import step_progress
from pivot_sum.running.reading import StepLine, step_lines
from pivot_sum.running.record import RunRecord
from pivot_sum.running.runner import Runner
from pivot_sum.running.sources import Sources, cleaning
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import KeyRefused, ModelUnreachable


@dataclass(frozen=True)
class Translators:
    """The steps of a pivot in front of its summariser, and the one that translates back."""

    recipe: Recipe
    before: tuple[Step, ...]
    back: Step

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that are run."""
        return (*self.before, self.back)


def translators_of(recipe: Recipe) -> Translators:
    """The translators of a recipe. Raises PredictionRefused where it is no pivot."""
    pipeline: Pivot | Direct | None = None
    with suppress(OracleMissing):  # said below, in the words of this command
        pipeline = pipeline_of(recipe)
    if not isinstance(pipeline, Pivot):
        steps = " -> ".join(
            f"{step.name} ({step.stage.source} to {step.stage.target})" for step in recipe.steps
        )
        raise PredictionRefused(
            f"recipe {recipe.name} is no pivot: {steps}. What can be predicted is Korean that is"
            " translated to English once, summarised once and translated back once, such as"
            " pivot-nllb-bart"
        )
    names = [step.name for step in recipe.steps]
    return Translators(
        recipe,
        recipe.steps[: names.index(pipeline.summarize.name)],
        recipe.steps[names.index(pipeline.to_korean.name)],
    )


def drawn(samples: Sequence[Sample], number: int, seed: int) -> list[Sample]:
    """So many of the samples, in the order of their ids. Which ones depends on ids and seed alone,
    and more of them hold the fewer, so that what is translated for a small sample serves a large
    one."""

    def place(id: str) -> str:
        return hashlib.sha256(f"{seed} {id}".encode()).hexdigest()

    wanted = set(nsmallest(number, ids_of(samples), key=place))
    return sorted((one for one in samples if one.id in wanted), key=lambda sample: sample.id)


class BackTranslator:
    """Translates dialogues, and back, through a cache. `notes`: why some could not be translated
    back."""

    def __init__(self, cache: Cache, *, offline: bool, budget: Budget) -> None:
        self.cache = cache
        self.offline = offline
        self.budget = budget
        self.notes: list[str] = []

    def of_recipe(self, pivot: Translators, samples: Sequence[Sample]) -> list[Translated]:
        """Samples through the first steps of a recipe, and back. Raises what running steps
        raises."""
        runner = Runner(
            samples, self.cache, step_progress, offline=self.offline, budget=self.budget
        )
        lines = [
            [
                StepLine(sample.id, text, remarks)
                for sample, text, remarks in zip(samples, result.texts, result.remarks, strict=True)
            ]
            for result in runner.run(pivot.before, range(len(pivot.before)))
        ]
        return self._back(pivot, samples, _translated(samples, pivot.before, lines), "round trip")

    def of_run(
        self,
        pivot: Translators,
        samples: Sequence[Sample],
        folder: Path,
        record: RunRecord,
        *,
        back: bool,
    ) -> list[Translated]:
        """Samples as a run translated them, and, where asked for, back: that alone is computed.
        Raises RunFolderError, and what running steps raises."""
        ids = {sample.id for sample in samples}
        lines = []
        for step in record.steps[: len(pivot.before)]:
            by_id = step_lines(folder, step, ids)
            lines.append([by_id[sample.id] for sample in samples])
        there = _translated(samples, pivot.before, lines)
        if not back:
            return there
        made = next(step.identity for step in record.steps if step.name == pivot.back.name)
        return self._back(pivot, samples, there, f"round trip of {folder}", made)

    def _back(
        self,
        pivot: Translators,
        samples: Sequence[Sample],
        there: Sequence[Translated],
        label: str,
        made: Mapping[str, object] | None = None,
    ) -> list[Translated]:
        """The dialogues with their way back, or without it where it cannot be had; a note says
        why. `made`: the identity of the step that translated a run's summaries back."""
        step = replace(pivot.back, name=f"{pivot.back.name}, {label}")
        runner = Runner(
            [
                replace(sample, dialogue=one.english)
                for sample, one in zip(samples, there, strict=True)
            ],
            self.cache,
            step_progress,
            offline=self.offline,
            budget=self.budget,
            sources=Sources([sample.dialogue for sample in samples], [one.korean for one in there]),
        )
        try:
            if made is not None and self._identity(pivot.back) not in (None, made):
                self.notes.append(f"{label}: {pivot.back.name} is not what it was in that run")
                return list(there)
            [result] = runner.run([step], [0])
        except (CacheMiss, ModelUnreachable, KeyRefused) as error:
            self.notes.append(f"{label}: not at hand ({error})")
            return list(there)
        return [replace(one, back=text) for one, text in zip(there, result.texts, strict=True)]

    def _identity(self, step: Step) -> object:
        """What a step is now, as a run records it; None where nobody knows."""
        declared = step.declared_identity()
        now = self.cache.resolution(declared) if self.offline else step.resolved_identity()
        return now and json.loads(json.dumps(now))


def _translated(
    samples: Sequence[Sample], steps: Sequence[Step], lines: Sequence[Sequence[StepLine]]
) -> list[Translated]:
    """The dialogues in both languages, from what each step gave for each sample."""
    at = cleaning(steps)
    if at is None:
        korean = list(Sources.of([sample.dialogue for sample in samples], steps).cleaned)
    else:
        korean = [line.text for line in lines[at]]
    remarks: list[Counter[str]] = [Counter() for _ in samples]
    for step, given in zip(steps, lines, strict=True):
        if step.stage.task != "clean":  # damage in the data is no fault of a translation
            for noticed, line in zip(remarks, given, strict=True):
                noticed.update(line.remarks)
    return [
        Translated(str(source), line.text, noticed)
        for source, line, noticed in zip(korean, lines[-1], remarks, strict=True)
    ]
