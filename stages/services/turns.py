"""What a service translates at a time: a turn, and the turns around it."""

from __future__ import annotations

from typing import NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import Split


class Unit(NamedTuple):
    """A turn, and the turns around it, which the service reads and does not translate."""

    turn: str
    context: str


def units_of(parts: Split, around: int, *, place: str = "", bare: bool = True) -> list[Unit]:
    """The turns of a text, each with so many before and behind it, as `Person1: utterance`.

    `place` stands in the context where the turn itself is, if it is not empty; `bare` takes the `#`
    off placeholders.
    """
    heads = [head.strip() for head in parts.frame]
    lines = [f"{head} {turn}".strip() for head, turn in zip(heads, parts.units, strict=False)]
    if bare:
        lines = [PLACEHOLDER.sub(lambda match: match.group().strip("#"), line) for line in lines]
    found = []
    for index, turn in enumerate(parts.units):
        before = lines[max(0, index - around) : index]
        behind = lines[index + 1 : index + 1 + around]
        here = [f"{heads[index]} {place}".strip()] if place and (before or behind) else []
        found.append(Unit(turn, "\n".join([*before, *here, *behind])))
    return found
