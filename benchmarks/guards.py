"""How many faults the guards catch and how often they are wrong: `python benchmarks/guards.py
[--data FILE]`.

Takes correct translations and summaries (the shipped held-out dialogues, or an aligned JSONL file),
puts one fault of each kind into each, and counts. Prints the tables of docs/guards.md in Markdown.
Needs no model.

FILE holds one JSON object a line: `dialogue_ko` (or `dialogue`), `dialogue_en`, the summaries
`summary_ko` (or `summary1`, `summary2`, ...) and `summaries_en` (or `summary_en`). Dialogues whose
turns do not correspond are left out.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from guard_faults import FAULTS, OTHER_LANGUAGE, POOL, Pair, drops_turn

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.stages.guards.checks import GUARDS, SummaryGuards, TranslationGuards
from pivot_sum.stages.text.segmentation import split


def guards_of(pair: Pair) -> list[str]:
    """The flags of a pair, under the defaults."""
    if pair.task == "translate":
        return TranslationGuards().flags_of(
            pair.source, pair.output, pair.source_language, pair.target
        )
    return SummaryGuards().flags_of(pair.source, pair.output, pair.target)


def read_pairs(file: Path) -> list[Pair]:
    """Translations of turns and of whole dialogues in both directions, and summaries in both
    languages; each once."""
    pairs: dict[Pair, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        korean, english = row.get("dialogue_ko", row.get("dialogue")), row["dialogue_en"]
        turns = [split(korean, "turn", "ko").units, split(english, "turn", "en").units]
        if len(turns[0]) == len(turns[1]):
            for ko, en in [
                *zip(*turns, strict=True),
                ("\n".join(korean.splitlines()), "\n".join(english.splitlines())),
            ]:
                pairs |= {
                    Pair(ko, en, "ko", "en", "translate"): ko,
                    Pair(en, ko, "en", "ko", "translate"): en,
                }
        summaries_ko = [
            value
            for key, value in sorted(row.items())
            if key.startswith("summary") and not key.endswith("_en")
        ]
        summaries_en = row.get("summaries_en") or [row["summary_en"]]
        for summary in summaries_ko:
            pairs[Pair(korean, summary, "ko", "ko", "summarize")] = summaries_en[0]
        for summary in summaries_en:
            pairs[Pair(english, summary, "en", "en", "summarize")] = summaries_ko[0]
    OTHER_LANGUAGE.update(pairs)
    return list(pairs)


def percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "–"


def print_tables(pairs: Sequence[Pair], seed: int) -> None:
    """False alarms, and what is caught, for each of the four kinds of answer."""
    kinds = {
        ("translate", "ko", "en"): "ko → en",
        ("translate", "en", "ko"): "en → ko",
        ("summarize", "en", "en"): "summary en",
        ("summarize", "ko", "ko"): "summary ko",
    }
    for pair in pairs:
        POOL.setdefault((pair.task, pair.source_language, pair.target), []).append(pair)
    alarms: dict[object, Counter[str]] = {kind: Counter() for kind in kinds}
    for kind in kinds:
        for pair in POOL[kind]:
            flags = guards_of(pair)
            alarms[kind].update([*flags, "any"] if flags else [])
    print(
        "| false alarms of | "
        + " | ".join(f"{kinds[kind]} ({len(POOL[kind]):,})" for kind in kinds)
        + " |"
    )
    print("|---|" + "---|" * len(kinds))
    for name in (*GUARDS, "any"):
        shown = "any guard" if name == "any" else name
        print(
            f"| {shown} | "
            + " | ".join(percent(alarms[kind][name], len(POOL[kind])) for kind in kinds)
            + " |"
        )
    print(
        "\n| fault | guard meant | injected | "
        + " | ".join(kinds.values())
        + " | all | by the guard meant |"
    )
    print("|---|---|---|" + "---|" * (len(kinds) + 2))
    totals: Counter[str] = Counter()
    for label, fault, guard in FAULTS:
        rng = random.Random(f"{seed} {label}")
        injected: Counter[object] = Counter()
        caught: Counter[object] = Counter()
        for kind in kinds:
            for pair in POOL[kind]:
                if ("\n" in pair.output) != (fault is drops_turn):
                    continue  # whole dialogues are there for that one
                faulty = fault(pair, rng.choice(POOL[kind]), rng)
                if faulty is None or faulty == pair.output or not faulty.strip():
                    continue
                flags = guards_of(pair._replace(output=faulty))
                injected[kind] += 1
                caught[kind] += bool(flags)
                caught["meant"] += guard in flags
        whole, found = injected.total(), sum(caught[kind] for kind in kinds)
        totals.update(injected=whole, caught=found)
        cells = " | ".join(percent(caught[kind], injected[kind]) for kind in kinds)
        print(
            f"| {label} | {guard} | {whole:,} | {cells} | {percent(found, whole)} |"
            f" {percent(caught['meant'], whole)} |"
        )
    print(
        f"\nAll faults: {totals['caught']:,} of {totals['injected']:,} caught,"
        f" {percent(totals['caught'], totals['injected'])} %."
    )


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data",
        type=Path,
        default=DEMO_FILE,
        help="aligned JSONL (default: the shipped held-out dialogues)",
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}; {options.data.name}, seed {options.seed}; "
        "caught and false alarms in percent.\n"
    )
    print_tables(read_pairs(options.data), options.seed)


if __name__ == "__main__":
    main(sys.argv[1:])
