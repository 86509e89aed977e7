"""How fast scores are made, and what the extra `fast` changes: `python benchmarks/scoring.py
[--samples 499]`.

Over summaries made from the demo's references (three references each, words lost, doubled and moved
in the hypotheses; no two texts alike, so that nothing is remembered) it prints, in Markdown, the
seconds of `rouge-score` and of `rouge-score-rs` (the extra `fast`, which it needs) on the same
tokens, how many times as long the first takes, in how many values the two differ, what importing
each costs, and the seconds of the whole commands `score` and `compare` with the one and the other.
Seconds are of processor time, so that other work on the machine counts little.
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
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path

import rouge_score_rs
from rouge_score import rouge_scorer

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring import TOKENIZERS, Rouge, load_tokenizer
from pivot_sum.scoring.rouge import ROUGES
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
    print("| tokenizer | cutting, s | rouge-score, s | fast, s | ratio | values | different |")
    print("|---|---|---|---|---|---|---|")
    for name in asked.tokenizers.split(","):
        try:
            print(f"| {name} |", " | ".join(row(name, *texts[name == ENGLISH])), "|", flush=True)
        except TokenizerMissing as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    fast, plain = imported("rouge_score_rs"), imported("rouge_score.rouge_scorer")
    print(f"\nimporting rouge_score_rs: {fast:.2f} s; rouge_score: {plain:.2f} s\n")
    print("| command (mecab-ko, whole and raw) | rouge-score, s | fast, s | ratio |")
    print("|---|---|---|---|")
    for name in ("score", "compare"):
        plain, fast = (command(name, *texts[False], fast=fast) for fast in (False, True))
        print(f"| `{name}` | {plain:.2f} | {fast:.2f} | {plain / fast:.1f} |", flush=True)


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
    """The cells of one tokenizer. Both libraries are given tokens that are cut already."""
    tokenizer = load_tokenizer(name)
    pairs = [
        (reference, text)
        for text, known in zip(hypotheses, references, strict=True)
        for reference in known
    ]
    cutting, plain, fast = [], [], []
    for _ in range(ROUNDS):
        rouge = Rouge(tokenizer)
        cutting.append(seconds(lambda cut=rouge.tokenize: [*map(cut, sum(pairs, ()))]))
        scorers = [
            library.RougeScorer(list(ROUGES), tokenizer=rouge)
            for library in (rouge_scorer, rouge_score_rs)
        ]
        for times, scorer in zip((plain, fast), scorers, strict=True):
            times.append(seconds(lambda one=scorer: [one.score(*pair) for pair in pairs]))
    values = [
        tuple(scorer.score(*pair)[part].fmeasure for scorer in scorers)
        for pair in pairs
        for part in ROUGES
    ]
    different = sum(one != other for one, other in values)
    medians = [statistics.median(times) for times in (cutting, plain, fast)]
    ratio = f"{medians[1] / medians[2]:.0f}" if medians[2] else "-"
    return [*(f"{value:.3f}" for value in medians), ratio, f"{len(values):,}", f"{different:,}"]


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


def command(
    name: str, hypotheses: list[str], references: list[tuple[str, ...]], *, fast: bool
) -> float:
    """The median seconds of a whole command over these texts, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data.csv")
        write(
            data,
            ("fname", "dialogue", "summary1", "summary2", "summary3"),
            [(f"d{at}", "#Person1#: 네.", *known) for at, known in enumerate(references)],
        )
        files = [str(Path(folder, file)) for file in ("one.csv", "two.csv")]
        for file, texts in zip(files, (hypotheses, hypotheses[::-1]), strict=True):
            write(
                Path(file),
                ("fname", "summary"),
                [(f"d{at}", text) for at, text in enumerate(texts)],
            )
        if not fast:  # found before the installed one, so that the program does without it
            Path(folder, "rouge_score_rs.py").write_text("raise ImportError\n", encoding="utf-8")
        words = [sys.executable, "-m", "pivot_sum", name, *files[: 1 + (name == "compare")]]
        environment = os.environ | {"PYTHONPATH": folder}
        return statistics.median(
            seconds(
                lambda: subprocess.run(
                    [*words, "--data", str(data)],
                    cwd=ROOT,
                    capture_output=True,
                    check=True,
                    env=environment,
                )
            )
            for _ in range(ROUNDS)
        )


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


if __name__ == "__main__":
    main()
