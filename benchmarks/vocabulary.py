"""What `vocabulary: ko-en` brings and changes: `python benchmarks/vocabulary.py COMMAND ...`.

- `speed [--kept N ...] [--texts N] [--rounds R]`: NLLB-200-distilled-600M's shape with random
  weights in CTranslate2, int8, as many workers as cores, tokens prepared beforehand, answers of a
  forced length: all 256,206 tokens, lists of N of them, and a model that has but the fewest, which
  it was given before it was converted. Each way in a process of its own, by turns. Prints tokens of
  the best hypothesis per second, the way as a multiple of the whole vocabulary by the clock and by
  the time of the processors (steadier beside other work), and memory.
- `answers DATA ... [--texts N]`: the share of answers that change. The demo translator answers the
  turns of DATA with both vocabularies, greedy and with beams; so do small checkpoints of
  multilingual architectures with random weights, which take any token as soon as another: the
  worst case.
- `pieces FILE ...`: how many pieces of a tokenizer (`tokenizer.json`, or a sentencepiece model) an
  answer can need, and why the others are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from batch_independence import FIRST
from checkpoints import ENGLISH, FOREIGN, KOREAN, make_nllb
from checkpoints_families import make_m2m100, make_mbart50
from shapes import CORES, SHAPES, make_model, make_texts, target_prefix

from pivot_sum.data.samples import read_samples
from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.conversion import converted
from pivot_sum.stages.engines.korean_english import LIST, can_need, read_list, write_list
from pivot_sum.stages.models.hub import fetch
from pivot_sum.stages.text.segmentation import split

SHAPE = SHAPES["nllb"]
WHOLE = SHAPE.config["vocab_size"]
KEPT = (60_000, 120_000)
"""Lengths of lists."""

LINES = KOREAN + ENGLISH + FOREIGN
SMALL = {"nllb": make_nllb, "mbart50": make_mbart50, "m2m100": make_m2m100}


# Speed and memory


class Measured(NamedTuple):
    """One way of answering, once: seconds by the clock and of the processors, megabytes."""

    clock: float
    processors: float
    loaded: float
    peak: float


def measure(folder: Path, beams: int, number: int) -> Measured:
    """Answer the texts with the list, where the folder has one; in a process of its own."""
    import ctranslate2
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(fetch(SHAPE.borrowed, "main") / "tokenizer.json"))
    texts = make_texts(SHAPE, number)
    rows = [[str(token) for token in tokenizer.encode(text).ids] for text in texts]
    translator = ctranslate2.Translator(
        str(folder), compute_type="int8_float32", inter_threads=CORES, intra_threads=1
    )
    pages = int(Path("/proc/self/statm").read_text().split()[1])

    def answer(some: Sequence[list[str]], length: int) -> None:
        translator.translate_batch(
            some,
            target_prefix=[target_prefix(SHAPE, tokenizer)] * len(some),
            max_batch_size=max(1, min(SHAPE.batch, len(some) // CORES)),
            beam_size=beams,
            patience=2 if beams > 1 else 1,
            max_decoding_length=length,
            min_decoding_length=length,
            use_vmap=(folder / LIST).exists(),
        )

    answer(rows[: 2 * CORES], 2)
    clock, processors = time.perf_counter(), time.process_time()
    answer(rows, SHAPE.answer)
    return Measured(
        time.perf_counter() - clock,
        time.process_time() - processors,
        pages * resource.getpagesize() / 2**20,
        _peak(),
    )


def _peak() -> float:
    """The most memory this process held; `getrusage` gives its parent's, where that is more."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024


def speed(kept: Sequence[int], number: int, rounds: int) -> None:
    """Measure each way by turns, and print the table."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["PIVOT_SUM_MODELS"] = place + "/converted"
        ways = {}
        for name, size in (("whole", WHOLE), ("trimmed", min(kept))):
            shape = SHAPE._replace(config=SHAPE.config | {"vocab_size": size})
            make_model(shape, Path(place, name))
            ways[f"a model of {size:,}"] = converted(
                Path(place, name), f"{place}/{name}", "main", "int8"
            )
        whole = next(iter(ways.values()))
        for size in kept:
            folder = Path(place, f"list-{size}")
            folder.mkdir()
            for file in whole.iterdir():
                os.link(file, folder / file.name)
            write_list(range(size), folder)
            ways[f"a list of {size:,}"] = folder
        print(
            "| beams | tokens | tok/s | is, by the clock | is, by the processors | loaded MB |"
            " peak MB |\n|--:|---|--:|--:|--:|--:|--:|"
        )
        for beams in (4, 1):
            found: dict[str, list[Measured]] = defaultdict(list)
            for _ in range(rounds):
                for name, folder in ways.items():
                    found[name].append(_in_process(folder, beams, number))
            first = next(iter(found.values()))
            for name, runs in found.items():
                tokens = number * SHAPE.answer / median(run.clock for run in runs)
                print(
                    f"| {beams} | {name} | {tokens:.0f} |"
                    f" {_ratios(first, runs, 'clock')} | {_ratios(first, runs, 'processors')} |"
                    f" {max(run.loaded for run in runs):,.0f} |"
                    f" {max(run.peak for run in runs):,.0f} |",
                    flush=True,
                )


def _in_process(folder: Path, beams: int, number: int) -> Measured:
    done = subprocess.run(
        [sys.executable, __file__, "measure", str(folder), str(beams), str(number)],
        capture_output=True,
        text=True,
        check=True,
    )
    return Measured(*json.loads(done.stdout))


def _ratios(first: Sequence[Measured], runs: Sequence[Measured], what: str) -> str:
    each = sorted(
        getattr(one, what) / getattr(run, what) for one, run in zip(first, runs, strict=True)
    )
    return f"{median(each):.2f} × ({each[0]:.2f} to {each[-1]:.2f})"


# Answers


def answers(data: Sequence[Path], number: int | None) -> None:
    """Count the answers that change, and print the table."""
    from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine

    units = [
        unit
        for file in data
        for sample in read_samples(file)
        for unit in split(sample.dialogue, "turn", "ko").units
    ]
    turns = list(dict.fromkeys(units))[:number]
    beyond = sum(not can_need(turn) for turn in turns)
    print(f"{beyond} of {len(turns):,} turns hold a character beyond Korean and English.\n")
    print(
        "| model | tokens | kept | beams | turns | need the whole | change |\n"
        "|---|--:|--:|--:|--:|--:|--:|"
    )
    with tempfile.TemporaryDirectory() as place:
        os.environ["PIVOT_SUM_MODELS"] = place + "/converted"
        models = {"demo translator": ("demo:translator", "nllb", len(turns))}
        for family, make in SMALL.items():
            folder = str(make(Path(place, family), lines=LINES))
            models[f"{family}, random weights"] = (folder, family, 500)
        for label, (model, family, most) in models.items():
            spec = EngineSpec(model, "main", "int8", "cpu", 0)
            engines = [CTranslate2Engine(spec)]
            engines.append(CTranslate2Engine(replace(spec, vocabulary="ko-en")))
            [folder] = Path(place, "converted").glob(f"*/{LIST}")
            kept = read_list(folder.parent)
            for beams in (1, 4):
                found = []
                for engine in engines:
                    if family == "nllb":
                        engine.tokenizer.src_lang = "kor_Hang"
                    rows = [
                        row for row in engine.encode(turns) if len(row) <= engine.max_positions
                    ][:most]
                    search = Search(beams, 96 if most > 500 else 24, 0, 1.0, 0, 1.0)
                    found.append(
                        engine.generate(
                            rows, search, batch_tokens=0, forced_bos_token=FIRST[family]
                        )
                    )
                changed = sum(a != b for a, b in zip(*found, strict=True))
                whole = sum(not kept.issuperset(row) for row in rows)
                print(
                    f"| {label} | {engines[0].config.vocab_size:,} | {len(kept):,} | {beams} |"
                    f" {len(rows):,} | {whole} | {changed} |",
                    flush=True,
                )
            folder.unlink()


# Pieces


def pieces(files: Sequence[Path]) -> None:
    """Count the pieces of each tokenizer, and print the table."""
    print(
        "| tokenizer | pieces | kept | kept of ASCII | most often left out |\n|---|--:|--:|--:|---|"
    )
    for file in files:
        texts = _pieces(file)
        kept = [text for text in texts if can_need(text)]
        scripts = Counter(
            next(_script(letter) for letter in text if not can_need(letter))
            for text in texts
            if not can_need(text)
        )
        named = ", ".join(f"{script} {count:,}" for script, count in scripts.most_common(5))
        print(
            f"| {file} | {len(texts):,} | {len(kept):,} ({len(kept) / len(texts):.0%}) |"
            f" {sum(map(str.isascii, kept)):,} | {named} |"
        )


def _pieces(file: Path) -> list[str]:
    """What each piece stands for."""
    if file.suffix == ".json":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(file))
        numbers = [[number] for number in range(tokenizer.get_vocab_size())]
        return tokenizer.decode_batch(numbers, skip_special_tokens=False)
    from sentencepiece import SentencePieceProcessor

    model = SentencePieceProcessor(model_file=str(file))
    return [model.IdToPiece(number).replace("▁", " ") for number in range(model.GetPieceSize())]


def _script(letter: str) -> str:
    """The first word of a character's name, which for letters is their script."""
    return unicodedata.name(letter, "unassigned").split()[0].capitalize()


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("speed")
    one.add_argument("--kept", type=int, nargs="*", default=list(KEPT))
    one.add_argument("--texts", type=int, default=64)
    one.add_argument("--rounds", type=int, default=2)
    one = commands.add_parser("answers")
    one.add_argument("data", type=Path, nargs="+")
    one.add_argument("--texts", type=int, help="the first turns only")
    commands.add_parser("pieces").add_argument("files", type=Path, nargs="+")
    one = commands.add_parser("measure", help="(what `speed` starts)")
    one.add_argument("folder", type=Path)
    one.add_argument("beams", type=int)
    one.add_argument("number", type=int)
    asked = parser.parse_args(arguments)
    if asked.command == "measure":
        print(json.dumps(measure(asked.folder, asked.beams, asked.number)))
        return
    print(
        f"{date.today()}, {CORES} cores, {platform.machine()}, Python {platform.python_version()}\n"
    )
    if asked.command == "speed":
        speed(asked.kept, asked.texts, asked.rounds)
    elif asked.command == "answers":
        answers(asked.data, asked.texts)
    else:
        pieces(asked.files)


if __name__ == "__main__":
    main(sys.argv[1:])
