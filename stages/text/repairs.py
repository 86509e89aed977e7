"""Rules that repair something in a text and count how often: what `clean` and `polish` are made
of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

Rule = tuple[str, Callable[[str], tuple[str, int]]]
"""The kind of repair, as reports name it, and what does it: gives the text and the number of
places."""


def replacing(kind: str, pattern: str, by: str | Callable[[re.Match[str]], str]) -> Rule:
    """A rule that replaces every match (`^` and `$` are those of each line). It must not match what
    is right already."""
    compiled = re.compile(pattern, re.MULTILINE)
    return kind, lambda text: compiled.subn(by, text)


def repaired(text: str, rules: Sequence[Rule]) -> tuple[str, dict[str, int]]:
    """The text after all rules, and how many places of each kind were repaired; a blank text stays.

    One repair can uncover another, so the rules run until nothing changes: repairing twice is
    repairing once.
    """
    counts: Counter[str] = Counter()
    now, before = text, text if not text.strip() else None
    while now != before:
        before = now
        for kind, repair in rules:
            now, places = repair(now)
            if places:
                counts[kind] += places
    return now, dict(counts)
