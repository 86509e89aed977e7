"""What a metric gives for no work: `python benchmarks/baselines.py DATA [--tokenizers
mecab,kiwi,...]`.

Scores the baselines (a constant, first turn, first three turns, longest turn) against the
references of a data file, under each tokenizer that can be had here, with placeholders whole and
raw, and beside them `rouge_score` with its own tokenizer. Prints the table of docs/scoring.md in
Markdown: scores only, no text of the data.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from pivot_sum.data.samples import read_samples
from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring import (
    TOKENIZERS,
    WAYS,
    Rouge,
    RougeF1,
    baselines,
    load_tokenizer,
    measure,
)
from pivot_sum.scoring.rouge import ROUGES
from pivot_sum.scoring.tokenizers import ENGLISH

KOREAN = tuple(name for name in TOKENIZERS if name != ENGLISH)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument(
        "--tokenizers",
        default=",".join(KOREAN),
        help="separated by commas; default: all for Korean",
    )
    asked = parser.parse_args()
    samples = read_samples(asked.data)
    references = [sample.references for sample in samples]
    texts = baselines(samples)

    count = (
        f"{len(samples):,} samples, references a sample:"
        f" {sum(map(len, references)) / len(samples):.3g}"
    )
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}; {count}.\n"
    )
    print("| tokenizer | placeholders |", " | ".join(texts), "|")
    print("|---|---|" + "---|" * len(texts))
    signatures = []
    for name in asked.tokenizers.split(","):
        try:
            tokenizer = load_tokenizer(name)
        except TokenizerMissing as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
            continue
        for way in WAYS:
            rouge = Rouge(tokenizer, way)
            scores = {
                baseline: measure(rouge, hypotheses, references)
                for baseline, hypotheses in texts.items()
            }
            print(
                f"| {name} | {way} |",
                " | ".join(shown(each.means) for each in scores.values()),
                "|",
                flush=True,
            )
            signatures.append(scores["constant"].signature)
    print(
        "| `rouge_score`'s own | |",
        " | ".join(shown(unfit(hypotheses, references)) for hypotheses in texts.values()),
        "|",
    )
    print("\nEach cell: final (ROUGE-1 / ROUGE-2 / ROUGE-L), F1 × 100.\n")
    print("\n".join(f"    {signature}" for signature in signatures))


def shown(points: Mapping[str, float]) -> str:
    """`10.78 (14.5 / 4.6 / 13.2)`."""
    return f"{points['final']:.2f} ({' / '.join(f'{points[part]:.1f}' for part in ROUGES)})"


def unfit(hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """What comes of rouge_score as it is, which drops every Hangul syllable."""
    from rouge_score.rouge_scorer import RougeScorer

    scorer = RougeScorer(list(ROUGES))
    columns: dict[str, list[float]] = {metric: [] for metric in ROUGES}
    for hypothesis, known in zip(hypotheses, references, strict=True):
        found = [scorer.score(reference, hypothesis) for reference in known]
        for metric, column in columns.items():
            column.append(math.fsum(each[metric].fmeasure for each in found) / len(found))
    return RougeF1(*(math.fsum(column) / len(column) for column in columns.values())).points


if __name__ == "__main__":
    main()
