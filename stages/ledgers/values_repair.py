"""A changed value put right in a translation, where there is only one way to read what happened."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pivot_sum.stages.ledgers.english_numbers import SMALL
from pivot_sum.stages.ledgers.korean_numbers import NATIVE_TENS, NATIVE_UNITS
from pivot_sum.stages.ledgers.values import Value, clock_hour
from pivot_sum.stages.ledgers.values_changes import changed
from pivot_sum.stages.ledgers.values_english_words import MONTHS, WEEKDAYS
from pivot_sum.stages.ledgers.values_reading import read_values

_WEEKDAYS = {"ko": tuple(f"{day}요일" for day in "월화수목금토일"), "en": WEEKDAYS}
_NATIVE = "|".join((*NATIVE_TENS, *NATIVE_UNITS))
_NATIVE_NUMBER = re.compile(rf"(?:(?:{_NATIVE}) ?){{1,2}}")
_DIGITS = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?(?:[십백천만억]+(?: ?[0-9]+[십백천]?)?)*")
_HALF = re.compile("(오전|오후|아침|저녁) ?$")
_PARTICLE = re.compile("[은는이가을를과와]")


def with_numbers_repaired(
    source: str, output: str, source_language: str, target: str
) -> tuple[str, int]:
    """A translation with its value changed back, and how many were (0 or 1).

    Only where exactly one value is missing and exactly one of the same kind and unit stands there
    that the source does not hold. What is put there is written as the wrong value was, and is read
    once more: where a value is still changed, the text stays as it was.
    """
    changes = changed(source, output, source_language, target)
    if len(changes) != 1:
        return output, 0
    missing, added = changes[0]
    if missing is None or added is None or not (missing.certain and added.certain):
        return output, 0
    if target == "ko" and added.kind == "number" and _PARTICLE.match(output, added.end):
        return output, 0  # the particle would have to change as well
    known = len(read_values(output, target))
    for text in _rewritten(output, added, missing, target):
        if len(read_values(text, target)) == known and not changed(
            source, text, source_language, target
        ):
            return text, 1
    return output, 0


def _rewritten(text: str, wrong: Value, right: Value, language: str) -> Iterator[str]:
    """The text with the right value in the place of the wrong one, in the ways it can be
    written."""
    before, written, after = text[: wrong.start], text[wrong.start : wrong.end], text[wrong.end :]
    if wrong.kind == "time":
        if language == "ko" and (half := _HALF.search(before)) and right.unit:
            before = before[: half.start()] + ("오전 " if right.unit == "am" else "오후 ")
        for new in _times(written, right, language):
            yield before + new + after
    elif wrong.unit == "weekday":
        yield before + _WEEKDAYS[language][int(right.amount)] + after
    elif wrong.unit == "month" and wrong.kind == "date" and language == "en":
        yield before + MONTHS[int(right.amount) - 1] + after
    else:
        for new in _numbers(written, right.amount, language):
            yield before + new + after


def _times(written: str, right: Value, language: str) -> Iterator[str]:
    hour, minute = clock_hour(right), int(right.amount % 60)
    half = right.unit.replace("m", "")
    swapped = (
        re.sub(r"\b[ap](?=\.? ?m\b)|(?<=[0-9])[ap](?=m\b)", half, written) if half else written
    )
    if ":" in written:
        yield re.sub("[0-9]{1,2}:[0-9]{2}", f"{hour}:{minute:02}", swapped)
    elif language == "ko":
        name = str(hour) if written[0].isdigit() else _native(hour)
        space = " " if " 시" in written else ""
        minutes = " 반" if minute == 30 and "반" in written else f" {minute}분" if minute else ""
        yield f"{name}{space}시{minutes}"
    else:
        name = f"{hour}:{minute:02}" if minute else str(hour)
        yield re.sub("^[0-9]{1,2}", name, swapped)
        yield re.sub("^[A-Za-z]+", SMALL[hour], swapped)


def _numbers(written: str, amount: float, language: str) -> Iterator[str]:
    if len(_DIGITS.findall(written)) == 1:
        for new in _in_digits(amount):
            yield _DIGITS.sub(new, written)
    elif language == "ko":
        native = _NATIVE_NUMBER.match(written)
        if native and 1 <= amount < 100 and amount == int(amount):
            space = " " if native.group().endswith(" ") else ""
            yield _native(int(amount)) + space + written[native.end() :]
    elif 2 <= amount < len(SMALL) and amount == int(amount):
        yield re.sub("^[A-Za-z]+", SMALL[int(amount)], written)


def _in_digits(amount: float) -> Iterator[str]:
    if amount >= 10000 and amount % 10000 == 0:
        yield f"{int(amount) // 10000}만"
    yield f"{int(amount):,}" if amount == int(amount) and amount >= 10000 else f"{amount:g}"


def _native(number: int) -> str:
    """A native numeral as it stands before what it counts: 세, 스무, 스물두."""
    if number == 20:
        return "스무"
    tens = next((word for word, value in NATIVE_TENS.items() if value == number // 10 * 10), "")
    units = [word for word, value in NATIVE_UNITS.items() if value == number % 10]
    # 한, 두, 세, 네 stand behind 하나, 둘, 셋, 넷
    return tens + (units[1:2] or units or [""])[0]
