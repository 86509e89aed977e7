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
