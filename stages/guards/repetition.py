"""Words an answer says again: its own, as a decoder does that is stuck, and those of its source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from operator import eq

from pivot_sum.stages.guards.alignment import size

RUN = 4
"""Fewer words than this in the same order are a turn of phrase, not a copy."""

WORD = re.compile(r"[^\W_]+")
"""A word of any language, or a number."""


@lru_cache(maxsize=1024)
def repeated_words(text: str) -> int:
    """The most words in a row that repeat those just before them: `yes, yes, yes` 2, `he goes he
    goes he goes` 4."""
    words = WORD.findall(text.casefold())
    most = 0
    for length in range(1, min(len(words) // 2, _LONGEST_PHRASE) + 1):
        runs = bytes(map(eq, words, words[length:])).split(b"\0")  # 1 where a word is said again
        run = max(map(len, runs))
        most = max(most, run - run % length)
    return most


_LONGEST_PHRASE = 24
"""Words. Loops are short: what a decoder repeats, it repeats because it is the likeliest thing to
follow itself."""

_STUTTER = re.compile(r"([^\W\d_]{1,6}?)\1{5,}")
"""Letters repeated without a space, as a decoder does that is stuck inside a word."""


def stutters(source: str, output: str) -> bool:
    """Whether an answer has a syllable six times on end that its source has not."""
    return any(match.group(1) * 6 not in source for match in _STUTTER.finditer(output))


def is_exclamation(source: str, output: str) -> bool:
    """Whether an answer to a word or two is nothing but one word, or one sound, over and over:
    `Bye bye bye bye bye bye!`. A decoder that is stuck goes on for longer."""
    words = set(WORD.findall(output.casefold()))
    return (
        len(set(WORD.findall(source.casefold()))) <= _FEW_WORDS
        and len(words) == 1
        and size(output) <= _LONGEST_EXCLAMATION
    )


_FEW_WORDS = 2
_LONGEST_EXCLAMATION = 40
"""Letters."""


def copied(output: str, source: str, run: int) -> float:
    """The share of an answer's words that stand in runs of at least `run` words taken from the
    source."""
    words = WORD.findall(output.casefold())
    follows = _automaton(WORD.findall(source.casefold()))
    taken = start = 0
    while start < len(words):
        end, state = start, 0
        while end < len(words) and (after := follows[state].get(words[end])) is not None:
            end, state = end + 1, after
        taken += end - start if end - start >= run else 0
        start = max(end, start + 1)
    return taken / len(words) if words else 0.0


def _automaton(words: Sequence[str]) -> list[dict[str, int]]:
    """Which state a word leads to from each state, 0 being the first: every run of the words, and
    nothing else, is a way through it (Blumer et al. 1985, suffix automaton)."""
    follows: list[dict[str, int]] = [{}]
    longest, link, last = [0], [-1], 0
    for word in words:
        state, before = len(follows), last
        follows.append({})
        longest.append(longest[last] + 1)
        link.append(0)
        while before >= 0 and word not in follows[before]:
            follows[before][word] = state
            before = link[before]
        if before >= 0:
            other = follows[before][word]
            if longest[other] != longest[before] + 1:
                copy = len(follows)
                follows.append(dict(follows[other]))
                longest.append(longest[before] + 1)
                link.append(link[other])
                while before >= 0 and follows[before].get(word) == other:
                    follows[before][word] = copy
                    before = link[before]
                link[other] = other = copy
            link[state] = other
        last = state
    return follows
