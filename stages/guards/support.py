"""How much of a summary sentence its dialogue holds."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from pivot_sum.stages.guards.repetition import WORD
from pivot_sum.stages.text.placeholders import PLACEHOLDER


def support(sentence: str, dialogue: str, language: str) -> float:
    """The share of a summary sentence's content that occurs in the dialogue; 1 for one too short to
    judge."""
    wanted = set(_content(sentence, language))
    if len(wanted) < _ENOUGH_CONTENT[language]:
        return 1.0
    return len(wanted & _contents(dialogue, language)) / len(wanted)


_ENOUGH_CONTENT = {"en": 5, "ko": 12}
"""Fewer words, or pairs of syllables, than this may all be the summary's own."""


# A dialogue is asked once for each sentence of its summary.
@lru_cache(4)
def _contents(text: str, language: str) -> frozenset[str]:
    return frozenset(_content(text, language))


def _content(text: str, language: str) -> Iterator[str]:
    """What carries meaning: beginnings of longer English words, pairs of syllables of Korean ones,
    numbers."""
    for word in WORD.findall(PLACEHOLDER.sub(" ", text).casefold()):
        if language == "ko":
            yield from ("".join(pair) for pair in pairwise(word))
        elif len(word) > 3 or word.isdigit():
            yield word[:5]
