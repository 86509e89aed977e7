"""What a value is, and when two values can mean the same."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Kind = Literal[
    "number", "ordinal", "time", "half of day", "money", "percent", "date", "relative", "duration",
    "quantity", "phone",
]  # fmt: skip
"""`date` is a part of a date: a year, a month, a day, a weekday, a decade; `relative` a day, week,
month or year counted from today; `quantity` something measured."""


class Value(NamedTuple):
    """A value as a text states it."""

    kind: Kind
    amount: float
    """The number. Of a time, the minutes since midnight or noon; of a weekday, days since Monday;
    of a relative date, how many units from today."""
    unit: str
    """`am` or `pm` of a time, a currency, `day`, `week`, `kg`, `count` of a number that counts
    something; empty where the text does not say."""
    start: int
    end: int
    """Where it stands."""
    certain: bool = True
    """Whether it is surely meant as this value, and has to be found on the other side. `one`,
    `half`, ordinals in words and `tomorrow` only bear others out."""


HALF_DAY = 720
"""Minutes from midnight to noon."""

_MINUTES = {"second": 1 / 60, "minute": 1.0, "hour": 60.0, "day": 1440.0, "week": 10080.0}
_MONTHS = {"month": 1.0, "year": 12.0}
_DAYS_OF_A_MONTH = 365 / 12
_ABOUT = 0.02
"""How far 30 days may be from a month, and 52 weeks from a year."""


def agree(one: Value, other: Value) -> bool:
    """Whether two values can mean the same. What only one of them says is no contradiction: 15:30
    agrees with `3:30`, a bare 20 with $20, but 3 p.m. not with 3 a.m. A relative date and another
    kind of date are never compared."""
    if one.kind == other.kind and _same_kind(one, other):
        return True
    return _across(one, other) or _across(other, one)


def _same_kind(one: Value, other: Value) -> bool:
    if one.kind == "duration":
        return _same_duration(one, other)
    if one.kind == "date" and one.unit == other.unit and one.unit in ("year", "decade"):
        return one.amount == other.amount or _short_year(one, other) or _short_year(other, one)
    units_fit = one.unit == other.unit or "" in (one.unit, other.unit)
    return units_fit and math.isclose(one.amount, other.amount)


def _short_year(year: Value, short: Value) -> bool:
    return short.amount < 100 <= year.amount and year.amount % 100 == short.amount


def _same_duration(one: Value, other: Value) -> bool:
    if one.unit == other.unit:
        return math.isclose(one.amount, other.amount)
    days = [_days(value) for value in (one, other)]
    within = (one.unit in _MINUTES) == (other.unit in _MINUTES)
    return math.isclose(*days, rel_tol=1e-9 if within else _ABOUT)


def _days(value: Value) -> float:
    if value.unit in _MONTHS:
        return value.amount * _MONTHS[value.unit] * _DAYS_OF_A_MONTH
    return value.amount * _MINUTES[value.unit] / _MINUTES["day"]


def _across(one: Value, other: Value) -> bool:
    """Whether values of two kinds agree: a number without a unit may be of any."""
    if one.kind == "number" and other.unit == "decade":  # 30대: thirty of them, or the thirties
        return one.amount in (other.amount, other.amount % 100)
    if one.kind in ("number", "ordinal") and not one.unit:
        if other.kind == "time":
            hour = clock_hour(other)
            whole = one.certain and not other.amount % 60
            return whole and one.amount in (hour, hour + 12)
        if other.kind == "date" and other.unit == "year":
            return one.amount in (other.amount, other.amount % 100)
        if other.unit != "weekday" and other.kind not in ("relative", "half of day"):
            return math.isclose(one.amount, other.amount)
    if one.kind == "time" and not one.unit and other.kind in ("money", "number"):
        hours, minutes = divmod(one.amount, 60)  # eight fourteen: $8.14, room 814
        return other.amount in ((hours or 12) + minutes / 100, (hours or 12) * 100 + minutes)
    if one.kind == "money" and not one.unit and other.kind == "number":
        return round(one.amount * 100) == other.amount  # three eighty-four: $3.84, room 384
    if {one.kind, other.kind} == {"date", "duration"}:  # 3일: three days, or the 3rd
        return one.unit == other.unit and one.amount == other.amount
    return False


def clock_hour(value: Value) -> int:
    """The hour of a time on a clock of twelve."""
    return int(value.amount) // 60 or 12


def clock(hour: float, minute: float, half: str, start: int, end: int) -> Value | None:
    """The time of an hour and a minute; `half` is am, pm or empty. None where there is no such
    time."""
    if not (0 <= hour <= 24 and 0 <= minute < 60 and hour == int(hour) and minute == int(minute)):
        return None
    if hour > 12:
        half = "am" if hour == 24 else "pm"
    return Value("time", int(hour) % 12 * 60 + int(minute), half, start, end)


def one_a_place(values: Iterable[Value], length: int) -> list[Value]:
    """The values of a text of this length in their order, of those that overlap the first given;
    uncertain readings of the very same place all stay."""
    taken: list[tuple[int, int] | None] = [None] * length
    found = []
    for value in dict.fromkeys(values):
        place = (value.start, value.end)
        may_share = None if value.certain else place
        if all(taken[at] in (None, may_share) for at in range(*place)):
            taken[slice(*place)] = [place] * (value.end - value.start)
            found.append(value)
    return sorted(found, key=lambda value: value.start)


_BETWEEN = re.compile(r",? ?(?:and )?")


Word = tuple[str, Kind, float, str, bool]
"""A pattern of words that are a value: the pattern, then kind, amount, unit, whether certain."""


def values_of_words(text: str, pattern: re.Pattern[str], words: Sequence[Word]) -> list[Value]:
    """The values of the words that a pattern made by `pattern_of_words` finds."""
    found = []
    for match in pattern.finditer(text):
        _, kind, amount, unit, certain = words[int((match.lastgroup or "")[1:])]
        found.append(Value(kind, amount, unit, *match.span(), certain))
    return found


def pattern_of_words(words: Sequence[Word], edge: str = "") -> re.Pattern[str]:
    """One pattern for all words, which of those that begin at one place prefers the first."""
    named = "|".join(f"(?P<w{place}>{word[0]})" for place, word in enumerate(words))
    return re.compile(f"{edge}(?:{named}){edge}", re.IGNORECASE)


def joined(values: Iterable[Value], text: str) -> list[Value]:
    """With hours and the minutes behind them, dollars and the cents behind them, as one value; and
    the unit of `two or three weeks` given to both."""
    found: list[Value] = []
    for value in values:
        last = found[-1] if found else None
        if (
            last
            and _is_smaller_part(last, value)
            and _BETWEEN.fullmatch(text, last.end, value.start)
        ):
            amount = last.amount * (60 if last.unit == "hour" else 1) + value.amount
            unit = "minute" if last.unit == "hour" else last.unit
            found[-1] = Value(last.kind, amount, unit, last.start, value.end)
        else:
            if (
                last
                and (last.kind, last.unit) == ("number", "")
                and value.kind in ("duration", "percent", "money", "quantity")
                and _RANGE.fullmatch(text, last.end, value.start)
            ):
                found[-1] = last._replace(kind=value.kind, unit=value.unit)
            found.append(value)
    return found


_RANGE = re.compile(r" (?:or|to) | ?[-~–] ?|(?:이?나|에서) ?")


def _is_smaller_part(whole: Value, part: Value) -> bool:
    if (whole.kind, whole.unit, part.unit) == ("duration", "hour", "minute"):
        return part.amount < 60
    same = whole.kind == part.kind == "money" and whole.unit == part.unit
    return same and whole.amount == int(whole.amount) and 0 < part.amount < 1


_PHONE = re.compile(  # a Korean particle may follow at once: 010-1234-5678이에요
    r"(?<![\w.,-])\+?(?:\d{1,3}[-. ])?\(?\d{2,4}\)?[-. ]?\d{3,4}[-. ]\d{4}(?![A-Za-z0-9_-])(?!\.\d)"
    r"|(?<![\w.,-])0\d{8,10}(?![A-Za-z0-9_-])"
)


def phone_numbers(text: str, spoken: re.Pattern[str], digits: dict[str, str]) -> Iterable[Value]:
    """Telephone numbers in digits, and what `spoken` finds, digit by digit in words. The amount is
    the digits without leading zeros, which fall away behind a country code."""
    for match in _PHONE.finditer(text):
        yield Value("phone", float(re.sub(r"\D", "", match.group())), "", *match.span())
    for match in spoken.finditer(text):
        words = re.findall(r"[a-z]+|[가-힣]", match.group().lower())
        number = "".join(digits[word] for word in words if word in digits)
        if len(number) >= 7:
            yield Value("phone", float(number), "", *match.span())
