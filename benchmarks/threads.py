"""How the cores are best shared out, and how large a batch should be: `python benchmarks/threads.py
[nllb|bart] [--texts N]`.

CTranslate2 alone, int8, beam 4, on a full-size architecture with random weights and answers of a
forced length: several workers with a thread each, or one with all of them, for batches of several
sizes. The settings take turns; prints tokens of the best hypothesis per second, the median of the
rounds with the lowest and the highest, in Markdown.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import ctranslate2
from shapes import CORES, SHAPES, Shape, make_model, make_texts, target_prefix
from tokenizers import Tokenizer

from pivot_sum.stages.engines.conversion import converted
from pivot_sum.stages.models.hub import fetch

BATCHES = (4, 8, 16, 32)


def speed(
    translator: Any, rows: Sequence[list[str]], shape: Shape, batch: int, prefix: list[str] | None
) -> float:
    """Tokens per second."""
    start = time.perf_counter()
    translator.translate_batch(
        rows,
        target_prefix=[prefix] * len(rows) if prefix else None,
        max_batch_size=batch,
        beam_size=4,
        patience=2,
        max_decoding_length=shape.answer,
        min_decoding_length=shape.answer,
    )
    return len(rows) * shape.answer / (time.perf_counter() - start)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("shapes", nargs="*", help=f"of {', '.join(SHAPES)}; default: all")
    parser.add_argument("--texts", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args(arguments)
    print(
        f"{date.today()}, {CORES} cores, {platform.machine()}, Python {platform.python_version()},"
        f" {asked.rounds} rounds\n"
    )
    shared = list(dict.fromkeys([(1, CORES), (CORES, 1)]))
    for name in asked.shapes or SHAPES:
        shape = SHAPES[name]
        with tempfile.TemporaryDirectory() as place:
            os.environ["PIVOT_SUM_MODELS"] = place + "/converted"
            make_model(shape, Path(place, "model"))
            kept = str(converted(Path(place, "model"), place + "/model", "main", "int8"))
            tokenizer = Tokenizer.from_file(str(fetch(shape.borrowed, "main") / "tokenizer.json"))
            rows = [
                [str(number) for number in tokenizer.encode(text).ids]
                for text in make_texts(shape, asked.texts)
            ]
            prefix = target_prefix(shape, tokenizer)
            found: dict[tuple[int, tuple[int, int]], list[float]] = {
                (batch, way): [] for batch in BATCHES for way in shared
            }
            for _ in range(asked.rounds):
                for workers, threads in shared:
                    translator = ctranslate2.Translator(
                        kept,
                        compute_type="int8_float32",
                        inter_threads=workers,
                        intra_threads=threads,
                    )
                    speed(translator, rows[: 2 * workers], shape, 1, prefix)
                    for batch in BATCHES:
                        found[batch, (workers, threads)].append(
                            speed(translator, rows, shape, batch, prefix)
                        )
        names = [
            f"{workers} worker{'s' * (workers > 1)} × {threads} thread{'s' * (threads > 1)}"
            for workers, threads in shared
        ]
        print(
            f"{shape.name}, beam 4, tok/s\n\n| texts a batch | {' | '.join(names)}"
            f" |\n|--:|{'--:|' * len(shared)}"
        )
        for batch in BATCHES:
            speeds = [found[batch, way] for way in shared]
            cells = [f"{median(each):.1f} ({min(each):.1f} to {max(each):.1f})" for each in speeds]
            print(f"| {batch} | {' | '.join(cells)} |", flush=True)
        print()


if __name__ == "__main__":
    main(sys.argv[1:])
