"""The forms in which numbers, times, money and dates are written, each with what is read."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.values_reading import read_values

Read = tuple[str, float, str, str]
"""Kind, amount, unit, and the words themselves; with a `?` behind them where it is not certain."""


def read(text: str, language: str) -> list[Read]:
    return [
        (
            value.kind,
            round(value.amount, 3),
            value.unit,
            text[value.start : value.end] + ("" if value.certain else "?"),
        )
        for value in read_values(text, language)
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # Words that go on, and words that begin another number.
        ("five hundred thousand and six",
         [("number", 500_006, "", "five hundred thousand and six")]),
        ("one million two hundred thousand",
         [("number", 1_200_000, "", "one million two hundred thousand")]),
        ("a hundred and fifty thousand", [("number", 150_000, "", "hundred and fifty thousand")]),
        ("two thousand, million",
         [("number", 2_000, "", "two thousand"), ("number", 1e6, "", "million?")]),
        ("flight eight one five leaves", [("number", 815, "count", "eight one five")]),
        ("four, five, six",
         [("number", 4, "", "four"), ("number", 5, "", "five"), ("number", 6, "", "six")]),
        ("twelve, four", [("number", 12, "", "twelve"), ("number", 4, "", "four")]),
        ("three and a half hours", [("duration", 3.5, "hour", "three and a half hours")]),
        ("two dozen", [("number", 24, "", "two dozen")]),
        ("$1,000k", [("money", 1e6, "USD", "$1,000k")]),
        ("2.5 million", [("number", 2.5e6, "", "2.5 million")]),
        # Two numbers side by side.
        ("nineteen eighty-five", [("date", 1985, "year", "nineteen eighty-five")]),
        ("eighteen fifty", [("date", 1850, "year", "eighteen fifty")]),
        ("twenty-five fifty", [("money", 25.5, "", "twenty-five fifty")]),
        ("three eighty-four", [("money", 3.84, "", "three eighty-four")]),
        ("seven fifteen", [("time", 435, "", "seven fifteen")]),
        ("seven thirty p.m.", [("time", 450, "pm", "seven thirty p.m.")]),
        ("3.5 20", [("number", 3.5, "", "3.5"), ("number", 20, "", "20")]),
        ("5 30 dollars", [("number", 5, "", "5"), ("money", 30, "USD", "30 dollars")]),
        # Fractions and shares.
        ("1/2 of it", [("number", 0, "", "1/2?")]),
        ("three quarters of it", [("number", 0.75, "", "three quarters?")]),
        ("a third of us", [("number", 0.333, "", "a third?")]),
        # Times.
        ("it's ten past eight", [("time", 490, "", "it's ten past eight")]),
        ("five minutes to seven", [("time", 415, "", "five minutes to seven")]),
        ("five to seven", [("number", 5, "", "five"), ("number", 7, "", "seven")]),
        ("a quarter past nine at night", [("time", 555, "pm", "a quarter past nine")]),
        ("half past twelve", [("time", 30, "", "half past twelve")]),
        ("at 25:70", [("number", 25, "", "25"), ("number", 70, "", "70")]),
        ("at ten past 30", [("number", 10, "", "ten"), ("number", 30, "", "30")]),
        ("at two at night", [("time", 120, "am", "two")]),
        ("at ten at night", [("time", 600, "pm", "ten")]),
        ("tonight at one", [("half of day", 0, "pm", "tonight?"), ("time", 60, "am", "one")]),
        ("in the afternoon at four",
         [("half of day", 0, "pm", "afternoon?"), ("time", 240, "pm", "four")]),
        ("in the morning at nine",
         [("half of day", 0, "am", "morning?"), ("time", 540, "am", "nine")]),
        ("at eight o'clock", [("time", 480, "", "eight o'clock")]),
        ("at one", [("time", 60, "", "one?")]),
        ("at 1", [("number", 1, "", "1?")]),
        # Dates.
        ("on May the fifth", [("date", 5, "month", "May"), ("date", 5, "day", "the fifth")]),
        ("the 5th of December", [("date", 5, "day", "the 5th"), ("date", 12, "month", "December")]),
        ("you may 5 times", [("number", 5, "count", "5")]),
        ("next Monday", [("relative", 1, "week", "next?"), ("date", 0, "weekday", "Monday")]),
        ("last Friday", [("relative", -1, "week", "last?"), ("date", 4, "weekday", "Friday")]),
        ("in the eighteen hundreds", [("date", 1800, "decade", "eighteen hundreds")]),
        ("in the nineteen hundreds", [("date", 1900, "decade", "nineteen hundreds")]),
        ("in the 1960s", [("date", 1960, "decade", "1960s")]),
        ("in the sixties", [("date", 60, "decade", "sixties")]),
        # What looks like a duration and counts something else.
        ("20 years old", [("number", 20, "", "20 years")]),
        ("three nights", [("number", 3, "", "three nights?")]),
        ("the 2nd", [("ordinal", 2, "", "2nd")]),
        ("the second", [("ordinal", 2, "", "second?")]),
        ("a hundred", [("number", 100, "", "hundred?")]),
        ("call seven three zero five five five one",
         [("phone", 7305551, "", "seven three zero five five five one")]),
    ],
)  # fmt: skip
def test_english_forms(text: str, values: list[Read]) -> None:
    assert read(text, "en") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("삼분의 일이", [("number", 0.333, "", "삼분의 일?")]),
        ("3분의 2", [("number", 0.667, "", "3분의 2?")]),
        ("25:70에", [("number", 25, "", "25"), ("number", 70, "", "70")]),
        ("새벽 3:20", [("time", 200, "am", "3:20")]),
        ("밤 11시 30분에", [("time", 690, "pm", "11시 30분")]),
        ("밤 두 시에", [("time", 120, "am", "두 시")]),
        ("낮 열두 시", [("time", 0, "pm", "열두 시")]),
        ("낮 한 시 반", [("time", 90, "pm", "한 시 반")]),
        ("30시에", [("number", 30, "", "30")]),
        ("7시 10분 전에", [("time", 430, "", "7시 10분?"), ("time", 410, "", "7시 10분?")]),
        ("7시 전에", [("time", 420, "", "7시")]),
        ("$30", [("money", 30, "USD", "$30")]),
        ("두 달 동안", [("duration", 2, "month", "두 달")]),
        ("두 분이", [("number", 2, "count", "두")]),
        ("둘 곳이", []),
        ("세 번째", [("ordinal", 3, "", "세?")]),
        ("3번째", [("ordinal", 3, "", "3")]),
        ("여덟 번", [("number", 8, "count", "여덟")]),
        ("서너 명", [("number", 3, "count", "서너?"), ("number", 4, "count", "서너?")]),
        ("서너 걸음", [("number", 3, "", "서너?"), ("number", 4, "", "서너?")]),
        ("서너를", []),
        ("한 걸음", [("number", 1, "", "한?")]),
        ("네 그래요", []),
        ("두 다리", [("number", 2, "", "두")]),
        ("세 다리", [("number", 3, "", "세?")]),
        ("두집", []),
        ("다섯이", [("number", 5, "", "다섯")]),
        ("다섯살난", []),
        ("공일에 이삼에 사오 육칠", [("phone", 1234567, "", "공일에 이삼에 사오 육칠")]),
        ("공일에 이삼에 사오", []),
        ("셋이", [("number", 3, "", "셋?")]),
        ("스물이", [("number", 20, "", "스물")]),
        ("이십을", [("number", 20, "", "이십")]),
        ("이만 가요", []),
        ("이 사람", []),
        ("80킬로", [("quantity", 80, "kg", "80킬로")]),
        ("시속 80킬로", [("quantity", 80, "km", "80킬로")]),
        ("이달 5일", [("relative", 0, "month", "이달?"), ("date", 5, "day", "5일")]),
        ("5일", [("duration", 5, "day", "5일")]),
        ("2020년", [("date", 2020, "year", "2020년")]),
        ("3년", [("duration", 3, "year", "3년")]),
        ("두 시간 반", [("duration", 2.5, "hour", "두 시간 반")]),
        ("세 시간 반복", [("duration", 3, "hour", "세 시간"), ("number", 0.5, "", "반?")]),
        ("1조 2억", [("number", 1_000_200_000_000, "", "1조 2억")]),
        ("천백", [("number", 1_100, "", "천백")]),
        ("백천", []),
        ("2억 1조", []),
        ("0천", []),
    ],
)  # fmt: skip
def test_korean_forms(text: str, values: list[Read]) -> None:
    assert read(text, "ko") == values


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("two or three weeks", "en", [("duration", 2, "week"), ("duration", 3, "week")]),
        ("20 to 30 percent", "en", [("percent", 20, "%"), ("percent", 30, "%")]),
        ("2~3주", "ko", [("duration", 2, "week"), ("duration", 3, "week")]),
        ("two and three weeks", "en", [("number", 2, ""), ("duration", 3, "week")]),
        ("two or three people", "en", [("number", 2, ""), ("number", 3, "count")]),
        ("3시간 30분", "ko", [("duration", 210, "minute")]),
        ("3시간, 70분", "ko", [("duration", 3, "hour"), ("duration", 70, "minute")]),
        ("two dollars and fifty cents", "en", [("money", 2.5, "USD")]),
        ("2 dollars 2 euros", "en", [("money", 2, "USD"), ("money", 2, "EUR")]),
        ("$2.50 and 50 cents", "en", [("money", 2.5, "USD"), ("money", 0.5, "USD")]),
    ],
)
def test_parts_of_one_value_are_joined_and_a_range_has_its_unit_twice(
    text: str, language: str, values: list[tuple[str, float, str]]
) -> None:
    assert [one[:3] for one in read(text, language)] == values
