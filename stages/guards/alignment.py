"""Whether every sentence of a text has a counterpart in its translation, judged without a model.

Sentences are aligned in order by their lengths and question marks, in the manner of Gale and Church
(1993), and by a small dictionary, in the manner of hunalign (Varga et al. 2005): what the words of
a sentence mean is found again in its counterpart six times in ten, elsewhere one time in ten. The
best alignment that uses everything is compared with the best one that may leave sentences out; the
difference of their costs is the evidence that a sentence was left out or made up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from pivot_sum.stages.guards.lexicon import Meaning, Meanings, known_words
from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import sentences

HANGUL_WEIGHT = 2
"""A Korean text holds about half as many letters as its English translation (median 0.96 over the
dev turns by this count)."""

NOTHING_FITS = 100.0

_FEW_LETTERS = 14
"""Letters added to both lengths where whole texts are compared: `글쎄.` may well be `Well, let me
think about it.`"""

# The costs of an alignment, chosen together on the tuning halves of benchmarks/guards_pairs.py.
_SMOOTHING = 9
"""Letters added to both lengths of a sentence and its counterpart."""
_LENGTH = 6.0
_QUESTION = 2.5
_JOINED = 4.0
"""That two sentences became one, where a conjunction says so."""
_FUSED = 5.0
"""The same without one."""
_LEFT_OUT = 2.2
"""That a sentence has no counterpart."""
_UNRELATED = 2.0
"""That no sentence has one."""

_LONGEST_TEXT = (250, 1000)
"""Sentences and clauses. So many take about a second to align."""
_MOST_CLAUSES = 8
_MOST_JOINED_CLAUSES = 3
_FARTHEST = 12
"""Clauses. Translators keep the order, so a sentence is not looked for farther from its place."""

_CLAUSE_ENDS = re.compile(
    r"(?<=[.?!…,;:])\s+|(?<!\s)\s*[—–]\s*|(?<=\s)[—–]\s*|(?<!\s)\s+-+\s+"
    r"|(?<=[^\d][,.?!])(?=[^\d\s.,?!\"'”’)])|(?<=[가-힣][.?!])(?=[0-9])"
)
_SENTENCE_ENDS = re.compile(r"(?<=[가-힣][.?!])(?=[0-9가-힣])")
"""Where a Korean sentence ends though no space follows; sentencex does not cut there."""
_CONJUNCTION = re.compile(
    r"\b(?:and|but|so|because|or|then)\b"
    r"|(?<=[가-힣])(?:고|지만|는데|은데|니까|서|면|며|니|다가|도록|려고|데)(?= )",
    re.IGNORECASE,
)


class _Piece(NamedTuple):
    size: int
    asks: bool
    joins: bool
    words: tuple[Meanings, ...]  # those the dictionary knows
    meanings: frozenset[Meaning]


def size(text: str) -> int:
    """The length of a text in letters and digits, comparable between Korean and English;
    placeholders do not count."""
    bare = PLACEHOLDER.sub(" ", text)
    syllables = sum(map(len, _SYLLABLES.findall(bare)))
    return sum(map(str.isalnum, bare)) + (HANGUL_WEIGHT - 1) * syllables


_SYLLABLES = re.compile("[가-힣]+")


def length_distance(source: str, output: str) -> float:
    """How far two lengths are apart: the logarithm of their ratio, smoothed; 0 where they are
    equal."""
    return abs(math.log((size(output) + _FEW_LETTERS) / (size(source) + _FEW_LETTERS)))


def misfit(source: str, output: str, source_language: str, target_language: str) -> float:
    """How much speaks for a sentence without counterpart in a text or its translation, from 0: the
    more of both directions.

    Above about 2 there is one. `NOTHING_FITS` where one of the texts has no sentence. Of texts of
    more than 250 sentences, or 1,000 clauses, nothing is said: 0.
    """
    in_output, in_source = _clauses(output), _clauses(source)
    if not 0 < max(len(in_output), len(in_source)) <= _LONGEST_TEXT[1]:
        return 0.0  # before the sentences are looked for, which takes longer
    wanted, given = _sentences(source, source_language), _sentences(output, target_language)
    if max(len(wanted), len(given)) > _LONGEST_TEXT[0]:
        return 0.0
    left_out = _evidence(wanted, in_output)
    made_up = _evidence(given, in_source)
    return max(left_out, made_up)


@lru_cache(maxsize=4096)
def _sentences(text: str, language: str) -> tuple[_Piece, ...]:
    parts = (
        part for sentence in sentences(text, language) for part in _SENTENCE_ENDS.split(sentence)
    )
    return _pieces(parts, _LONGEST_TEXT[0])


@lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[_Piece, ...]:
    return _pieces(_CLAUSE_ENDS.split(text), _LONGEST_TEXT[1])


def _pieces(parts: Iterable[str], most: int) -> tuple[_Piece, ...]:
    """Those of the parts that say something; of more than so many, one more than these."""
    said = (part for part in parts if any(map(str.isalnum, part)))
    return tuple(map(_piece, islice(said, most + 1)))


def _piece(text: str) -> _Piece:
    words = known_words(text)
    return _Piece(
        size(text),
        "?" in text or "？" in text,
        bool(_CONJUNCTION.search(text)),
        words,
        frozenset[Meaning]().union(*words),
    )


def _together(pieces: Sequence[_Piece]) -> _Piece:
    if len(pieces) == 1:
        return pieces[0]
    return _Piece(
        sum(piece.size for piece in pieces),
        any(piece.asks for piece in pieces),
        any(piece.joins for piece in pieces),
        tuple(word for piece in pieces for word in piece.words),
        frozenset[Meaning]().union(*(piece.meanings for piece in pieces)),
    )


class _Bead(NamedTuple):
    """Sentences up to `end` correspond to the clauses from `first` up to `last`."""

    end: int
    first: int
    last: int
    cost: float


def _evidence(wanted: tuple[_Piece, ...], given: tuple[_Piece, ...]) -> float:
    """How much cheaper it is to leave wanted sentences out than to give each, in order, some of the
    given clauses, all of which are used up."""
    if not wanted or not given:
        return 0.0 if wanted == given else NOTHING_FITS
    beads = _beads(wanted, given)
    complete = _cheapest(beads, len(given), math.inf)
    shortened = min(
        _cheapest(beads, len(given), _LEFT_OUT),
        _LEFT_OUT * len(wanted) + _UNRELATED,
    )
    return min(max(complete - shortened, 0.0), NOTHING_FITS)


def _cheapest(beads: Sequence[Sequence[_Bead]], clauses: int, left_out: float) -> float:
    """The cost of the best alignment; `left_out` is that of a sentence without counterpart."""
    best: list[dict[int, float]] = [{} for _ in range(len(beads) + 1)]
    best[0][0] = 0.0
    for start, following in enumerate(beads):
        before = best[start]
        for bead in following:
            cost = before.get(bead.first, math.inf) + bead.cost
            best[bead.end][bead.last] = min(best[bead.end].get(bead.last, math.inf), cost)
        after = best[start + 1]
        for j, cost in before.items():
            if j >= start * clauses / len(beads) - _FARTHEST:  # else no sentence follows from there
                after[j] = min(after.get(j, math.inf), cost + left_out)
        before.clear()
    return best[-1].get(clauses, math.inf)


def _beads(wanted: tuple[_Piece, ...], given: tuple[_Piece, ...]) -> list[list[_Bead]]:
    """For each sentence, what it costs that it, or it and the next one joined, correspond to some
    clauses: to those only that leave the other sentences as many as these can take."""
    groups: dict[tuple[int, int], _Piece] = {}
    beads: list[list[_Bead]] = []
    for i in range(len(wanted)):
        beads.append([])
        place = i * len(given) / len(wanted)
        first = max(math.ceil(place - _FARTHEST), 0)
        last = min(math.floor(place + _FARTHEST), len(given) - 1, i * _MOST_CLAUSES)
        for taken, most in ((1, _MOST_CLAUSES), (2, _MOST_JOINED_CLAUSES)):
            taking = wanted[i : i + taken]
            if len(taking) < taken:
                continue
            whole = _together(taking)
            least = len(given) - (len(wanted) - i - taken) * _MOST_CLAUSES
            for j in range(first, last + 1):
                for k in range(max(j + 1, least), min(len(given), j + most) + 1):
                    if (j, k) not in groups:
                        groups[j, k] = _together(given[j:k])
                    cost = _cost(taking, whole, groups[j, k])
                    beads[i].append(_Bead(i + taken, j, k, cost))
    return beads


def _cost(sentences: Sequence[_Piece], whole: _Piece, clauses: _Piece) -> float:
    """What it costs that one sentence, or two joined ones, the `whole`, correspond to some
    clauses."""
    ratio = math.log((clauses.size + _SMOOTHING) / (whole.size + _SMOOTHING))
    cost = _LENGTH * ratio**2 - _likeness(clauses, whole)
    cost -= sum(_likeness(sentence, clauses) for sentence in sentences)
    if whole.asks != clauses.asks:
        cost += _QUESTION
    if len(sentences) > 1:
        cost += _JOINED if clauses.joins else _FUSED
    return cost


def _likeness(one: _Piece, other: _Piece) -> float:
    """What the words of one text that are found in the other, and those that are not, say about
    whether it is translated there: a logarithm of odds."""
    meanings = other.meanings
    found = [word for word in one.words if not word.isdisjoint(meanings)]
    return _log_odds(len(found), len(one.words))


_TRANSLATED, _BY_CHANCE = 0.5, 0.15
"""How many words of a sentence are found in its counterpart, and elsewhere."""
_ALIKE = 12.0
"""How alike the words of a sentence are in this: the higher, the more each counts."""


@lru_cache(maxsize=4096)
def _log_odds(found: int, known: int) -> float:
    return _beta_binomial(found, known, _TRANSLATED) - _beta_binomial(found, known, _BY_CHANCE)


def _beta_binomial(found: int, known: int, mean: float) -> float:
    """The logarithm of its probability, without the number of ways to choose."""
    a, b = mean * _ALIKE, (1 - mean) * _ALIKE
    return (
        math.lgamma(found + a)
        + math.lgamma(known - found + b)
        - math.lgamma(known + a + b)
        - math.lgamma(a)
        - math.lgamma(b)
        + math.lgamma(a + b)
    )
