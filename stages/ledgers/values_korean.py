"""Values in Korean texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pivot_sum.stages.ledgers.korean_numbers import Candidate, candidates, sino
from pivot_sum.stages.ledgers.values import (
    HALF_DAY,
    Kind,
    Value,
    clock,
    pattern_of_words,
    phone_numbers,
    values_of_words,
)
from pivot_sum.stages.ledgers.values_korean_words import (
    COUNTED_BY_ONE_SYLLABLE,
    COUNTER,
    HALF_BEFORE,
    HALVES,
    HOUR,
    NATIVE_NEEDS_SPACE,
    NO_NUMBER,
    OFTEN_A_WORD,
    WORDS,
    unit_at,
)

_DAYS = "월화수목금토일"
_WEEKDAY = re.compile(rf"([{_DAYS}])요일")
_MONTH = re.compile("(?<![가-힣])(유|시)월(?=$|[^가-힣]|[에의부까은이초말중])")
_MONTHS = {"유": 6, "시": 10}
_COLON = re.compile(r"(?<![\d:.])([0-9]{1,2}):([0-9]{2})(?![\d:])")
_FRACTION = re.compile(
    "(?P<below>[0-9]{1,3}[백천만억]?|[이삼사오육칠팔구십]{1,2})분의 ?"
    "(?P<above>[0-9]{1,3}|[일이삼사오육칠팔구])"
    r"|(?<![\d/])[0-9]{1,4}/[0-9]{1,4}(?:/[0-9]{1,4})?"
)
_DIGITS = {digit: str(place) for place, digit in enumerate("영일이삼사오육칠팔구")} | {"공": "0"}
_SPOKEN = re.compile(
    "(?<![가-힣])[공영일이삼사오육칠팔구](?:[ ,.-]{0,2}[공영일이삼사오육칠팔구에]){6,14}"
)
_PREFIXED = re.compile(r"(?:(?P<usd>US\$|\$)|(?P<eur>€)|(?P<krw>₩)|(?P<gbp>£)|(?P<jpy>¥)) ?$")

_NEEDS_COUNTER = frozenset(("네", "석", "넉", "열", "쉰"))
"""Native numerals that are common words: yes, ..., fever, hoarse."""
_SYLLABLES = frozenset(("한", "두", "세", "네", "열"))
_COUNTS_NOUNS = frozenset(("한", "두", "세"))
"""Such as stand before a noun as well: 두 다리."""
_NOUN = re.compile(" [가-힣]")
_A_PLACE = re.compile(" [곳데]")
_AFTER_NUMBER = re.compile(
    "$|[^가-힣]|[은는이가을를도만와과의로]|에|씩|쯤|요$|요[.,!?]|입니다|이에요|정도|이상|까지|부터|중"
)


def read_korean(text: str) -> Iterator[Value]:
    """The values of a Korean text, the better reading of a place first."""
    yield from phone_numbers(text, _SPOKEN, _DIGITS)
    for match in _WEEKDAY.finditer(text):
        yield Value("date", _DAYS.index(match[1]), "weekday", *match.span())
    for match in _MONTH.finditer(text):
        yield Value("date", _MONTHS[match[1]], "month", *match.span())
    for match in _FRACTION.finditer(text):
        below, above = (sino(match[name]) if match[name] else None for name in ("below", "above"))
        share = above / below if above and below else 0
        yield Value("number", share, "", *match.span(), certain=False)
    for match in _COLON.finditer(text):
        half = _half(text, match.start(), int(match[1]))
        if time := clock(int(match[1]), int(match[2]), half, *match.span()):
            yield time
    for candidate in candidates(text):
        if value := _value(text, candidate):
            yield from _readings(text, value)
    yield from values_of_words(text, _WORDS, WORDS)


_WORDS = pattern_of_words(WORDS)


def _half(text: str, place: int, hour: float) -> str:
    """am or pm, as said before an hour; at night it depends on the hour."""
    match = HALF_BEFORE.search(text, max(0, place - 8), place)
    if match is None:
        return ""
    if match[1] == "밤":
        return "am" if hour in (12, 0, 1, 2, 3, 4) else "pm"
    return HALVES[match[1]]


def _value(text: str, candidate: Candidate) -> Value | None:
    """The value of a candidate; None where what is around it does not say that it is a number."""
    amount, start, end, form, written = candidate
    if form in _WITH_DIGITS and (prefix := _PREFIXED.search(text, max(0, start - 4), start)):
        unit = (prefix.lastgroup or "").upper()
        return Value("money", amount, unit, prefix.start(), end)
    if (
        (form == "sino" and len(written) == 1 and not COUNTED_BY_ONE_SYLLABLE.match(text, end))
        or (form in ("native", "about") and NATIVE_NEEDS_SPACE.match(text, end))
        or (written in _SYLLABLES and OFTEN_A_WORD.match(text, end))
        or (written == "둘" and _A_PLACE.match(text, end))  # to put
        or _is_this(text, candidate)
    ):
        return None
    if (hour := HOUR.match(text, end)) and form != "about":
        minute = 30.0 if hour["half"] else (sino(hour["minute"]) if hour["minute"] else 0.0)
        time = clock(amount, minute or 0.0, _half(text, start, amount), start, hour.end())
        if time:
            return time
    if unit_found := unit_at(text, end):
        kind, unit, factor, after = unit_found
        if form in ("native", "about") and (unit in ("minute", "month") or kind == "date"):
            # 두 분: two people, 두 달: two months
            if text[after - 1] == "달":
                return Value("duration", amount, "month", start, after, amount != 1)
        else:
            return _measured(text, candidate, kind, unit, factor, after)
    certain = form != "about" and amount != 1
    if counter := COUNTER.match(text, end):
        if counter.group().strip() in ("번째", "째"):
            return Value("ordinal", amount, "", start, end, form == "digits")
        return Value("number", amount, "count", start, end, certain)
    if form in _WITH_DIGITS:
        return Value("number", amount, "", start, end, certain)
    return _bare(text, candidate)


def _readings(text: str, value: Value) -> Iterator[Value]:
    """A value; both, uncertain, where it can be read in two ways: 7시 10분 전 is ten to seven, or
    before 7:10."""
    minute = value.amount % 60
    if value.kind == "time" and minute and _TO_THE_HOUR.match(text, value.end):
        to = (value.amount - 2 * minute) % HALF_DAY
        yield value._replace(certain=False)
        yield value._replace(amount=to, certain=False)
    else:
        yield value


_TO_THE_HOUR = re.compile(" ?전(?![가-힣])| ?전(?=[에이까인])")


def _measured(
    text: str, candidate: Candidate, kind: Kind, unit: str, factor: float, end: int
) -> Value:
    amount, start, _, form, _ = candidate
    amount *= factor
    is_speed = unit == "kg" and text.endswith("킬로", start, end)
    if is_speed and _SPEED.search(text, max(0, start - 6), start):
        unit = "km"
    certain = form != "about" and (amount != 1 or kind == "date")
    if unit == "hour" and (half := _AND_A_HALF.match(text, end)):
        amount, end = amount + 0.5, half.end()
    if unit == "year" and amount >= 1000:
        kind = "date"
    if unit == "day" and _AFTER_MONTH.search(text, max(0, start - 4), start):
        kind, certain = "date", True
    return Value(kind, amount, unit, start, end, certain)


_AND_A_HALF = re.compile(" ?반(?![가-힣]*복)")
_SPEED = re.compile("(?:시속|속도|속력) ?(?:약 )?$")
_WITH_DIGITS = ("digits", "mixed")
_AFTER_MONTH = re.compile("월 ?$|달 ?$")


def _is_this(text: str, candidate: Candidate) -> bool:
    """이 with a space behind it is `this` as often as `two`."""
    return candidate.written == "이" and not _SURELY_TWO.match(text, candidate.end)


_SURELY_TWO = re.compile("(?:층|주일|개월|월|달러|위안|퍼센트|킬로|미터|학년|인분|호선)")


def _bare(text: str, candidate: Candidate) -> Value | None:
    """A number word with no unit behind it."""
    amount, start, end, form, written = candidate
    if form == "about":
        return Value("number", amount, "", start, end, False) if text.startswith(" ", end) else None
    if form == "native":
        if written in _COUNTS_NOUNS:
            if not _NOUN.match(text, end):
                return None
            return Value("number", amount, "", start, end, written == "두")
        if written in _NEEDS_COUNTER:
            return None
        if not _AFTER_NUMBER.match(text, end):
            return None
        return Value("number", amount, "", start, end, amount > 4)
    if written.replace(" ", "") in NO_NUMBER or not _AFTER_NUMBER.match(text, end):
        return None
    return Value("number", amount, "", start, end)
