"""Which values a translation changed, and which of a summary its dialogue does not hold."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pivot_sum.stages.ledgers.values import Value, agree
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.text.placeholders import find


class Change(NamedTuple):
    """A value on one side that the other side does not hold; both, where one surely took the place
    of the other."""

    missing: Value | None
    added: Value | None


def changed(source: str, output: str, source_language: str, target: str) -> list[Change]:
    """The values that a translation lost or made up.

    A value has to be found again once, not as often as it was said. Uncertain values bear others
    out, and count as changed only where one of the same kind and unit took their place.
    """
    before, after = read_values(source, source_language), read_values(output, target)
    missing = _not_in(after, before, output, source)
    added = _not_in(before, after, source, output)
    found = []
    for value in missing:
        rivals = [other for other in added if took_the_place(value, other)]
        if rivals:
            added.remove(rivals[0])
            found.append(Change(value, rivals[0]))
        elif value.certain:
            found.append(Change(value, None))
    return found + [Change(None, value) for value in added if value.certain]


def unsupported(summary: str, dialogue: str, language: str) -> list[Value]:
    """The values of a summary that its dialogue, in the same language, does not hold."""
    stated = [value for value in read_values(summary, language) if value.certain]
    return _not_in(read_values(dialogue, language), stated, dialogue, summary)


MOST_PAIRS: Final = 200_000
"""Of texts that hold more values of which none is the same, only the first are looked for in the
other: a pair takes two microseconds, and no dialogue of a thousand turns has so many."""


def _not_in(
    others: Sequence[Value], values: Sequence[Value], other_text: str, text: str
) -> list[Value]:
    """The values of a text that another does not bear out."""
    same = {(other.kind, other.amount, other.unit) for other in others}
    unlike = [value for value in values if (value.kind, value.amount, value.unit) not in same]
    looked_for = unlike[: MOST_PAIRS // max(len(others), 1)]
    return [value for value in looked_for if not is_held(value, others, text, other_text)]


_LISTED: dict[float, re.Pattern[str]] = {
    2: re.compile(r"[가-힣]{2}(?:이랑|랑|하고|와|과) [가-힣]|\b[A-Z][a-z]+ (?:and|or) [A-Z][a-z]+"),
    3: re.compile(
        r"[가-힣], ?[가-힣]+(?:,|이랑|랑|하고|와|과) [가-힣]|\b[A-Z][a-z]+, [A-Z][a-z]+,? and [A-Z]"
    ),
}
"""So many things or people named one by one, which the other text may count."""
_DAY_OFF = re.compile(
    "하루 ?(?:더|일찍|먼저|빨리|앞|전|늦|뒤|후|미)"
    r"|\b(?:an?|one) day (?:early|earlier|late|later|before|after|sooner|ahead)\b",
    re.IGNORECASE,
)
_PEOPLE = re.compile(" ?(?:사람|명|친구|분|동료|학생)| (?:people|persons|friends|speakers|of them)")


def is_held(value: Value, others: Sequence[Value], text: str, other_text: str) -> bool:
    """Whether another text bears a value out: by one of its values, by the same digits, by as many
    named one by one, by as many speakers where people are counted, or by a date next to one that it
    says is a day early or late."""
    if any(agree(value, other) for other in others):
        return True
    if value.kind == "half of day":
        return any(other.kind == "time" and other.unit == value.unit for other in others)
    counts_people = value.kind == "number" and _PEOPLE.match(text, value.end)
    if counts_people and value.amount <= _speakers(other_text):
        return True
    if value.kind == "date" and _is_day_off(other_text):
        week = 7 if value.unit == "weekday" else sys.maxsize
        apart = [(value.amount - other.amount) % week for other in others if _alike(value, other)]
        if {1, week - 1} & set(apart):
            return True
    digits = re.sub(r"[^0-9]", "", text[value.start : value.end])
    if value.kind == "number" and not digits and _lists(value.amount, other_text):
        return True
    return bool(
        value.kind in ("number", "ordinal", "phone")
        and digits
        and any(digits == run or (len(digits) > 3 and digits in run) for run in _digits(other_text))
    )


# A text is asked once for each value of the other: what it says is kept, so that long texts full of
# values are read once.
@lru_cache(16)
def _speakers(text: str) -> int:
    return len({name for name in find(text) if name.startswith("#Person")})


@lru_cache(16)
def _is_day_off(text: str) -> bool:
    return _DAY_OFF.search(text) is not None


@lru_cache(16)
def _lists(amount: float, text: str) -> bool:
    return amount in _LISTED and _LISTED[amount].search(text) is not None


@lru_cache(16)
def _digits(text: str) -> set[str]:
    return set(re.findall("[0-9]+", re.sub("(?<=[0-9])[, .-]+(?=[0-9])", "", text)))


def _alike(one: Value, other: Value) -> bool:
    return (one.kind, one.unit) == (other.kind, other.unit)


def took_the_place(missing: Value, added: Value) -> bool:
    """Whether one value stands where another one should: of one kind, and, but for times and plain
    numbers, of one unit. `one` and `half` are said too freely to take the place of each other."""
    if missing.kind != added.kind:
        return False
    if missing.kind == "number":
        return missing.certain and added.certain
    return missing.unit == added.unit or missing.kind in ("time", "half of day")
