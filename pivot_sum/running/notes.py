"""Notes on a recipe and its data, before anything is computed."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Recipe
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.models.catalogue import restriction
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.text.names import name_speakers, speaker_names
from pivot_sum.wording import nearest, number, some

log = logging.getLogger(__name__)

PERSON = re.compile(r"#Person[0-9]+#")


def say_notes(recipe: Recipe, data: Path, samples: Sequence[Sample]) -> None:
    """Warn of what may not be meant: models not everybody may use, speakers that are not found."""
    for said in (*_restrictions(recipe), *_on_speakers(recipe, data, samples)):
        log.warning("%s", said)


def _restrictions(recipe: Recipe) -> Iterator[str]:
    for model in dict.fromkeys(getattr(step.stage, "model", "") for step in recipe.steps):
        if isinstance(model, str) and (said := restriction(model)):
            yield f"{model}: {said}"


def _on_speakers(recipe: Recipe, data: Path, samples: Sequence[Sample]) -> Iterator[str]:
    step = next((step for step in recipe.steps if isinstance(step.stage, Clean)), None)
    clean = step.stage if step and isinstance(step.stage, Clean) else Clean()
    if not any(
        PERSON.search(sample.dialogue) or PERSON.search(clean([sample.dialogue])[0])
        for sample in samples
    ):
        if step is None:
            way = "begin the recipe with a step `stage: clean` that has `speakers: auto`"
        elif clean.speakers:
            way = f"name the speakers: --set '{step.name}.speakers=[민수, 영희]'"
        else:
            way = f"add --set {step.name}.speakers=auto, which makes them `#Person1#:`"
        yield (
            f"no dialogue of {data} has a #Person1#, #Person2#, ... for its speakers, so models may"
            f" mix up who did what; where lines begin with `NAME:`, {way}"
        )
    if step and isinstance(clean.speakers, tuple) and clean.speakers:
        yield from _on_named(step.name, clean, samples)
    if not clean.speakers:
        for last in recipe.steps:
            if isinstance(last.stage, Polish) and last.stage.speakers == "name":
                yield (
                    f"{last.name}.speakers=name puts no name back: no step writes names as"
                    f" #PersonN#; add --set {step.name if step else 'clean'}.speakers=auto"
                )


def _on_named(name: str, clean: Clean, samples: Sequence[Sample]) -> Iterator[str]:
    """Speakers that are named and do not occur, and those that occur and are not named."""
    plain = Clean(language=clean.language, colloquial=clean.colloquial)
    dialogues = plain([sample.dialogue for sample in samples])
    for given in clean.speakers:
        if not any(name_speakers(text, (given,)).written for text in dialogues):
            hint = (
                f"; did you mean {name}.speakers=auto?" if nearest(given.lower(), ["auto"]) else ""
            )
            yield f"{name}.speakers: no line begins with `{given}:`{hint}"
    left = Counter(
        other
        for text in dialogues
        for other in speaker_names(name_speakers(text, clean.speakers).text)
    )
    if left:
        shown = some(
            [f"{other} ({number(times, 'dialogue')})" for other, times in left.most_common()]
        )
        yield f"{name}.speakers leaves out whom lines begin with as well: {shown}"
