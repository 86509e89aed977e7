"""Parts of one value that are joined, and a range whose two numbers have one unit."""

from __future__ import annotations

import pytest
from valuesread import read

from pivot_sum.stages.ledgers.values import Value, Word, pattern_of_words, values_of_words


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
        # What a range gives its unit to: every measure, and no other kind.
        ("2 or 3 %", "en", [("percent", 2, "%"), ("percent", 3, "%")]),
        ("2 to 3 dollars", "en", [("money", 2, "USD"), ("money", 3, "USD")]),
        ("20 - 30 miles", "en", [("quantity", 20, "mile"), ("quantity", 30, "mile")]),
        ("3에서 5킬로미터", "ko", [("quantity", 3, "km"), ("quantity", 5, "km")]),
        ("1~2시간", "ko", [("duration", 1, "hour"), ("duration", 2, "hour")]),
        ("two or 3rd", "en", [("number", 2, ""), ("ordinal", 3, "")]),
        ("two or three o'clock", "en", [("number", 2, ""), ("time", 180, "")]),
        ("two or January", "en", [("number", 2, ""), ("date", 1, "month")]),
        ("two people or three weeks", "en", [("number", 2, "count"), ("duration", 3, "week")]),
        ("two days or three weeks", "en", [("duration", 2, "day"), ("duration", 3, "week")]),
        ("two; three weeks", "en", [("number", 2, ""), ("duration", 3, "week")]),
        # Minutes below an hour, cents below a dollar.
        ("2 hours and 59 minutes", "en", [("duration", 179, "minute")]),
        ("2 hours, 60 minutes", "en", [("duration", 2, "hour"), ("duration", 60, "minute")]),
        ("2 hours or 5 minutes", "en", [("duration", 2, "hour"), ("duration", 5, "minute")]),
        ("5 minutes, 2 hours", "en", [("duration", 5, "minute"), ("duration", 2, "hour")]),
        ("2 days 3 hours", "en", [("duration", 2, "day"), ("duration", 3, "hour")]),
        ("2 dollars 99 cents", "en", [("money", 2.99, "USD")]),
        ("2 dollars 100 cents", "en", [("money", 2, "USD"), ("money", 1, "USD")]),
        ("2 dollars 0 cents", "en", [("money", 2, "USD"), ("money", 0, "USD")]),
        ("2 euros 50 cents", "en", [("money", 2, "EUR"), ("money", 0.5, "USD")]),
        ("2 kilos 50 cents", "en", [("quantity", 2, "kg"), ("money", 0.5, "USD")]),
    ],
)
def test_parts_of_one_value_are_joined_and_a_range_has_its_unit_twice(
    text: str, language: str, values: list[tuple[str, float, str]]
) -> None:
    assert [one[:3] for one in read(text, language)] == values


def test_a_value_that_was_joined_stands_where_its_parts_do_and_is_certain() -> None:
    text = "It takes one hour and 30 minutes, or 2 dollars and 50 cents."
    assert read(text, "en") == [
        ("duration", 90, "minute", "one hour and 30 minutes"),
        ("money", 2.5, "USD", "2 dollars and 50 cents"),
    ]


def test_each_number_of_a_range_stands_where_it_did_and_is_as_certain() -> None:
    assert read("1 or 2 weeks", "en") == [
        ("duration", 1, "week", "1?"),
        ("duration", 2, "week", "2 weeks"),
    ]


def test_words_are_found_whole_in_any_case_and_the_first_of_one_beginning_is_preferred() -> None:
    words: tuple[Word, ...] = (
        ("noon|midday", "time", 0, "pm", True),
        ("half an hour", "duration", 30, "minute", True),
        ("half", "number", 0.5, "", False),
    )
    text = "Half an HOUR after noon, half asleep: halfway to afternoons"
    for edge, more in ((r"\b", 0), ("", 2)):
        found = values_of_words(text, pattern_of_words(words, edge), words)
        assert found[:3] == [
            Value("duration", 30, "minute", 0, 12, True),
            Value("time", 0, "pm", 19, 23, True),
            Value("number", 0.5, "", 25, 29, False),
        ]
        assert len(found) == 3 + more
    assert len(values_of_words(text, pattern_of_words(words), words)) == 5
