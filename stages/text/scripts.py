"""Which writing system a text is in: the cheap check that catches an answer in the wrong
language.
"""

from __future__ import annotations

import re
from typing import Literal

from pivot_sum.stages.text.placeholders import PLACEHOLDER

Script = Literal["ko", "en", "other"]

LATIN = "A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿ"
"""Latin letters for a character class, with those of Vietnamese, Polish or Turkish names."""
HANGUL = "가-힣ㄱ-ㆎᄀ-ᇿ"
"""Korean letters for a character class."""

_ENOUGH = 4
_LATIN_PER_HANGUL = 2
"""A Hangul syllable is written with two to three letters, so it counts double: a Korean sentence
that names an English product stays Korean."""

_HANGUL = re.compile(f"[{HANGUL}]")
_LATIN = re.compile(f"[{LATIN}]")
_UNUSUAL = re.compile("[^\0-\x7f가-힣]")
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalpha())


def main_script(text: str) -> Script | None:
    """The script most of a text is written in: Hangul `ko`, Latin `en`, or `other`; placeholders
    are left out.

    None where fewer than four letters decide nothing (`네.`, `OK!`, a number).
    """
    hangul, latin, other = _letters(PLACEHOLDER.sub(" ", text) if "#" in text else text)
    if hangul + latin + other < _ENOUGH:
        return None
    weight = max(_LATIN_PER_HANGUL * max(hangul, other), latin)
    # Of equal ones Korean goes first, then Latin.
    if weight == _LATIN_PER_HANGUL * hangul:
        return "ko"
    return "en" if weight == latin else "other"


def _letters(text: str) -> tuple[int, int, int]:
    """How many letters of a text are Hangul, Latin, and of other scripts."""
    # The same five times as fast: every text of every step passes here, also in a replay.
    if text.isascii():
        return 0, len(text.encode().translate(None, _NO_LETTERS)), 0
    if not _UNUSUAL.search(text):
        plain = text.encode("ascii", "ignore")
        return len(text) - len(plain), len(plain.translate(None, _NO_LETTERS)), 0
    hangul = len(_HANGUL.findall(text))
    latin = len(_LATIN.findall(text))
    return hangul, latin, sum(map(str.isalpha, text)) - hangul - latin
