"""What a summariser reads inside a pipeline: the texts that the steps before it really give. A
model that learns on them knows the English of its translator, which no English data has."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pivot_sum.cache import Cache
from pivot_sum.cache.errors import CacheMissing
from pivot_sum.data.samples import Sample
from pivot_sum.errors import CacheMiss, TrainingRefused
from pivot_sum.recipes.recipe import Recipe, Step, load_recipe
from pivot_sum.running.execute import cache_path, keep_converted
from pivot_sum.running.progress import step_progress
from pivot_sum.running.runner import Runner
from pivot_sum.running.spending import Limit, budget_for
from pivot_sum.stages.budget import Budget
from pivot_sum.training.examples import Example
from pivot_sum.training.form import Pipeline, TrainRecipe

log = logging.getLogger(__name__)

_INTACT: Final = frozenset({"kept", "repaired"})


@dataclass(frozen=True)
class PipelineInputs:
    """The steps of a recipe in front of its summariser, and where their results are kept."""

    recipe: Recipe
    steps: tuple[Step, ...]
    translated: bool
    """Whether targets are put through its translator."""
    cache: Path
    budget: Budget
    offline: bool = False

    @classmethod
    def of(
        cls, recipe: TrainRecipe, cache: Path | None, budget: Limit, *, offline: bool = False
    ) -> PipelineInputs | None:
        """Those that a training recipe names; None where it names none. `budget`: what services
        may bill for both files. `offline`: nothing is computed.

        Raises `TrainingRefused` where the recipe has no summariser, or one of another language, and
        what loading a recipe raises.
        """
        asked = recipe.data.pipeline
        if asked is None:
            return None
        named = load_recipe(asked.recipe, asked.set)
        steps = _steps_before(named, asked)
        language = steps[-1].stage.target if steps else named.data.language
        if language != recipe.source:
            raise TrainingRefused(
                f"data.pipeline: in front of the summariser of {named.name} stands {language}, and"
                f" this recipe trains one that reads {recipe.source}. Change source and target, or"
                " name another recipe"
            )
        if asked.targets == "translated" and not any(step.translates for step in steps):
            raise TrainingRefused(
                f"data.pipeline.targets: {named.name} translates nothing before its summariser;"
                " write references"
            )
        return cls(
            named,
            steps,
            asked.targets == "translated",
            cache_path(cache),
            budget_for(budget, steps),
            offline,
        )

    def __call__(self, rows: Sequence[Example]) -> list[Example]:
        """The rows with their sources as the steps give them, and their targets translated where
        that is asked for. Raises what running the steps raises."""
        sources = self._run("sources", self.steps, [row.source for row in rows])
        targets = [row.targets for row in rows]
        if self.translated:
            translators = tuple(step for step in self.steps if step.translates)
            flat = self._run("targets", translators, [one for row in targets for one in row])
            left = iter(flat)
            targets = [tuple(next(left) for _ in row) for row in targets]
        return [
            replace(row, source=source, targets=target)
            for row, source, target in zip(rows, sources, targets, strict=True)
        ]

    def _run(self, what: str, steps: Sequence[Step], texts: Sequence[str]) -> list[str]:
        """The texts as the steps give them, from the cache or computed into it."""
        if not steps:
            return list(texts)
        samples = [Sample(str(place), text, (), None, None) for place, text in enumerate(texts)]
        keep_converted(self.cache)
        lost: Counter[str] = Counter()
        try:
            with Cache(self.cache, read_only=self.offline) as cache:
                runner = Runner(
                    samples, cache, step_progress, offline=self.offline, budget=self.budget
                )
                for result in runner.run(steps, range(len(steps))):
                    texts = result.texts
                    lost.update(result.counts["verdicts"])
        except (CacheMiss, CacheMissing) as error:
            raise TrainingRefused(
                f"the {what} of this training come from {self.recipe.name} and are not all"
                f" computed yet, which --dry-run does not do. `pivot-sum run"
                f" {self.recipe.name} --data FILE --stages ..{self.steps[-1].name} --dry-run` says"
                " what that takes"
            ) from error
        if changed := {name: count for name, count in lost.items() if name not in _INTACT}:
            log.warning(
                "%s through %s: placeholders %s",
                what,
                self.recipe.name,
                ", ".join(f"{name} in {count:,} texts" for name, count in changed.items()),
            )
        return list(texts)


def _steps_before(recipe: Recipe, asked: Pipeline) -> tuple[Step, ...]:
    """The steps in front of the summariser: the one that is named, else the only one."""
    names = [step.name for step in recipe.steps]
    summarisers = [step.name for step in recipe.steps if step.stage.task == "summarize"]
    if asked.step is None and len(summarisers) != 1:
        found = f"has {len(summarisers)} summarisers" if summarisers else "has no summariser"
        raise TrainingRefused(
            f"data.pipeline: {recipe.name} {found}; name the step the model is trained for as"
            f" data.pipeline.step: one of {', '.join(names)}"
        )
    name = asked.step or summarisers[0]
    if name not in names:
        raise TrainingRefused(
            f"data.pipeline.step: {recipe.name} has no step {name!r}; it has {', '.join(names)}"
        )
    return recipe.steps[: names.index(name)]
