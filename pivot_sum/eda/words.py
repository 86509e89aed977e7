"""Which words a collection of texts is about: TF-IDF on morphemes."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pivot_sum.scoring import load_tokenizer
from pivot_sum.scoring.mecab import mecab_ko
from pivot_sum.stages.text.placeholders import PLACEHOLDER

_STEMS = {"VV": "다", "VA": "다"}
_CONTENT = {"NNG", "NNP", "XR", "SL", *_STEMS}
"""Common and proper nouns, roots, foreign words, and the stems of verbs and adjectives: what a text
is about. Particles and endings would lead every list."""

_STAND_IN = "XYZ"
"""What mecab reads in a placeholder's place: without anything there, it would take the particle
behind it for a noun."""


class Word(NamedTuple):
    """A morpheme, its mean TF-IDF (no unit), and in how many texts it occurs how often."""

    word: str
    weight: float
    texts: int
    occurrences: int


def content_words() -> Callable[[str], list[str]]:
    """What cuts a text into its content words, by mecab's tags; verbs and adjectives in their
    dictionary form.

    Raises TokenizerMissing where mecab-ko is not installed.
    """
    load_tokenizer()  # says what to install
    tagger = mecab_ko()

    def cut(text: str) -> list[str]:
        tagged = tagger.tagged(PLACEHOLDER.sub(_apart, text))
        return [
            word + _STEMS.get(tag, "")
            for word, tag in tagged
            if tag in _CONTENT and word != _STAND_IN
        ]

    return cut


def _apart(match: re.Match[str]) -> str:
    """The stand-in, off the letters beside it: they would make one word with it that nobody wrote.
    Particles stay on."""
    text, start, end = match.string, match.start(), match.end()
    return " " * _sticks(text[:start][-1:]) + _STAND_IN + " " * _sticks(text[end : end + 1])


def _sticks(beside: str) -> bool:
    return beside == "#" or (beside.isalnum() and not "가" <= beside <= "힣")


def most_telling(documents: Sequence[Sequence[str]], number: int) -> list[Word]:
    """The words with the highest mean TF-IDF over the documents (lists of morphemes), the highest
    first.

    tf-idf(t, d) = tf(t, d) · ln(N / df(t)), after Manning, Raghavan and Schütze, Introduction to
    Information Retrieval (2008), section 6.2.2; tf is the share of t in d, so that long texts do
    not count for more. What occurs in every text weighs 0.
    """
    occurrences: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    shares: dict[str, list[float]] = {}
    for document in documents:
        counts = Counter(document)
        occurrences.update(counts)
        texts.update(counts.keys())
        for word, count in counts.items():
            shares.setdefault(word, []).append(count / len(document))
    words = [
        Word(
            word,
            math.fsum(share) / len(documents) * math.log(len(documents) / texts[word]),
            texts[word],
            occurrences[word],
        )
        for word, share in shares.items()
    ]
    return sorted(words, key=lambda word: (-word.weight, word.word))[:number]
