"""What DeepL translates at a time: a turn, and the turns around it."""

from __future__ import annotations

from typing import NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import Split


class Unit(NamedTuple):
    """A turn, and the turns around it, which DeepL reads and does not translate."""

    turn: str
    context: str


def units_of(parts: Split, around: int) -> list[Unit]:
    """The turns of a text, each with so many before and behind it, as `Person1: utterance`."""
    lines = [
        f"{head.strip()} {turn}".strip()
        for head, turn in zip(parts.frame, parts.units, strict=False)
    ]
    lines = [PLACEHOLDER.sub(lambda match: match.group().strip("#"), line) for line in lines]
    return [
        Unit(
            turn,
            "\n".join(
                lines[max(0, index - around) : index] + lines[index + 1 : index + 1 + around]
            ),
        )
        for index, turn in enumerate(parts.units)
    ]
