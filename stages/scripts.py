"""Which writing system a text is in: the cheap check that catches an answer in the wrong language."""

from __future__ import annotations

from typing import Literal

from stages.placeholders import PLACEHOLDER

Script = Literal["ko", "en", "other"]

_ENOUGH = 4
_LATIN_PER_HANGUL = 2
"""A Hangul syllable is written with two to three letters, so it counts double: a Korean sentence that names an English
product stays Korean."""


def main_script(text: str) -> Script | None:
    """The script most of a text is written in: Hangul `ko`, Latin `en`, or `other`; placeholders are left out.

    None where fewer than four letters decide nothing (`네.`, `OK!`, a number).
    """
    hangul = latin = other = 0
    for character in PLACEHOLDER.sub(" ", text):
        if not character.isalpha():
            continue
        if "가" <= character <= "힣" or "\u3130" <= character <= "\u318f" or "\u1100" <= character <= "\u11ff":
            hangul += 1
        elif character < "\u0250":
            latin += 1
        else:
            other += 1
    if hangul + latin + other < _ENOUGH:
        return None
    weights: dict[Script, int] = {"ko": _LATIN_PER_HANGUL * hangul, "en": latin, "other": _LATIN_PER_HANGUL * other}
    return max(weights, key=lambda script: weights[script])
