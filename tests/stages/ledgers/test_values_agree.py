"""When two values can mean the same, kind by kind, whichever stands first."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.values import Kind, Value, agree, clock, clock_hour


def value(kind: Kind, amount: float, unit: str = "", certain: bool = True) -> Value:
    return Value(kind, amount, unit, 0, 1, certain)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # The year in two digits.
        (value("date", 1995, "year"), value("date", 95, "year"), True),
        (value("date", 1995, "year"), value("date", 96, "year"), False),
        (value("date", 1995, "year"), value("date", 1895, "year"), False),
        (value("date", 100, "year"), value("date", 0, "year"), True),
        (value("date", 1980, "decade"), value("date", 80, "decade"), True),
        (value("date", 5, "month"), value("date", 5, "day"), False),
        (value("date", 105, "month"), value("date", 5, "month"), False),
        # Durations in other units; about the same where months are meant.
        (value("duration", 90, "minute"), value("duration", 1.5, "hour"), True),
        (value("duration", 90, "minute"), value("duration", 1.51, "hour"), False),
        (value("duration", 14, "day"), value("duration", 2, "week"), True),
        (value("duration", 60, "second"), value("duration", 1, "minute"), True),
        (value("duration", 12, "month"), value("duration", 1, "year"), True),
        (value("duration", 30, "day"), value("duration", 1, "month"), True),
        (value("duration", 29, "day"), value("duration", 1, "month"), False),
        (value("duration", 52, "week"), value("duration", 1, "year"), True),
        (value("duration", 51, "week"), value("duration", 1, "year"), False),
        # A unit that only one of them says.
        (value("money", 20), value("money", 20, "USD"), True),
        (value("money", 20, "EUR"), value("money", 20, "USD"), False),
        (value("time", 180, "pm"), value("time", 180), True),
        (value("time", 180, "pm"), value("time", 180, "am"), False),
        # A number without a unit may be of any kind.
        (value("number", 20), value("money", 20, "USD"), True),
        (value("number", 20), value("duration", 20, "minute"), True),
        (value("number", 20, "count"), value("duration", 20, "minute"), False),
        (value("number", 2), value("date", 2, "weekday"), False),
        (value("number", 2), value("relative", 2, "day"), False),
        (value("number", 0), value("half of day", 0, "pm"), False),
        (value("number", 2), value("ordinal", 2), True),
        (value("number", 2, "count"), value("ordinal", 2), True),
        (value("number", 2), value("ordinal", 3), False),
        (value("ordinal", 5), value("date", 5, "day"), True),
        # 30대: thirty of them, or the thirties.
        (value("number", 30), value("date", 1930, "decade"), True),
        (value("number", 1930), value("date", 1930, "decade"), True),
        (value("number", 30, "count"), value("date", 30, "decade"), True),
        (value("number", 40), value("date", 1930, "decade"), False),
        (value("number", 95), value("date", 1995, "year"), True),
        (value("number", 1995), value("date", 1995, "year"), True),
        (value("number", 94), value("date", 1995, "year"), False),
        # An hour without its noun, on either clock.
        (value("number", 3), value("time", 180, "pm"), True),
        (value("number", 15), value("time", 180, "pm"), True),
        (value("number", 12), value("time", 0, "pm"), True),
        (value("number", 4), value("time", 180), False),
        (value("number", 3), value("time", 210), False),
        (value("number", 3, certain=False), value("time", 180, "pm"), False),
        (value("number", 3, "count"), value("time", 180, "pm"), False),
        # Eight fourteen: a time, a price, a room.
        (value("time", 494), value("money", 8.14, "USD"), True),
        (value("time", 494), value("number", 814), True),
        (value("time", 14), value("number", 1214), True),
        (value("time", 14), value("money", 12.14, "USD"), True),
        (value("time", 14), value("money", 13.14, "USD"), False),
        (value("time", 494), value("number", 815), False),
        (value("time", 494, "am"), value("number", 814), False),
        (value("time", 494), value("quantity", 814, "kg"), False),
        (value("money", 3.84), value("number", 384), True),
        (value("money", 3.84), value("number", 385), False),
        (value("money", 3.84, "USD"), value("number", 384), False),
        # 3일: three days, or the 3rd.
        (value("date", 3, "day"), value("duration", 3, "day"), True),
        (value("date", 3, "day"), value("duration", 4, "day"), False),
        (value("date", 3, "month"), value("duration", 3, "day"), False),
        (value("percent", 3, "%"), value("quantity", 3, "kg"), False),
    ],
)
def test_values_agree_or_not_whichever_stands_first(one: Value, other: Value, same: bool) -> None:
    assert agree(one, other) is agree(other, one) is same


@pytest.mark.parametrize(
    ("hour", "minute", "half", "expected"),
    [
        (0, 0, "", (0, "")),
        (9, 5, "am", (545, "am")),
        (12, 0, "pm", (0, "pm")),
        (12, 30, "", (30, "")),
        (13, 0, "", (60, "pm")),
        (23, 59, "am", (719, "pm")),
        (24, 0, "pm", (0, "am")),
        (25, 0, "", None),
        (-1, 0, "", None),
        (9, 60, "", None),
        (9, -1, "", None),
        (9.5, 0, "", None),
        (9, 0.5, "", None),
    ],
)
def test_a_time_is_minutes_of_half_a_day(
    hour: float, minute: float, half: str, expected: tuple[float, str] | None
) -> None:
    time = clock(hour, minute, half, 3, 7)
    assert (time and (time.amount, time.unit)) == expected
    assert time is None or (time.kind, time.start, time.end, time.certain) == ("time", 3, 7, True)


def test_the_hour_of_a_time_is_that_of_a_clock_with_hands() -> None:
    hours = {0: 12, 59: 12, 60: 1, 119: 1, 719: 11}
    assert {minutes: clock_hour(value("time", minutes)) for minutes in hours} == hours
