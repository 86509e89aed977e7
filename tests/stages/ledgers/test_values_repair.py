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
    ],
)
def test_what_cannot_be_written_so_stays(
    source: str, output: str, languages: tuple[str, str]
) -> None:
    assert with_numbers_repaired(source, output, *languages) == (output, 0)
