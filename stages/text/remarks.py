"""Headings in a text, and the words of remarks about a text."""

from __future__ import annotations

import re

from pivot_sum.stages.text.placeholders import PLACEHOLDER

_HEADING = re.compile(
    r"(?:^|(?<=[.!?…)\]*])\s|[(（\[【*])[ \t>*_#-]*([^\n:：.!?()（）\[\]]{1,40})[:：]", re.M
)
_DECORATION = re.compile(r"[ \t>*_#-]{40,}")
"""No heading is longer than 40 characters: more of these in a row say nothing."""
_LONGEST_HEADING = 3
"""Words. `My answer is simple: no.` is a sentence."""
ABOUT_THE_TEXT = re.compile(
    r"\b(?:translat\w*|notes?|summary|explanation|comment(?:ary)?|answer|disclaimer|literal(?:ly)?"
    r"|original|n\.?b|p\.?s)\b"
    r"|참고|참조|주의|비고|역주|번역|요약|설명|해설|주석|각주|원문|의역|직역"
    r"|^(?:역자|옮긴이)? ?주$",
    re.IGNORECASE,
)
"""Words of those who speak about a text instead of giving it."""


def headings(text: str) -> list[str]:
    """What stands before a colon, at the start of a line or sentence, and is no sentence itself."""
    shortened = _DECORATION.sub(lambda match: match.group()[-40:], PLACEHOLDER.sub("", text))
    return [
        heading.strip(" *_")
        for heading in _HEADING.findall(shortened)
        if 0 < len(heading.split()) <= _LONGEST_HEADING
    ]
