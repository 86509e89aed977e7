"""How many changed values the value ledger catches, and how often it is wrong about correct texts:
`python benchmarks/value_ledger.py [--data FILE] [--half even|odd|all]`.

Takes correct translations of turns and correct summaries (the shipped held-out dialogues, or an
aligned JSONL file as in benchmarks/guards.py), changes one value in each in every way of
benchmarks/value_faults.py, and counts. Patterns and rules were chosen on the dialogues with an even
id; report the odd ones. Exits 1 where fewer than 95 % of the changes are caught or more than 1 %
of the correct texts are flagged. Needs no model.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from value_faults import FAULTS

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.stages.ledgers.values_changes import changed, unsupported
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.ledgers.values_repair import with_numbers_repaired
from pivot_sum.stages.text.placeholders import count
from pivot_sum.stages.text.segmentation import split

CAUGHT, ALARMS = 0.95, 0.01
"""What has to be caught at least, and flagged at most."""


class Pair(NamedTuple):
    """A text, the one it is compared with, and their languages; the same for a summary."""

    id: str
    before: str
    after: str
    source: str
    target: str

    @property
    def kind(self) -> str:
        """Which column of the tables it belongs to."""
        if self.source == self.target:
            return f"summary {self.target}"
        return f"{self.source} → {self.target}"

    def flagged(self, after: str) -> bool:
        """Whether the ledger objects to a text in the place of the second."""
        if self.source == self.target:
            return bool(unsupported(after, self.before, self.target))
        return bool(changed(self.before, after, self.source, self.target))


def read_pairs(file: Path, half: str) -> list[Pair]:
    """Turns with their translations, where both hold the same placeholders, in both directions; and
    summaries with their dialogues in both languages; each once."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in rows if half == "all" or _is_odd(row["fname"]) == (half == "odd")]
    return list(dict.fromkeys(pair for row in kept for pair in _pairs(row)))


def _is_odd(name: str) -> bool:
    return bool(int(re.findall("[0-9]+", name)[-1]) % 2)


def _pairs(row: dict[str, Any]) -> Iterator[Pair]:
    name = str(row["fname"])
    korean, english = str(row.get("dialogue_ko", row.get("dialogue"))), str(row["dialogue_en"])
    theirs, ours = split(korean, "turn", "ko").units, split(english, "turn", "en").units
    if len(theirs) == len(ours):
        for ko, en in zip(theirs, ours, strict=True):
            if count(ko) == count(en):
                yield Pair(name, ko, en, "ko", "en")
                yield Pair(name, en, ko, "en", "ko")
    for key, value in row.items():
        if re.fullmatch("summary(_ko|[0-9]*)", key):
            yield Pair(name, korean, str(value), "ko", "ko")
        elif re.fullmatch("summar(ies|y)_en", key):
            for summary in [value] if isinstance(value, str) else value:
                yield Pair(name, english, str(summary), "en", "en")


KINDS = ("ko → en", "en → ko", "summary en", "summary ko")


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the goals are reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data", type=Path, default=DEMO_FILE, help="aligned JSONL (default: the shipped file)"
    )
    parser.add_argument("--half", choices=("even", "odd", "all"), default="all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--flags", action="store_true", help="print the correct texts flagged")
    parser.add_argument("--missed", action="store_true", help="print the changes not caught")
    options = parser.parse_args(arguments)
    pairs = read_pairs(options.data, options.half)
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()},"
        f" Python {platform.python_version()}; {options.data.name}, half {options.half},"
        f" seed {options.seed}.\n"
    )
    alarms = _alarms(pairs, options.flags)
    caught = _caught(pairs, options.seed, options.missed)
    reached = caught >= CAUGHT and alarms <= ALARMS
    print(
        f"\nGoals ({CAUGHT:.0%} caught, {ALARMS:.0%} flagged): {'reached' if reached else 'missed'}"
    )
    return 0 if reached else 1


def _alarms(pairs: Sequence[Pair], show: bool) -> float:
    """Prints how many correct texts are flagged; the share of all."""
    texts: Counter[str] = Counter()
    holding: Counter[str] = Counter()
    flagged: Counter[str] = Counter()
    for pair in pairs:
        values = (*read_values(pair.before, pair.source), *read_values(pair.after, pair.target))
        if pair.source == pair.target:
            values = read_values(pair.after, pair.target)
        texts[pair.kind] += 1
        holding[pair.kind] += any(value.certain for value in values)
        if pair.flagged(pair.after):
            flagged[pair.kind] += 1
            if show:
                print(f"{pair.id} {pair.kind}\n    {pair.before!r}\n    {pair.after!r}")
    print("| correct texts | all | with values | flagged | of all | of those with values |")
    print("|---|---|---|---|---|---|")
    for kind in KINDS:
        print(
            f"| {kind} | {texts[kind]:,} | {holding[kind]:,} | {flagged[kind]} |"
            f" {_percent(flagged[kind], texts[kind])} | {_percent(flagged[kind], holding[kind])} |"
        )
    return max(flagged[kind] / max(texts[kind], 1) for kind in KINDS)


def _caught(pairs: Sequence[Pair], seed: int, show: bool) -> float:
    """Prints how many changes are caught; the share of all."""
    print("\n| change | injected | " + " | ".join(KINDS) + " | all |")
    print("|---|---|" + "---|" * (len(KINDS) + 1))
    total = found = 0
    repaired: Counter[bool] = Counter()
    for fault in FAULTS:
        rng = random.Random(f"{seed} {fault.name}")
        injected: Counter[str] = Counter()
        caught: Counter[str] = Counter()
        for pair in pairs:
            if pair.source == pair.target and not fault.in_summaries:
                continue
            new = fault.inject(pair.after, pair.target, pair.before, rng)
            if new is None or new == pair.after or pair.flagged(pair.after):
                continue
            injected[pair.kind] += 1
            if pair.flagged(new):
                caught[pair.kind] += 1
                if (right := _repaired(pair, new)) is not None:
                    repaired[right] += 1
            elif show:
                print(f"{fault.name}, {pair.kind}\n    {pair.before!r}\n    {new!r}")
        cells = " | ".join(_percent(caught[kind], injected[kind]) for kind in KINDS)
        print(
            f"| {fault.name} | {injected.total():,} | {cells} |"
            f" {_percent(caught.total(), injected.total())} |"
        )
        total, found = total + injected.total(), found + caught.total()
    print(f"\nAll changes: {found:,} of {total:,} caught, {_percent(found, total)} %.")
    print(
        f"Repaired of those in translations: {repaired.total():,}, {repaired[True]:,} of them to"
        f" what stood there ({_percent(repaired[True], repaired.total())} %)."
    )
    return found / max(total, 1)


def _repaired(pair: Pair, new: str) -> bool | None:
    """Whether a repair brings the values of the correct text back; None where nothing is
    repaired."""
    if pair.source == pair.target:
        return None
    text, places = with_numbers_repaired(pair.before, new, pair.source, pair.target)
    if not places:
        return None
    now, right = (read_values(each, pair.target) for each in (text, pair.after))
    return [value[:3] for value in now] == [value[:3] for value in right]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
