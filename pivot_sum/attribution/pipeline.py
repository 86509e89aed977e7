"""Where a recipe leaves Korean, summarises and comes back: the parts that an oracle can replace."""

from __future__ import annotations

from dataclasses import dataclass

from pivot_sum.errors import OracleMissing
from pivot_sum.recipes.recipe import Recipe, Step


@dataclass(frozen=True)
class Part:
    """Consecutive steps that are replaced together, called after the step that does the work."""

    name: str
    positions: tuple[int, ...]


@dataclass(frozen=True)
class Pivot:
    """Korean to English, English summary, English to Korean; each a part, with the steps that only
    tidy up around it."""

    to_english: Part
    summarize: Part
    to_korean: Part


@dataclass(frozen=True)
class Direct:
    """One summariser from Korean to Korean."""

    summarize: Part


def pipeline_of(recipe: Recipe) -> Pivot | Direct:
    """The parts of a recipe. A step that only tidies up belongs to the part whose input it
    prepares; behind the last part, to that one.

    Raises `OracleMissing` for any other shape: there is no saying then which text of the data
    stands for which step.
    """
    crossings = [position for position, step in enumerate(recipe.steps) if step.translates]
    summarisers = [
        position for position, step in enumerate(recipe.steps) if step.stage.task == "summarize"
    ]
    last = len(recipe.steps) - 1
    if recipe.data.language == "ko" and len(summarisers) == 1:
        [summarize] = summarisers
        if not crossings:
            return Direct(Part(recipe.steps[summarize].name, tuple(range(last + 1))))
        if len(crossings) == 2 and crossings[0] < summarize < crossings[1]:
            to_english, to_korean = crossings
            return Pivot(
                Part(recipe.steps[to_english].name, tuple(range(to_english + 1))),
                Part(recipe.steps[summarize].name, tuple(range(to_english + 1, summarize + 1))),
                Part(recipe.steps[to_korean].name, tuple(range(summarize + 1, last + 1))),
            )
    raise OracleMissing(
        f"recipe {recipe.name} cannot be taken apart:"
        f" {' -> '.join(_described(step) for step in recipe.steps)}. The loss can be shared out"
        " where Korean is translated to English once, summarised once and translated back once, or"
        " summarised once and never translated"
    )


def _described(step: Step) -> str:
    source, target = step.stage.source, step.stage.target
    what = source if source == target else f"{source} to {target}"
    return f"{step.name} ({what}{', summarises' if step.stage.task == 'summarize' else ''})"
