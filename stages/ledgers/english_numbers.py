"""Numbers in English texts: digits and words."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
        found = list(_numbers_of(run.group(), run.start()))
        if len(found) > 2 and "," not in run.group() and all(part.amount < 10 for part in found):
            digits = "".join(str(int(part.amount)) for part in found)  # flight eight one five
            yield Number(float(digits), found[0].start, found[-1].end, False)
        else:
            yield from found


def _numbers_of(run: str, offset: int) -> Iterator[Number]:
    """A run of number words cut wherever a word cannot go on with what is before it."""
    total = group = 0.0
    start = end = 0
    below, scale_below = 0, 10**12
    """What the next word has to be less than, and the next thousand or million."""
    open_ = joined = False
    for piece in _PIECE.finditer(run):
        word = piece.group().lower()
        if word in ("and", ","):
            joined = True
            continue
        if word in _SCALES:
            value = _SCALES[word]
            fits = open_ and (
                0 < group < 100 if value == 100 else 0 < group < 1000 and value < scale_below
            )
            fits = fits and not joined
            if not fits:
                if open_:
                    yield Number(total + group, offset + start, offset + end, False)
                total, group, start, scale_below = 0.0, 1.0, piece.start(), 10**12
            if value == 100:
                group, below = group * 100, 100
            else:
                total, group, below, scale_below = total + group * value, 0.0, 1000, value
        else:
            value = _WORDS[word]
            if not (open_ and value < below and not (joined and below == 10)):
                if open_:
                    yield Number(total + group, offset + start, offset + end, False)
                total, group, start, scale_below = 0.0, 0.0, piece.start(), 10**12
            group += value
            below = 10 if value >= 20 else 0
        end, open_, joined = piece.end(), True, False
    yield Number(total + group, offset + start, offset + end, False)


def _extended(text: str, number: Number) -> Number:
    """With `and a half` or `dozen` behind it."""
    if half := _HALF.match(text, number.end):
        return number._replace(amount=number.amount + 0.5, end=half.end())
    if dozen := _DOZEN.match(text, number.end):
        return number._replace(amount=number.amount * 12, end=dozen.end())
    return number
