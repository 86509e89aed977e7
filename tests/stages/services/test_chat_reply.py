"""Replies of chat models: what is taken off, what is no answer, and that a right answer stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from chatright import right_answers
from hostilereplies import HOSTILE, LATE, Case, becomes, table
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.guards.notes import adds_notes
from pivot_sum.stages.services.chat_dressing import Question, undressed
from pivot_sum.stages.services.chat_numbered import can_be_numbered, numbered, read_numbered
from pivot_sum.stages.services.chat_reply import NotAnAnswer, Read, Reply, read_reply

ROOT = Path(__file__).resolve().parents[3]
RIGHT = right_answers()


@pytest.mark.parametrize("case", HOSTILE, ids=[case.what for case in HOSTILE])
def test_what_becomes_of_a_hostile_reply(case: Case) -> None:
    assert becomes(case) == (case.becomes, case.stripped)


def test_what_is_left_because_it_is_not_certain_is_flagged() -> None:
    left = HOSTILE[-1]
    assert left.what.startswith("a note that may be") and not left.stripped
    assert adds_notes(left.question.source, left.becomes, left.question.target)


def test_the_page_shows_what_becomes_of_them() -> None:
    page = (ROOT / "docs" / "chat-answers.md").read_text(encoding="utf-8")
    assert table() in page, "python tests/support/hostilereplies.py prints the table anew"


@pytest.mark.parametrize(("question", "answer"), RIGHT, ids=[answer for _, answer in RIGHT])
def test_a_right_answer_stays_as_it_is(question: Question, answer: str) -> None:
    assert read_reply(Reply(content=answer), question) == Read(answer)


def test_the_parts_of_a_failure_are_told() -> None:
    question = Question("내일 봐요.", "translate", "en")
    with pytest.raises(NotAnAnswer) as caught:
        read_reply(Reply(content="word " * 200, finish_reason="length"), question)
    assert caught.value.kind == "cut"
    assert len(caught.value.said) == 200 and caught.value.said.startswith("word word")


@pytest.mark.parametrize("ended", [None, "", "stop", "STOP", "eos", "end_turn"])
def test_servers_write_the_ordinary_end_in_several_ways(ended: str | None) -> None:
    question = Question("네.", "translate", "en")
    assert read_reply(Reply(content=" Yes.\n", finish_reason=ended), question).text == "Yes."


PIECES = [
    "<think>", "</think>", "**", '"', "“", "”", "```\n", "\n", "Note: ", "(Note: x)", "Sure! ",
    "Here is the translation:", "번역: ", "I'm sorry, but I can't", " assist with that.", "※",
    "{", "}", "[1] ", "죄송하지만 도와드릴 수 없습니다.", "Option 1", "네", "hello",
    " ", "<|im_end|>", "Let me know if you need more.", "#Person1#",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=8).map("".join)
words = st.lists(
    st.sampled_from(
        ["tomorrow", "#Person1#", "we", "won't", "40,000", "내일", "보자", "(ha)", "ok?"]
    ),
    min_size=1,
    max_size=8,
).map(" ".join)


@given(words, st.sampled_from(["translate", "summarize", "rewrite"]), st.sampled_from(["ko", "en"]))
def test_a_plain_answer_is_unchanged(text: str, task: str, target: str) -> None:
    question = Question("오늘은 비가 와요.", task, target)  # type: ignore[arg-type]
    assert read_reply(Reply(content=text), question) == Read(text)


@given(texts.filter(str.strip))
def test_what_the_source_has_is_never_taken_off(text: str) -> None:
    assert undressed(text, Question(text, "translate", "en")) == (text.strip(), ())


@given(texts, texts, st.sampled_from(["translate", "summarize"]))
def test_nothing_is_left_to_take_off(text: str, source: str, task: str) -> None:
    question = Question(source, task, "en")  # type: ignore[arg-type]
    once, _ = undressed(text, question)
    assert undressed(once, question) == (once, ())
    assert len(once) <= len(text)


DRESSED = [
    "<thinking>Hm.</thinking>{}", "Here's the translation:\n\n{}", "```\n{}\n```", "“{}”", "**{}**",
    "{}\n\nNote: this is informal.", "<translation>{}</translation>", "{}<|eot_id|>",
    "{}\n\nLet me know if you want changes!", "오늘은 비가 와요.\n→ {}",
]  # fmt: skip


@given(st.lists(st.sampled_from(DRESSED), min_size=1, max_size=3, unique=True))
def test_dressings_come_off_in_any_order(dressings: list[str]) -> None:
    text = "It is raining in Busan today."
    for dressing in dressings:
        text = dressing.format(text)
    answer, stripped = undressed(text, Question("오늘은 비가 와요.", "translate", "en"))
    assert answer == "It is raining in Busan today."
    assert stripped


# Several texts in one request


@given(st.lists(words | st.text(min_size=1).filter(can_be_numbered), min_size=1, max_size=12))
def test_a_list_is_read_as_it_is_written(texts: list[str]) -> None:
    assert read_numbered(numbered(texts), len(texts)) == [text.strip() for text in texts]


@pytest.mark.parametrize(
    ("reply", "answers"),
    [
        ("[1] Yes.\n[2] No.\n[3] Maybe.", ["Yes.", "No.", "Maybe."]),
        ("[3] Maybe.\n[1] Yes.\n\n[2] No.", ["Yes.", "No.", "Maybe."]),
        ("**[1]** Yes.\n**[2]** No.\n**[3]** Maybe.", ["Yes.", "No.", "Maybe."]),
        ("[1] Yes.\n[2] No.", None),
        ("[1] Yes.\n[2] No.\n[4] Maybe.", None),
        ("[1] Yes.\n[2] No.\n[3] Maybe.\n[4] More.", None),
        ("[1] Yes.\n[2] No.\n[2] Maybe.", None),
        ("[1] Yes.\n[2]\n[3] Maybe.", None),
        ("[1] Yes.\n[2] No.\nand so on\n[3] Maybe.", None),
        ("Yes.\nNo.\nMaybe.", None),
        ("1. Yes.\n2. No.\n3. Maybe.", None),
        ("[1] Yes. [2] No. [3] Maybe.", None),
        ("", None),
    ],
)
def test_a_list_of_answers(reply: str, answers: list[str] | None) -> None:
    assert read_numbered(reply, 3) == answers


@pytest.mark.parametrize("text", ["", " ", "one\ntwo", "[2] two", "**[2]** two", ": two", "a\rb"])
def test_texts_that_are_asked_alone(text: str) -> None:
    assert not can_be_numbered(text)


def test_a_dressed_list_is_read() -> None:
    texts = ["네.", "아니요."]
    question = Question(numbered(texts), "translate", "en")
    read = read_reply(
        Reply(content="Here are the translations:\n\n```\n[1] Yes.\n[2] No.\n```"), question
    )
    assert read_numbered(read.text, 2) == ["Yes.", "No."]
    assert read.stripped == ("introduction", "fence")


@pytest.mark.parametrize(
    ("answer", "stands"),
    [
        ("수정할 내용이 없습니다.", True),
        ("고칠 것이 없음", True),
        ("수정 사항: 없음", True),
        ("요약문에 오류가 없습니다. 그대로 사용하셔도 됩니다.", True),
        ("The summary is accurate. No changes needed.", True),
        ("요약문이 정확하지 않습니다.", False),
        ("The summary is not correct.", False),
        ("#Person1#은 고칠 것이 없다고 말한다.", False),
        ("요약문에 틀린 곳이 없습니다. 회의 시간이 3시로 적혀 있습니다.", False),
    ],
)
def test_a_summary_stands_where_the_whole_answer_says_so(answer: str, stands: bool) -> None:
    question = Question(LATE, "rewrite", "ko")
    read = read_reply(Reply(content=answer), question)
    assert read == (Read(LATE, ("nothing to correct",)) if stands else Read(answer))
