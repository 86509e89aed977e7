"""What the guards measure: repeated and copied words, what a dialogue holds of a sentence."""

from __future__ import annotations

import random

import pytest

from pivot_sum.stages.guards.alignment import misfit
from pivot_sum.stages.guards.repetition import (
    copied,
    is_exclamation,
    repeated_words,
    stutters,
)
from pivot_sum.stages.guards.support import support

DIALOGUE = (
    "#Person1#: Hello, do you have time this afternoon? I need some help with my homework.\n"
    "#Person2#: Sure, let's meet in front of the library at three.\n"
    "#Person1#: Great. My number is #PhoneNumber#, call me when you arrive."
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("yes", 0),
        ("yes, Yes", 1),
        ("he goes he goes he goes", 4),
        ("a b c a b", 0),
        ("one two one two three three", 2),
        ("a b c a b c a b x", 3),
        (f"{' '.join(map(str, range(24)))} " * 2, 24),
        (f"{' '.join(map(str, range(25)))} " * 2, 0),
    ],
)
def test_repeated_words_are_those_that_repeat_what_stands_before_them(
    text: str, words: int
) -> None:
    assert repeated_words(text) == words


def test_copied_counts_only_words_in_long_enough_runs() -> None:
    assert copied("we meet at the library", "Sure, we meet at the library!", 4) == 1.0
    assert copied("we met at the library", "Sure, we meet at the library!", 4) == 0.0
    assert copied("", "anything", 1) == 0.0


def test_copied_finds_the_longest_runs_from_the_left_in_any_texts() -> None:
    generator = random.Random(5)
    for _ in range(150):
        output, source = (generator.choices("abc", k=generator.randint(1, 14)) for _ in range(2))
        runs = {tuple(source[i:j]) for i in range(len(source)) for j in range(i + 1, 15)}
        taken = start = 0
        while start < len(output):
            ends = [end for end in range(len(output) + 1) if tuple(output[start:end]) in runs]
            length = max(ends, default=start) - start
            taken += length if length >= 3 else 0
            start += max(length, 1)
        assert copied(" ".join(output), " ".join(source), 3) == taken / len(output)


def test_support_is_the_share_of_a_sentence_that_the_dialogue_holds() -> None:
    assert support("Meet library homework arrive zebra", DIALOGUE, "en") == pytest.approx(4 / 5)
    assert support("Fine.", DIALOGUE, "en") == 1.0
    assert support("Zebra giraffe lion elephant the", DIALOGUE, "en") == 1.0
    assert support("Zebras giraffes lions elephants 7", DIALOGUE, "en") == 0.0
    assert support("Zebra giraffe lion elephant 3", "zebras, 3", "en") == pytest.approx(2 / 5)
    assert support("가나다라마바사아자차카타", "가나다", "ko") == 1.0
    assert support("가나다라마바사아자차카타파", "가나다", "ko") == pytest.approx(2 / 12)


def test_a_sentence_that_was_joined_to_another_by_a_conjunction_is_not_missed() -> None:
    source = "한 가지 더 있어요. 오늘 아침에 학교에서 전화가 왔어요."
    assert (
        misfit(source, "There is one more thing and the school called me this morning.", "ko", "en")
        < 2
    )
    assert misfit(source, "The school called me this morning.", "ko", "en") > 2


def test_an_exclamation_is_one_word_of_forty_letters_at_most() -> None:
    assert is_exclamation("안녕히 가세요.", "byes " * 10)
    assert not is_exclamation("안녕히 가세요.", "byes " * 11)
    assert not is_exclamation("잘 가요, 안녕.", "bye bye")
    assert not is_exclamation("안녕.", "bye now")


def test_a_syllable_six_times_on_end_is_a_stutter_where_the_source_has_none() -> None:
    assert stutters("ha", "하" * 6)
    assert not stutters("ha", "하" * 5)
    assert not stutters("하" * 6, "하" * 7)
