"""Cutting texts that are too long: nothing lost, nothing too long, placeholders whole, the best
places first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.text.chunking import split_to_fit
from pivot_sum.stages.text.placeholders import count, find

WORDS = st.sampled_from(
    [
        "안녕하세요.",
        "네,",
        "세",
        "시에",
        "만나요!",
        "가요?",
        "Hello",
        "there.",
        "#Person1#은",
        "#Person1#:",
        "#PhoneNumber#",
        "#",
        "a#B1#c",
    ]
)
TURNS = st.lists(WORDS, min_size=0, max_size=12).map(" ".join)
DIALOGUES = st.lists(TURNS, min_size=1, max_size=6).map("\n".join)
LANGUAGES = st.sampled_from(["ko", "en"])
LONGEST_PLACEHOLDER = len("#PhoneNumber#")


def characters(text: str) -> int:
    return len(text)


def subwords(text: str) -> int:
    """Like a real tokenizer: special tokens are counted, long words are more than one token,
    whitespace is free."""
    return 2 + sum(-(-len(word) // 4) for word in text.split())


def bare(text: str) -> str:
    return "".join(text.split())


def put_together(pieces: list[tuple[str, str]]) -> str:
    return "".join(piece + separator for piece, separator in pieces)


@given(DIALOGUES | st.text(), st.integers(min_value=LONGEST_PLACEHOLDER, max_value=60), LANGUAGES)
def test_no_piece_is_longer_than_the_limit(text: str, limit: int, language: str) -> None:
    assert all(
        len(piece) <= limit or find(piece) == [piece]
        for piece, _ in split_to_fit(text, limit, characters, language)
    )


@given(DIALOGUES, st.integers(min_value=8, max_value=40), LANGUAGES)
def test_no_piece_is_longer_than_the_limit_in_tokens(text: str, limit: int, language: str) -> None:
    assert all(
        subwords(piece) <= limit for piece, _ in split_to_fit(text, limit, subwords, language)
    )


@given(DIALOGUES | st.text(), st.integers(min_value=1, max_value=60), LANGUAGES)
def test_nothing_is_lost_but_whitespace(text: str, limit: int, language: str) -> None:
    assert bare(put_together(split_to_fit(text, limit, characters, language))) == bare(text)


@given(DIALOGUES, st.integers(min_value=8, max_value=40), LANGUAGES)
def test_words_stay_apart_when_pieces_are_put_together(
    text: str, limit: int, language: str
) -> None:
    longest = max((characters(word) for word in text.split()), default=0)
    if longest <= limit:
        assert put_together(split_to_fit(text, limit, characters, language)).split() == text.split()


@given(DIALOGUES, st.integers(min_value=1, max_value=40), LANGUAGES)
def test_placeholders_are_never_cut(text: str, limit: int, language: str) -> None:
    pieces = split_to_fit(text, limit, characters, language)
    assert sum((count(piece) for piece, _ in pieces), start=count("")) == count(text)


@given(DIALOGUES | st.text(), st.integers(min_value=1, max_value=60), LANGUAGES)
def test_no_piece_is_blank_unless_the_text_is(text: str, limit: int, language: str) -> None:
    """A model given a blank piece makes something up."""
    pieces = split_to_fit(text, limit, characters, language)
    assert pieces
    assert not text.strip() or all(piece.strip() for piece, _ in pieces)


@given(DIALOGUES, LANGUAGES)
def test_a_text_that_fits_comes_back_whole(text: str, language: str) -> None:
    assert split_to_fit(text, len(text), characters, language) == [(text, "")]


@given(DIALOGUES, st.integers(min_value=1, max_value=60), LANGUAGES)
def test_cutting_a_piece_again_leaves_it_as_it_is(text: str, limit: int, language: str) -> None:
    for piece, _ in split_to_fit(text, limit, characters, language):
        if len(piece) <= limit:
            assert split_to_fit(piece, limit, characters, language) == [(piece, "")]


@given(DIALOGUES, st.integers(min_value=8, max_value=60))
def test_turns_that_fit_are_never_cut(text: str, limit: int) -> None:
    pieces = split_to_fit(text, limit, characters, "ko")
    for turn in text.split("\n"):
        if turn.strip() and len(turn) <= limit:
            assert any(turn in piece for piece, _ in pieces)


TWO_TURNS = "#Person1#: 안녕하세요. 반갑습니다.\n#Person2#: 네, 저도요. 어디 가세요?"


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        pytest.param(
            TWO_TURNS,
            30,
            [
                ("#Person1#: 안녕하세요. 반갑습니다.", "\n"),
                ("#Person2#: 네, 저도요. 어디 가세요?", ""),
            ],
            id="turns before sentences",
        ),
        pytest.param(
            TWO_TURNS,
            20,
            [
                ("#Person1#: 안녕하세요.", " "),
                ("반갑습니다.", "\n"),
                ("#Person2#: 네, 저도요.", " "),
                ("어디 가세요?", ""),
            ],
            id="sentences before words",
        ),
        pytest.param(
            "#Person1#은 아주 아주 긴 문장을 말한다.",
            16,
            [("#Person1#은 아주 아주", " "), ("긴 문장을 말한다.", "")],
            id="words before characters",
        ),
        pytest.param(
            "가나다라마#Person1#바사",
            10,
            [("가나다라마", ""), ("#Person1#바", ""), ("사", "")],
            id="characters last",
        ),
        pytest.param(
            "#PhoneNumber#", 5, [("#PhoneNumber#", "")], id="a placeholder is one character"
        ),
        pytest.param(
            "a b\nc d\ne f",
            7,
            [("a b\nc d", "\n"), ("e f", "")],
            id="as many turns as fit stay together",
        ),
        pytest.param(
            "가 나\n\n\n다 라\n",
            4,
            [("가 나", "\n"), ("다 라", "")],
            id="blank lines are no pieces",
        ),
    ],
)
def test_cuts_are_made_at_the_best_places_there_are(
    text: str, limit: int, pieces: list[tuple[str, str]]
) -> None:
    assert split_to_fit(text, limit, characters, "ko") == pieces


@pytest.mark.parametrize("length", [characters, subwords])
def test_a_blank_text_is_one_piece(length: Callable[[str], int]) -> None:
    assert len(split_to_fit("   ", 2, length, "ko")) == 1
