"""Numbers in Korean texts: digits, Sino-Korean (만 오천), native (스물두), and mixtures (3만 5천).

Most single syllables are words of their own (이: this, 일: work, 사: buy, 네: yes), so whoever asks
says which words may follow.
"""

from __future__ import annotations

import re
from math import inf
from typing import Literal, NamedTuple

_DIGIT = {digit: value for value, digit in enumerate("일이삼사오육칠팔구", 1)}
_SMALL_SCALE = {"십": 10, "백": 100, "천": 1000}
_LARGE_SCALE = {"만": 10**4, "억": 10**8, "조": 10**12}

NATIVE_TENS = {
    "열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60, "일흔": 70,
    "여든": 80, "아흔": 90,
}  # fmt: skip
NATIVE_UNITS = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "석": 3, "넷": 4, "네": 4, "넉": 4,
    "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9,
}  # fmt: skip
APPROXIMATE = {
    "한두": (1, 2), "두세": (2, 3), "두서너": (2, 3), "서너": (3, 4), "너댓": (4, 5),
    "네다섯": (4, 5), "대여섯": (5, 6), "예닐곱": (6, 7), "일고여덟": (7, 8),
}  # fmt: skip

_D = r"(?:\d{1,3}(?:, ?\d{3})+(?!\d)|\d{1,15}(?:\.\d{1,6}(?!\d))?)"
_TENS = "|".join(NATIVE_TENS)
_UNITS = "|".join(sorted(NATIVE_UNITS, key=len, reverse=True))
_ABOUT = "|".join(sorted(APPROXIMATE, key=len, reverse=True))
_SCALED = "(?:[십백천]?[만억]|[십백천](?!막)|조(?!각|직|금))"
_CANDIDATE = re.compile(
    rf"(?<![A-Za-z0-9_.])(?<![A-Za-z0-9]-)(?P<digits>{_D}(?:{_SCALED}"
    rf"(?: ?[0-9]{{1,4}}(?:{_SCALED}|(?![0-9.,:])(?= ?(?:원|달러)))){{0,3}})?)"
    rf"|(?<![가-힣A-Za-z0-9])(?:(?P<mixed>[일이삼사오육칠팔구십]{{0,3}}만 ?[0-9]{{1,4}}[천백])"
    rf"|(?P<about>{_ABOUT})"
    rf"|(?P<native>(?:{_TENS}) ?(?:{_UNITS})|{_TENS}|{_UNITS})"
    r"|(?P<sino>[일이삼사오육칠팔구십백천만][일이삼사오육칠팔구십백천만억조]{0,15}"
    r"(?:(?<=[백천만억조]) [일이삼사오육칠팔구십백천만억조]{1,8}){0,3}))"
)

Form = Literal["digits", "mixed", "about", "native", "sino"]


class Candidate(NamedTuple):
    """Something that may be a number, and how it is written."""

    amount: float
    start: int
    end: int
    form: Form
    written: str


def candidates(text: str, start: int = 0) -> list[Candidate]:
    """What may be a number, in order. A Sino-Korean run that holds no number is given for each
    beginning of it that is one, the longest first: 칠일 is seven days."""
    found: list[Candidate] = []
    for match in _CANDIDATE.finditer(text, start):
        form: Form = match.lastgroup  # type: ignore[assignment]  # the groups are those of Form
        written = match.group()
        if form == "about":
            found += (
                Candidate(amount, *match.span(), form, written) for amount in APPROXIMATE[written]
            )
        elif form == "native":
            found.append(Candidate(_native(written), *match.span(), form, written))
        elif form == "sino":
            for end in range(len(written), 0, -1):
                amount = sino(written[:end])
                if amount is not None and not written[:end].endswith(" "):
                    place = match.start()
                    found.append(Candidate(amount, place, place + end, form, written[:end]))
        else:
            amount = sino(written)
            if amount is not None:
                found.append(Candidate(amount, *match.span(), form, written))
    return found


def _native(written: str) -> int:
    for word, value in NATIVE_TENS.items():
        if written.startswith(word):
            rest = written[len(word) :].strip()
            return value + (NATIVE_UNITS[rest] if rest else 0)
    return NATIVE_UNITS[written]


_PARTS = re.compile(r"\d+(?:\.\d+)?|[가-힣]")


def sino(written: str) -> float | None:
    """The number that digits and Sino-Korean syllables write, thousands and ten thousands falling;
    None where they write none (`사이`)."""
    total = group = 0.0
    digit: float | None = None
    small_below = large_below = inf
    parts = _PARTS.findall(re.sub("[, ]", "", written))
    for part in parts:
        if part in _SMALL_SCALE:
            scale = _SMALL_SCALE[part]
            if scale >= small_below or digit == 0:
                return None
            group += (1 if digit is None else digit) * scale
            digit, small_below = None, scale
        elif part in _LARGE_SCALE:
            scale = _LARGE_SCALE[part]
            if scale >= large_below:
                return None
            total += (group + (digit or 0) or 1) * scale
            group, digit, small_below, large_below = 0.0, None, inf, scale
        else:
            if digit is not None:
                return None
            digit = float(part) if part[0].isdigit() else float(_DIGIT[part])
    return total + group + (digit or 0)
