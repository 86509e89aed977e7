"""Values are read in Korean and English, and what only looks like one is not."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.ledgers.values import agree
from pivot_sum.stages.ledgers.values_reading import LANGUAGES, read_values


def read(text: str, language: str) -> list[tuple[str, float, str]]:
    return [(value.kind, value.amount, value.unit) for value in read_values(text, language)]


def certain(text: str, language: str) -> list[tuple[str, float, str]]:
    return [
        (value.kind, value.amount, value.unit)
        for value in read_values(text, language)
        if value.certain
    ]


@pytest.mark.parametrize(
    ("korean", "english", "kind", "amount", "unit"),
    [
        ("세 시 반에 봐", "see you at half past three", "time", 210, ""),
        ("오후 3시 30분이야", "it is 3:30 p.m.", "time", 210, "pm"),
        ("오후 3시 30분이야", "it is 15:30", "time", 210, "pm"),
        ("네 시 45분", "a quarter to five", "time", 285, ""),
        ("새벽 열두 시", "midnight", "time", 0, "am"),
        ("정오", "noon", "time", 0, "pm"),
        ("아침 열 시에", "ten in the morning", "time", 600, "am"),
        ("만 오천 원이에요", "fifteen thousand won", "money", 15000, "KRW"),
        ("1만 5천 원", "15,000 won", "money", 15000, "KRW"),
        ("만 5천 원씩", "15,000 won each", "money", 15000, "KRW"),
        ("20달러", "$20", "money", 20, "USD"),
        ("이십 불이요", "twenty bucks", "money", 20, "USD"),
        ("3달러 50센트", "three dollars and fifty cents", "money", 3.5, "USD"),
        ("5백만 달러", "5 million dollars", "money", 5_000_000, "USD"),
        ("화요일", "on Tuesday", "date", 1, "weekday"),
        ("12월에", "in December", "date", 12, "month"),
        ("1995년에", "in nineteen ninety-five", "date", 1995, "year"),
        ("80년대 노래", "a song of the eighties", "date", 80, "decade"),
        ("두 시간 30분", "two and a half hours", "duration", 2.5, "hour"),
        ("이틀 동안", "for two days", "duration", 2, "day"),
        ("2주나", "two more weeks", "duration", 2, "week"),
        ("반 시간", "half an hour", "duration", 30, "minute"),
        ("30퍼센트", "30 %", "percent", 30, "%"),
        ("60킬로", "sixty kilos", "quantity", 60, "kg"),
        ("시속 60킬로", "sixty kilometers", "quantity", 60, "km"),
        ("영하 20도예요", "20 degrees below zero", "quantity", 20, "degree"),
        ("스물두 살", "twenty-two", "number", 22, ""),
        ("010-1234-5678", "zero one zero, one two three four, five six seven eight",
         "phone", 1012345678, ""),
        ("공일공 일이삼사 오육칠팔", "010 1234 5678", "phone", 1012345678, ""),
        ("010-1234-5678이에요", "It is 010-1234-5678.", "phone", 1012345678, ""),
        ("01012345678로 거세요", "Call 010-1234-5678.", "phone", 1012345678, ""),
    ],
)  # fmt: skip
def test_both_languages_are_read_into_the_same_values(
    korean: str, english: str, kind: str, amount: float, unit: str
) -> None:
    for text, language in ((korean, "ko"), (english, "en")):
        found = [value for value in read_values(text, language) if value.certain]
        assert [value.kind for value in found] == [kind], text
        if (kind, unit) == ("duration", "hour"):  # 150 minutes are two and a half hours
            continue
        assert (found[0].amount, found[0].unit if unit else "") == (amount, unit), text
    [one], [other] = (
        [value for value in read_values(text, language) if value.certain]
        for text, language in ((korean, "ko"), (english, "en"))
    )
    assert agree(one, other) and agree(other, one)


def test_a_date_is_read_in_its_parts() -> None:
    month_and_day = [("date", 5, "month"), ("date", 3, "day")]
    for text in ("May 3rd", "the 3rd of May", "May the third"):
        assert sorted(read(text, "en")) == sorted(month_and_day)
    assert read("5월 3일", "ko") == month_and_day
    assert read("next Tuesday", "en") == read("다음 주 화요일", "ko")
    assert read("유월", "ko") == [("date", 6, "month")]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("이 일은 일이 많아", "ko"), ("사이가 좋은 사장님", "ko"), ("네, 네 친구가 왔어", "ko"),
        ("세금과 세일", "ko"), ("오세요, 공원으로", "ko"), ("이만 가볼게요", "ko"),
        ("천만에요, 만일 그러면", "ko"), ("이번 분기의 조사", "ko"),
        ("세대 차이가 나는 지하철 열차", "ko"),
        ("한시라도 빨리 짐을 둘 곳", "ko"), ("#Person1#은 갔다", "ko"),
        ("#Person12# left", "en"), ("That one may be on the second page", "en"),
        ("Just a second, I'll march in", "en"), ("C'mon, one of them", "en"), ("room C408", "en"),
        ("http://a.kr/123?b=45", "en"), ("me2@a12.kr", "en"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_value_is_none(text: str, language: str) -> None:
    assert certain(text, language) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("at 3:30", "at 15:30", True), ("at 3 p.m.", "at 3 a.m.", False), ("$20", "20", True),
        ("$20", "20 euros", False), ("two weeks", "14 days", True), ("a month", "30 days", True),
        ("three days", "three weeks", False), ("6", "at 6 p.m.", True), ("1995", "95", False),
        ("$3.84", "three eighty-four", True), ("20 kilos", "20 miles", False),
        ("six people", "at 6 p.m.", False), ("tomorrow", "Tuesday", False),
    ],
)  # fmt: skip
def test_values_agree_where_one_leaves_open_what_the_other_says(
    one: str, other: str, same: bool
) -> None:
    [first], [second] = read_values(one, "en"), read_values(other, "en")
    assert agree(first, second) == agree(second, first) == same


DIGITS = "영일이삼사오육칠팔구"
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
TENS = " ten twenty thirty forty fifty sixty seventy eighty ninety"


def in_korean(number: int) -> str:
    """Sino-Korean, by the written-out decimal places."""
    for unit, name in ((10**8, "억"), (10**4, "만")):
        if number >= unit:
            head = in_korean(number // unit) if number // unit > 1 or name == "억" else ""
            return f"{head}{name} {in_korean(number % unit)}".strip()
    text = ""
    for digit, name in zip(f"{number:04}", ("천", "백", "십", ""), strict=True):
        if digit != "0":
            text += ("" if digit == "1" and name else DIGITS[int(digit)]) + name
    return text


def in_english(number: int) -> str:
    for unit, name in ((10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= unit:
            joint = " and " if unit == 100 and number % unit else " "
            rest = in_english(number % unit) if number % unit else ""
            return f"{in_english(number // unit)} {name}{joint if rest else ''}{rest}"
    if number < 20:
        return SMALL.split()[number]
    return TENS.split(" ")[number // 10] + (f"-{in_english(number % 10)}" if number % 10 else "")


@given(st.integers(3, 10**9 - 1))
def test_a_number_in_words_or_digits_is_read_back(number: int) -> None:
    for text, language in (
        (f"{in_korean(number)} 원", "ko"),
        (f"{number:,}원", "ko"),
        (f"{in_english(number)} won", "en"),
        (f"₩{number}", "en"),
    ):
        assert read(text, language) == [("money", number, "KRW")], text


@given(st.text(), st.sampled_from(LANGUAGES))
def test_values_stand_where_they_say_and_do_not_overlap(text: str, language: str) -> None:
    values = read_values(text, language)
    assert all(0 <= value.start < value.end <= len(text) for value in values)
    starts = [value.start for value in values]
    assert starts == sorted(starts)
    assert all(
        one.end <= other.start or (one.start, one.end) == (other.start, other.end)
        for one, other in pairwise(values)
    )


@pytest.mark.parametrize(
    "piece", ["만 ", "일이삼사", "one hundred and ", "1,", "half past ", "한 "]
)
def test_a_long_text_of_nothing_but_number_words_is_read_in_one_go(piece: str) -> None:
    for language in LANGUAGES:
        assert isinstance(read_values(piece * 4000, language), tuple)


def test_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="ko and en, not in 'fr'"):
        read_values("trois", "fr")


@pytest.mark.parametrize(
    ("text", "language", "amounts"),
    [
        ("7시 10분 전이에요.", "ko", [430, 410]),  # before 7:10, or ten to seven
        ("현악 4중주", "ko", [4]),
        ("a string quartet", "en", [4]),
        ("two thirds of them", "en", [2 / 3]),
        ("a fortnight ago", "en", [2]),
        ("the nineth floor", "en", [9]),
    ],
)
def test_what_can_be_meant_otherwise_only_bears_out(
    text: str, language: str, amounts: list[float]
) -> None:
    values = read_values(text, language)
    assert [value.amount for value in values] == pytest.approx(amounts)
    assert text == "현악 4중주" or not any(value.certain for value in values)
