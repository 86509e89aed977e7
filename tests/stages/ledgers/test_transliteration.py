"""Which Korean spellings render an English name."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.transliteration import similarity, sounds


@pytest.mark.parametrize(
    ("english", "spellings"),
    [
        ("Dawson", ["도슨", "다우슨"]),
        ("Alice", ["앨리스", "알리스", "엘리스"]),
        ("Knight", ["나이트"]),
        ("Schmidt", ["슈미트"]),
        ("White", ["화이트"]),
        ("Xavier", ["자비에르"]),
        ("Kim Minsu", ["김민수"]),
        ("Yeongeun", ["영은"]),
        ("Zhang", ["장"]),
        ("Chloé", ["클로에"]),
    ],
)
def test_usual_renderings_come_near_the_name_by_letters_and_by_romanization(
    english: str, spellings: list[str]
) -> None:
    for spelling in spellings:
        assert similarity(english, spelling) > 0.85, spelling


@pytest.mark.parametrize(
    ("english", "other"),
    [
        ("Tom", "음식"),
        ("Alice", "가게"),
        ("Sandra", "서랍"),
        ("Chris", "크기"),
        ("Dawson", "다음"),
    ],
)
def test_other_words_do_not(english: str, other: str) -> None:
    assert similarity(english, other) < 0.6


def test_the_usual_rendering_is_nearer_than_a_rare_one_and_that_than_another_name() -> None:
    found = [similarity("Brian", spelling) for spelling in ("브라이안", "브라이언", "브라운", "빌")]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)


def test_a_name_in_latin_script_is_the_same_letters_or_not() -> None:
    assert similarity("Sony", "SONY") == 1
    assert similarity("Sony", "Sonny") == 0
    assert similarity("Sony", "") == similarity("", "소니") == 0


def test_sounds_are_those_that_are_heard() -> None:
    assert sounds("떨릴 때 A") == "ㄷㅓㄹㅣㄹㄷㅔ"
    assert sounds("왜 예의") == "ㅗㅔㅣㅔㅡㅣ"


@pytest.mark.parametrize(
    ("english", "korean", "cost", "length"),
    [
        # A consonant counts 1 in the length of a name, a vowel half; the longer one is the length.
        ("Ann", "안", 0, 1.5),
        ("Yun", "윤", 0, 2),
        # What has no sound of its own, or Korean needs a vowel for, costs little.
        ("Mark", "마크", 0.05 + 0.05, 3.5),  # r before a consonant, and ㅡ behind one
        ("Mark", "말크", 0.05, 4),
        ("Sarah", "사라", 0.1, 4),  # h behind something
        ("Rhee", "리", 0.1, 2.5),
        ("Eve", "이브", 0.05 + 0.05, 2),  # the second rendering of e; e at the end costs nothing
        ("E", "이", 0.05, 0.5),
        ("Nga", "응아", 0.05, 2.5),
        ("Al", "알으", 0.5, 2),  # but l, m and n close a syllable
        ("Jon", "조느", 0.5, 3),
        ("Sam", "사마", 0.5, 3),
        # What is left out, added or another sound.
        ("Rose", "로", 1, 3),
        ("Wu", "우", 0.5, 1),
        ("Tim", "킴", 1, 2.5),
        ("Tim", "탐", 0.4, 2.5),
        ("To", "틉", 0.4 + 1, 2.5),  # no consonant stands for a vowel
        # Each later rendering of the table is a little worse.
        ("Ted", "데드", 2 * 0.05 + 0.05, 3),
        ("Tam", "톰", 4 * 0.05, 2.5),
        ("Ash", "애시", 0.05 + 0.05, 2.5),
        ("Tim", "Tim", 0, 2.5),
    ],
)
def test_a_likeness_is_one_less_what_a_rendering_costs_by_its_length(
    english: str, korean: str, cost: float, length: float
) -> None:
    assert similarity(english, korean) == pytest.approx(max(0, 1 - cost / length))


@pytest.mark.parametrize("name", ["Zoë", "ZOE", "zoe", "Zo-e"])
def test_accents_case_and_signs_of_a_name_are_not_heard(name: str) -> None:
    assert similarity(name, "조에") == similarity("Zoe", "조에") > 0.9
