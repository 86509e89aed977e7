"""Whether every sentence of a text has a counterpart in its translation, judged without a
dictionary.

Sentences are matched in order by their lengths and question marks, in the manner of Gale and Church
(1993). A translator may cut a sentence at a comma or join two by a conjunction; what then still
does not fit was left out or made up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import sentences

HANGUL_WEIGHT = 2
"""A Korean text holds about half as many letters as its English translation (median 0.96 over the
dev turns by this count)."""

NOTHING_FITS = 100.0

_SMOOTHING = 8
"""Letters added to both lengths: `네.` may well be `Yes, I do.`"""
_LENGTH = 3.0
_QUESTION = 1.0
_JOINED = 1.8
"""What it costs that two sentences became one, where a conjunction says so; without one it is not
considered."""
_MOST_CLAUSES = 8

_CLAUSE_ENDS = re.compile(r"(?<=[.?!…,;:—])\s+|\s+-\s+|(?<=[^\d][,.?!])(?=[^\d\s.,?!\"'”’)])")
_CONJUNCTION = re.compile(
    r"\b(?:and|but|so|because|if|when|or|then|since|for|to|that|which|who)\b"
    r"|(?<=[가-힣])(?:고|지만|는데|은데|니까|서|면|며|니|다가|도록|려고|데)(?= )",
    re.IGNORECASE,
)


class _Piece(NamedTuple):
    size: float
    asks: bool
    joins: bool


def size(text: str) -> int:
    """The length of a text in letters and digits, comparable between Korean and English;
    placeholders do not count."""
    return sum(
        HANGUL_WEIGHT if "가" <= character <= "힣" else 1
        for character in PLACEHOLDER.sub(" ", text)
        if character.isalnum()
    )


def length_distance(source: str, output: str) -> float:
    """How far two lengths are apart: the logarithm of their ratio, smoothed; 0 where they are
    equal."""
    return abs(math.log((size(output) + _SMOOTHING) / (size(source) + _SMOOTHING)))


def misfit(source: str, output: str, source_language: str, target_language: str) -> float:
    """How badly the sentences of a text and its translation match, from 0: the worse of both
    directions.

    Above about 2 a sentence has no counterpart. `NOTHING_FITS` where one of the texts has no
    sentence, or far too few.
    """
    there = _covered(_sentences(source, source_language), _clauses(output))
    back = _covered(_sentences(output, target_language), _clauses(source))
    return max(there, back)


@lru_cache(maxsize=4096)
def _sentences(text: str, language: str) -> tuple[_Piece, ...]:
    return _pieces(sentences(text, language))


@lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[_Piece, ...]:
    return _pieces(_CLAUSE_ENDS.split(text))


def _pieces(parts: Sequence[str]) -> tuple[_Piece, ...]:
    worded = [part for part in parts if any(character.isalnum() for character in part)]
    return tuple(
        _Piece(size(part), "?" in part or "？" in part, bool(_CONJUNCTION.search(part)))
        for part in worded
    )


def _covered(wanted: tuple[_Piece, ...], given: tuple[_Piece, ...]) -> float:
    """The cheapest way to give each wanted sentence, in order, some of the given clauses, all of
    which are used up."""
    if not wanted or not given:
        return 0.0 if wanted == given else NOTHING_FITS
    best = [[math.inf] * (len(given) + 1) for _ in range(len(wanted) + 1)]
    best[0][0] = 0.0
    for i in range(len(wanted)):
        for j in range(len(given)):
            if math.isinf(best[i][j]):
                continue
            for taken in (1, 2):
                sentence = _together(wanted[i : i + taken])
                most = _MOST_CLAUSES if taken == 1 else 2
                for k in range(j + 1, min(len(given), j + most) + 1):
                    clauses = _together(given[j:k])
                    if i + taken > len(wanted) or (taken == 2 and not clauses.joins):
                        continue
                    cost = _cost(sentence, clauses) + (_JOINED if taken == 2 else 0.0)
                    # Squares: one sentence that fits badly weighs more than many that fit nearly.
                    best[i + taken][k] = min(best[i + taken][k], best[i][j] + cost**2)
    return min(math.sqrt(best[-1][-1]), NOTHING_FITS)


def _together(pieces: Sequence[_Piece]) -> _Piece:
    return _Piece(
        sum(piece.size for piece in pieces),
        any(piece.asks for piece in pieces),
        any(piece.joins for piece in pieces),
    )


def _cost(one: _Piece, other: _Piece) -> float:
    ratio = math.log((other.size + _SMOOTHING) / (one.size + _SMOOTHING))
    return _LENGTH * ratio**2 + (_QUESTION if one.asks != other.asks else 0.0)
