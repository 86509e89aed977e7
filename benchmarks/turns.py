"""The turns of a real file, by the program and by CTranslate2 alone: `python benchmarks/turns.py
DATA [--dialogues N]`.

What fixed lengths do not show: long and short turns side by side, and small talk that occurs again
and again. Both ways translate the same turns, as they come, with the same converted model, int8,
the same search, as many workers as there are cores:

- (c) CTranslate2's own `translate_batch` on all turns at once (it sorts them by length), batches of
  32, tokens prepared before
- (d) pivot-sum: split into turns, every different one once, placeholders, tokenising, checks, every
  answer durably in the cache

With the demo translator, which ends its answers itself, and with NLLB-200-distilled-600M's
architecture with random weights and 24 tokens for every answer, on the first DIALOGUES dialogues
(it is slow). Turns with a placeholder inside are left out (neither model keeps one in a language it
does not know, and asking again is not what is measured), and so are those of over 200 tokens, which
would have to be split. Each way in a process of its own, by turns; prints seconds and the ratio (c)
to (d) of each round in Markdown.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shapes import CORES, SHAPES, make_model, target_prefix
from timing import run_step
from tokenizers import Tokenizer

from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.stages.models.hub import fetch
from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import split

ANSWER = 24
LONGEST = 96
LONGEST_READ = 200
"""In tokens: the demo translator has 256 positions."""


def turns(data: Path, limit: int | None) -> list[str]:
    """The turns without a placeholder inside, speakers not included, as they come."""
    found = [
        unit
        for sample in read_samples(data, limit=limit)
        for unit in split(sample.dialogue, "turn", "ko").units
    ]
    short = [turn for turn in found if not PLACEHOLDER.search(turn)]
    tokenizer = Tokenizer.from_file(str(fetch("demo:translator", "main") / "tokenizer.json"))
    return [
        turn
        for turn, read in zip(short, tokenizer.encode_batch(short), strict=True)
        if len(read) <= LONGEST_READ
    ]


def raw(folder: Path, texts: Sequence[str], beams: int, kept: Path, *, forced: bool) -> float:
    """(c): seconds."""
    import ctranslate2

    [converted] = kept.glob("*-ctranslate2-*")
    translator = ctranslate2.Translator(
        str(converted), compute_type="int8_float32", inter_threads=CORES, intra_threads=1
    )
    tokenizer = Tokenizer.from_file(str(fetch("demo:translator", "main") / "tokenizer.json"))
    rows = [[str(number) for number in tokenizer.encode(text).ids] for text in texts]
    prefix = target_prefix(SHAPES["nllb"], tokenizer)
    settings = {
        "beam_size": beams,
        "patience": 2 if beams > 1 else 1,
        "max_decoding_length": ANSWER if forced else LONGEST,
        "min_decoding_length": ANSWER if forced else 0,
        "max_batch_size": 32,
    }
    translator.translate_batch(rows[:1], target_prefix=[prefix], **settings)
    start = time.perf_counter()
    translator.translate_batch(rows, target_prefix=[prefix] * len(rows), **settings)
    return time.perf_counter() - start


def ours(folder: Path, texts: Sequence[str], beams: int, *, forced: bool) -> float:
    """(d): seconds."""
    from pivot_sum.stages.translate import Translate

    limits: dict[str, Any] = (
        {"max_new_tokens": ANSWER, "min_new_tokens": ANSWER}
        if forced
        else {"max_new_tokens": LONGEST}
    )
    stage = Translate(
        model=str(folder), source="ko", target="en", num_beams=beams, retries=(), **limits
    )
    stage(["안녕하세요."])
    dialogue = "\n".join(f"#Person{number % 2 + 1}#: {text}" for number, text in enumerate(texts))
    return run_step(stage, [Sample("all", dialogue, (), None, None)], "turn")


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--dialogues", type=int, default=60, help="of them for the large model")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        way, folder, limit, kept = asked.one
        forced = folder != "demo:translator"
        texts = turns(asked.data, int(limit) or None)
        model = Path(folder) if forced else fetch(folder, "main")
        seconds = (
            raw(model, texts, asked.beams, Path(kept), forced=forced)
            if way == "c"
            else ours(model, texts, asked.beams, forced=forced)
        )
        print(json.dumps(seconds))
        return
    print(
        f"{date.today()}, {CORES} cores, {platform.machine()}, Python {platform.python_version()},"
        f" beam {asked.beams}\n"
    )
    print(
        "| model | turns | different | (c) raw, s | (d) pivot-sum, s | (d) is"
        " |\n|---|---:|---:|---:|---:|---:|"
    )
    with tempfile.TemporaryDirectory() as place:
        for label, folder, limit in (
            ("demo translator", "demo:translator", 0),
            (SHAPES["nllb"].name.split(",")[0], place + "/model", asked.dialogues),
        ):
            if limit:
                make_model(SHAPES["nllb"], Path(folder))
            texts = turns(asked.data, limit or None)
            kept = f"{place}/converted-{limit}"
            _seconds(asked, "d", folder, 1, kept)  # converts the model, once
            rounds = [
                {way: _seconds(asked, way, folder, limit, kept) for way in "cd"}
                for _ in range(asked.rounds)
            ]
            spent = {way: " / ".join(f"{found[way]:.1f}" for found in rounds) for way in "cd"}
            ratios = [found["c"] / found["d"] for found in rounds]
            share = f"{min(ratios):.2f} to {max(ratios):.2f} ×"
            print(
                f"| {label} | {len(texts):,} | {len(set(texts)):,} | {spent['c']} | {spent['d']} |"
                f" {share} |",
                flush=True,
            )


def _seconds(asked: argparse.Namespace, way: str, folder: str, limit: int, kept: str) -> float:
    command = [
        sys.executable,
        __file__,
        str(asked.data),
        "--beams",
        str(asked.beams),
        "--one",
        way,
        folder,
        str(limit),
        kept,
    ]
    environment = {**os.environ, "PIVOT_SUM_MODELS": kept, "HF_HUB_OFFLINE": "1"}
    environment.pop("OMP_NUM_THREADS", None)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"({way}) failed:\n{done.stderr}")
    return float(json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    main(sys.argv[1:])
