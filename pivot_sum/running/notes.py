"""Notes on a recipe and its data, before anything is computed."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from textwrap import shorten

from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Recipe
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.models.catalogue import restriction
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.text.names import name_speakers, speaker_names
from pivot_sum.wording import nearest, number, some

log = logging.getLogger(__name__)

PERSON = re.compile(r"#Person[0-9]+#")

LOOKED_AT = 1_000
"""Dialogues that are cleaned for a note, of however many there are."""

_FORMS = (
    "speakers are read where lines begin with `NAME:`, of up to three words; other forms (`[민수]`,"
    " `- 민수:`, `1:`) have to be rewritten"
)


def say_notes(recipe: Recipe, data: Path, samples: Sequence[Sample]) -> None:
    """Warn of what may not be meant: models not everybody may use, translators that get whole
    dialogues, speakers that are not found."""
    of_recipe = (*_restrictions(recipe), *_on_whole_dialogues(recipe))
    for said in (*of_recipe, *_on_speakers(recipe, data, samples)):
        log.warning("%s", said)


def _restrictions(recipe: Recipe) -> Iterator[str]:
    for model in dict.fromkeys(getattr(step.stage, "model", "") for step in recipe.steps):
        if isinstance(model, str) and (said := restriction(model)):
            yield f"{model}: {said}"


def _on_whole_dialogues(recipe: Recipe) -> Iterator[str]:
    for step in recipe.steps:
        if step.stage.task == "summarize":
            return  # what follows is short
        if step.stage.name == "translate" and step.over == "dialogue":
            yield (
                f"{step.name} translates whole dialogues (over: dialogue), of which models made for"
                " sentences leave out the later ones; over: turn or over: sentence does not"
            )


def _on_speakers(recipe: Recipe, data: Path, samples: Sequence[Sample]) -> Iterator[str]:
    step = next((step for step in recipe.steps if isinstance(step.stage, Clean)), None)
    clean = step.stage if step and isinstance(step.stage, Clean) else Clean()
    if not any(
        PERSON.search(sample.dialogue) or PERSON.search(clean([sample.dialogue])[0])
        for sample in samples
    ):
        by_name = "where lines begin with `NAME:`, "
        if step is None:
            way = f"{by_name}begin the recipe with a step `stage: clean` that has `speakers: auto`"
        elif clean.speakers == "auto":
            way = _FORMS
        elif clean.speakers:
            way = f"{by_name}name the speakers: --set '{step.name}.speakers=[민수, 영희]'"
        else:
            way = f"{by_name}add --set {step.name}.speakers=auto, which makes them `#Person1#:`"
        yield (
            f"no dialogue of {data} has a #Person1#, #Person2#, ... for its speakers, so models may"
            f" mix up who did what; {way}"
        )
    elif clean.speakers == "auto":
        yield from _on_headless(clean, samples)
    if step and isinstance(clean.speakers, tuple) and clean.speakers:
        yield from _on_named(step.name, clean, samples)
    if not clean.speakers:
        for last in recipe.steps:
            if isinstance(last.stage, Polish) and last.stage.speakers == "name":
                yield (
                    f"{last.name}.speakers=name puts no name back: no step writes names as"
                    f" #PersonN#; add --set {step.name if step else 'clean'}.speakers=auto"
                )


def _on_headless(clean: Clean, samples: Sequence[Sample]) -> Iterator[str]:
    """Lines whose speaker is not known where speakers are found by the program."""
    looked = list(islice(samples, LOOKED_AT))
    headless = [
        (sample.id, line)
        for sample, text in zip(looked, clean([sample.dialogue for sample in looked]), strict=True)
        for line in text.splitlines()
        if line and not PERSON.match(line)
    ]
    if headless:
        id, line = headless[0]
        shown = shorten(line, 40, placeholder="…")
        dialogues = len({id for id, _ in headless})
        yield (
            f"{number(len(headless), 'line')} of {number(dialogues, 'dialogue')} (of"
            f" {len(looked):,} looked at) begin with no speaker, the first {shown!r} of {id}:"
            f" each reads as if the one before went on; {_FORMS}"
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
