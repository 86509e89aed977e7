"""The last rung: what stands between the placeholders is translated by itself and put together
again so that it reads well."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pivot_sum.stages.placeholders.ladder import through_ladder


def cut(text: str, answer: Callable[[str], str]) -> tuple[str, list[str]]:
    """The text through the last rung only, and what its translator was asked."""
    asked: list[str] = []

    def translate(texts: list[str]) -> list[str]:
        asked.extend(texts)
        return [answer(text) for text in texts]

    (result,) = through_ladder([text], translate, [])
    return result.text, asked


@pytest.mark.parametrize(
    ("text", "answer", "shown"),
    [
        ("그가 갔다. #Person1#도 갔다.", "left.", "left. #Person1# left."),
        ("그리고 #Person1#도 그리고", "and。", "and #Person1# and。"),
        ("안녕 #Person1#", "hello .", "hello #Person1#"),
        ("#Person1# 그리고", ", and", "#Person1#, and"),
        ("#Person1#\n그리고", ", and", "#Person1#\n, and"),
        ("#Person1#: 그리고 (#Person2#) 다", "and", "#Person1#: and (#Person2#) and"),
        ("#Person1#그리고", "-and", "#Person1#-and"),
        ("그리고#Person1#", "and-", "and-#Person1#"),
        ("그리고 \n#Person1#\n", "and", "and \n#Person1#\n"),
        ("#Person1#안녕#Person2#", "", "#Person1# #Person2#"),
        ("안녕#Person1#안녕", "", "#Person1#"),
        ("안녕 #Person1#, 안녕", "", " #Person1#, "),
        ("#Person1#안녕", "h#el＃lo", "#Person1# hello"),
        ("#Person1#안녕", "#Person9# hello", "#Person1# hello"),
        ("#Person1# 3 (4) #Person2# 안녕", "hi", "#Person1# 3 (4) #Person2# hi"),
        ("#Person1# 안녕 “#Person2#”", "hi “", "#Person1# hi “#Person2#”"),
    ],
)
def test_an_answer_is_put_between_its_placeholders(text: str, answer: str, shown: str) -> None:
    assert cut(text, lambda _: answer)[0] == shown


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("#Person1#은 책이 좋다", ["책이 좋다"]),
        ("#Person1#에게서", []),
        ("#Person1#씨 #Person2#까지만 #Person3#이랑", []),
        ("#Person1#은 3, #Person2#는 4", []),
    ],
)
def test_a_particle_that_lost_its_word_and_digits_are_not_translated(
    text: str, asked: list[str]
) -> None:
    assert cut(text, str.upper)[1] == asked


def test_a_translator_that_leaves_out_a_text_is_an_error() -> None:
    with pytest.raises(ValueError):
        through_ladder(["안녕", "#Person1#은 갔다"], lambda texts: ["hello"], [])
