"""Remarks, explanations and Markdown of the model's own are found; glosses and what the source has
pass."""

from __future__ import annotations

import pytest

from pivot_sum.stages.guards.notes import adds_notes


@pytest.mark.parametrize(
    ("source", "answer", "target"),
    [
        ("Ask Grant.", "그랜트(Grant)에게 물어보세요.", "ko"),
        ("The World Health Organization said so.", "세계보건기구(WHO)가 말했어요.", "ko"),
        ("The dragon means luck.", "용(龍)은 행운이에요.", "ko"),
        ("국민연금공단이에요.", "It is the National Pension Service (NPS).", "en"),
        ("'정'이에요.", "It is jeong (정).", "en"),
        ("서울시청 앞이에요.", "In front of Seoul City Hall (Seoul).", "en"),
        ("메모를 남겼어요: 전화해 주세요.", "I left a note: call me.", "en"),
        ("안내: 오늘은 쉽니다.", "Note: we are closed today.", "en"),
        ("(웃음) 좋아요.", "(laughs) Fine.", "en"),
        ("- 네.\n- 그래요.", "- Yes.\n- Right.", "en"),
        ("5 * 3 * 2", "5 * 3 * 2", "ko"),
        ("Ask Kim, Grant.", "김그랜트(Grant Kim)에게 물어보세요.", "ko"),
        ("It is 3 p.m.", "오후 3시(15:00)예요.", "ko"),
        ("다음은 광고입니다.", "Here is my number.", "en"),
        ("(오늘) (내일)", "(today) (tomorrow)", "en"),
        ("#Person1#(오늘)", "#Person1# (today)", "en"),
        ("그는 서울에서 일해요.", "He works in Seoul, the city (the Seoul city).", "en"),
    ],
)
def test_no_remark(source: str, answer: str, target: str) -> None:
    assert not adds_notes(source, answer, target)


@pytest.mark.parametrize(
    "answer",
    [
        "번역 참고사항: 존댓말입니다. 내일 봐요.",
        "내일 봐요.\n번역 설명: 구어체로 옮겼습니다.",
        "내일 봐요.\n\n참고 사항: 반말입니다.",
        "**내일 봐요.**",
        "- 내일 봐요.",
        "## 번역\n내일 봐요.",
        "내일 봐요. (친근한 표현)",
        "내일 봐요. ※ 구어체",
        "다음은 번역입니다: 내일 봐요.",
        "내일 봐요 (Grant Kim).",
        "내일 봐요 (작별 인사).",
        "내일 봐요 【내일】 (작별).",
    ],
)
def test_a_remark_in_korean(answer: str) -> None:
    assert adds_notes("See you tomorrow.", answer, "ko")


@pytest.mark.parametrize(
    "answer",
    [
        "Note: See you tomorrow.",
        "English translation:\nSee you tomorrow.",
        "See you tomorrow.\nLiteral translation: tomorrow we see.",
        "See you tomorrow. (informal)",
        "Here is the translation: See you tomorrow.",
        "*See you tomorrow* **soon**",
        "See you (soon) tomorrow, soon.",
        "See you tomorrow (NPS office).",
    ],
)
def test_a_remark_in_english(answer: str) -> None:
    assert adds_notes("내일 봐요.", answer, "en")
