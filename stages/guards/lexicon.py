"""A small dictionary of conversation, Korean and English: which words have a counterpart in another
text.

It is no translator. It holds some thousand words a dialogue is likely to use, so that a sentence
with several of them shows whether its translation is there.
"""

from __future__ import annotations

import re
from collections import defaultdict
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
    text = files(__package__).joinpath("lexicon.txt").read_text(encoding="utf-8")
    lines = [line.partition(":") for line in text.splitlines() if not line.startswith(_COMMENT)]
    entries = [(stems.split(), words.split()) for stems, _, words in lines]
    silent = {
        word for stems, words in entries if not stems or not words for word in (*stems, *words)
    }
    korean: defaultdict[str, set[Meaning]] = defaultdict(set)
    english: defaultdict[str, set[Meaning]] = defaultdict(set)
    for number, (stems, words) in enumerate(entries):
        telling = [word for word in words if word not in silent]
        for word in telling:
            english[word].add(number)
        for stem in stems:
            # A silent stem is there to be the longest that fits, and then means nothing.
            korean[stem].update([number] if telling and stem not in silent else [])
    return _Lexicon(
        {stem: frozenset(meanings) for stem, meanings in korean.items()},
        {word: frozenset(meanings) for word, meanings in english.items()},
        frozenset(word for _, words in entries for word in words),
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
