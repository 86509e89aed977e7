"""The longest common subsequence of two long texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

_KEPT = 1024
"""Tokens whose places are kept as bits: 12 MB for a text of 100,000."""


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens two sequences have in common in order.

    A row of the usual table is one whole number here, a bit for each token of `one`, so that a row
    takes three operations on numbers instead of one on each cell (Hyyrö 2004, "Bit-Parallel
    LCS-length Computation Revisited"). Still the product of both lengths, a thousandth of the time.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, token in enumerate(one):
        places[token].append(place)

    @lru_cache(_KEPT)
    def bits(token: str) -> int:
        found = bytearray(len(one) // 8 + 1)
        for place in places[token]:
            found[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(found, "little")

    whole = (1 << len(one)) - 1
    row = whole  # a bit that is gone: the subsequence grows with this token
    for token in other:
        if token in places:
            here = row & bits(token)
            row = ((row + here) | (row - here)) & whole
    return len(one) - row.bit_count()
