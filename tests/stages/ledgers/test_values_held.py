"""What bears a value of one text out in another, and what takes its place."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.values_changes import changed, unsupported


def not_held(summary: str, dialogue: str, language: str) -> list[str]:
    found = unsupported(summary, dialogue, language)
    return [summary[value.start : value.end] for value in found]


@pytest.mark.parametrize(
    ("summary", "dialogue", "language", "missing"),
    [
        # As many named one by one, where the number is a word.
        ("두 명이 온다.", "지수랑 민호가 와요.", "ko", []),
        ("세 명이 온다.", "지수, 민호랑 철수가 와요.", "ko", []),
        ("세 명이 온다.", "지수랑 민호가 와요.", "ko", ["세"]),
        ("네 명이 온다.", "지수, 민호, 영희랑 철수가 와요.", "ko", ["네"]),
        ("2명이 온다.", "지수랑 민호가 와요.", "ko", ["2"]),
        ("Two came.", "Anna and Tom came.", "en", []),
        ("Three came.", "Anna, Ben and Tom came.", "en", []),
        ("Three came.", "Anna and Tom came.", "en", ["Three"]),
        ("Two hours.", "Anna and Tom came.", "en", ["Two hours"]),
        # As many speakers, where people are counted, or fewer.
        ("두 사람이 만난다.", "#Person1#: 네.\n#Person2#: 네.", "ko", []),
        ("세 사람이 만난다.", "#Person1#: 네.\n#Person2#: 네.", "ko", ["세"]),
        ("두 사람이 만난다.", "#Person1#: 네.\n#Person2#: 네.\n#Person3#: 네.", "ko", []),
        ("두 사람이 만난다.", "#Person1#: 네.\n#PhoneNumber#요.", "ko", ["두"]),
        ("세 마리가 온다.", "#Person1#: 네.\n#Person2#: 네.\n#Person3#: 네.", "ko", ["세"]),
        ("2 people meet.", "#Person1#: Yes.\n#Person2#: No.", "en", []),
        ("2 hours.", "#Person1#: Yes.\n#Person2#: No.", "en", ["2 hours"]),
        # A date next to one that is said to be early or late.
        ("It is on the 5th of May.", "On May 6th. A day earlier, please.", "en", []),
        ("It is on the 7th of May.", "On May 6th. A day later, please.", "en", []),
        ("It is on the 8th of May.", "On May 6th. A day later, please.", "en", ["the 8th"]),
        ("It is on the 14th of May.", "On May 6th. A day later, please.", "en", ["the 14th"]),
        ("It is on Sunday.", "On Monday. One day before, please.", "en", []),
        ("It is on Monday.", "On Sunday. ONE DAY AFTER, please.", "en", []),
        ("It is on Tuesday.", "On Sunday. One day after, please.", "en", ["Tuesday"]),
        ("It is on Monday.", "On Sunday.", "en", ["Monday"]),
        ("It is in May.", "On the 6th. One day after, please.", "en", ["May"]),
        ("It takes 5 hours.", "It takes 6 hours, one day later.", "en", ["5 hours"]),
        # The same digits, or some of them where they are more than three.
        ("It is 815.", "Flight KE81522.", "en", ["815"]),
        ("It is 1234.", "Call 010-1234-5678.", "en", []),
        ("It is 123.", "Call 010-1234-5678.", "en", ["123"]),
        ("Call 010-1234-5678.", "Call 010 1234 5678 now", "en", []),
        ("Call 010-1234-5678.", "It is A01012345678.", "en", []),
        ("It is 12.", "Room A12.", "en", []),
        ("It is the 12th.", "Room A12.", "en", []),
        ("It is 12 dollars.", "Room A12.", "en", ["12 dollars"]),
        ("It is 1,234,567.", "ID-1234567", "en", []),
    ],
)
def test_what_bears_a_value_out(
    summary: str, dialogue: str, language: str, missing: list[str]
) -> None:
    assert not_held(summary, dialogue, language) == missing


def test_what_is_uncertain_in_a_summary_is_never_unsupported() -> None:
    assert not_held("Tomorrow a second one comes.", "Nobody comes.", "en") == []


Pairs = list[tuple[str, str]]


@pytest.mark.parametrize(
    ("source", "output", "changes"),
    [
        # A value takes the place of one of its kind and unit, each once.
        ("2개, 3개", "4 and 5", [("2", "4"), ("3", "5")]),
        ("2개, 3개", "4", [("2", "4"), ("3", "")]),
        ("2개", "4 and 5", [("2", "4"), ("", "5")]),
        ("3시간", "at 4 p.m.", [("3시간", ""), ("", "4 p.m.")]),
        ("3시간", "3 days", [("3시간", ""), ("", "3 days")]),
        ("3달러", "3 euros", [("3달러", ""), ("", "3 euros")]),
        ("오후 3시", "at 4 a.m.", [("3시", "4 a.m.")]),
        ("3월", "on Monday", [("3월", ""), ("", "Monday")]),
        # Halves of the day are borne out by a time of that half, and take each other's place.
        ("아침에 봐요.", "See you at 9 a.m.", [("", "9 a.m.")]),
        ("아침에 봐요.", "See you at 9 a.m., not in the evening.", [("", "9 a.m.")]),
        ("아침에 봐요.", "See you this evening.", [("아침", "evening")]),
        ("저녁에 봐요.", "See you this evening.", []),
        ("아침 9시에 봐요.", "See you at 9 in the evening.", [("아침", "evening"), ("9시", "9")]),
        # What may be said as freely takes no number's place.
        ("2개", "half of it", [("2", "")]),
        ("반만 주세요.", "Give me 4.", [("", "4")]),
        ("하나 주세요.", "Give me both.", []),
        ("내일 와요.", "Come today.", [("내일", "today")]),
        ("내일 와요.", "Come next week.", []),
        ("두 번째예요.", "It is the third.", [("두", "third")]),
    ],
)
def test_changes_are_paired_where_one_took_the_place_of_the_other(
    source: str, output: str, changes: Pairs
) -> None:
    found = [
        (
            source[missing.start : missing.end] if missing else "",
            output[added.start : added.end] if added else "",
        )
        for missing, added in changed(source, output, "ko", "en")
    ]
    assert found == changes
