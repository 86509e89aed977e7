"""What two texts have in common in order, in bounded work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import Final, NamedTuple

MOST_WORK: Final = 3_000_000
"""Places in the second text that are looked at, some 0.4 s of a processor in all: enough for two
dialogues of a thousand words that differ in every second word. difflib by itself takes the third
power of the length at worst: hours for 100 kB of `#`."""
_WORD: Final = 3
"""What a word costs by itself, as many places."""

Change = tuple[str, int, int, int, int]
"""One of difflib's opcodes: `equal`, `replace`, `delete` or `insert`, and from where to where it
is, in the first text and in the second."""


class Comparison(NamedTuple):
    """What became of one text in another."""

    changes: list[Change]
    whole: bool
    """False where there were too many differences to be told apart: what was left to compare is one
    that replaces all by all."""

    @property
    def ratio(self) -> float:
        """The share of both that they have in common, 0 to 1 (difflib's ratio)."""
        common = sum(2 * (end - start) for kind, start, end, *_ in self.changes if kind == "equal")
        total = sum(end - start + last - first for _, start, end, first, last in self.changes)
        return common / total if total else 1.0


def compared(old: Sequence[str], new: Sequence[str]) -> Comparison:
    """Compare two texts, each as its words or its lines: as difflib does, behind what both begin
    with and before what both end with."""
    shorter = min(len(old), len(new))
    begin = _common(old, new, shorter)
    end = _common(old[::-1], new[::-1], shorter - begin)
    matcher = _Matcher(old[begin : len(old) - end], new[begin : len(new) - end])
    changes: list[Change] = [("equal", 0, begin, 0, begin)] if begin else []
    for kind, *places in matcher.get_opcodes():
        first, second, third, fourth = (place + begin for place in places)
        changes.append((kind, first, second, third, fourth))
    if end:
        changes.append(("equal", len(old) - end, len(old), len(new) - end, len(new)))
    return Comparison(changes, matcher.whole)


def _common(old: Sequence[str], new: Sequence[str], most: int) -> int:
    return next((place for place in range(most) if old[place] != new[place]), most)


class _Matcher(SequenceMatcher[str]):
    """difflib's, which finds nothing more in common when its work is done."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new, autojunk=False)
        # Looking for the longest match, difflib takes each word of the first text to every place
        # where it is in the second.
        places = Counter(new)
        self._work = [0, *accumulate(_WORD + places[word] for word in old)]
        self._left = MOST_WORK
        self.whole = True

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """The longest match between the places, or an empty one where finding it is too much
        work."""
        work = self._work[-1 if ahi is None else ahi] - self._work[alo]
        if work > self._left:
            self.whole = False
            return Match(alo, blo, 0)
        self._left -= work
        return super().find_longest_match(alo, ahi, blo, bhi)
