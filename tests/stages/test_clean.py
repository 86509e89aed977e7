"""`clean` repairs what is certain, names each repair, and leaves the rest alone."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.base import declared_identity
from pivot_sum.stages.clean import Clean


def cleaned(text: str, **options: Any) -> tuple[str, dict[str, int]]:
    (answer,) = Clean(**options).answers([text])
    return answer.text, answer.note.get("repairs", {})


@pytest.mark.parametrize(
    ("dirty", "clean", "repairs"),
    [
        ("#Person1#: 네\r\n#Person2#: 응", "#Person1#: 네\n#Person2#: 응", {"line ends": 1}),
        ("\ufeff#Person1#: 안\u200b녕", "#Person1#: 안녕", {"invisible characters": 2}),
        ("#Person1#: 안녕\u00a0그래", "#Person1#: 안녕 그래", {"odd spaces": 1}),
        ("##Person1#: 네", "#Person1#: 네", {"placeholders": 1}),
        ("#PErson2#: 네", "#Person2#: 네", {"placeholders": 1}),
        ("#사람1#: 네", "#Person1#: 네", {"placeholders": 1}),
        ("#Person1: 네", "#Person1#: 네", {"placeholders": 1}),
        ("＃Person1＃: 네", "#Person1#: 네", {"placeholders": 1}),
        ("#Person1#: 번호는 # phone number #예요", "#Person1#: 번호는 #PhoneNumber#예요",
         {"placeholders": 1}),
        ("사람1#: 네", "#Person1#: 네", {"labels without #": 1}),
        ("사람2: 네\nPerson1: 응", "#Person2#: 네\n#Person1#: 응", {"labels without #": 2}),
        ("# #Person1#: 네", "#Person1#: 네", {"stray # before a label": 1}),
        ("#Person1#: 왔어? #Person2#: 네. #Person1#: 그래",
         "#Person1#: 왔어?\n#Person2#: 네.\n#Person1#: 그래",
         {"turns on one line": 2}),
        ("#Person1#：네", "#Person1#: 네", {"labels": 1}),
        ("#Person1#:네\n#Person2# :  응", "#Person1#: 네\n#Person2#: 응", {"labels": 2}),
        ("#Person1#: 네  \n #Person2#: 응", "#Person1#: 네\n#Person2#: 응",
         {"spaces around lines": 2}),
        ("\n#Person1#: 네\n\n\n#Person2#: 응\n", "#Person1#: 네\n#Person2#: 응",
         {"blank lines": 3}),
    ],
)  # fmt: skip
def test_each_kind_of_damage_is_repaired_and_named(
    dirty: str, clean: str, repairs: dict[str, int]
) -> None:
    assert cleaned(dirty) == (clean, repairs)


def test_decomposed_korean_is_composed() -> None:
    text = "#Person1#: 안녕하세요"
    assert cleaned(unicodedata.normalize("NFD", text)) == (text, {"decomposed letters": 1})


@pytest.mark.parametrize(
    "text",
    [
        "#Person1#: #키를 눌러 주세요.\n#Person2#: 네.",
        "#Person1#: 가족 이모지 👨\u200d👩\u200d👧 예요",
        "#Person1#:",
        "#Person1#: 그가 \"#Person2#: 안녕\"이라고 썼어",
        "#Person1# 안녕하세요",
        "철수: 안녕",
        "#Person1#: 전체#",
        "#Person1#: ㅋㅋ 좋아 ㅠㅠ",
        "#Agent#: #Foo#요?",
        "#Person1#은 #Person2#에게 간다.",
    ],
)  # fmt: skip
def test_what_is_not_certain_or_not_damaged_stays(text: str) -> None:
    assert cleaned(text) == (text, {})


def test_a_clean_text_comes_back_as_a_plain_string() -> None:
    assert [type(output) for output in Clean()(["#Person1#: 네"])] == [str]


@pytest.mark.parametrize(
    ("text", "written", "repairs"),
    [
        ("#Person1#: 좋아ㅋㅋ 그래", "#Person1#: 좋아 웃음 그래", {"laughter": 1}),
        ("#Person1#: ㅎㅎ", "#Person1#: 웃음", {"laughter": 1}),
        ("#Person1#: 싫어 ㅠㅠ! ㅜㅜ", "#Person1#: 싫어 슬픔! 슬픔", {"tears": 2}),
        ("#Person1#: ㅇㅇ 고마워", "#Person1#: 응 고마워", {"short forms": 1}),
        ("#Person1#: ㅂㅂ", "#Person1#: ㅂㅂ", {}),
    ],
)
def test_bare_jamo_become_words_only_when_asked(
    text: str, written: str, repairs: dict[str, int]
) -> None:
    assert cleaned(text, colloquial=True) == (written, repairs)
    assert cleaned(text) == (text, {})


damaged = st.lists(
    st.sampled_from(
        [
            "#",
            "＃",
            " ",
            "  ",
            "\n",
            "\r\n",
            "\r",
            "\u200b",
            "\u200d",
            "\ufeff",
            "\u00a0",
            ":",
            "：",
            "네",
            "안녕.",
            "#Person1#",
            "#person2#",
            "Person1",
            "사람2",
            "#Foo#",
            "#PhoneNumber#",
            '"',
            "👩",
            "ㅇㅇ",
            "1",
            "ㅋㅋ",
            "ㅠ",
            "\u1112\u1161",
        ]
    )
).map("".join)


@pytest.mark.parametrize("colloquial", [False, True])
@given(text=st.one_of(damaged, st.text()))
def test_cleaning_twice_is_cleaning_once(colloquial: bool, text: str) -> None:
    once, _ = cleaned(text, colloquial=colloquial)
    assert cleaned(once, colloquial=colloquial) == (once, {})


@given(damaged)
def test_repairs_are_noted_exactly_where_the_text_changes(text: str) -> None:
    clean, repairs = cleaned(text)
    assert bool(repairs) == (clean != text)


@pytest.mark.parametrize("text", ["", " ", "\r\n \n", "\u200b"])
def test_blank_stays_blank(text: str) -> None:
    assert cleaned(text)[0].strip() in ("", text.strip("\u200b"))


def test_only_the_batch_size_is_outside_the_identity() -> None:
    assert declared_identity(Clean(batch_size=3)) == {
        "stage": "clean", "version": 1, "language": "ko", "colloquial": False
    }  # fmt: skip
    assert (Clean(language="en").source, Clean(language="en").target) == ("en", "en")
