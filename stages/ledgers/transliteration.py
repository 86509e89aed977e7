"""How well a Korean spelling renders an English name, by what each letter can become in Hangul.

The table (letters.txt) is the Revised Romanization of Korean (2000) read backwards, the rules for
writing English words in Hangul (외래어 표기법, 1986), and what people write besides: `Dawson` is
도슨 by rule, 더슨 or 다우슨 by hand.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from importlib.resources import files

_INITIALS = "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅ_ㅈㅈㅊㅋㅌㅍㅎ"
_VOWELS = (
    "ㅏ", "ㅔ", "ㅣㅏ", "ㅣㅔ", "ㅓ", "ㅔ", "ㅣㅓ", "ㅣㅔ", "ㅗ", "ㅗㅏ", "ㅗㅔ",
    "ㅗㅣ", "ㅣㅗ", "ㅜ", "ㅜㅓ", "ㅜㅔ", "ㅜㅣ", "ㅣㅜ", "ㅡ", "ㅡㅣ", "ㅣ",
)  # fmt: skip
_FINALS = "_ㄱㄱㄱㄴㄴㄴㄷㄹㄱㅁㄹㄹㄹㅍㄹㅁㅂㅂㅅㅅㅇㅈㅊㅋㅌㅍㅎ"
"""The sounds of a syllable's letters in Unicode's order. Compound vowels are written as two, tense
consonants as plain ones, ㅐ as ㅔ, which sounds the same today; `_` is silent."""

_LONGEST = 3
"""Letters that become sounds together."""
_ENGLISH_VOWELS = frozenset("aeiouyw")
_KOREAN_VOWELS = frozenset("ㅏㅓㅔㅗㅜㅡㅣ")

_CONSONANT, _VOWEL = 1.0, 0.5
"""What it costs to leave out or to add one, and what it counts in the length of a name."""
_OTHER_VOWEL = 0.4
_RARER = 0.05
"""What each later rendering in the table costs more than the one before it."""
_BETWEEN = {"ㅡ": 0.05, "ㅣ": 0.25}
"""What it costs to add a vowel that Korean needs between consonants or behind one."""


def similarity(english: str, korean: str) -> float:
    """How well a Korean spelling renders an English one: 1 where each letter has its usual sound,
    0 where nothing fits. One in Latin script is the same letters or not."""
    if _latin(korean):
        return float(english.casefold() == korean.casefold())
    return _rendered(_latin(english), sounds(korean))


@cache
def _renderings() -> dict[str, tuple[str, ...]]:
    """What English letters become, the usual first."""
    text = files(__package__).joinpath("letters.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {letters: tuple(sounds) for letters, *sounds in lines}


@lru_cache(maxsize=65536)
def sounds(text: str) -> str:
    """The sounds of Hangul, doubled consonants once; whatever else is in the text is left out."""
    found = []
    for character in text:
        if "가" <= character <= "힣":
            rest, final = divmod(ord(character) - ord("가"), 28)
            initial, vowel = divmod(rest, 21)
            found += [_INITIALS[initial], _VOWELS[vowel], _FINALS[final]]
    whole = "".join(found).replace("_", "")
    return "".join(
        sound
        for place, sound in enumerate(whole)
        if sound in _KOREAN_VOWELS or whole[place - 1 : place] != sound
    )


def _latin(text: str) -> str:
    """The letters of a name without accents and case."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if "a" <= letter <= "z")


@lru_cache(maxsize=65536)
def _rendered(english: str, korean: str) -> float:
    if not english or not korean:
        return 0.0
    length = max(_length(english, _ENGLISH_VOWELS), _length(korean, _KOREAN_VOWELS))
    # costs[i][j]: the least cost of writing the first i letters with the first j sounds
    costs = [[float("inf")] * (len(korean) + 1) for _ in range(len(english) + 1)]
    costs[0][0] = 0.0
    for i, row in enumerate(costs):
        for j, here in enumerate(row):
            for letters, heard, cost in _next(english, i, korean, j):
                there = costs[i + letters]
                there[j + heard] = min(there[j + heard], here + cost)
    return max(0.0, 1 - costs[-1][-1] / length)


def _length(text: str, vowels: frozenset[str]) -> float:
    return sum(
        _VOWEL if letter in vowels else _CONSONANT
        for place, letter in enumerate(text)
        if text[place - 1 : place] != letter
    )


def _next(english: str, i: int, korean: str, j: int) -> list[tuple[int, int, float]]:
    """What can come next in a rendering: how many letters, how many sounds, at what cost."""
    found = []
    if j < len(korean):
        found.append((0, 1, _added(english, i, korean[j])))
    if i < len(english):
        found.append((1, 0, _left_out(english, i)))
        if j < len(korean):
            is_vowel = english[i] in _ENGLISH_VOWELS
            if is_vowel == (korean[j] in _KOREAN_VOWELS):
                found.append((1, 1, _OTHER_VOWEL if is_vowel else _CONSONANT))
        for size in range(1, min(_LONGEST, len(english) - i) + 1):
            for rank, heard in enumerate(_renderings().get(english[i : i + size], ())):
                if korean.startswith(heard, j):
                    found.append((size, len(heard), _RARER * rank))
    return found


def _added(english: str, i: int, sound: str) -> float:
    if sound not in _KOREAN_VOWELS:
        return _CONSONANT
    if i == len(english) and english[-1] in "lmn":  # these close a syllable
        return _VOWEL
    return _BETWEEN.get(sound, _VOWEL)


def _left_out(english: str, i: int) -> float:
    letter, before, behind = english[i], english[i - 1 : i], english[i + 1 : i + 2]
    if letter == before or (letter == "e" and before and not behind):
        return 0.0
    if letter == "r" and behind not in _ENGLISH_VOWELS:
        return 0.05
    if letter == "h" and before:
        return 0.1
    return _VOWEL if letter in _ENGLISH_VOWELS else _CONSONANT
