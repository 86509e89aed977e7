"""A sentence without counterpart is found by lengths, question marks and a small dictionary."""

from __future__ import annotations

import time
from math import comb, exp, log

import pytest

from pivot_sum.stages.guards.alignment import (
    NOTHING_FITS,
    _beta_binomial,
    length_distance,
    misfit,
    size,
)
from pivot_sum.stages.guards.lexicon import is_ordinary, known_words, meanings


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        (
            "This bag is too small—my laptop does not fit.",
            "이 가방은 너무 작아요. 제 노트북이 안 들어가요.",
        ),
        (
            "It is a park. It was opened in 1990 and is very popular.",
            "공원입니다.1990년에 문을 열었고 아주 인기가 많아요.",
        ),
        ("I was tired. I went home early.", "피곤해서 집에 일찍 갔어요."),
        ("Yes. I already paid the bill.", "네, 요금은 이미 냈어요."),
    ],
)
def test_sentences_cut_or_joined_are_not_missing(english: str, korean: str) -> None:
    assert misfit(english, korean, "en", "ko") <= 2
    assert misfit(korean, english, "ko", "en") <= 2


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        (
            "이 호수는 아주 깊고 물이 차가워요. 많은 학자들이 이 호수가 오래됐다고 믿어요.",
            "Many scholars believe that this lake is very old.",
        ),
        (
            "어제 새 냉장고를 주문했어요. 기사님이 토요일에 가져오신다고 했어요.",
            "The driver said that he would bring it on Saturday.",
        ),
        ("방이 너무 더워요. 에어컨을 켜 주시겠어요?", "The room is too hot."),
    ],
)
def test_a_dropped_sentence_is_missing_even_where_that_joins(source: str, answer: str) -> None:
    assert misfit(source, answer, "ko", "en") > 2
    assert misfit(answer, source, "en", "ko") > 2


def test_the_answer_to_another_text_is_found_by_its_words() -> None:
    assert misfit("약은 식사 후에 드세요.", "What time does the concert begin?", "ko", "en") > 2


def test_nothing_fits_where_nothing_is_said() -> None:
    assert misfit("네.", "...", "ko", "en") == NOTHING_FITS
    assert misfit("...", "...", "ko", "en") == 0


def test_question_marks_of_both_widths_are_the_same() -> None:
    korean, english = "방이 너무 더워요. 에어컨을 켜 주시겠어요?", "The room is too hot."
    wide = misfit(korean.replace("?", "？"), english, "ko", "en")
    assert wide == misfit(korean, english, "ko", "en") > 2
    assert misfit(korean.replace("?", "."), english, "ko", "en") < wide


def test_sentences_are_joined_more_readily_where_a_conjunction_says_so() -> None:
    korean = "고양이가 아파요. 병원에 갈 거예요."
    joined, fused = (
        misfit(korean, f"My cat is ill {how} I will take it to a vet.", "ko", "en")
        for how in ("and", "while")
    )
    assert 0 < joined < fused


@pytest.mark.parametrize(
    ("text", "letters"), [("", 0), ("a1, b!", 3), ("가나 다", 6), ("#Person1#은 a", 3), ("龍", 1)]
)
def test_a_syllable_counts_as_two_letters_and_a_placeholder_as_none(
    text: str, letters: int
) -> None:
    assert size(text) == letters


def test_texts_are_as_far_apart_in_length_either_way() -> None:
    assert length_distance("가나다", "abcdef") == 0
    assert length_distance("", "a" * 14) == length_distance("a" * 14, "") == pytest.approx(log(2))


def test_the_chances_of_all_numbers_of_words_add_up() -> None:
    for mean in (0.15, 0.5):
        chances = [exp(_beta_binomial(found, 7, mean)) * comb(7, found) for found in range(8)]
        assert sum(chances) == pytest.approx(1)
        expected = sum(found * chance for found, chance in enumerate(chances))
        assert expected == pytest.approx(7 * mean)


def test_a_very_long_text_is_judged_in_seconds() -> None:
    english = " ".join(f"We bought {n} apples, and then we went home." for n in range(60))
    korean = " ".join(f"우리는 사과 {n}개를 사고, 집에 갔어요." for n in range(60))
    start = time.process_time()
    assert misfit(english, korean, "en", "ko") <= 2
    assert time.process_time() - start < 10


def test_words_mean_the_same_in_all_their_forms() -> None:
    assert meanings("libraries") & meanings("도서관에서")
    assert meanings("1,200") & meanings("1200")
    assert not meanings("library") & meanings("병원")
    assert not meanings("qwerty") and not known_words("#Person1# #Library#")
    assert meanings("can’t") == meanings("can't") == meanings("Can't") != frozenset()
    assert meanings("stopped") & meanings("stop") and meanings("studies") & meanings("study")
    assert meanings("3.5") == {"3.5"}


def test_ordinary_words_are_told_from_names_and_terms() -> None:
    assert all(map(is_ordinary, ("library", "Libraries", "smaller", "stopped", "don't", "the")))
    assert is_ordinary("don’t") and is_ordinary("goes") and is_ordinary("canned")
    assert not any(map(is_ordinary, ("wifi", "kg", "Olivia", "ebook", "aing", "carped")))


@pytest.mark.parametrize("made_of", ["이건 {}번째 문장이에요. ", "쉼표, "])
def test_of_texts_too_long_to_align_nothing_is_said(made_of: str) -> None:
    long = "".join(made_of.format(number) for number in range(1_001))
    assert misfit(long, "Nothing of it.", "ko", "en") == 0.0
    assert misfit("Nothing of it.", long, "en", "ko") == 0.0
    short = "".join(made_of.format(number) for number in range(20))
    assert misfit(short, "Nothing of it.", "ko", "en") > 2
