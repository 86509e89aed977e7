"""Precision and recall of each guard on labelled pairs, tuning and test sets apart:
`python benchmarks/guards_pairs.py [--data FILE --half tune|test]`.

Without a file: on the pairs of tests/golden/guard_pairs.jsonl, written for this purpose. With an
aligned JSONL file (see benchmarks/guards.py): false alarms and injected faults on one half of its
dialogues. Both are split by the SHA-256 of the source text or the id, so that a new pair never
moves an old one to the other half. Thresholds are chosen on `tune` only. Needs no model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from guards import percent, print_tables, read_pairs

from pivot_sum.stages.guards.checks import GUARDS, SummaryGuards, TranslationGuards

PAIRS_FILE = Path(__file__).parent.parent / "tests" / "golden" / "guard_pairs.jsonl"

Half = Literal["tune", "test"]
HALVES: tuple[Half, ...] = get_args(Half)


class Labelled(NamedTuple):
    """An answer, what it answers, and which flags are right.

    `direction`: `ko-en`, `en-ko`, or the language of a summary. `flags` have to be raised; `may`
    are right as well, because what is wrong can be seen in more than one way.
    """

    direction: str
    source: str
    answer: str
    flags: tuple[str, ...]
    may: tuple[str, ...] = ()

    @property
    def half(self) -> Half:
        """All answers to one source are in the same half."""
        return half_of(self.source)


class Counts(NamedTuple):
    """How often a guard was right (`hits`), raised its flag wrongly, or missed a fault."""

    hits: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.wrong) if self.hits else 0.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits else 0.0


def half_of(key: str) -> Half:
    """Which half a text or an id is in."""
    return HALVES[hashlib.sha256(key.encode()).digest()[0] % 2]


def labelled_pairs(file: Path = PAIRS_FILE) -> list[Labelled]:
    """The pairs of a file, in order."""
    rows = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [
        Labelled(
            row["direction"],
            row["source"],
            row["answer"],
            tuple(row["flags"]),
            tuple(row.get("may", ())),
        )
        for row in rows
    ]


def raised(pair: Labelled) -> list[str]:
    """The flags the guards raise, under the defaults."""
    source, _, target = pair.direction.partition("-")
    if target:
        return TranslationGuards().flags_of(pair.source, pair.answer, source, target)
    return SummaryGuards().flags_of(pair.source, pair.answer, source)


def counts(pairs: Iterable[Labelled]) -> dict[str, Counts]:
    """Hits, wrong flags and missed faults of each guard."""
    hits: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for pair in pairs:
        found = set(raised(pair))
        hits.update(found & set(pair.flags))
        wrong.update(found - set(pair.flags) - set(pair.may))
        missed.update(set(pair.flags) - found)
    return {guard: Counts(hits[guard], wrong[guard], missed[guard]) for guard in GUARDS}


def print_pairs(pairs: Sequence[Labelled]) -> None:
    """The table of precision and recall, a column a half, and how many right answers are
    flagged."""
    halves = {half: [pair for pair in pairs if pair.half == half] for half in HALVES}
    found = {half: counts(halves[half]) for half in HALVES}
    print(
        "| guard | "
        + " | ".join(f"precision, {half} ({len(halves[half])}) | recall, {half}" for half in HALVES)
        + " |"
    )
    print("|---|" + "---|---|" * len(HALVES))
    for guard in GUARDS:
        cells = [
            f"{_share(c.hits, c.hits + c.wrong)} | {_share(c.hits, c.hits + c.missed)}"
            for c in (found[half][guard] for half in HALVES)
        ]
        print(f"| {guard} | " + " | ".join(cells) + " |")
    for half in HALVES:
        right = [pair for pair in halves[half] if not pair.flags]
        flagged = sum(bool(raised(pair)) for pair in right)
        print(f"\nRight answers flagged, {half}: {flagged} of {len(right)}.")


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {percent(part, whole)} %" if whole else "–"


def print_errors(pairs: Iterable[Labelled]) -> None:
    """Each pair of the tuning half that is judged wrongly; those of the test half are not for
    looking at."""
    for pair in pairs:
        found = set(raised(pair))
        wrong, missed = found - set(pair.flags) - set(pair.may), set(pair.flags) - found
        if pair.half == "tune" and (wrong or missed):
            print(f"{pair.direction}  wrong: {sorted(wrong)}  missed: {sorted(missed)}")
            print(f"    {pair.source!r}\n    {pair.answer!r}")


def print_half(file: Path, half: Half, seed: int) -> None:
    """The tables of benchmarks/guards.py for one half of a file's dialogues."""
    lines = [
        line
        for line in file.read_text(encoding="utf-8").splitlines()
        if half_of(str(json.loads(line)["fname"])) == half
    ]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / file.name
        part.write_text("\n".join(lines), encoding="utf-8")
        pairs = read_pairs(part)
    print(f"Half `{half}`: {len(lines)} dialogues.\n")
    print_tables(pairs, seed)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="aligned JSONL instead of the written pairs")
    parser.add_argument("--half", choices=HALVES, default="test", help="which half of --data")
    parser.add_argument("--errors", action="store_true", help="show what is wrong in the half tune")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}.\n"
    )
    if options.data:
        print_half(options.data, options.half, options.seed)
    else:
        print_pairs(labelled_pairs())
        if options.errors:
            print_errors(labelled_pairs())


if __name__ == "__main__":
    main(sys.argv[1:])
