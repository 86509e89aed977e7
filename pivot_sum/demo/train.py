"""Makes everything the embedded default ships: held-out dialogues, three models, and their quality.

`python -m pivot_sum.demo.train` does it all on two CPU cores, without a network; `--only` makes one
part, so that two trainings can run side by side with `--threads 1`. A run that ends by its number
of steps gives the same models again on the same machine; one that `--minutes` cuts short does not.

The shipped models were made in several sittings with `--resume` (steps: translator 2,520 + 587 +
2,894, summarizer-en 1,501 + 664 + 2,737, summarizer-ko 1,747 + 2,001), about 100 minutes of one
core in all, 50 on two. The last sitting of each went on with seed 13 and a warm-up of 100 steps
instead of the values below.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from pivot_sum.demo.grammar import Dialogue, Scenario, held_out_dialogues, joined, load, row
from pivot_sum.demo.train_data import Example, batches, dialogues, translation_pairs
from pivot_sum.demo.train_evaluate import evaluate
from pivot_sum.demo.train_loop import train
from pivot_sum.demo.train_models import (
    ENGLISH,
    KOREAN,
    summarizer_model,
    summarizer_tokenizer,
    translator_model,
    translator_tokenizer,
)

DATA = Path(__file__).parent / "data"
MODELS = Path(__file__).parents[2] / "stages" / "models" / "demo"
HELD_OUT_EACH, HELD_OUT_SEED, TRAINING_SEED, RESUMED_SEED = 3, 20, 11, 12
PARTS = ("data", "translator", "summarizer-en", "summarizer-ko", "evaluation")

# Steps, tokens a step and vocabulary: what fits the time and reaches a loss near zero.
TRANSLATOR = {"steps": 6000, "tokens": 2000, "pieces": 2500}
SUMMARIZER = {"steps": 4000, "tokens": 2000, "pieces": 3000}

CARD = """---
license: mit
language: [{languages}]
---
# pivot-sum demo: {name}

{what} Trained from random weights for pivot-sum, on dialogues written for
pivot-sum. It knows nothing but that demo world: outside it, it writes fluent nonsense. Of use for
trying the program out, and for tests.

Last trained by `python -m pivot_sum.demo.train --only {name}{resumed}` ({steps} steps,
{minutes} minutes on a CPU). Licence: MIT.
"""


def held_out() -> list[Dialogue]:
    """The dialogues of `data/heldout.jsonl`, always the same."""
    return held_out_dialogues(load(), each=HELD_OUT_EACH, seed=HELD_OUT_SEED)


def write_data(folder: Path) -> None:
    """Writes `heldout.jsonl`, one row a line."""
    rows = [
        json.dumps(row(dialogue, number), ensure_ascii=False)
        for number, dialogue in enumerate(held_out())
    ]
    (folder / "heldout.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


def train_translator(
    scenarios: Sequence[Scenario], seconds: float, folder: Path, resume: bool
) -> None:
    """Trains the translator, both directions in one model, and saves it. `resume` goes on from what
    `folder` holds."""
    rng = Random(RESUMED_SEED if resume else TRAINING_SEED)
    texts = {text for _ in range(12) for pair in translation_pairs(scenarios, rng) for text in pair}
    tokenizer = (
        _tokenizer(folder) if resume else translator_tokenizer(sorted(texts), TRANSLATOR["pieces"])
    )
    languages = (KOREAN, ENGLISH)

    def encode(texts: list[str], language: str) -> list[list[int]]:
        tokenizer.src_lang = language
        ids: list[list[int]] = tokenizer(texts).input_ids
        return ids

    def sample() -> list[Example]:
        pairs = translation_pairs(scenarios, rng)
        korean, english = (
            encode([pair[side] for pair in pairs], languages[side]) for side in (0, 1)
        )
        both = list(zip(korean, english, strict=True))
        return [Example(*pair) for pair in both] + [
            Example(target, source) for source, target in both
        ]

    model = _model(folder) if resume else translator_model(len(tokenizer))
    measured = train(
        model,
        batches(sample, rng, TRANSLATOR["tokens"]),
        steps=TRANSLATOR["steps"],
        seconds=seconds,
        name="translator",
    )
    tokenizer.src_lang = KOREAN
    what = "Translates between Korean and English, both ways (NLLB architecture)."
    _save(model, tokenizer, folder, "ko, en", what, measured, resume)


def train_summarizer(
    scenarios: Sequence[Scenario], language: str, seconds: float, folder: Path, resume: bool
) -> None:
    """Trains the summariser of one language (`ko`, `en`) and saves it. `resume` goes on from what
    `folder` holds."""
    rng = Random(RESUMED_SEED if resume else TRAINING_SEED)
    side = ("ko", "en").index(language)

    def texts() -> list[tuple[str, str]]:
        return [(d.text()[side], joined(d.summary)[side]) for d in dialogues(scenarios, rng)]

    corpus = [text for _ in range(30) for pair in texts() for text in pair]
    tokenizer = _tokenizer(folder) if resume else summarizer_tokenizer(corpus, SUMMARIZER["pieces"])

    def sample() -> list[Example]:
        sources, targets = zip(*texts(), strict=True)
        ids = (tokenizer(list(sources)).input_ids, tokenizer(list(targets)).input_ids)
        return [Example(*pair) for pair in zip(*ids, strict=True)]

    model = _model(folder) if resume else summarizer_model(len(tokenizer))
    name = f"summarizer-{language}"
    measured = train(
        model,
        batches(sample, rng, SUMMARIZER["tokens"]),
        steps=SUMMARIZER["steps"],
        seconds=seconds,
        name=name,
    )
    what = (
        f"Summarises {'Korean' if language == 'ko' else 'English'} dialogues (BART architecture)."
    )
    _save(model, tokenizer, folder, language, what, measured, resume)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m pivot_sum.demo.train", description=__doc__)
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="make this part only (may be repeated)"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=60.0,
        help="end each training after this long at the latest",
    )
    parser.add_argument(
        "--out", type=Path, default=MODELS, help="folder of the three model folders"
    )
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder of heldout.jsonl and evaluation.json"
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument(
        "--resume", action="store_true", help="go on training from the models in --out"
    )
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    scenarios, seconds = load(), options.minutes * 60
    options.data.mkdir(parents=True, exist_ok=True)
    makers: dict[str, Callable[[], None]] = {
        "data": lambda: write_data(options.data),
        "translator": lambda: train_translator(
            scenarios, seconds, options.out / "translator", options.resume
        ),
        "summarizer-en": lambda: train_summarizer(
            scenarios, "en", seconds, options.out / "summarizer-en", options.resume
        ),
        "summarizer-ko": lambda: train_summarizer(
            scenarios, "ko", seconds, options.out / "summarizer-ko", options.resume
        ),
        "evaluation": lambda: _write_evaluation(options.out, options.data),
    }
    for part in options.only or PARTS:
        torch.manual_seed(TRAINING_SEED)
        makers[part]()


def _write_evaluation(models: Path, data: Path) -> None:
    measured = evaluate(models, held_out())
    (data / "evaluation.json").write_text(
        json.dumps(measured, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    print(
        json.dumps(
            {key: value for key, value in measured.items() if key != "rows"},
            ensure_ascii=False,
            indent=1,
        )
    )


def _tokenizer(folder: Path) -> Any:
    return AutoTokenizer.from_pretrained(folder)


def _model(folder: Path) -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(folder, dtype=torch.float32)


def _save(
    model: Any,
    tokenizer: Any,
    folder: Path,
    languages: str,
    what: str,
    measured: dict[str, float],
    resume: bool,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # safetensors leaves it readable by its owner alone
    resumed = " --resume" if resume else ""
    card = CARD.format(
        languages=languages, name=folder.name, what=what, resumed=resumed, **measured
    )
    (folder / "README.md").write_text(card, encoding="utf-8")
    print(f"{folder.name}: {measured}", flush=True)


if __name__ == "__main__":
    main()
