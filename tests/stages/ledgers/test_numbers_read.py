"""How numbers are read from English words and from Korean digits and syllables."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.english_numbers import numbers
from pivot_sum.stages.ledgers.korean_numbers import candidates, sino


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("one hundred five", [(105, 0, 16)]),
        ("one hundred and twenty", [(120, 0, 22)]),
        ("one hundred hundred", [(100, 0, 11), (100, 12, 19)]),
        ("twelve hundred", [(1200, 0, 14)]),
        ("two hundred thousand", [(200_000, 0, 20)]),
        ("three million two thousand one hundred and five", [(3_002_105, 0, 47)]),
        ("thousand thousand", [(1000, 0, 8), (1000, 9, 17)]),
        ("one million thousand", [(1_000_000, 0, 11), (1000, 12, 20)]),
        ("three and hundred", [(3, 0, 5), (100, 10, 17)]),
        ("two and three", [(2, 0, 3), (3, 8, 13)]),
        ("twenty-one", [(21, 0, 10)]),
        ("twenty one two", [(21, 0, 10), (2, 11, 14)]),
        ("twenty eleven", [(20, 0, 6), (11, 7, 13)]),
        ("twenty thirty", [(20, 0, 6), (30, 7, 13)]),
        ("nineteen ninety-five", [(19, 0, 8), (95, 9, 20)]),
        ("eight one five", [(815, 0, 14)]),
        ("eight, one, five", [(8, 0, 5), (1, 7, 10), (5, 12, 16)]),
        ("one two", [(1, 0, 3), (2, 4, 7)]),
        ("one two ten", [(1, 0, 3), (2, 4, 7), (10, 8, 11)]),
        ("two and a half", [(2.5, 0, 14)]),
        ("two dozen", [(24, 0, 9)]),
        ("1,200", [(1200, 0, 5)]),
        ("1,2345", [(1, 0, 1), (2345, 2, 6)]),
        ("12k", [(12_000, 0, 3)]),
        ("12 k", [(12, 0, 2)]),
        ("3. 5 percent", [(3.5, 0, 4)]),
        ("5.25", [(5.25, 0, 4)]),
        ("zero", [(0, 0, 4)]),
        ("five hundred hundred", [(500, 0, 12), (100, 13, 20)]),
        ("one hundred hundred five", [(100, 0, 11), (105, 12, 24)]),
        ("ninety-nine hundred", [(9900, 0, 19)]),
        ("one thousand and one hundred", [(1100, 0, 28)]),
        ("one thousand hundred", [(1000, 0, 12), (100, 13, 20)]),
        ("two thousand million", [(2000, 0, 12), (1_000_000, 13, 20)]),
        ("one thousand two million", [(1002, 0, 16), (1_000_000, 17, 24)]),
        ("ten hundred thousand", [(1000, 0, 11), (1000, 12, 20)]),
        ("one thousand two thousand", [(1002, 0, 16), (1000, 17, 25)]),
        ("one thousand two hundred thousand", [(1200, 0, 24), (1000, 25, 33)]),
        ("hundred thousand", [(100_000, 0, 16)]),
        ("million and one, million", [(1_000_001, 0, 15), (1_000_000, 17, 24)]),
        ("two hundred and and five", [(200, 0, 11), (5, 20, 24)]),
        ("one hundred five and six", [(105, 0, 16), (6, 21, 24)]),
        ("twenty and five", [(20, 0, 6), (5, 11, 15)]),
        ("ninety-ninety", [(90, 0, 6), (90, 7, 13)]),
        ("NINETY nine", [(99, 0, 11)]),
        ("A Hundred and one", [(101, 2, 17)]),
        ("It is five six seven now", [(567, 6, 20)]),
        ("five six ten seven", [(5, 0, 4), (6, 5, 8), (10, 9, 12), (7, 13, 18)]),
        ("zero zero seven", [(7, 0, 15)]),
        ("in one and a half, or 3-dozen", [(1.5, 3, 17), (36, 22, 29)]),
        ("1.5K, or 2", [(1500, 0, 4), (2, 9, 10)]),
        ("1, 200 won", [(1200, 0, 6)]),
        ("1,200,000.5 won", [(1_200_000.5, 0, 11)]),
    ],
)
def test_english_words_are_one_number_or_several(
    text: str, read: list[tuple[float, int, int]]
) -> None:
    assert [(number.amount, number.start, number.end) for number in numbers(text)] == read
    assert all(number.in_digits is text[number.start].isdigit() for number in numbers(text))


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("천구백구십오", 1995),
        ("이만 오천", 25_000),
        ("십만", 100_000),
        ("만", 10_000),
        ("백", 100),
        ("삼억 이천만", 320_000_000),
        ("1억 2,500만", 125_000_000),
        ("3.5", 3.5),
        ("1,200", 1200),
        ("사이", None),
        ("백백", None),
        ("십백", None),
        ("만억", None),
        ("만만", None),
        ("0십", None),
        ("천 이백 삼십 사", 1234),
        ("이천이백이십이만 이천이백이십이", 22_222_222),
        ("구천구백구십구조", 9_999_000_000_000_000),
        ("천십", 1010),
        ("백십", 110),
        ("1.5만", 15_000),
        ("0", 0),
        ("이이", None),
        ("백천", None),
        ("천만 천만", None),
    ],
)
def test_syllables_are_a_number_where_their_scales_fall(written: str, number: float | None) -> None:
    assert sino(written) == number


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("스물두 명", [(22, "native")]),
        ("스무 명", [(20, "native")]),
        ("두세 명", [(2, "about"), (3, "about")]),
        ("칠일", [(7, "sino")]),
        ("이십오만 원", [(250_000, "sino"), (25, "sino"), (20, "sino"), (2, "sino")]),
        ("3만 원", [(30_000, "digits")]),
        ("이만 5천", [(25_000, "mixed")]),
        ("하나", [(1, "native")]),
        ("가나다", []),
        ("여든여덟 살", [(88, "native")]),
        ("스물 하나", [(21, "native")]),
        ("십이 시", [(12, "sino"), (10, "sino")]),
        ("만 이", [(10_002, "sino"), (10_000, "sino")]),
        ("3만 500원", [(30_500, "digits")]),
        ("3만 5000", [(30_000, "digits"), (5000, "digits")]),
        ("이만 3천", [(23_000, "mixed")]),
    ],
)
def test_what_may_be_a_number_is_told_with_the_way_it_is_written(
    text: str, read: list[tuple[float, str]]
) -> None:
    assert [(found.amount, found.form) for found in candidates(text)] == read
    assert all(text[found.start : found.end] == found.written for found in candidates(text))


def test_numbers_in_words_and_in_digits_come_in_the_order_of_the_text() -> None:
    found = numbers("two or 3 or four hundred")
    assert [(number.amount, number.in_digits) for number in found] == [
        (2, False),
        (3, True),
        (400, False),
    ]


def test_candidates_are_looked_for_from_a_place_on() -> None:
    assert [found.amount for found in candidates("3명, 네 명", 1)] == [4]
