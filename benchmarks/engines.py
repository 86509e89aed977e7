"""The whole program against the loops people use instead: `python benchmarks/engines.py [nllb|bart]
[--texts N] [--rounds R]`.

Full-size architectures with random weights (speed does not depend on what they are), a tokenizer of
ours, texts of one length, answers of a forced length. Each way runs in a process of its own, one
after another, so none inherits another's memory; what is timed begins when the model is loaded and
warm:

- (a) notebook loop: transformers, one text at a time, float32
- (b) transformers, batches of 16 in the order of the texts, float32
- (c) CTranslate2's own `translate_batch`, int8, its best settings here: as many workers as cores,
  tokens prepared beforehand
- (d) pivot-sum: recipe step, placeholders, tokenising, CTranslate2 int8, checks, and every answer
  durably in the cache

Prints tokens per second of the best hypothesis and the ratios of (d) to the others, in Markdown. A
model takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.progress import StepProgress
from pivot_sum.running.runner import Runner
from pivot_sum.stages.models.hub import fetch
from pivot_sum.stages.text.segmentation import Over

CORES = os.cpu_count() or 1


class Shape(NamedTuple):
    """An architecture, whose tokenizer it borrows, and the lengths in tokens."""

    name: str
    borrowed: str
    length: int
    answer: int
    config: dict[str, Any]
    few: int
    """Texts for (a): it is slow."""
    batch: int
    """Texts for (c): what `benchmarks/threads.py` found best."""


SHAPES = {
    "nllb": Shape(
        "NLLB-200-distilled-600M, 24 tokens in, 24 out",
        "demo:translator",
        24,
        24,
        {
            "d_model": 1024,
            "encoder_layers": 12,
            "decoder_layers": 12,
            "encoder_ffn_dim": 4096,
            "decoder_ffn_dim": 4096,
        }
        | {
            "encoder_attention_heads": 16,
            "decoder_attention_heads": 16,
            "vocab_size": 256206,
            "max_position_embeddings": 1024,
        },
        6,
        32,
    ),
    "bart": Shape(
        "BART-large, 250 tokens in, 48 out",
        "demo:summarizer-en",
        250,
        48,
        {
            "d_model": 1024,
            "encoder_layers": 12,
            "decoder_layers": 12,
            "encoder_ffn_dim": 4096,
            "decoder_ffn_dim": 4096,
        }
        | {
            "encoder_attention_heads": 16,
            "decoder_attention_heads": 16,
            "vocab_size": 50265,
            "max_position_embeddings": 1024,
        },
        3,
        8,
    ),
}


def make_model(shape: Shape, folder: Path) -> None:
    """A checkpoint of the shape with random weights, in float32."""
    import torch
    from transformers import AutoConfig, AutoModelForSeq2SeqLM

    source = fetch(shape.borrowed, "main")
    torch.manual_seed(1)
    config = AutoConfig.from_pretrained(source, local_files_only=True)
    config.update(shape.config)
    config.dtype = torch.float32
    model = AutoModelForSeq2SeqLM.from_config(config)
    model.save_pretrained(folder)
    for file in source.glob("*token*.json"):
        shutil.copy2(file, folder)


def make_texts(shape: Shape, number: int) -> list[str]:
    """Different texts of as nearly as possible the shape's length, cut from the demo's
    dialogues.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(fetch(shape.borrowed, "main") / "tokenizer.json"))
    korean = shape.borrowed == "demo:translator"
    samples = read_samples(DEMO_FILE)
    words = " ".join(
        (sample.dialogue if korean else sample.english_dialogue or "") for sample in samples
    )
    ids = tokenizer.encode(words.replace("#", ""), add_special_tokens=False).ids
    wanted = shape.length - 2  # the special tokens around it
    step = max(1, (len(ids) - wanted) // number)
    texts = [
        tokenizer.decode(ids[start : start + wanted]).strip()
        for start in range(0, len(ids) - wanted, step)
    ]
    return list(dict.fromkeys(texts))[:number]


Way = Callable[[Path, Shape, Sequence[str], int, Path], tuple[float, int]]


def _transformers(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, batch: int
) -> tuple[float, int]:
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    torch.set_num_threads(CORES)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForSeq2SeqLM.from_pretrained(
        folder, local_files_only=True, dtype=torch.float32
    ).eval()
    model.generation_config.max_length = None
    settings = {
        "num_beams": beams,
        "max_new_tokens": shape.answer,
        "min_new_tokens": shape.answer,
        "do_sample": False,
    }
    if shape.borrowed == "demo:translator":
        settings["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids("eng_Latn")

    def answer(some: Sequence[str]) -> int:
        encoded = tokenizer(list(some), return_tensors="pt", padding=True)
        with torch.inference_mode():
            rows = model.generate(**encoded, **settings)
        tokenizer.batch_decode(rows, skip_special_tokens=True)
        return int(rows.shape[0]) * shape.answer

    answer(texts[:1])
    start = time.perf_counter()
    tokens = sum(answer(texts[first : first + batch]) for first in range(0, len(texts), batch))
    return time.perf_counter() - start, tokens


def notebook(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, kept: Path
) -> tuple[float, int]:
    """(a)"""
    return _transformers(folder, shape, texts[: shape.few], beams, 1)


def batched(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, kept: Path
) -> tuple[float, int]:
    """(b)"""
    return _transformers(folder, shape, texts[:16], beams, 16)


def raw_ctranslate2(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, kept: Path
) -> tuple[float, int]:
    """(c), on the very files that (d) uses."""
    import ctranslate2
    from tokenizers import Tokenizer

    [converted] = kept.glob("*-ctranslate2-*")
    translator = ctranslate2.Translator(
        str(converted), compute_type="int8_float32", inter_threads=CORES, intra_threads=1
    )
    tokenizer = Tokenizer.from_file(str(fetch(shape.borrowed, "main") / "tokenizer.json"))
    rows = [[str(number) for number in tokenizer.encode(text).ids] for text in texts]
    settings = {
        "beam_size": beams,
        "patience": 2 if beams > 1 else 1,
        "max_decoding_length": shape.answer,
        "min_decoding_length": shape.answer,
    }
    if prefix := target_prefix(shape, tokenizer):
        settings["target_prefix"] = [prefix] * len(rows)
    first = (
        {**settings, "target_prefix": settings["target_prefix"][:1]}
        if "target_prefix" in settings
        else settings
    )
    translator.translate_batch(rows[:1], **first)
    start = time.perf_counter()
    results = translator.translate_batch(rows, max_batch_size=shape.batch, **settings)
    return time.perf_counter() - start, sum(len(result.hypotheses[0]) for result in results)


def target_prefix(shape: Shape, tokenizer: Any) -> list[str] | None:
    """What every answer of a translator has to begin with, in the tokens of a converted model."""
    return [str(tokenizer.token_to_id("eng_Latn"))] if shape.borrowed == "demo:translator" else None


def ours(
    folder: Path, shape: Shape, texts: Sequence[str], beams: int, kept: Path
) -> tuple[float, int]:
    """(d)"""
    from pivot_sum.stages.summarize import Summarize
    from pivot_sum.stages.translate import Translate

    common: dict[str, Any] = {
        "model": str(folder),
        "num_beams": beams,
        "max_new_tokens": shape.answer,
        "min_new_tokens": shape.answer,
    }
    # Random answers fail every guard: retried, they would be computed several times over. The
    # guards still run.
    stage: Any
    if shape.borrowed == "demo:translator":
        stage = Translate(**common, source="ko", target="en", retries=())
    else:
        stage = Summarize(**common, language="en", retries=())
    stage(["안녕하세요." if shape.borrowed == "demo:translator" else "#Person1#: Hello."])
    samples = [Sample(str(number), text, (), None, None) for number, text in enumerate(texts)]
    return run_step(stage, samples, "dialogue"), len(texts) * shape.answer


def run_step(stage: Any, samples: Sequence[Sample], over: Over) -> float:
    """Seconds the runner takes for one step over the samples, from an empty cache."""
    from pivot_sum.cache import Cache

    with tempfile.TemporaryDirectory() as place, Cache(Path(place) / "cache.sqlite3") as cache:
        runner = Runner(samples, cache, lambda *_: nullcontext(Silent()))
        start = time.perf_counter()
        list(runner.run([Step("step", over, stage)], [0]))
        return time.perf_counter() - start


class Silent(StepProgress):
    """Shows nothing."""

    def advance(self, number: int) -> None:
        pass


WAYS: dict[str, tuple[str, Way]] = {
    "a": ("transformers fp32, one by one", notebook),
    "b": ("transformers fp32, batch 16", batched),
    "c": ("CTranslate2 int8, raw", raw_ctranslate2),
    "d": ("pivot-sum, end to end", ours),
}


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("shapes", nargs="*", help=f"of {', '.join(SHAPES)}; default: all")
    parser.add_argument("--texts", type=int, default=64, help="texts for (c) and (d)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--beams", type=int, nargs="*", default=[4, 1])
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.one:
        _one(*asked.one, number=asked.texts)
        return
    print(
        f"{date.today()}, {CORES} cores, {platform.machine()}, Python {platform.python_version()},"
        f" {asked.rounds} rounds\n"
    )
    for name in asked.shapes or SHAPES:
        with tempfile.TemporaryDirectory() as place:
            _table(name, Path(place), asked.texts, asked.rounds, asked.beams)


def _table(name: str, place: Path, texts: int, rounds: int, beams: Sequence[int]) -> None:
    shape = SHAPES[name]
    make_model(shape, place / "model")
    _measured("d", name, place, beams[0], 2)  # converts the model, once
    print(f"{shape.name} (tok/s: each round; ratio: (d) to it, lowest and highest of the rounds)\n")
    print(
        "| way | "
        + " | ".join(f"{_search(width)} tok/s | (d) is | peak MB" for width in beams)
        + " |"
    )
    print("|---|" + "---:|" * (3 * len(beams)))
    found = {
        width: [
            {way: _measured(way, name, place, width, texts) for way in WAYS} for _ in range(rounds)
        ]
        for width in beams
    }
    for way, (label, _) in WAYS.items():
        cells = []
        for width in beams:
            speeds = [measured[way]["speed"] for measured in found[width]]
            ratios = [measured["d"]["speed"] / measured[way]["speed"] for measured in found[width]]
            ratio = "" if way == "d" else f"{min(ratios):.2f} to {max(ratios):.2f} ×"
            peak = statistics.median(measured[way]["peak"] for measured in found[width])
            cells += [" / ".join(f"{speed:.1f}" for speed in speeds), ratio, f"{peak:,.0f}"]
        print(f"| ({way}) {label} | " + " | ".join(cells) + " |")
    print()


def _search(beams: int) -> str:
    return "greedy" if beams == 1 else f"beam {beams}"


def _measured(way: str, name: str, place: Path, beams: int, texts: int) -> dict[str, float]:
    """One way in a process of its own."""
    command = [
        sys.executable,
        __file__,
        "--texts",
        str(texts),
        "--one",
        way,
        name,
        str(place),
        str(beams),
    ]
    environment = {
        **os.environ,
        "PIVOT_SUM_MODELS": str(place / "converted"),
        "HF_HUB_OFFLINE": "1",
    }
    environment.pop("OMP_NUM_THREADS", None)
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"({way}) failed:\n{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def _one(way: str, name: str, place: str, beams: str, *, number: int) -> None:
    shape = SHAPES[name]
    seconds, tokens = WAYS[way][1](
        Path(place) / "model",
        shape,
        make_texts(shape, number),
        int(beams),
        Path(place) / "converted",
    )
    # Not getrusage, which counts what the process was forked from: the one that made the model.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps({"speed": tokens / seconds, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1:])
