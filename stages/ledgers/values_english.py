"""Values in English texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from pivot_sum.stages.ledgers.english_numbers import SMALL, Number, numbers
from pivot_sum.stages.ledgers.values import (
    Value,
    clock,
    pattern_of_words,
    phone_numbers,
    values_of_words,
)
from pivot_sum.stages.ledgers.values_english_words import (
    DECADES,
    MONTHS,
    ORDINALS,
    WEEKDAYS,
    WORDS,
    unit_at,
)

_DIGIT_WORDS = {word: str(place) for place, word in enumerate(SMALL[:10])}
_DIGIT_WORDS |= {"oh": "0", "o": "0"}
_DIGIT_WORD = "|".join(_DIGIT_WORDS)
_SPOKEN = re.compile(
    rf"\b(?:{_DIGIT_WORD})(?:[ ,.-]{{1,3}}(?:{_DIGIT_WORD})){{6,14}}\b", re.IGNORECASE
)

_COLON = re.compile(r"(?<![\d:.])([0-9]{1,2})(?::|\.(?=[0-9]{2} ?[ap]\. ?m))([0-9]{2})(?![\d:%])")
_AFTER_HOUR = re.compile(
    r"(?: ?o ?['’`]? ?clock)?(?: sharp)?[ ,]{0,2}"
    r"(?:(?P<half>[ap])(?:m\b|\. ?m\b\.?)"
    r"|(?:in the |this |every |on \w{3,6}day |tomorrow )?(?P<part>morning|afternoon|evening)\b"
    r"|(?P<night>at night|tonight)\b)?",
    re.IGNORECASE,
)
_BEFORE_HOUR = re.compile(
    r"\b(?:(?P<am>morning)|(?P<pm>afternoon|evening)|(?P<night>night|tonight))"
    r"(?: at| around| about| by|,)? ?(?:about |around )?$"
)
_TWELVE = "|".join(SMALL[1:13])
_PAST = re.compile(
    r"(?<!\w)(?:(?P<half>half)|(?P<quarter>(?:a )?quarter)"
    r"|(?P<says>it ?['’]?i?s (?:about |almost )?)?"
    r"(?P<minutes>[0-9]{1,2}|five|ten|twenty|twenty-five)(?P<unit> minutes?)?)"
    r" (?:(?P<past>past|after)|(?P<to>to)|(?:of|before|till?))"
    rf" (?P<hour>[0-9]{{1,2}}(?![:\d])|{_TWELVE})\b",
    re.IGNORECASE,
)
_NUMBERS = {word: value for value, word in enumerate(SMALL)} | {"twenty": 20, "twenty-five": 25}
_BEFORE_MONEY = re.compile(
    r"(?:(?P<USD>(?:US ?)?\$)|(?P<EUR>€)|(?P<KRW>₩)|(?P<GBP>£)|(?P<JPY>¥)|(?P<CNY>RMB)) ?$"
)

_MONTH = "|".join(MONTHS)
_SHORT = "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True)).replace("-", "[ -]")
_DAY = (
    rf"(?:the )?(?:[0-9]{{1,2}}(?![0-9:]|, ?[0-9]{{3}})(?: ?(?:st|nd|rd|th)\b)?|(?:{_ORDINAL})\b)"
)
_DATE = re.compile(
    rf"\b(?:(?P<month>{_MONTH})|(?P<short>{_SHORT})\.?),? (?P<day>{_DAY})"
    rf"|\b(?P<day2>{_DAY})(?: day)?(?: of)? (?P<month2>{_MONTH}|(?:{_SHORT})\b)",
    re.IGNORECASE,
)
_SURE_MONTH = "|".join(month for month in MONTHS if month not in ("March", "May"))
_MONTH_ALONE = re.compile(
    rf"(?<![A-Za-z])(?P<sure>{_SURE_MONTH})\b"
    r"|\b(?:[Ii]n|[Nn]ext|[Ll]ast|[Tt]his|[Uu]ntil|[Bb]y|[Ss]ince|early|late|mid|of|[Ee]very)"
    r"[ -](?P<either>May|March)\b"
)
_WEEKDAY = re.compile(
    rf"\b(?P<long>{'|'.join(WEEKDAYS)})(?:s|'s)?\b|(?<![\w'’])(?P<short>Mon|Tues|Wed|Thur|Thurs|Fri)\.",
    re.IGNORECASE,
)
_ORDINAL_DIGITS = re.compile(r"(?<![\w.,])([0-9]{1,4}) ?(?:st|nd|rd|th)\b", re.IGNORECASE)
_ORDINAL_WORDS = re.compile(rf"\b(?:{_ORDINAL})\b", re.IGNORECASE)
_DECADE = re.compile(
    rf"(?<![\w.,])((?:[0-9]{{2}})?[0-9]0) ?['’]?s\b|\b(?P<word>{'|'.join(DECADES)})\b"
    r"|\b(?:nineteen|eighteen)(?P<century>[ -]hundreds)\b",
    re.IGNORECASE,
)
_FRACTION = re.compile(r"(?<![\d/])[0-9]{1,4}/[0-9]{1,4}(?:/[0-9]{1,4})?")
_PARTS = {"quarter": 4} | {word: place for word, place in ORDINALS.items() if 3 <= place <= 10}
_FRACTION_WORDS = re.compile(
    rf"\b(?P<above>an?|{'|'.join(SMALL[1:10])})[ -](?P<part>{'|'.join(_PARTS)})s?\b", re.IGNORECASE
)
_NEXT_WEEKDAY = re.compile(rf"\b(next|last) (?={'|'.join(WEEKDAYS)})", re.IGNORECASE)


def read_english(text: str) -> Iterator[Value]:
    """The values of an English text, the better reading of a place first."""
    yield from phone_numbers(text, _SPOKEN, _DIGIT_WORDS)
    yield from _dates(text)
    for match in _FRACTION.finditer(text):
        yield Value("number", 0, "", *match.span(), certain=False)
    yield from _times(text)
    words = values_of_words(text, _WORDS, WORDS)
    yield from (value for value in words if value.kind != "number")
    for match in _FRACTION_WORDS.finditer(text):
        written = match["above"].lower()
        share = (SMALL.index(written) if written in SMALL else 1) / _PARTS[match["part"].lower()]
        yield Value("number", share, "", *match.span(), certain=False)
    found = numbers(text)
    for number, following in pairwise([*found, None]):
        assert number
        yield from _values(text, number, following)
    yield from words
    for match in _ORDINAL_DIGITS.finditer(text):
        yield Value("ordinal", float(match[1]), "", *match.span())
    for match in _ORDINAL_WORDS.finditer(text):
        place = ORDINALS[match.group().lower().replace(" ", "-")]
        yield Value("ordinal", place, "", *match.span(), certain=False)


_WORDS = pattern_of_words(WORDS, r"\b")


def _dates(text: str) -> Iterator[Value]:
    for match in _DATE.finditer(text):
        month = "month" if match["month"] else "short" if match["short"] else "month2"
        day = "day" if match["day"] else "day2"
        if match[month] in ("may", "march", "mar"):  # a verb
            continue
        [place] = [at for at, name in enumerate(MONTHS, 1) if name[:3] == match[month][:3].title()]
        yield Value("date", place, "month", *match.span(month))
        digits = re.search("[0-9]+", match[day])
        word = re.sub("^the ", "", match[day], flags=re.IGNORECASE).lower().replace(" ", "-")
        amount = int(digits.group()) if digits else ORDINALS[word]
        yield Value("date", amount, "day", *match.span(day))
    for match in _MONTH_ALONE.finditer(text):
        name = match["sure"] or match["either"]
        span = match.span("sure" if match["sure"] else "either")
        yield Value("date", MONTHS.index(name) + 1, "month", *span)
    for match in _NEXT_WEEKDAY.finditer(text):
        amount = 1 if match[1].lower() == "next" else -1
        yield Value("relative", amount, "week", *match.span(1), certain=False)
    for match in _WEEKDAY.finditer(text):
        [weekday] = [at for at, name in enumerate(WEEKDAYS) if name[:3] == match[0][:3].title()]
        yield Value("date", weekday, "weekday", *match.span())
    for match in _DECADE.finditer(text):
        if match["century"]:
            amount = 1800 if match.group().lower().startswith("eight") else 1900
        else:
            amount = DECADES[match["word"].lower()] if match["word"] else int(match[1])
        yield Value("date", amount, "decade", *match.span())


def _times(text: str) -> Iterator[Value]:
    for match in _PAST.finditer(text):
        if match["minutes"] and not (match["past"] or match["says"] or match["unit"]):
            continue  # five to seven: a range as well
        hour = _number(match["hour"])
        minutes = 30 if match["half"] else 15 if match["quarter"] else _number(match["minutes"])
        if not (match["past"] or match["half"]):
            hour, minutes = (hour - 1) % 12, 60 - minutes
        half, end = _half(text, match.start(), match.end(), hour)
        if time := clock(hour, minutes, half, match.start(), end):
            yield time
    for match in _COLON.finditer(text):
        hour, minute = int(match[1]), int(match[2])
        half, end = _half(text, match.start(), match.end(), hour)
        if time := clock(hour, minute, half, match.start(), end):
            yield time


def _number(written: str) -> int:
    return int(written) if written.isdigit() else _NUMBERS[written.lower()]


def _half(text: str, start: int, end: int, hour: float) -> tuple[str, int]:
    """am or pm, as said before or behind an hour, and where the time ends. At night it depends on
    the hour."""
    after = _AFTER_HOUR.match(text, end)
    assert after  # everything in it is optional
    if after["half"]:
        return f"{after['half'].lower()}m", after.end()
    if after["part"]:
        return ("am" if after["part"].lower() == "morning" else "pm"), end
    near = text[max(0, start - 24) : start].lower()
    before = _BEFORE_HOUR.search(near) if "n" in near else None
    night = bool(after["night"] or (before and before["night"]))
    if night:
        return ("am" if hour in (12, 0, 1, 2, 3, 4) else "pm"), end
    if before:
        return ("am" if before["am"] else "pm"), end
    return "", after.end() if "clock" in after.group().lower() else end


def _values(text: str, number: Number, following: Number | None) -> Iterator[Value]:
    """What a number is, by what is beside it."""
    amount, start, end, in_digits = number
    prefix = _BEFORE_MONEY.search(text, max(0, start - 4), start)
    if prefix:
        yield Value("money", amount, prefix.lastgroup or "", prefix.start(), end)
        return
    if following and text[end : following.start] in (" ", "-"):
        if 1 <= amount <= 17 and following.amount in _MINUTES and not unit_at(text, following.end):
            half, after = _half(text, start, following.end, amount)
            if time := clock(amount, following.amount, half, start, after):
                yield time
                return
        if amount in (18, 19, 20) and 10 <= following.amount < 100:
            yield Value("date", amount * 100 + following.amount, "year", start, following.end)
            return
        if not in_digits and amount < 100 and 10 <= following.amount < 100:
            price = amount + following.amount / 100
            yield Value("money", price, "", start, following.end)
            return
    if unit := unit_at(text, end):
        kind, name, factor, after = unit
        certain = amount != 1
        old = kind == "duration" and _OLD.match(text, after)
        if old or (name == "day" and text[end:after].strip().startswith("night")):
            kind, name, certain = "number", "", certain and name != "day"
        yield Value(kind, amount * factor, name, start, after, certain)
        return
    half, after = _half(text, start, end, amount)
    is_hour = (half or after > end) and amount >= 1
    if is_hour and (time := clock(amount, 0, half, start, max(after, end))):
        yield time
        return
    if _ENDING.match(text, end):
        return  # 2nd, the 1960s: read as such
    at = bool(_AT.search(text, max(0, start - 8), start))
    if amount == 1 and not in_digits and at:
        yield Value("time", 60, "", start, end, certain=False)
        return
    counts = not at and _COUNTED.match(text, end)
    certain = amount != 1 and text[start:end].lower() not in _VAGUE
    yield Value("number", amount, "count" if counts else "", start, end, certain)


_OLD = re.compile("[ -]olds?")
_ENDING = re.compile(r" ?(?:st|nd|rd|th|s)\b")
_AT = re.compile(r"\b(?:at|by|until|till|around|before|after|since) $", re.IGNORECASE)
_COUNTED = re.compile(r"[ -](?:people|times|[a-z]{2,12}[^s\W]s)\b")


_VAGUE = ("zero", "hundred", "thousand", "million", "billion")
_MINUTES = frozenset((5, *range(10, 60)))
