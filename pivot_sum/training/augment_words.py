"""Swapping, deleting and replacing words inside turns, three of the four operations of EDA (Wei &
Zou 2019, "EDA: Easy Data Augmentation Techniques for Boosting Performance on Text Classification
Tasks", EMNLP).

Only words of nothing but Hangul are touched, with the full stop or comma behind them: speakers,
placeholders, addresses, hashtags, numbers and names in Latin letters stay where they are. What
comes out depends on the seed and on the sample's id alone, not on the order of the rows.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random
from typing import Literal, NamedTuple

from pivot_sum.stages.text.glossary import Terms
from pivot_sum.stages.text.particles import final_sound, with_particle
from pivot_sum.stages.text.segmentation import join, split

Operation = Literal["swap", "deletion", "synonyms"]

_PIECE = re.compile(r"\S+")
_SPACES = re.compile(r"(\s+)")
_HANGUL = re.compile("[가-힣]")
_WORD = re.compile(r"(?P<word>[가-힣]+)(?P<end>[.,?!…~]*)")


@dataclass(frozen=True)
class WordChange:
    """One of the operations: over which share of the words, and with which seed."""

    operation: Operation
    share: float
    """Of the words of a dialogue, 0 to 1 (alpha in the paper); at least one word is changed."""
    seed: int
    copy: int = 1
    """Which of several texts that are made of one dialogue."""
    synonyms: Mapping[str, str] | None = None
    """What replaces what (for `synonyms`): nouns, which are found with particles behind them."""

    @property
    def provenance(self) -> str:
        """How a text came about: `swap:share=0.1,seed=0,copy=1`."""
        return f"{self.operation}:share={self.share:g},seed={self.seed},copy={self.copy}"

    def __call__(self, dialogue: str, id: str) -> str:
        """The dialogue with some words changed; as it was where nothing can be changed."""
        random = Random(f"{self.provenance}\0{id}")
        parts = split(dialogue, "sentence", "ko")
        times = max(1, round(self.share * sum(len(turn.split()) for turn in parts.units)))
        if self.operation == "synonyms":
            changed = self._replaced(parts.units, times, random)
        else:
            operation = _swapped if self.operation == "swap" else _deleted
            changed = operation([_SPACES.split(turn) for turn in parts.units], times, random)
        kept = zip(parts.units, changed, strict=True)
        return join(
            parts.frame, [new if _speaks(new) == _speaks(old) else old for old, new in kept]
        )

    @cached_property
    def _terms(self) -> Terms:
        return Terms(self.synonyms or {})

    def _replaced(self, turns: Sequence[str], times: int, random: Random) -> list[str]:
        """So many words are replaced by their synonyms; the particle behind one gets its form."""
        found = [
            (place, synonym)
            for place, turn in enumerate(turns)
            for synonym in _usable(turn, self._terms.found_in(turn))
        ]
        changed = list(turns)
        # From behind, so that what is in front stays where it was found.
        for place, (start, end, synonym) in sorted(
            random.sample(found, min(times, len(found))), reverse=True
        ):
            turn = changed[place]
            named, length = with_particle(synonym, turn[end:])
            changed[place] = turn[:start] + named + turn[end + length :]
        return changed


def _speaks(unit: str) -> bool:
    """Whether a speaker's name and a colon stand in front, as where a word was left out there."""
    return bool(split(unit, "turn", "ko").frame[0])


class _Word(NamedTuple):
    text: str
    end: str
    """Punctuation behind it."""


def _word(piece: str) -> _Word | None:
    """The word in a piece between spaces; None for one that is to stay as it is."""
    found = _WORD.fullmatch(piece)
    return _Word(*found.groups()) if found else None


def _swapped(turns: list[list[str]], times: int, random: Random) -> list[str]:
    """Two words of one turn change places, so many times; the punctuation behind them does not."""
    able = [[place for place, piece in enumerate(pieces) if _word(piece)] for pieces in turns]
    pairs = list(accumulate(len(places) * (len(places) - 1) for places in able))
    for _ in range(times if pairs and pairs[-1] else 0):
        [turn] = random.choices(range(len(turns)), cum_weights=pairs)
        one, two = random.sample(able[turn], 2)
        first, second = _word(turns[turn][one]), _word(turns[turn][two])
        assert first and second
        turns[turn][one] = second.text + first.end
        turns[turn][two] = first.text + second.end
    return ["".join(pieces) for pieces in turns]


def _deleted(turns: list[list[str]], times: int, random: Random) -> list[str]:
    """So many words are left out; of each turn one stays at least."""
    able = [
        (turn, place)
        for turn, pieces in enumerate(turns)
        for place, piece in enumerate(pieces)
        if _word(piece)
    ]
    words = [len(pieces[::2]) for pieces in turns]
    gone: list[set[int]] = [set() for _ in turns]
    for turn, place in random.sample(able, len(able)):
        if times and len(gone[turn]) + 1 < words[turn]:
            gone[turn].add(place)
            times -= 1
    return [_without(pieces, places) for pieces, places in zip(turns, gone, strict=True)]


def _without(pieces: Sequence[str], gone: Collection[int]) -> str:
    """Pieces without some of the words and the spaces in front of these. What ended a sentence
    moves to the word before."""
    kept: list[str] = []
    for place in range(0, len(pieces), 2):
        if place not in gone:
            kept += [*([pieces[place - 1]] if kept else []), pieces[place]]
        elif kept and (before := _word(kept[-1])) and not before.end:
            kept[-1] += (_word(pieces[place]) or before).end
    return "".join(kept)


def _usable(turn: str, found: Iterable[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """Those of the found terms that stand in words of nothing but Hangul, whose synonym fits, and
    that overlap no other; the longer first."""
    words = [match.span() for match in _PIECE.finditer(turn) if _word(match.group())]
    taken = bytearray(len(turn))  # 1 for every character of a term
    for start, end, synonym in sorted(found, key=lambda term: (term[0] - term[1], term[0])):
        pieces = len(turn[start:end].split())
        first = bisect_right(words, start, key=lambda word: word[1])
        inside = bisect_left(words, end, key=lambda word: word[0]) - first == pieces
        if inside and not any(taken[start:end]) and _fits(turn, start, end, synonym):
            taken[start:end] = bytes([1]) * (end - start)
            yield start, end, synonym


def _fits(turn: str, start: int, end: int, synonym: str) -> bool:
    """Whether a synonym can stand where a word stands: not where the ending behind it asks for
    another last sound and has no other form we know (`친구니까`, but `벗이니까`)."""
    behind = turn[end:]
    return (
        not _HANGUL.match(behind)
        or with_particle(synonym, behind)[1] > 0
        or final_sound(turn[start:end]) == final_sound(synonym)
    )
