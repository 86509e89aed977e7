"""Where names can stand in a text: capitalised words in English, stems of words in Korean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from pivot_sum.stages.text.glossary import PARTICLES
from pivot_sum.stages.text.particles import final_consonant
from pivot_sum.stages.text.placeholders import PLACEHOLDER

LONGEST = 3
"""Words of a name that are looked for together; longer ones are found in parts."""

_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’.-](?=[^\W_]))*")
_POSSESSIVE = re.compile(r"['’](?:s|m|re|ll|d|ve)?$", re.IGNORECASE)
_KOREAN_WORD = re.compile(r"[가-힣A-Za-z][가-힣A-Za-z'’-]*")
_ONE_SCRIPT = re.compile(r"[가-힣 ]+|[A-Za-z '’-]+")
_TITLE = (
    "(?:양|군|여사|부인|선생|박사|교수|사장|부장|과장|대리|의사|경관|아줌마|아저씨|가족"
    "|행|발|식|인|산|제|시|주|역|들)?"
)
_BEHIND = re.compile(f"{_TITLE}{PARTICLES}|아(?![가-힣])")
_ONLY_BEHIND_CONSONANTS = re.compile("(?:이(?:은|는|가|를|와|의|도|만|에게)?|아)(?![가-힣])")
"""What is part of the name where it stands behind a vowel."""
_PARTICLE = re.compile("[가-힣](?:의|를|는|에게|에게서|에서|으로|께서|한테|까지|부터)$")
"""How no name ends; nor in 이 or 을 behind a consonant."""
_FINALS = frozenset((0, 1, 4, 8, 16, 17, 19, 21))
"""The final consonants of names in Unicode's order: none, ㄱ, ㄴ, ㄹ, ㅁ, ㅂ, ㅅ, ㅇ; words from
other languages are written with no others (외래어 표기법 1.3)."""


class Spelling(NamedTuple):
    """What may be a name in a Korean text, without title and particle."""

    text: str
    begin: int
    end: int


def english_names(text: str) -> list[str]:
    """What may be names in an English text: capitalised words without possessive endings, alone
    and together with those beside them, each once, the longest first."""
    hidden = _hidden(text)
    runs: list[list[str]] = []
    end = 0
    for match in _WORD.finditer(hidden):
        word = _POSSESSIVE.sub("", match.group())
        if word[0].isupper() and word.casefold() not in _words("no_names.txt"):
            if not runs or hidden[end : match.start()] != " ":
                runs.append([])
            runs[-1].append(word)
            end = match.start() + len(word)
    return list(
        dict.fromkeys(
            " ".join(run[first : first + length])
            for length in range(LONGEST, 0, -1)
            for run in runs
            for first in range(len(run) - length + 1)
        )
    )


def is_korean_word(text: str) -> bool:
    """Whether it is a Korean word that is no name, of those that summaries are full of."""
    return text in _words("no_korean_names.txt")


@cache
def _words(file: str) -> frozenset[str]:
    """The words of a list: what begins with a capital, or is Korean, and is no name."""
    text = files(__package__).joinpath(file).read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return frozenset(word for line in lines for word in line)


_MOST_LETTERS = 64
"""No name in one word is longer."""


def korean_spellings(text: str) -> Iterator[Spelling]:
    """What may be names in a Korean text: every beginning of a word behind which only a title and
    particles stand, alone and together with the words before it. Those that begin at one place
    come one after another, the shortest first."""
    hidden = _hidden(text)
    words = [match.span() for match in _KOREAN_WORD.finditer(hidden)]
    for last, (begin, end) in enumerate(words):
        last_end = min(end, begin + _MOST_LETTERS)
        ends = [stop for stop in range(begin + 1, last_end + 1) if _ends_name(hidden, stop, end)]
        for first in range(last, max(-1, last - LONGEST), -1):
            if first < last and hidden[words[first][1] : words[first + 1][0]] != " ":
                break
            for stop in ends:
                found = text[words[first][0] : stop]
                if _ONE_SCRIPT.fullmatch(found) and _may_be_name(found):
                    yield Spelling(found, words[first][0], stop)


def _ends_name(text: str, stop: int, end: int) -> bool:
    """Whether a name can end here, in a word that goes on to `end`."""
    last = text[stop - 1]
    if stop == end:
        return True
    if last.isascii():
        return not text[stop].isascii() and bool(_BEHIND.match(text, stop))
    if not final_consonant(last) and _ONLY_BEHIND_CONSONANTS.match(text, stop):
        return False
    return bool(_BEHIND.match(text, stop))


def _may_be_name(text: str) -> bool:
    syllables = (ord(character) - ord("가") for character in text if character >= "가")
    if not all(syllable % 28 in _FINALS for syllable in syllables) or _PARTICLE.search(text):
        return False
    return not (text[-1] in "이을" and text[-2:-1] >= "가" and final_consonant(text[-2]))


def _hidden(text: str) -> str:
    """The text with its placeholders written as signs that are no part of a word."""
    return PLACEHOLDER.sub(lambda match: "#" * len(match.group()), text)
