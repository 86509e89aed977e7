"""Whether an answer depends on the texts beside it: `python benchmarks/batch_independence.py [DATA
...] [--texts N] [--model NAME ...]`.

Every model answers each text alone, then all of them in batches of unequal length (padded) and of
one length, each for several bounds of a batch, shuffled, and a random half of the texts. Counted
are the answers that differ from those given alone. The models: the demo translator over the turns
of DATA (without DATA the demo's dialogues), the demo's Korean summariser over the dialogues, and a
small checkpoint of each architecture with random weights over N of the turns; greedy and beam
search; int8 by one worker and by as many as there are cores, float32 by one. Also printed: the time
of the processors that batches of one length take, as a multiple of the other's. The last line is
the figure; exits 1 where an answer in int8 depended on its batch although the batches were of one
length.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from checkpoints_families import MAKERS

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.stages.engines.base import Engine, EngineSpec, Search
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.text.segmentation import split

FIRST = {"nllb": "eng_Latn", "mbart50": "en_XX", "m2m100": "__en__"}
DEMO = ("translator", "summarizer-ko")
BUDGETS = (0, 300)
"""Bounds on texts x longest text of a batch; 0 is the engine's own."""


class OneLength(CTranslate2Engine):
    """Keeps to batches of one length in every number format, unless padding is allowed."""

    padding_matters = True  # type: ignore[assignment]  # a property of the engine


class Task(NamedTuple):
    """A model and what it answers."""

    label: str
    model: str
    first: str | None
    texts: list[str]
    longest_answer: int


class Counted(NamedTuple):
    """Of so many answers so many differ from those given alone; seconds of the processors."""

    answers: int
    different: int
    seconds: float


def tasks(data: Sequence[Path], number: int, models: Sequence[str], folder: Path) -> Iterator[Task]:
    """The models, each with its texts."""
    samples = [sample for file in data or [DEMO_FILE] for sample in read_samples(file)]
    turns = list(
        dict.fromkeys(
            unit for sample in samples for unit in split(sample.dialogue, "turn", "ko").units
        )
    )
    random.Random(1).shuffle(turns)
    dialogues = list(dict.fromkeys(sample.dialogue for sample in samples))
    for name in models:
        if name == "translator":
            yield Task("demo translator, turns", "demo:translator", "eng_Latn", turns, 96)
        elif name == "summarizer-ko":
            yield Task("demo summariser, dialogues", "demo:summarizer-ko", None, dialogues, 64)
        else:
            model = str(MAKERS[name](folder / name))
            yield Task(f"{name}, random weights", model, FIRST.get(name), turns[:number], 24)


def answers(
    engine: Engine, task: Task, encoded: Sequence[list[int]], search: Search, **how: object
) -> list[str]:
    """What the model says to each text."""
    found = engine.generate(encoded, search, forced_bos_token=task.first, **how)  # type: ignore[arg-type]  # two keywords
    return [f"{answer.text}{'' if answer.finished else ' ...'}" for answer in found]


def compare(
    engine: Engine,
    task: Task,
    encoded: Sequence[list[int]],
    search: Search,
    alone: Sequence[str],
    *,
    padded: bool,
) -> Counted:
    """The answers in batches beside those given alone."""
    order = list(range(len(encoded)))
    total = different = 0
    seconds = 0.0
    for number, budget in enumerate((*BUDGETS, 0)):
        random.Random(number).shuffle(order)
        some = order[: len(order) // 2] if number == len(BUDGETS) else order
        start = time.process_time()
        found = answers(
            engine, task, [encoded[i] for i in some], search, batch_tokens=budget, padded=padded
        )
        seconds += time.process_time() - start
        total += len(some)
        different += sum(text != alone[i] for text, i in zip(found, some, strict=True))
    return Counted(total, different, seconds)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("data", type=Path, nargs="*")
    parser.add_argument("--texts", type=int, default=500, help="for the random models")
    parser.add_argument("--model", action="append", choices=[*DEMO, *MAKERS], help="default: all")
    asked = parser.parse_args(arguments)
    print(
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, Python"
        f" {platform.python_version()}\n"
    )
    print(
        "| model | number format | beams | workers | texts | lengths | padded: differ | one length:"
        " differ | one length takes |\n|---|---|--:|--:|--:|--:|--:|--:|--:|"
    )
    count = depending = 0
    with tempfile.TemporaryDirectory() as place:
        os.environ["PIVOT_SUM_MODELS"] = place + "/models"
        for task in tasks(asked.data, asked.texts, asked.model or [*DEMO, *MAKERS], Path(place)):
            for dtype in ("int8", "float32"):
                for workers in sorted({1, os.cpu_count() or 1} if dtype == "int8" else {1}):
                    engine = OneLength(
                        EngineSpec(task.model, "main", dtype, "cpu", workers, "ctranslate2")
                    )
                    if task.first == "eng_Latn":
                        engine.tokenizer.src_lang = "kor_Hang"
                    encoded = [
                        tokens
                        for tokens in engine.encode(task.texts)
                        if len(tokens) <= engine.max_positions
                    ]
                    for beams in (1, 4):
                        search = Search(beams, task.longest_answer, 0, 1.0, 0, 1.0)
                        alone = [
                            answers(engine, task, [tokens], search, batch_tokens=0)[0]
                            for tokens in encoded
                        ]
                        padded = compare(engine, task, encoded, search, alone, padded=True)
                        equal = compare(engine, task, encoded, search, alone, padded=False)
                        if dtype == "int8":
                            count += equal.answers
                            depending += equal.different
                        cells = (
                            f"{padded.different} of {padded.answers}"
                            f" | {equal.different} of {equal.answers}"
                            f" | {equal.seconds / padded.seconds:.2f} x"
                        )
                        lengths = len({len(tokens) for tokens in encoded})
                        print(
                            f"| {task.label} | {dtype} | {beams} | {workers} | {len(encoded)} |"
                            f" {lengths} | {cells} |",
                            flush=True,
                        )
    print(f"\n{depending} of {count} answers in int8 depended on a batch of texts of one length")
    sys.exit(depending > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
