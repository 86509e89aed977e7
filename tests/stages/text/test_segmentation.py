"""Texts are cut into units and put together again without losing a byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.text.placeholders import find
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.stages.text.segmentation import Over, join, sentences, split

OVERS: tuple[Over, ...] = ("dialogue", "turn", "sentence")
DIALOGUE = (
    "#Person1#: 안녕하세요. 무엇을 도와드릴까요?\n#Person2#: 네, 예약이요!  \r\n\n#Person1#:\n "
    " #Person2#： 끝. "
)

texts = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                "#Person1#",
                "#PhoneNumber#",
                ": ",
                ":",
                "：",
                "\n",
                "\r\n",
                " ",
                "\u2028",
                "\u00a0",
                ".",
                "?",
                "…",
                "1",
                '"',
                "안녕하세요. ",
                "네",
                "왜요? ",
                "Hi. ",
                "9 a.m. ",
                "라고 했다. ",
                "2021. 3. 5. ",
                "#",
                "3.5",
            ]
        )
    ).map("".join),
)


@pytest.mark.parametrize("over", OVERS)
@given(text=texts, language=st.sampled_from(["ko", "en"]))
def test_untouched_units_give_the_text_back(over: Over, text: str, language: str) -> None:
    units, frame = split(text, over, language)
    assert join(frame, units) == text
    assert len(frame) == len(units) + 1
    assert all(unit and unit == unit.strip() for unit in units)


@pytest.mark.parametrize("over", OVERS)
@given(text=texts)
def test_no_placeholder_is_ever_cut(over: Over, text: str) -> None:
    pieces = split(text, over, "ko")
    assert sum(len(find(piece)) for piece in (*pieces.units, *pieces.frame)) == len(find(text))


def test_a_dialogue_is_one_unit() -> None:
    assert split(f"\n{DIALOGUE}", "dialogue", "ko").units == (DIALOGUE.strip(),)


def test_turns_leave_heads_and_line_ends_in_the_frame() -> None:
    units, frame = split(DIALOGUE, "turn", "ko")
    assert units == ("안녕하세요. 무엇을 도와드릴까요?", "네, 예약이요!", "끝.")
    assert frame == ("#Person1#: ", "\n#Person2#: ", "  \r\n\n#Person1#:\n  #Person2#： ", " ")


def test_sentences_are_cut_within_turns() -> None:
    assert split(DIALOGUE, "sentence", "ko").units == (
        "안녕하세요.",
        "무엇을 도와드릴까요?",
        "네, 예약이요!",
        "끝.",
    )


def test_any_placeholder_can_be_a_head_but_not_in_mid_line() -> None:
    assert split("#Agent#: 네 #Person1#: 응", "turn", "ko").units == ("네 #Person1#: 응",)


def test_a_line_without_a_head_is_a_unit() -> None:
    assert split("#Person1#은 간다.\n끝", "turn", "ko").units == ("#Person1#은 간다.", "끝")


@pytest.mark.parametrize("over", OVERS)
@pytest.mark.parametrize("text", ["", " ", "\r\n \n"])
def test_a_blank_text_has_no_units(over: Over, text: str) -> None:
    assert split(text, over, "ko") == ((), (text,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("정말? 그래! 좋아… 가자.", ["정말?", "그래!", "좋아… 가자."]),
        ("갈게.바로 와.", ["갈게.", "바로 와."]),
        ("키는 1.8미터예요. 커요.", ["키는 1.8미터예요.", "커요."]),
        ("지금 9 a.m.입니다. 늦었어요.", ["지금 9 a.m.입니다.", "늦었어요."]),
        ("2021. 3. 5. 에 봐요. 네.", ["2021. 3. 5. 에 봐요.", "네."]),
        ("1. 우유 2. 빵을 사요.", ["1. 우유 2. 빵을 사요."]),
        ('그는 "갈게요."라고 했어요. 끝.', ['그는 "갈게요."라고 했어요.', "끝."]),
        ('"왜?" 하고 물었어요.', ['"왜?" 하고 물었어요.']),
        ("음. . . 그래요.", ["음. . .", "그래요."]),
        ("번호는 #PhoneNumber#. 맞죠?", ["번호는 #PhoneNumber#.", "맞죠?"]),
        ("네.", ["네."]),
        ("?!", ["?!"]),
        ("  ", []),
    ],
)
def test_korean_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text, "ko") == expected


def test_english_sentences() -> None:
    text = "Mr. Kim came at 9 a.m. on Monday. It cost 3.5 dollars! #Person1# paid."
    assert sentences(text, "en") == [
        "Mr. Kim came at 9 a.m. on Monday.", "It cost 3.5 dollars!", "#Person1# paid."
    ]  # fmt: skip


def test_a_frame_takes_exactly_its_number_of_outputs() -> None:
    with pytest.raises(ValueError, match="takes 1 outputs, not 2"):
        join(("a", "b"), ("1", "2"))


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("안녕하세요", "ko"),
        ("Good morning", "en"),
        ("#Person1#은 Windows를 새로 샀다", "ko"),
        ("#Person1# eats 김치 every single day", "en"),
        ("ㅋㅋㅋㅋ", "ko"),
        ("おはようございます", "other"),
        ("네.", None),
        ("OK!", None),
        ("#Person1# #PhoneNumber# 123", None),
        ("", None),
    ],
)
def test_the_main_script_is_told_by_letters_without_placeholders(
    text: str, script: str | None
) -> None:
    assert main_script(text) == script


@pytest.mark.parametrize("piece", ["“", "1. ", "“a ", "네. ", "가" * 30_000 + "\n", "\u3000"])
def test_long_lines_are_cut_in_parts_and_lose_nothing(piece: str) -> None:
    text = (piece * 30_000)[:30_000] + "끝."
    parts = split(text, "sentence", "ko")
    assert join(parts.frame, parts.units) == text


@pytest.mark.parametrize("pause", [" ", "\n"])
@pytest.mark.parametrize(
    "sentence", ['그는 "내일 갈게요."라고 했다.', "We met Dr. Kim at 3 p.m. today."]
)
def test_long_lines_are_cut_between_sentences(sentence: str, pause: str) -> None:
    language = "ko" if sentence[0] == "그" else "en"
    text = pause.join([sentence] * (40_000 // len(sentence)))
    assert set(split(text, "sentence", language).units) == {sentence}
