"""What the demo models are trained on: endless samples of the grammar, and batches of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import torch

from pivot_sum.demo.grammar import Dialogue, Pair, Scenario, joined

POOL = 6000
"""Examples sampled at a time; sorted by length within a pool, so that a batch holds little
padding.
"""

IGNORED = -100
"""Label the loss skips (the convention of torch and transformers)."""


@dataclass(frozen=True)
class Example:
    """One thing to learn, as token ids."""

    source: list[int]
    target: list[int]


def translation_pairs(scenarios: Sequence[Scenario], rng: Random) -> list[Pair]:
    """What one pass over the scenarios gives a translator: every way of every turn, sentences, and
    summaries."""
    pairs: list[Pair] = []
    for scenario in scenarios:
        for _ in range(
            3 if scenario.slot_names else 1
        ):  # a turn has about three ways, a hand-written one has one
            dialogue = scenario.dialogue(scenario.draw(rng), rng)
            for _, turn in dialogue.turns:
                pairs.append(joined(turn))
                if len(turn) > 1 and rng.random() < 0.4:
                    pairs.append(rng.choice(turn))
            for _ in range(2 if scenario.slot_names else 1):
                summary = scenario.summarised(scenario.draw(rng), _numbers(scenario, rng))
                pairs.append(joined(summary))
                if len(summary) > 1 and rng.random() < 0.3:
                    pairs.append(rng.choice(summary))
    return pairs


def dialogues(scenarios: Sequence[Scenario], rng: Random) -> list[Dialogue]:
    """One pass over the scenarios for a summariser; hand-written dialogues never vary, so they need
    fewer looks.

    Two in three lose most turns that name no slot value: a short dialogue costs less, and shows
    sooner that values are to be copied (over whole ones alone, the English summariser was still
    guessing them after 1,500 steps).
    """
    found = []
    for scenario in scenarios:
        if scenario.slot_names or rng.random() < 0.3:
            dialogue = scenario.dialogue(scenario.draw(rng), rng)
            found.append(
                shortened(dialogue, rng)
                if scenario.slot_names and rng.random() < 2 / 3
                else dialogue
            )
    return found


def shortened(dialogue: Dialogue, rng: Random) -> Dialogue:
    """The dialogue with all its turns that name a slot value, and one in five of the others."""
    turns = tuple(
        (number, turn)
        for number, turn in dialogue.turns
        if any(value in korean for korean, _ in turn for value, _ in dialogue.combination)
        or rng.random() < 0.2
    )
    return replace(dialogue, turns=turns)


def batches(
    sample: Callable[[], list[Example]], rng: Random, tokens: int
) -> Iterator[list[Example]]:
    """Batches without end, each of about `tokens` source and target tokens of similar length, in
    random order."""
    while True:
        pool: list[Example] = []
        while len(pool) < POOL:
            pool += sample()
        rng.shuffle(pool)
        pool.sort(key=lambda example: len(example.source) + len(example.target))
        found: list[list[Example]] = [[]]
        for example in pool:
            longest = len(example.source) + len(example.target)
            if found[-1] and (len(found[-1]) + 1) * longest > tokens:
                found.append([])
            found[-1].append(example)
        rng.shuffle(found)
        yield from found


def tensors(batch: Sequence[Example], pad: int) -> dict[str, torch.Tensor]:
    """A batch as the keyword arguments of a sequence-to-sequence model."""
    source, target = max(len(e.source) for e in batch), max(len(e.target) for e in batch)
    return {
        "input_ids": torch.tensor([e.source + [pad] * (source - len(e.source)) for e in batch]),
        "attention_mask": torch.tensor(
            [[1] * len(e.source) + [0] * (source - len(e.source)) for e in batch]
        ),
        "labels": torch.tensor([e.target + [IGNORED] * (target - len(e.target)) for e in batch]),
    }


def _numbers(scenario: Scenario, rng: Random) -> dict[str, int]:
    """Speakers' numbers: mostly as in a dialogue, now and then any up to 4, so that the particles
    of all are learnt."""
    count = len(scenario.speakers)
    numbers = (
        rng.sample(range(1, 5), count)
        if rng.random() < 0.4
        else rng.sample(range(1, count + 1), count)
    )
    return dict(zip(scenario.speakers, numbers, strict=True))
