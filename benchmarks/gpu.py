"""The transformers engine, which a GPU uses, against a plain loop: `python benchmarks/gpu.py
[nllb|bart] [--texts N] [--dtype D]`.

Full-size architectures with random weights, texts of one length, answers of a forced length, on
CUDA where there is one, else on the CPU. Each way in a process of its own, by turns:

- plain: transformers' own `generate`, batches of 32 in the order of the texts
- ours: `engine: transformers` end to end: placeholders, tokenising, batches as large as the memory
  takes, checks, and every answer durably in the cache

Prints texts and generated tokens (of the best hypothesis) per second and the ratio of the two in
Markdown. NLLB is greedy, BART has four beams. A GPU wants `--texts 20000`; a CPU takes minutes for
32.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shapes import SHAPES, Shape, make_model, make_texts
from timing import run_step

from pivot_sum.data.samples import Sample
from pivot_sum.stages.engines.devices import resolve_device, resolve_dtype

BEAMS = {"nllb": 1, "bart": 4}
BATCH = 32


def plain(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, device: str, dtype: str
) -> float:
    """Seconds."""
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = (
        AutoModelForSeq2SeqLM.from_pretrained(
            folder, local_files_only=True, dtype=getattr(torch, dtype)
        )
        .to(device)
        .eval()
    )
    model.generation_config.max_length = None
    settings = {
        "num_beams": beams,
        "max_new_tokens": shape.answer,
        "min_new_tokens": shape.answer,
        "do_sample": False,
    }
    if shape.borrowed == "demo:translator":
        settings["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids("eng_Latn")

    def answer(some: Sequence[str]) -> None:
        with torch.inference_mode():
            rows = model.generate(
                **tokenizer(list(some), return_tensors="pt", padding=True).to(device), **settings
            )
        tokenizer.batch_decode(rows, skip_special_tokens=True)

    answer(texts[:2])
    start = time.perf_counter()
    for first in range(0, len(texts), BATCH):
        answer(texts[first : first + BATCH])
    return time.perf_counter() - start


def ours(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, device: str, dtype: str
) -> float:
    """Seconds."""
    from pivot_sum.stages.summarize import Summarize
    from pivot_sum.stages.translate import Translate

    common: dict[str, Any] = {
        "model": str(folder),
        "engine": "transformers",
        "dtype": dtype,
        "device": device,
        "num_beams": beams,
        "max_new_tokens": shape.answer,
        "min_new_tokens": shape.answer,
        "retries": (),  # random answers fail every guard; the guards still run
        "batch_size": 4096,
    }
    stage: Any
    if shape.borrowed == "demo:translator":
        stage = Translate(**common, source="ko", target="en")
    else:
        stage = Summarize(**common, language="en")
    stage.resolve()  # hashes the weights, once a process
    stage([texts[0] + " 1", texts[0] + " 2"])
    samples = [Sample(str(number), text, (), None, None) for number, text in enumerate(texts)]
    return run_step(stage, samples, "dialogue")


WAYS = {"plain": plain, "ours": ours}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("shapes", nargs="*", help=f"of {', '.join(SHAPES)}; default: all")
    parser.add_argument("--texts", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    device = resolve_device("auto")
    dtype = resolve_dtype(asked.dtype, device)
    if asked.one:
        way, name, folder = asked.one
        texts = make_texts(SHAPES[name], asked.texts)
        seconds = WAYS[way](Path(folder), SHAPES[name], texts, BEAMS[name], device, dtype)
        print(json.dumps({"seconds": seconds, "texts": len(texts)}))
        return
    print(
        f"{date.today()}, {_machine(device)}, {dtype}, Python {platform.python_version()},"
        f" {asked.rounds} rounds\n"
    )
    print(
        "| model | plain, texts/s | ours, texts/s | ours, tok/s | ours is"
        " |\n|---|---:|---:|---:|---:|"
    )
    for name in asked.shapes or SHAPES:
        shape = SHAPES[name]
        with tempfile.TemporaryDirectory() as place:
            make_model(shape, Path(place))
            rounds = [
                {way: _speed(way, name, place, asked) for way in WAYS} for _ in range(asked.rounds)
            ]
        speeds = {way: " / ".join(f"{found[way]:.2f}" for found in rounds) for way in WAYS}
        tokens = " / ".join(f"{found['ours'] * shape.answer:,.0f}" for found in rounds)
        ratios = [found["ours"] / found["plain"] for found in rounds]
        label = f"{shape.name}, {'greedy' if BEAMS[name] == 1 else f'beam {BEAMS[name]}'}"
        print(
            f"| {label} | {speeds['plain']} | {speeds['ours']} | {tokens} | {min(ratios):.2f} to"
            f" {max(ratios):.2f} × |",
            flush=True,
        )


def _speed(way: str, name: str, folder: str, asked: argparse.Namespace) -> float:
    """Texts per second, in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--texts",
        str(asked.texts),
        "--dtype",
        asked.dtype,
        "--one",
        way,
        name,
        folder,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{way} failed:\n{done.stderr}")
    found = json.loads(done.stdout.splitlines()[-1])
    return float(found["texts"] / found["seconds"])


def _machine(device: str) -> str:
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name())
    return f"{platform.machine()} ({device})"


if __name__ == "__main__":
    main(sys.argv[1:])
