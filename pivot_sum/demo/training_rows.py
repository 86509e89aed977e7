"""Training dialogues of the demo world as rows of a data file. None is a shipped one: those are of
slot combinations that no training dialogue is made from."""

from __future__ import annotations

from random import Random
from typing import Final

from pivot_sum.demo.grammar import load, row

SEED: Final = 31


def training_rows(passes: int) -> list[dict[str, str]]:
    """So many dialogues of every scenario that has slots, always the same."""
    rng = Random(SEED)
    dialogues = [
        scenario.dialogue(scenario.draw(rng), rng)
        for _ in range(passes)
        for scenario in load()
        if scenario.slot_names
    ]
    return [
        row(dialogue, number) | {"fname": f"demo_train_{number}"}
        for number, dialogue in enumerate(dialogues)
    ]
