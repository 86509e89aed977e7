"""How many summaries with exchanged speakers the role ledger flags, and how often it is wrong:
`python benchmarks/role_ledger.py [--data FILE] [--half even|odd|all]`.

Takes correct summaries with their dialogues, Korean and English (the shipped held-out dialogues, or
an aligned JSONL file as in benchmarks/guards.py), exchanges `#Person1#` and `#Person2#` in the
whole of each or in one of its sentences, and counts what is flagged at several margins. Cues,
weights and the margin in use were chosen on the dialogues with an even id; report the odd ones.

Precision is that of flags on exchanged whole summaries: among as many of them as correct ones, and
where one summary of twenty is exchanged. Exits 1 where the first is below 90 % in a language.
Needs no model.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.stages.ledgers.roles import CERTAIN, LANGUAGES, margin
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.text.segmentation import sentences

PRECISION, RARE = 0.9, 0.05
"""The precision to be reached, and a share of exchanged summaries as real pivots may have it."""
MARGINS = (2.0, 2.5, CERTAIN, 3.5, 4.0)

_ONE, _OTHER = "#Person1#", "#Person2#"
_TOGETHER = re.compile(r"#Person[12]#(?:과|와|,| 또는| and| or|, and)? ?#Person[12]#(?!['’의])")
"""Both as one subject or object: exchanged, the sentence is as true as before."""


class Case(NamedTuple):
    """A dialogue with a correct summary, and the margin of the summary as it is, of the one with
    speakers exchanged, and of those with speakers exchanged in one sentence."""

    id: str
    summary: str
    right: float
    exchanged: float | None
    in_one_sentence: list[float]


def read_cases(file: Path, half: str, language: str) -> Iterator[Case]:
    """The cases of one language; a summary that an exchange leaves as true as before has none
    exchanged."""
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        odd = int(re.findall("[0-9]+", row["fname"])[-1]) % 2
        if half not in ("all", ("even", "odd")[odd]):
            continue
        for summary in dict.fromkeys(_summaries(row, language)):
            if language == "ko":
                dialogue = str(row.get("dialogue_ko", row.get("dialogue")))
            else:
                dialogue = str(row["dialogue_en"])
            parts = sentences(summary, language)
            changed = [
                " ".join([*parts[:place], exchanged(part), *parts[place + 1 :]])
                for place, part in enumerate(parts)
                if _can_be_wrong(part)
            ]
            yield Case(
                str(row["fname"]),
                summary,
                margin(dialogue, summary, language),
                margin(dialogue, exchanged(summary), language) if changed else None,
                [margin(dialogue, text, language) for text in changed] if len(parts) > 1 else [],
            )


def _summaries(row: dict[str, object], language: str) -> Iterator[str]:
    names = "summary(_ko|[0-9]*)" if language == "ko" else "summar(ies|y)_en"
    for key, value in row.items():
        if re.fullmatch(names, key):
            yield from map(str, value) if isinstance(value, list) else [str(value)]


def _can_be_wrong(sentence: str) -> bool:
    rest = _TOGETHER.sub(" ", sentence)
    return _ONE in rest or _OTHER in rest


def exchanged(text: str) -> str:
    """The text with the two speakers exchanged and the particles behind them as they have to be."""
    return fix_particles(_OTHER.join(part.replace(_OTHER, _ONE) for part in text.split(_ONE)))[0]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether the goal is reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data", type=Path, default=DEMO_FILE, help="aligned JSONL (default: the shipped file)"
    )
    parser.add_argument("--half", choices=("even", "odd", "all"), default="all")
    parser.add_argument("--flags", action="store_true", help="print the correct summaries flagged")
    options = parser.parse_args(arguments)
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()},"
        f" Python {platform.python_version()}; {options.data.name}, half {options.half}.\n"
    )
    found = {
        language: list(read_cases(options.data, options.half, language)) for language in LANGUAGES
    }
    print(
        "| summaries | margin | correct flagged | exchanged caught | in one sentence |"
        f" precision, half exchanged | {RARE:.0%} exchanged |"
    )
    print("|---|---|---|---|---|---|---|")
    reached = True
    for language, cases in found.items():
        for least in MARGINS:
            precision = _row(language, cases, least)
            reached &= least != CERTAIN or precision >= PRECISION
        for case in cases:
            if options.flags and case.right <= -CERTAIN:
                print(f"{case.id}, {case.right:.1f}: {case.summary!r}")
    judged = {language: _sign(cases) for language, cases in found.items()}
    print(
        "\nWhich of the two is right, by the sign of the margin alone (what can be wrong): ", end=""
    )
    print(", ".join(f"{language} {right}" for language, right in judged.items()))
    print(f"\nGoal (precision {PRECISION:.0%}): {'reached' if reached else 'missed'}")
    return 0 if reached else 1


def _row(language: str, cases: Sequence[Case], least: float) -> float:
    """Prints what a margin gives; the precision among as many exchanged summaries as correct
    ones."""
    whole = [case.exchanged for case in cases if case.exchanged is not None]
    parts = [value for case in cases for value in case.in_one_sentence]
    wrong, caught, caught_in_one = (
        [value for value in values if value <= -least]
        for values in ([case.right for case in cases], whole, parts)
    )
    alarms, recall = len(wrong) / len(cases), len(caught) / len(whole)
    precision = _precision(recall, alarms, 0.5)
    print(
        f"| {language} | {least}{' (in use)' if least == CERTAIN else ''} |"
        f" {_share(len(wrong), len(cases))} | {_share(len(caught), len(whole))} |"
        f" {_share(len(caught_in_one), len(parts))} |"
        f" {100 * precision:.1f} | {100 * _precision(recall, alarms, RARE):.1f} |"
    )
    return precision


def _precision(recall: float, alarms: float, share: float) -> float:
    """The share of flags that are right where this share of summaries is exchanged."""
    right, wrong = recall * share, alarms * (1 - share)
    return right / (right + wrong) if right + wrong else 0.0


def _sign(cases: Sequence[Case]) -> str:
    known = [case.right for case in cases if case.exchanged is not None]
    return _share(sum(value > 0 for value in known), len(known))


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} = {100 * part / whole:.1f} %" if whole else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
