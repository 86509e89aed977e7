"""A small dictionary of conversation, Korean and English: which words have a counterpart in another
text.

It is no translator. It holds some thousand words a dialogue is likely to use, so that a sentence
with several of them shows whether its translation is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER

Meaning = int | str
"""A line of the dictionary, or a number as it is written."""
Meanings = frozenset[Meaning]

_TOKEN = re.compile(r"[가-힣]+|[A-Za-z]+(?:['’][a-z]+)?|[0-9]+(?:[.,:][0-9]+)*")
_COMMENT = "#"


class _Lexicon(NamedTuple):
    korean: dict[str, Meanings]
    english: dict[str, Meanings]
    ordinary: frozenset[str]
    longest: int


@cache
def _lexicon() -> _Lexicon:
    korean: dict[str, set[Meaning]] = {}
    english: dict[str, set[Meaning]] = {}
    ordinary: set[str] = set()
    alone: set[str] = set()
    alone_korean: set[str] = set()
    text = files(__package__).joinpath("lexicon.txt").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines()):
        if line.startswith(_COMMENT) or not line.strip():
            continue
        stems, _, words = line.partition(":")
        ordinary.update(words.split())
        if not stems:
            alone.update(words.split())
        if not words.strip():
            alone_korean.update(stems.split())
        for stem in stems.split():
            korean.setdefault(stem, set()).add(number)
        for word in words.split():
            english.setdefault(word, set()).add(number)
    for word in alone:
        del english[word]
    for stem in alone_korean:
        korean[stem] = set()
    left = frozenset().union(*english.values())
    korean = {stem: meanings & left for stem, meanings in korean.items()}
    return _Lexicon(
        {stem: frozenset(meanings) for stem, meanings in korean.items()},
        {word: frozenset(meanings) for word, meanings in english.items()},
        frozenset(ordinary),
        max(map(len, korean)),
    )


def is_ordinary(word: str) -> bool:
    """Whether an English word, in any of its forms, is one of everyday language, which a Korean
    text would translate."""
    return any(form in _lexicon().ordinary for form in _forms(word.lower().replace("’", "'")))


@lru_cache(maxsize=8192)
def known_words(text: str) -> tuple[Meanings, ...]:
    """What each known word of a text may mean; unknown words and placeholders are left out."""
    found = (meanings(token) for token in _TOKEN.findall(PLACEHOLDER.sub(" ", text)))
    return tuple(meaning for meaning in found if meaning)


@lru_cache(maxsize=8192)
def meanings(word: str) -> Meanings:
    """What a word of either language, or a number, may mean; nothing where it is not known."""
    lexicon = _lexicon()
    if word[0].isdigit():
        return frozenset((word.replace(",", ""),)) | lexicon.english.get(word, frozenset())
    if "가" <= word[0] <= "힣":
        for length in range(min(len(word), lexicon.longest), 0, -1):
            if word[:length] in lexicon.korean:
                return lexicon.korean[word[:length]]
        return frozenset()
    for form in _forms(word.lower().replace("’", "'")):
        if form in lexicon.english:
            return lexicon.english[form]
    return frozenset()


_ENDINGS = (
    ("'s", ""),
    ("'re", ""),
    ("'ll", ""),
    ("'ve", ""),
    ("'d", ""),
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("d", ""),
    ("ed", ""),
    ("ied", "y"),
    ("ing", ""),
    ("ing", "e"),
    ("er", ""),
    ("est", ""),
    ("ly", ""),
)


def _forms(word: str) -> Iterator[str]:
    """The word and what it may be a form of."""
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 1:
            stem = word[: -len(ending)] + instead
            yield stem
            if len(stem) > 3 and stem[-1] == stem[-2] and not instead:
                yield stem[:-1]
