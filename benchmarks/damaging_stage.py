"""A stage that damages the turns of English dialogues, for systems of graded translation
quality."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from pivot_sum import Rule

Damaging = Callable[[str, random.Random], str]

_NUMBER = re.compile("[0-9]+")


def _words_left_out(text: str, rng: random.Random) -> str:
    """Every other word gone, whichever."""
    return " ".join(word for word in text.split(" ") if rng.random() < 0.5) or "Yes."


def _numbers_changed(text: str, rng: random.Random) -> str:
    return _NUMBER.sub(lambda match: str(int(match.group()) + rng.randint(1, 9)), text)


KINDS: dict[str, Damaging] = {
    "words": _words_left_out,
    "turns": lambda text, rng: "Yes.",
    "order": lambda text, rng: " ".join(rng.sample(words := text.split(" "), len(words))),
    "numbers": _numbers_changed,
}
"""What becomes of a damaged turn."""


class Damage(Rule):
    """Damages a share of the turns, the same ones each time."""

    name = "damage"
    version = 1
    language: str = "en"
    kind: str = "words"
    share: float = 0.0

    def apply(self, text: str) -> str:
        rng = random.Random(f"{self.kind} {text}")
        return KINDS[self.kind](text, rng) if rng.random() < self.share else text
