"""How good the shipped demo models are on the shipped held-out dialogues: `python
benchmarks/demo_quality.py`.

Prints the tables of the README in Markdown: chrF of both translation directions through the stages
the recipe uses, what became of the placeholders, and five pivot summaries beside their first
reference: the worst, then those at 1/16, 1/8, 1/4 and 1/2 of the way up. Needs sacrebleu (`pip
install -e ".[test]"`).
"""

from __future__ import annotations

import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sacrebleu.metrics import CHRF

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.recipes.recipe import Step, load_recipe
from pivot_sum.running.execute import Request, execute
from pivot_sum.stages.base import answers_of
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.text.placeholders import count
from pivot_sum.stages.text.segmentation import split


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    samples = read_samples(DEMO_FILE)
    steps = {step.name: step for step in load_recipe("demo-pivot").steps}
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}.\n"
    )
    print(
        "| direction | turns | chrF | exact | placeholders kept | as they are"
        " |\n|---|---|---|---|---|---|"
    )
    korean = [unit for sample in samples for unit in split(sample.dialogue, "turn", "ko").units]
    english = [
        unit
        for sample in samples
        for unit in split(sample.english_dialogue or "", "turn", "en").units
    ]
    print_direction("Korean → English", steps["to-english"], korean, english)
    print_direction("English → Korean", steps["to-korean"], english, korean)
    with tempfile.TemporaryDirectory() as folder:
        finished = execute(
            Request("demo-pivot", cache=Path(folder) / "cache.sqlite3", out=Path(folder) / "run")
        )
        summaries = finished.summaries
    print_summaries(samples, [summaries[sample.id] for sample in samples])


def print_direction(
    label: str, step: Step, sources: Sequence[str], references: Sequence[str]
) -> None:
    """One row of the table of translations."""
    answers = answers_of(step.stage, sources, Budget())
    outputs = [answer.text for answer in answers]
    chrf = CHRF().corpus_score(outputs, [list(references)]).score
    exact = sum(
        output == reference for output, reference in zip(outputs, references, strict=True)
    ) / len(sources)
    with_placeholders = [
        (source, answer) for source, answer in zip(sources, answers, strict=True) if count(source)
    ]
    kept = sum(count(source) == count(answer.text) for source, answer in with_placeholders)
    rungs = Counter(answer.note.get("rung") for _, answer in with_placeholders)
    total = len(with_placeholders)
    print(
        f"| {label} | {len(sources)} | {chrf:.1f} | {exact:.1%} | {kept} of {total} |"
        f" {rungs['as-is']} of {total} |"
    )


def print_summaries(samples: Sequence[Sample], summaries: Sequence[str]) -> None:
    """The share of exact summaries, and five of them from the worse half, the worst first."""
    metric = CHRF()
    scored = sorted(
        (
            metric.sentence_score(summary, list(sample.references)).score,
            sample.id,
            summary,
            sample.references[0],
        )
        for sample, summary in zip(samples, summaries, strict=True)
    )
    exact = sum(
        summary in sample.references for sample, summary in zip(samples, summaries, strict=True)
    )
    mean = sum(score for score, *_ in scored) / len(scored)
    print(
        f"\nPivot summaries: {exact} of {len(samples)} equal a reference word for word; mean chrF"
        f" {mean:.1f}.\n"
    )
    print("| id | chrF | pivot summary | first reference |\n|---|---|---|---|")
    for place in (0, len(scored) // 16, len(scored) // 8, len(scored) // 4, len(scored) // 2):
        score, id_, summary, reference = scored[place]
        print(f"| {id_} | {score:.0f} | {summary} | {reference} |")


if __name__ == "__main__":
    main(sys.argv[1:])
