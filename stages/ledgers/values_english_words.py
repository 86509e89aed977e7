"""What stands beside a number in English and says what it is a number of, and the words that are
values without a number."""

from __future__ import annotations

import re

from pivot_sum.stages.ledgers.values import Kind, Word

_UNITS: tuple[tuple[str, Kind, str, float], ...] = (
    (r"hours?|hrs?", "duration", "hour", 1),
    (r"minutes?|mins?", "duration", "minute", 1),
    (r"seconds|secs?", "duration", "second", 1),
    (r"days?(?! of)", "duration", "day", 1),
    (r"nights?", "duration", "day", 1),
    (r"weeks?", "duration", "week", 1),
    (r"fortnights?", "duration", "week", 2),
    (r"months?", "duration", "month", 1),
    (r"years?|yrs?", "duration", "year", 1),
    (r"(?:us |american )?dollars?|bucks?|USD", "money", "USD", 1),
    (r"cents?", "money", "USD", 0.01),
    (r"won|KRW", "money", "KRW", 1),
    (r"yuan|RMB", "money", "CNY", 1),
    (r"euros?", "money", "EUR", 1),
    (r"yen", "money", "JPY", 1),
    (r"percent|per cent|percentage points?", "percent", "%", 1),
    (r"kilomet(?:er|re)s?|km", "quantity", "km", 1),
    (r"kilograms?|kilos?|kgs?", "quantity", "kg", 1),
    (r"centimet(?:er|re)s?|cm", "quantity", "cm", 1),
    (r"grams?", "quantity", "g", 1),
    (r"met(?:er|re)s?", "quantity", "m", 1),
    (r"miles?", "quantity", "mile", 1),
    (r"lit(?:er|re)s?", "quantity", "liter", 1),
    (r"degrees?", "quantity", "degree", 1),
    (r"inch(?:es)?", "quantity", "inch", 1),
    (r"feet", "quantity", "foot", 1),
)
_NAMES = "|".join(f"(?P<u{place}>{unit[0]})" for place, unit in enumerate(_UNITS))
_BETWEEN = "[ -]{0,3}(?:(?:more|extra|additional|whole|full|long|straight) )?"
_UNIT = re.compile(rf"{_BETWEEN}(?:(?P<sign>%)|(?P<degree>°C?|℃)|(?:{_NAMES})\b)", re.IGNORECASE)
_SIGNS: dict[str, tuple[Kind, str, float]] = {
    "sign": ("percent", "%", 1),
    "degree": ("quantity", "degree", 1),
}


def unit_at(text: str, place: int) -> tuple[Kind, str, float, int] | None:
    """The unit that stands at a place: kind, unit, what one is worth in it, and where it ends."""
    match = _UNIT.match(text, place)
    if match is None:
        return None
    name = match.lastgroup or ""
    kind, unit, factor = _SIGNS.get(name) or _UNITS[int(name[1:])][1:]
    return kind, unit, factor, match.end()


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
WEEKDAYS = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
    "seventeenth", "eighteenth", "nineteenth", "twentieth",
)  # fmt: skip
ORDINALS = {
    **{word: place for place, word in enumerate(_ORDINALS, 1)},
    **{f"twenty-{word}": place + 20 for place, word in enumerate(_ORDINALS[:9], 1)},
    "thirtieth": 30,
    "thirty-first": 31,
    "nineth": 9,  # a frequent misspelling
    "twenty-nineth": 29,
}
"""Ordinals in words, up to the last day of a month."""
_DECADES = (
    "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties",
    "nineties",
)  # fmt: skip
DECADES = {word: value for value, word in zip(range(20, 100, 10), _DECADES, strict=True)}

WORDS: tuple[Word, ...] = (
    ("noon|midday", "time", 0, "pm", True),
    ("mid-?night", "time", 0, "am", True),
    ("half[ -]an?[ -]hour|half[ -]hour", "duration", 30, "minute", True),
    ("(?:a )?quarter of an hour", "duration", 15, "minute", True),
    ("half a year|half[ -]year", "duration", 6, "month", True),
    ("half a month", "duration", 0.5, "month", False),
    ("an hour and a half", "duration", 1.5, "hour", True),
    ("a year and a half", "duration", 1.5, "year", True),
    ("a week and a half", "duration", 1.5, "week", False),
    ("(?:an?|per|each|every|another|the whole) hour", "duration", 1, "hour", False),
    ("(?:an?|per|each|every|another|the whole) day", "duration", 1, "day", False),
    ("(?:an?|per|each|every|another|the whole) week|weekly", "duration", 1, "week", False),
    ("(?:an?|per|each|every|another|the whole) month|monthly", "duration", 1, "month", False),
    ("(?:an?|per|each|every|another|the whole) year|yearly", "duration", 1, "year", False),
    ("morning", "half of day", 0, "am", False),
    ("afternoon|evening|tonight", "half of day", 0, "pm", False),
    ("(?:an?|per|each|every|another|the whole) fortnight", "duration", 2, "week", False),
    ("below zero", "number", 0, "", False),
    ("half (?:the )?price", "percent", 50, "%", False),
    ("half", "number", 0.5, "", False),
    ("once|an?other|single|alone|only", "number", 1, "", False),
    ("both|twice|couple|pairs?|either|twins?|doubled?|duos?|duets?", "number", 2, "", False),
    ("triple|thrice|trios?", "number", 3, "", False),
    ("quartets?", "number", 4, "", False),
    ("quintets?", "number", 5, "", False),
    ("a dozen", "number", 12, "", False),
    ("the day after tomorrow", "relative", 2, "day", False),
    ("tomorrow", "relative", 1, "day", False),
    ("the day before yesterday", "relative", -2, "day", False),
    ("yesterday|last night", "relative", -1, "day", False),
    ("today|this(?= (?:morning|afternoon|evening))", "relative", 0, "day", False),
    ("next week", "relative", 1, "week", False),
    ("last week", "relative", -1, "week", False),
    ("this week", "relative", 0, "week", False),
    ("next month", "relative", 1, "month", False),
    ("last month", "relative", -1, "month", False),
    ("this month", "relative", 0, "month", False),
    ("next year", "relative", 1, "year", False),
    ("last year", "relative", -1, "year", False),
    ("this year", "relative", 0, "year", False),
)
"""Patterns of words, and their values: kind, amount, unit, whether certain. The longer ones of the
same beginning come first."""
