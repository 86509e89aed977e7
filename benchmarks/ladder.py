"""Placeholders against translators that damage them on purpose: `python benchmarks/ladder.py
[UTTERANCES] [SEED]`.

Generates utterances with placeholders of all kinds (doubled, adjacent, with particles, in quotes,
at both ends, beside text that looks like a mask) and sends them through the ladder with translators
that drop, translate, re-case, duplicate, split or exchange what they see, each always and each now
and then, and all mixed. Prints, in Markdown, which rung served how many, whether every output has
exactly the placeholders of its input, and how many outputs hold a piece of a mask or a lone `#`
beside them. 10,000 utterances take some ten minutes.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from bad_translators import translators, utterances

from pivot_sum.stages.answer import CUT
from pivot_sum.stages.placeholders.ladder import Translate, through_ladder
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count

DEFAULT_RUNGS = ("as-is", "word", "xml", "bracket")
"""What `translate` tries where a recipe does not say otherwise."""
ALL_RUNGS = ("as-is", "word", "name", "xml", "bracket", "underscore", "number")


class Outcome(NamedTuple):
    """What came of one translator: texts by rung, the sources whose placeholders did not come out
    exactly, and how many outputs hold a piece of a mask, or a lone `#`, such as their source does
    not hold.
    """

    rungs: Counter[str]
    wrong: list[str]
    debris: int

    def plus(self, other: Outcome) -> Outcome:
        """Both together."""
        return Outcome(
            self.rungs + other.rungs, self.wrong + other.wrong, self.debris + other.debris
        )


_DEBRIS = re.compile(r"[⟦⟧]|<\s*/?\s*x\b|__\s*P|P\d*__|73\d\d|#", re.IGNORECASE)


def measure(texts: Sequence[str], translate: Translate, rungs: Sequence[str]) -> Outcome:
    """Send texts through the ladder."""
    served: Counter[str] = Counter()
    wrong, debris = [], 0
    for text, result in zip(texts, through_ladder(texts, translate, rungs), strict=True):
        served[result.rung] += 1
        if count(result.text) != count(text):
            wrong.append(text)
        debris += bool(_debris(result.text) - _debris(text))
    return Outcome(served, wrong, debris)


def _debris(text: str) -> set[str]:
    return {found.casefold() for found in _DEBRIS.findall(PLACEHOLDER.sub(" ", text))}


def main(arguments: Sequence[str]) -> int:
    """Measure and print; 1 where an output is wrong."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    number = int(arguments[0]) if arguments else 10_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    texts = utterances(number, seed)
    placeholders = sum(count(text).total() for text in texts)
    print(
        f"{date.today()}: {number:,} different utterances with {placeholders:,} placeholders, seed"
        f" {seed}.\n"
    )
    everyone = dict(translators(seed))
    mixed = {name: translate for name, translate in everyone.items() if "mixed" in name}
    wrong = _table("The default masks", texts, everyone, DEFAULT_RUNGS) + _table(
        "All masks", texts, mixed, ALL_RUNGS
    )
    return 1 if wrong else 0


def _table(
    title: str, texts: Sequence[str], chosen: dict[str, Translate], rungs: Sequence[str]
) -> int:
    """Print one table; return how many outputs were wrong."""
    columns = (*rungs, CUT)
    print(
        f"{title}:\n\n| translator | {' | '.join(columns)} | exact | debris"
        f" |\n|---|{'---:|' * (len(columns) + 2)}"
    )
    total = Outcome(Counter(), [], 0)
    for name, translate in chosen.items():
        outcome = measure(texts, translate, rungs)
        total = total.plus(outcome)
        _row(name, outcome, columns)
        for text in outcome.wrong[:3]:
            print(f"wrong: {name}: {text!r}", file=sys.stderr)
    _row("**all**", total, columns)
    print()
    return len(total.wrong)


def _row(name: str, outcome: Outcome, columns: Sequence[str]) -> None:
    number = outcome.rungs.total()
    shares = " | ".join(f"{outcome.rungs[rung] / number:.1%}" for rung in columns)
    print(
        f"| {name} | {shares} | {1 - len(outcome.wrong) / number:.3%} |"
        f" {outcome.debris / number:.1%} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
