"""How a value that was put right is written: as the wrong one was, or not at all."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.values_repair import with_numbers_repaired


@pytest.mark.parametrize(
    ("source", "output", "repaired"),
    [
        ("오후 6시에", "at seven p.m.", "at six p.m."),
        ("오후 12시에", "at one p.m.", "at twelve p.m."),
        ("오후 6시에", "at 7 p.m.", "at 6 p.m."),
        ("오후 6시 20분에", "at 7 p.m.", "at 6:20 p.m."),
        ("오후 3시 반에", "at 4:30 p.m.", "at 3:30 p.m."),
        ("오전 3시에", "at 3 p.m.", "at 3 a.m."),
        ("오전 3시에", "at 3pm", "at 3am"),
        ("열아홉 명", "four people", "nineteen people"),
        ("7월에", "in August", "in July"),
        ("금요일", "on Thursday", "on Friday"),
        ("2만 5천 원", "24,000 won", "25,000 won"),
        ("3.5킬로", "2 kilos", "3.5 kilos"),
        ("오전 3시에", "at 3 p. m.", "at 3 a. m."),
        ("오전 3시에", "at 3:00 p.m.", "at 3:00 a.m."),
        ("오후 12시 5분에", "at 4:10 p.m.", "at 12:05 p.m."),
        ("3시 5분", "at 4:10", "at 3:05"),
        ("세 시에", "at Four o'clock", "at three o'clock"),
        ("3시에 봐.", "See you at 4 p.m.", "See you at 3 p.m."),
        ("일요일", "on Monday", "on Sunday"),
        ("1월에", "in December", "in January"),
        ("12월에", "in January", "in December"),
        ("5월 31일", "on May 30", "on May 31"),
        ("100명", "120 people", "100 people"),
        ("두 명", "Nineteen people", "two people"),
        ("5천 원", "1,000 won", "5000 won"),
        ("만 원", "12,000 won", "10,000 won"),
        ("0.5퍼센트", "30 percent", "0.5 percent"),
        ("열흘", "9 days", "10 days"),
    ],
)
def test_in_english(source: str, output: str, repaired: str) -> None:
    assert with_numbers_repaired(source, output, "ko", "en") == (repaired, 1)


@pytest.mark.parametrize(
    ("source", "output", "repaired"),
    [
        ("at 6:30", "7:30에 봐", "6:30에 봐"),
        ("at 6:05 p.m.", "오후 7:05에 봐", "오후 6:05에 봐"),
        ("at 20:00", "오전 7시에", "오후 8시에"),
        ("at 6 a.m.", "일곱시에 봐", "여섯시에 봐"),
        ("at 6:10", "일곱 시에 봐", "여섯 시 10분에 봐"),
        ("20 people", "스물한 명이 왔다.", "스무 명이 왔다."),
        ("21 people", "스무 명이 왔다.", "스물한 명이 왔다."),
        ("40 people", "열 명이 왔다.", "마흔 명이 왔다."),
        ("30,000 won", "2만 원이다.", "3만 원이다."),
        ("35,000 won", "2만 원이다.", "35,000 원이다."),
        ("in July", "8월에", "7월에"),
        ("at 1 p.m.", "오전 1시에", "오후 1시에"),
        ("at 6 a.m.", "저녁 6시에", "오전 6시에"),
        ("at 6:15 p.m.", "저녁 7시 반에", "오후 6시 15분에"),
        ("at 6 p.m.", "저녁 7시 반에", "오후 6시에"),
        ("at 6:30", "일곱 시 10분에", "여섯 시 30분에"),
        ("at 12:05 a.m.", "오전 7 시 5분에", "오전 12 시 5분에"),
        ("on Sunday", "월요일에", "일요일에"),
        ("in January", "12월에", "1월에"),
        ("99 people", "스물 한 명", "아흔아홉 명"),
        ("100 people", "150명", "100명"),
        ("120 people", "100명이 왔다.", "120명이 왔다."),
        ("14 books", "열세 권을 샀다.", "열네 권을 샀다."),
        ("12 books", "열네 권을 샀다.", "열두 권을 샀다."),
        ("10 books", "열한 권을 샀다.", "열 권을 샀다."),
        ("10,000 won", "2만 원", "1만 원"),
        ("10,001 won", "2만 원", "10,001 원"),
        ("9,000 won", "2만 원", "9000 원"),
        ("25,000 won", "2만 4천 원", "25,000 원"),
        ("1,234,567 won", "3원", "1,234,567원"),
        ("Room 31", "32에 간다.", "31에 간다."),
        ("31%", "32퍼센트는", "31퍼센트는"),
        ("3 people and 5 cats", "4명과 5마리", "3명과 5마리"),
    ],
)
def test_in_korean(source: str, output: str, repaired: str) -> None:
    assert with_numbers_repaired(source, output, "en", "ko") == (repaired, 1)


@pytest.mark.parametrize(
    ("source", "output", "languages"),
    [
        ("서른 명", "four people", ("ko", "en")),  # there is no one word for it
        ("세 시간 반", "two hours", ("ko", "en")),
        ("이만 원", "thirty thousand won", ("ko", "en")),
        ("3.5 hours", "두 시간 동안", ("en", "ko")),
        ("오후 1시 20분에", "at noon", ("ko", "en")),
        ("1시 20분에", "at half past three", ("ko", "en")),
        ("1234567.5달러", "2 dollars", ("ko", "en")),  # would be rounded
        ("100 people", "두 명이 왔다.", ("en", "ko")),
        ("two 3 hours", "둘 한 시간 두 시간", ("en", "ko")),
        ("150명", "one hundred people", ("ko", "en")),
        ("두 명", "one hundred people", ("ko", "en")),
        ("0 people", "두 명이 왔다.", ("en", "ko")),
        ("스무 명", "nineteen people", ("ko", "en")),
        ("100 people", "아흔 명이 왔다.", ("en", "ko")),
        ("at 6 p.m.", "오전에 7시에", ("en", "ko")),  # `오전` would stay
        ("2 dollars", "3달러 50센트", ("en", "ko")),
        ("세 명", "four people, 5 dogs", ("ko", "en")),  # two changes
        ("Room 31", "32은 넓다.", ("en", "ko")),  # the particle would change
    ],
)
def test_what_cannot_be_written_so_stays(
    source: str, output: str, languages: tuple[str, str]
) -> None:
    assert with_numbers_repaired(source, output, *languages) == (output, 0)
