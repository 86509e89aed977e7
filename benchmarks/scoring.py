"""How fast scores are made, and whether others find the same: `python benchmarks/scoring.py
[--samples 499]`.

Over summaries made from the demo's references (three references each, words lost, doubled and moved
in the hypotheses; no two texts alike, so that nothing is remembered) it prints, in Markdown, the
seconds of our scorer and of `rouge_score` on the same tokens, in how many figures the two differ,
what importing each costs, and the seconds of the whole command `pivot-sum score`. Seconds are of
processor time, so that other work on the machine counts little. It needs rouge_score, which
pivot-sum itself does not.
"""

from __future__ import annotations

import argparse
import csv
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring import METRICS, TOKENIZERS, Scorer, load_tokenizer
from pivot_sum.scoring.tokenizers import ENGLISH

ROUNDS = 3
ROOT = Path(__file__).parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=499)
    parser.add_argument(
        "--tokenizers", default=",".join(TOKENIZERS), help="separated by commas; default: all"
    )
    asked = parser.parse_args()
    texts = {english: made_up(asked.samples, english) for english in (False, True)}
    versions = f"rouge-score-rs {version('rouge-score-rs')}, rouge_score {version('rouge-score')}"
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}"
    )
    print(
        f"{versions}; {asked.samples:,} samples with 3 references (English: 1), processor time,"
        f" medians of {ROUNDS}.\n"
    )
    print(
        "| tokenizer | cutting, s | figures: ours, s | rouge_score, s | figures | of them"
        " different |"
    )
    print("|---|---|---|---|---|---|")
    for name in asked.tokenizers.split(","):
        try:
            print(f"| {name} |", " | ".join(row(name, *texts[name == ENGLISH])), "|", flush=True)
        except TokenizerMissing as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    ours, theirs = imported("rouge_score_rs"), imported("rouge_score.rouge_scorer")
    print(f"\nimporting rouge_score_rs: {ours:.2f} s; rouge_score: {theirs:.2f} s")
    print(
        "the whole command `pivot-sum score` with mecab, whole and raw:"
        f" {command(*texts[False]):.2f} s"
    )


def made_up(number: int, english: bool) -> tuple[list[str], list[tuple[str, ...]]]:
    """Hypotheses and references that differ as those of a fair system do."""
    draw = random.Random(1)
    demo = read_samples(DEMO_FILE)
    hypotheses, references = [], []
    for index in range(number):
        sample = demo[index % len(demo)]
        known = (str(sample.english_summary),) if english else sample.references
        mark = f" ({index} times)" if english else f" ({index}번)"
        words = draw.choice(known).split()
        kept = [word for word in words for _ in range(draw.choice([0, 1, 1, 1, 1, 1, 1, 2]))]
        place = draw.randrange(len(kept) + 1)
        hypotheses.append(" ".join(kept[place:] + kept[:place]) + mark)
        references.append(tuple(reference + mark for reference in known))
    return hypotheses, references


def row(name: str, hypotheses: list[str], references: list[tuple[str, ...]]) -> list[str]:
    """The cells of one tokenizer. Both scorers are given tokens that are cut already."""
    tokenizer = load_tokenizer(name)
    cutting, scoring, theirs = [], [], []
    for _ in range(ROUNDS):
        scorer = Scorer(tokenizer)
        cutting.append(
            seconds(
                lambda scorer=scorer: [
                    scorer.tokenize(text) for text in [*hypotheses, *sum(references, ())]
                ]
            )
        )
        scoring.append(seconds(lambda scorer=scorer: scorer.score(hypotheses, references)))
        peer = RougeScorer(list(METRICS), tokenizer=scorer)
        pairs = [
            (text, reference)
            for text, known in zip(hypotheses, references, strict=True)
            for reference in known
        ]
        theirs.append(
            seconds(
                lambda peer=peer, pairs=pairs: [
                    peer.score(reference, text) for text, reference in pairs
                ]
            )
        )
    figures = [
        (getattr(scorer.pair(text, reference), metric), found[metric].fmeasure)
        for text, reference in pairs
        for found in [peer.score(reference, text)]
        for metric in METRICS
    ]
    different = sum(ours != other for ours, other in figures)
    medians = [f"{statistics.median(times):.3f}" for times in (cutting, scoring, theirs)]
    return [*medians, f"{len(figures):,}", f"{different:,}"]


def seconds(work: Callable[[], object]) -> float:
    """The processor time that some work takes, in this process and in those it started."""
    start = os.times()
    work()
    end = os.times()
    return sum(end[:4]) - sum(start[:4])


def imported(module: str) -> float:
    """The median seconds that importing a module takes in a fresh process."""
    code = (
        f"import time; start = time.process_time(); import {module}; print(time.process_time() -"
        " start)"
    )
    runs = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(ROUNDS)
    ]
    return statistics.median(float(run.stdout) for run in runs)


def command(hypotheses: list[str], references: list[tuple[str, ...]]) -> float:
    """The median seconds of the whole command, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        data, predictions = Path(folder, "data.csv"), Path(folder, "predictions.csv")
        with data.open("w", encoding="utf-8", newline="") as file:
            rows = [
                (f"d{index}", "#Person1#: 네.", *known) for index, known in enumerate(references)
            ]
            csv.writer(file).writerows(
                [("fname", "dialogue", "summary1", "summary2", "summary3"), *rows]
            )
        with predictions.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(
                [
                    ("fname", "summary"),
                    *((f"d{index}", text) for index, text in enumerate(hypotheses)),
                ]
            )
        words = [sys.executable, "-m", "pivot_sum", "score", str(predictions), "--data", str(data)]
        return statistics.median(
            seconds(lambda: subprocess.run(words, cwd=ROOT, capture_output=True, check=True))
            for _ in range(ROUNDS)
        )


if __name__ == "__main__":
    main()
