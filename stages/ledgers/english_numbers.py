"""Numbers in English texts: digits and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf
from typing import NamedTuple


class Number(NamedTuple):
    """A number and where it stands."""

    amount: float
    start: int
    end: int
    in_digits: bool


SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
"""The words of 0 to 19."""
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
_WORDS = {word: value for value, word in enumerate(SMALL)} | {
    word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)
}
_SCALES = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}

_WORD = "|".join(sorted([*_WORDS, *_SCALES], key=len, reverse=True))
_SCALE = "|".join(_SCALES)
_RUN = re.compile(
    rf"(?<![\w'’])(?:an? (?=(?:{_SCALE})\b))?(?:{_WORD})(?:(?:-| |, | and |-and-)(?:{_WORD})\b)*\b",
    re.IGNORECASE,
)
_PIECE = re.compile(rf"\b(?:{_WORD}|and)\b|,", re.IGNORECASE)
_MEASURE = r"(?:%|percent|dollars?|[mb]illion|[GM][Hh]z)"
_DECIMALS = rf"\.(?: (?=[0-9]{{1,2}} ?{_MEASURE}))?[0-9]{{1,6}}(?![0-9])"
"""`3. 5 percent` too: some data sets have a space behind every full stop."""
_DIGITS = re.compile(
    r"(?<![A-Za-z0-9_.])(?<![A-Za-z0-9]-)(?:[0-9]{1,3}(?:, ?[0-9]{3})+(?![0-9])|[0-9]{1,15})"
    rf"(?:{_DECIMALS})?(?:[ -]?(?P<scale>{_SCALE})\b|(?P<k>k(?![A-Za-z])))?",
    re.IGNORECASE,
)
_HALF = re.compile(r" and an? half\b", re.IGNORECASE)
_DOZEN = re.compile(r"[ -]?dozen\b", re.IGNORECASE)


def numbers(text: str) -> list[Number]:
    """The numbers of a text, in order. Numbers side by side are several: `three eighty-four`,
    `nineteen ninety-five`, `one two three`."""
    found = [*_in_digits(text), *_in_words(text)]
    return sorted((_extended(text, number) for number in found), key=lambda number: number.start)


def _in_digits(text: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        bare = re.match(r"[\d., ]*\d", match.group())
        assert bare
        amount = float(re.sub("[, ]", "", bare.group()))
        scale = match["scale"]
        times = _SCALES[scale.lower()] if scale else 1000 if match["k"] else 1
        yield Number(amount * times, match.start(), match.end(), True)


def _in_words(text: str) -> Iterator[Number]:
    for run in _RUN.finditer(text):
        found = _numbers_of(text, run)
        if len(found) > 2 and "," not in run.group() and all(part.amount < 10 for part in found):
            digits = "".join(str(int(part.amount)) for part in found)  # flight eight one five
            found = [Number(float(digits), found[0].start, found[-1].end, False)]
        yield from found


class _Read(NamedTuple):
    """What is read of a number in words."""

    total: float
    """Its millions and thousands."""
    group: float
    """What the next of these multiplies."""
    below: float = inf
    """What the next word has to be less than."""
    scale_below: float = inf
    """The same for the next thousand or million."""

    def with_word(self, word: str, joined: bool) -> _Read | None:
        """With one word more; None where it cannot go on so. `joined` says that `and` or a comma
        is between."""
        total, group, below, scale_below = self
        if word in _SCALES:
            scale = _SCALES[word]
            if joined or not group:
                return None
            if scale == 100:
                return _Read(total, group * scale, inf, scale_below) if group < 100 else None
            fits = group < 1000 and scale < scale_below
            return _Read(total + group * scale, 0, inf, scale) if fits else None
        value = _WORDS[word]
        if value >= below or (joined and below == 10):
            return None
        return _Read(total, group + value, 10 if value >= 20 else 0, scale_below)


def _numbers_of(text: str, run: re.Match[str]) -> list[Number]:
    """The numbers of a run of number words, cut wherever a word cannot go on with what is before
    it."""
    found: list[Number] = []
    read: _Read | None = None
    joined = False
    for piece in _PIECE.finditer(text, *run.span()):
        word = piece.group().lower()
        if word in ("and", ","):
            joined = True
            continue
        longer = read and read.with_word(word, joined)
        start = found.pop().start if longer else piece.start()
        read = longer or _Read(0, 1 if word in _SCALES else 0).with_word(word, False)
        assert read  # any word begins a number
        found.append(Number(float(read.total + read.group), start, piece.end(), False))
        joined = False
    return found


def _extended(text: str, number: Number) -> Number:
    """With `and a half` or `dozen` behind it."""
    if half := _HALF.match(text, number.end):
        return number._replace(amount=number.amount + 0.5, end=half.end())
    if dozen := _DOZEN.match(text, number.end):
        return number._replace(amount=number.amount * 12, end=dozen.end())
    return number
