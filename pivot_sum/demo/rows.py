"""What the demo models learn from and are chosen by: samples of the grammar as rows of data
files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from pivot_sum.demo.grammar import Dialogue, Pair, Scenario, held_out_dialogues, joined, load, row
from pivot_sum.files import write_whole

Row = dict[str, str]

HELD_OUT_EACH, HELD_OUT_SEED = 3, 20
TRAINING_SEED, DEV_SEED, SAMPLE_SEED = 11, 21, 31
COLUMNS: Final = {
    "translator": ("dialogue", "dialogue_en"),
    "summarizer-ko": ("dialogue", "summary"),
    "summarizer-en": ("dialogue_en", "summary_en"),
}
"""By model: of what it reads, and of what it is to write."""


def held_out() -> list[Dialogue]:
    """The dialogues of `data/heldout.jsonl`, always the same."""
    return held_out_dialogues(load(), each=HELD_OUT_EACH, seed=HELD_OUT_SEED)


def held_out_rows() -> list[Row]:
    """The rows of `data/heldout.jsonl`."""
    return [row(dialogue, number) for number, dialogue in enumerate(held_out())]


def sampled_rows(passes: int) -> list[Row]:
    """The rows of `demo:training`: so many dialogues of every scenario that has slots, always the
    same, with all columns. None is a shipped one: those are of slot combinations that no training
    dialogue is made from."""
    rng = Random(SAMPLE_SEED)
    sampled = [
        scenario.dialogue(scenario.draw(rng), rng)
        for _ in range(passes)
        for scenario in load()
        if scenario.slot_names
    ]
    return [
        row(dialogue, number) | {"fname": f"demo_train_{number}"}
        for number, dialogue in enumerate(sampled)
    ]


def training_rows(model: str, count: int) -> list[Row]:
    """So many rows for a model to learn from, always the same."""
    return _rows(model, islice(_endless(model, load(), Random(TRAINING_SEED)), count))


def dev_rows(model: str) -> list[Row]:
    """The rows its best checkpoint is chosen by: of dialogues that are neither trained on nor
    shipped."""
    shipped = {(dialogue.topic, dialogue.combination) for dialogue in held_out()}
    others = [
        dialogue
        for dialogue in held_out_dialogues(load(), each=1, seed=DEV_SEED)
        if (dialogue.topic, dialogue.combination) not in shipped
    ]
    if model == "translator":
        turns = [joined(turn) for dialogue in others for _, turn in dialogue.turns]
        return _rows(model, list(dict.fromkeys(turns)))
    return _rows(model, [_summarised(dialogue, model) for dialogue in others])


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Writes a data file, one row a line."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    write_whole(path, "\n".join(lines) + "\n")


def _rows(model: str, pairs: Iterator[Pair] | Sequence[Pair]) -> list[Row]:
    return [
        {"fname": f"demo_{number}", **dict(zip(COLUMNS[model], pair, strict=True))}
        for number, pair in enumerate(pairs)
    ]


def _endless(model: str, scenarios: Sequence[Scenario], rng: Random) -> Iterator[Pair]:
    while True:
        if model == "translator":
            yield from translation_pairs(scenarios, rng)
        else:
            yield from (_summarised(dialogue, model) for dialogue in dialogues(scenarios, rng))


def _summarised(dialogue: Dialogue, model: str) -> Pair:
    side = ("summarizer-ko", "summarizer-en").index(model)
    return dialogue.text()[side], joined(dialogue.summary)[side]


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

    Four in five lose turns that name no slot value, half of all lose all of those: a short dialogue
    costs less, and shows sooner that values are to be copied.
    """
    found = []
    for scenario in scenarios:
        if scenario.slot_names or rng.random() < 0.3:
            dialogue = scenario.dialogue(scenario.draw(rng), rng)
            if scenario.slot_names:
                dialogue = shortened(dialogue, rng, rng.choices((0.0, 0.2, 1.0), (5, 3, 2))[0])
            found.append(dialogue)
    return found


def shortened(dialogue: Dialogue, rng: Random, share: float) -> Dialogue:
    """The dialogue with all its turns that name a slot value, and this share of the others."""
    turns = tuple(
        (number, turn)
        for number, turn in dialogue.turns
        if any(value in korean for korean, _ in turn for value, _ in dialogue.combination)
        or rng.random() < share
    )
    return replace(dialogue, turns=turns)


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
