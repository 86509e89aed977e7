"""Makes everything the embedded default ships: held-out dialogues, three models, and their quality.

`python -m pivot_sum.demo_training.train` does it all on two CPU cores, without a network. The
models are trained as any other: by `pivot_sum.training`, from the recipes in `recipes/`, two at a
time with one thread each. A training ends by its number of steps, so that the same machine gives
the same models again; one that was killed goes on where it was.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from pivot_sum.demo.rows import (
    COLUMNS,
    dev_rows,
    held_out,
    held_out_rows,
    training_rows,
    write_rows,
)
from pivot_sum.demo_training.evaluate import evaluate
from pivot_sum.demo_training.models import write_shipped, write_untrained
from pivot_sum.training.card import details
from pivot_sum.training.progress import training_lines
from pivot_sum.training.recipe import load_train_recipe
from pivot_sum.training.train import Training, TrainRequest, train

DATA = Path(__file__).parents[1] / "demo" / "data"
RECIPES = Path(__file__).parent / "recipes"
MODELS = Path(__file__).parents[2] / "stages" / "models" / "demo"
WORK = Path("demo-training")
AT_ONCE: Final = 2

_DOES: Final = {
    "translator": (
        "ko, en",
        "Translates between Korean and English, both ways (NLLB architecture).",
    ),
    "summarizer-en": ("en", "Summarises English dialogues (BART architecture)."),
    "summarizer-ko": ("ko", "Summarises Korean dialogues (BART architecture)."),
}
PARTS = ("data", *_DOES, "evaluation")
_TOKENIZER_ROWS: Final = 5000
"""So many rows are read to make a tokenizer."""

CARD = """---
license: mit
language: [{languages}]
---
# pivot-sum demo: {name}

{does}
Trained from random weights for pivot-sum, on dialogues written for pivot-sum. It knows nothing but
that demo world: outside it, it writes fluent nonsense. Of use for trying the program out, and for
tests. Licence: MIT.

Trained by `python -m pivot_sum.demo_training.train --only {name}`; here its weights have 16 bits.

{details}"""


def write_data(folder: Path) -> None:
    """Writes `heldout.jsonl`."""
    write_rows(held_out_rows(), folder / "heldout.jsonl")


def train_model(name: str, work: Path, folder: Path, settings: Sequence[str] = ()) -> Training:
    """Trains a model in `work`, or goes on where a training was interrupted, and saves it to
    `folder` as it is shipped. `settings` change its recipe, as `--set` does."""
    place = work / name
    place.mkdir(parents=True, exist_ok=True)
    untrained, rows, dev = place / "untrained", place / "train.jsonl", place / "dev.jsonl"
    recipe = load_train_recipe(
        str(RECIPES / f"{name}.yaml"), [*settings, f"model={untrained.as_posix()}"]
    )
    samples = (recipe.settings.max_steps or 1) * recipe.settings.per_device_train_batch_size
    both_ways = recipe.data.directions == "both"
    count = samples // 2 if both_ways else samples
    sampled = training_rows(name, max(count, _TOKENIZER_ROWS))
    write_rows(sampled[:count], rows)
    write_rows(dev_rows(name), dev)
    texts = [row[column] for row in sampled[:_TOKENIZER_ROWS] for column in COLUMNS[name]]
    write_untrained(name, texts, untrained)
    request = TrainRequest(name, recipe, str(rows), str(dev), place / "training")
    training = train(request, training_lines)
    folder.mkdir(parents=True, exist_ok=True)
    write_shipped(training.folder, folder)
    languages, does = _DOES[name]
    card = CARD.format(name=name, languages=languages, does=does, details=details(training.record))
    (folder / "README.md").write_text(card, encoding="utf-8")
    return training


def write_evaluation(models: Path, folder: Path) -> None:
    """Writes `evaluation.json`: what the models of a folder reach on the held-out dialogues."""
    measured = evaluate(models, held_out())
    text = json.dumps(measured, ensure_ascii=False, indent=1)
    (folder / "evaluation.json").write_text(text + "\n", encoding="utf-8")
    shown = {key: value for key, value in measured.items() if key != "rows"}
    print(json.dumps(shown, ensure_ascii=False, indent=1))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m pivot_sum.demo_training.train", description=__doc__
    )
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="make this part only (may be repeated)"
    )
    parser.add_argument("--out", type=Path, default=MODELS, help="folder of the three models")
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder of heldout.jsonl and evaluation.json"
    )
    parser.add_argument(
        "--work", type=Path, default=WORK, help="folder of the trainings, with their checkpoints"
    )
    options = parser.parse_args(arguments)
    parts = options.only or PARTS
    options.data.mkdir(parents=True, exist_ok=True)
    if "data" in parts:
        write_data(options.data)
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as pool:
        trainings = [
            pool.submit(train_model, name, options.work, options.out / name)
            for name in _DOES
            if name in parts
        ]
        for training in trainings:
            training.result()
    if "evaluation" in parts:
        write_evaluation(options.out, options.data)


if __name__ == "__main__":
    main()
