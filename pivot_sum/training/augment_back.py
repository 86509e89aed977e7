"""Back-translation: texts through a recipe's translators into the other language and back
(Sennrich, Haddow & Birch 2016, "Improving Neural Machine Translation Models with Monolingual
Data"; as a paraphraser for augmentation: Yu et al. 2018, "QANet").

What is translated is in the cache as soon as it exists, under the same keys as in a run of the
recipe: dialogues that were run are half translated already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pivot_sum.cache import Cache, canonical_json
from pivot_sum.data.samples import Sample
from pivot_sum.errors import AugmentationRefused
from pivot_sum.recipes.recipe import Recipe, Step
from pivot_sum.running.runner import ProgressMaker, Runner
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.seen import sees

TIDYING = ("clean", "polish")
"""Tasks of the steps beside the translators that a text goes through too."""


@dataclass(frozen=True)
class BackTranslated:
    """Back-translated texts."""

    sources: list[str]
    """What was translated: the texts as the recipe's first steps cleaned them."""
    texts: list[str]
    remarks: list[list[str]]
    """For each text, what the stages noticed: flags, and placeholders that were not simply kept."""
    identity: str
    """12 hexadecimal digits of the SHA-256 over the identities of the steps."""


def round_trip(recipe: Recipe) -> tuple[Step, ...]:
    """The steps of a recipe that translate its language into another and back, with those that tidy
    up in front of the first and behind the second. Raises AugmentationRefused where it has none.
    """
    language = recipe.data.language
    there = next((at for at, step in enumerate(recipe.steps) if _crosses(step, language)), None)
    if there is not None:
        other = recipe.steps[there].stage.target
        for back in range(there + 1, len(recipe.steps)):
            if _crosses(recipe.steps[back], other) and recipe.steps[back].stage.target == language:
                return (
                    *filter(_tidies, recipe.steps[:there]),
                    recipe.steps[there],
                    recipe.steps[back],
                    *(
                        # A polished summary is one line, and a dialogue is to keep its turns.
                        replace(step, over="turn")
                        for step in recipe.steps[back + 1 :]
                        if _tidies(step)
                    ),
                )
    raise AugmentationRefused(
        f"recipe {recipe.name} does not translate {language} into another language and back. Name a"
        " pivot recipe, such as pivot-nllb-bart"
    )


def back_translate(
    texts: Sequence[tuple[str, str]],
    steps: Sequence[Step],
    cache: Cache,
    progress: ProgressMaker,
    *,
    offline: bool,
    budget: Budget,
) -> BackTranslated:
    """Texts, each as (id, text), through the steps of `round_trip`. Raises what running steps
    raises."""
    samples = [Sample(id, text, (), None, None) for id, text in texts]
    runner = Runner(samples, cache, progress, offline=offline, budget=budget)
    sources = made = [text for _, text in texts]
    remarks: list[list[str]] = [[] for _ in texts]
    digest = hashlib.sha256()
    for step, result in zip(steps, runner.run(steps, range(len(steps))), strict=True):
        made = list(result.texts)
        if step.stage.task == "clean":
            sources = made
        else:  # damage in the data that was put right is no fault of a translation
            remarks = [[*a, *b] for a, b in zip(remarks, result.remarks, strict=True)]
        digest.update(canonical_json([step.over, result.identity]).encode() + b"\n")
    return BackTranslated(sources, made, remarks, digest.hexdigest()[:12])


def _crosses(step: Step, language: str) -> bool:
    return step.stage.source == language != step.stage.target


def _tidies(step: Step) -> bool:
    # One that puts names back for speakers would change what the filter compares.
    return step.stage.task in TIDYING and sees(step.stage) == "text"
