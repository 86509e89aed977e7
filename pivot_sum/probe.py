"""Which way of writing placeholders survives a translator: every mask tried on the texts of a
translate step.

Trying one mask is running the step's own stage with `masks=(that one,)`: runner and cache serve it
like any run, and the rung in an answer's note says whether the placeholders came back exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import Any, get_args, get_type_hints

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample
from pivot_sum.errors import UnknownStep
from pivot_sum.recipes.recipe import Recipe, Step, load_recipe
from pivot_sum.running.execute import Request, cache_path, keep_converted, open_samples
from pivot_sum.running.progress import step_progress
from pivot_sum.running.results import StepResult
from pivot_sum.running.runner import ProgressMaker, Runner
from pivot_sum.running.spending import budget_for
from pivot_sum.stages.base import Stage, stage_fields
from pivot_sum.stages.text.placeholders import find
from pivot_sum.stages.text.segmentation import Over, split

Run = Callable[[Sequence[Sample], Sequence[Step], ProgressMaker], list[StepResult]]

ENOUGH_TEXTS = 200
"""Where a step has fewer texts with placeholders than this, more are made: at 90 % the interval is
then 4 points either way."""

_FACT = "#PhoneNumber#"
_MADE = {
    "ko": ("{speaker}, {text}", "{fact}로 전화해 주세요, {text}"),
    "en": ("{speaker}, {text}", "Please call {fact}, {text}"),
}
"""Natural places for a placeholder in front of any utterance: somebody is addressed, something is
named."""


@dataclass(frozen=True)
class Tally:
    """How many texts were translated, and in how many exactly the placeholders came back that went
    in."""

    texts: int
    survived: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.texts + other.texts, self.survived + other.survived)

    @property
    def interval(self) -> tuple[float, float]:
        """The Wilson 95 % confidence interval of the share that survives; (0, 1) without texts."""
        if not self.texts:
            return 0.0, 1.0
        z = NormalDist().inv_cdf(0.975)
        share, spread = self.survived / self.texts, z * z / self.texts
        middle = (share + spread / 2) / (1 + spread)
        margin = sqrt(spread * share * (1 - share) + spread * spread / 4) / (1 + spread)
        return max(0.0, middle - margin), min(1.0, middle + margin)


@dataclass(frozen=True)
class Survival:
    """What became of one mask, on texts as they stand in the data (`natural`) and on made ones."""

    mask: str
    natural: Tally
    made: Tally

    @property
    def all(self) -> Tally:
        """Natural and made texts together."""
        return self.natural + self.made

    def as_json(self) -> dict[str, Any]:
        """As a JSON object: counts, the rate (null without texts), and its interval."""
        total = self.all
        low, high = total.interval
        return {
            "mask": self.mask,
            "texts": total.texts,
            "survived": total.survived,
            "rate": total.survived / total.texts if total.texts else None,
            "low": low,
            "high": high,
            "natural": {"texts": self.natural.texts, "survived": self.natural.survived},
            "made": {"texts": self.made.texts, "survived": self.made.survived},
        }


@dataclass(frozen=True)
class StepProbe:
    """One step's masks, in their usual order. Texts are counted once, however often they occur."""

    step: str
    model: str
    source: str
    target: str
    over: str
    natural: int
    made: int
    masks: tuple[Survival, ...]

    @property
    def order(self) -> list[str]:
        """The masks to use: the surest first (by the lower end of the interval), without those that
        never survived."""
        alive = [survival for survival in self.masks if survival.all.survived]
        return [
            survival.mask
            for survival in sorted(alive, key=lambda survival: -survival.all.interval[0])
        ]

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "step": self.step,
            "model": self.model,
            "source": self.source,
            "target": self.target,
            "over": self.over,
            "natural": self.natural,
            "made": self.made,
            "masks": [survival.as_json() for survival in self.masks],
            "order": self.order,
        }


def probe(request: Request, step: str | None = None) -> list[StepProbe]:
    """Try every mask on the texts that a translate step (default: each of them) gets in a run of
    the recipe.

    The steps before it are run, or come from the cache. Raises `UnknownStep` and one of
    `pivot_sum.PivotSumError`.
    """
    recipe = load_recipe(request.recipe, request.settings)
    positions = _probed(recipe, step)
    _, samples = open_samples(recipe, request.data, request.limit)
    path = cache_path(request.cache)
    keep_converted(path)
    budget = budget_for(request.budget, recipe.steps[: max(positions) + 1])
    with Cache(path, read_only=request.offline) as cache:

        def run(
            texts: Sequence[Sample], steps: Sequence[Step], progress: ProgressMaker
        ) -> list[StepResult]:
            runner = Runner(texts, cache, progress, offline=request.offline, budget=budget)
            return list(runner.run(steps, range(len(steps)))) if steps and texts else []

        before = run(samples, recipe.steps[: max(positions)], step_progress)
        texts = [[sample.dialogue for sample in samples], *(result.texts for result in before)]
        return [_probe_step(recipe.steps[at], samples, texts[at], run) for at in positions]


def _probed(recipe: Recipe, name: str | None) -> list[int]:
    """The positions of the steps to probe: those that show placeholders in masks."""
    steps = {
        step.name: position for position, step in enumerate(recipe.steps) if _masks(step.stage)
    }
    if not steps:
        raise UnknownStep(
            f"recipe {recipe.name} has no step with masks: only steps that translate can be probed"
        )
    if name is not None and name not in steps:
        raise UnknownStep(
            f"--step {name}: the recipe has no such step with masks; there are: {', '.join(steps)}"
        )
    return [steps[name]] if name is not None else list(steps.values())


def _masks(stage: Stage) -> tuple[str, ...]:
    """The masks a stage that translates can use, in their usual order; none where its field `masks`
    is no tuple of given names."""
    if stage.task != "translate" or "masks" not in {field.name for field in stage_fields(stage)}:
        return ()
    names = get_args(get_type_hints(type(stage))["masks"])
    return get_args(names[0]) if names else ()


def _probe_step(step: Step, samples: Sequence[Sample], texts: Sequence[str], run: Run) -> StepProbe:
    # What takes whole dialogues (DeepL, for context) is probed turn by turn: the heads are no part
    # of what it translates.
    over: Over = "turn" if step.over == "dialogue" else step.over
    natural, made = _texts(step.stage.source, over, samples, texts)
    survivals = []
    masks = _masks(step.stage)
    for number, mask in enumerate(masks, 1):
        single: Any = step.stage  # a dataclass with masks
        masked = replace(
            step,
            name=f"{step.name} with mask {mask}",
            over="dialogue",
            stage=replace(single, masks=(mask,)),
        )
        tallies = []
        for kind, group in (("natural", natural), ("made", made)):
            label = f"{step.name}, mask {mask} ({number} of {len(masks)}), {kind} texts"
            results = run([_sample(text) for text in group], [masked], _labelled(label))
            tallies.append(
                Tally(len(group), sum(result.counts["rungs"][mask] for result in results))
            )
        survivals.append(Survival(mask, *tallies))
    return StepProbe(
        step=step.name,
        model=str(getattr(step.stage, "model", step.kind)),
        source=step.stage.source,
        target=step.stage.target,
        over=over,
        natural=len(natural),
        made=len(made),
        masks=tuple(survivals),
    )


def _labelled(label: str) -> ProgressMaker:
    """Progress under a label of the probe's own: the runner's would count from step 1 for every
    mask."""
    return lambda _, cached, missing: step_progress(label, cached, missing)


def _sample(text: str) -> Sample:
    return Sample(text, text, (), None, None)


def _texts(
    language: str, over: Over, samples: Sequence[Sample], texts: Sequence[str]
) -> tuple[list[str], list[str]]:
    """The different texts with placeholders a step gets, and what is made where they are too
    few.
    """
    units = [
        (sample, split(text, over, language).units)
        for sample, text in zip(samples, texts, strict=True)
    ]
    natural = list(dict.fromkeys(unit for _, parts in units for unit in parts if find(unit)))
    plain = {
        unit: speaker
        for sample, parts in units
        for unit, speaker in _with_speakers(sample, parts)
        if not find(unit)
    }
    wanted = min(max(ENOUGH_TEXTS - len(natural), 0), len(plain))
    spread = [list(plain.items())[number * len(plain) // wanted] for number in range(wanted)]
    forms = _MADE[language]
    made = [
        forms[n % len(forms)].format(speaker=speaker, fact=_FACT, text=text)
        for n, (text, speaker) in enumerate(spread)
    ]
    return natural, made


def _with_speakers(sample: Sample, units: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each unit with somebody of its dialogue to address: each in turn."""
    people = list(
        dict.fromkeys(found for found in find(sample.dialogue) if found.startswith("#Person"))
    ) or ["#Person1#"]
    for number, unit in enumerate(units, 1):
        yield unit, people[number % len(people)]
