"""Where names can stand in English and in Korean."""

from __future__ import annotations

import pytest

from pivot_sum.stages.ledgers.spellings import english_names, korean_spellings


def korean(text: str) -> list[str]:
    return [spelling.text for spelling in korean_spellings(text)]


def test_english_names_are_capitalised_words_with_those_beside_them_longest_first() -> None:
    text = "On Friday Mr. Dawson's sister met Mary Ann Lee, and Tom. The Lees left. Mary O'Hara"
    assert english_names(text) == [
        "Mary Ann Lee",
        "Mary Ann",
        "Ann Lee",
        "Mary O'Hara",
        "Dawson",
        "Mary",
        "Ann",
        "Lee",
        "Tom",
        "Lees",
        "O'Hara",
    ]


def test_placeholders_and_first_words_of_sentences_are_no_names() -> None:
    assert english_names("#Person1# tells him. Yes, she can. #PhoneNumber#") == []


def test_korean_stems_are_what_stands_before_title_and_particles() -> None:
    assert korean("도슨씨에게서") == ["도슨", "도슨씨"]
    assert "유나" in korean("유나야, 어디 가?")
    assert "톰" in korean("톰아, 이리 와.")
    assert "런던" in korean("런던행 기차")


def test_a_vowel_is_followed_by_another_form_so_i_and_a_belong_to_the_name() -> None:
    assert korean("에밀리아는") == ["에밀리아"]
    assert "리" not in korean("리이가")
    assert "리" in korean("리입니다")


def test_what_ends_in_a_particle_or_an_unusual_consonant_is_no_name() -> None:
    assert korean("도슨의") == korean("도슨이") == korean("도슨을") == ["도슨"]
    assert korean("가을을")[:2] == ["가", "가을"]
    assert korean("않은") == []
    assert korean("있다") == []


def test_names_of_several_words_and_of_one_script() -> None:
    assert "왕 메이" in korean("어제 왕 메이는 갔다.")
    assert korean("Sony를") == ["Sony"]
    assert korean("#Person1#은") == ["은"]  # the placeholder hides; what is left is no word of it


def test_spellings_say_where_they_stand() -> None:
    text = "#Person1#은 도슨을 만난다."
    [place] = [spelling for spelling in korean_spellings(text) if spelling.text == "도슨"]
    assert text[place.begin : place.end] == "도슨"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ann Lee Kim Park", ["Ann Lee Kim", "Lee Kim Park", "Ann Lee", "Lee Kim", "Kim Park",
                              "Ann", "Lee", "Kim", "Park"]),
        ("Tom, Lee", ["Tom", "Lee"]),
        ("Tom  Lee", ["Tom", "Lee"]),
        ("Kim's Kim", ["Kim"]),
        ("Tom the Lee", ["Tom", "Lee"]),
        ("I'm Tom", ["Tom"]),
        ("iPhone Tom", ["Tom"]),
        ("#Person1# Tom", ["Tom"]),
    ],
)  # fmt: skip
def test_english_names_are_joined_where_only_a_space_is_between_them(
    text: str, names: list[str]
) -> None:
    assert english_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("왕 메이 린 팡은", ["왕", "메이", "왕 메이", "린", "메이 린", "왕 메이 린", "팡", "팡은",
                       "린 팡", "린 팡은", "메이 린 팡", "메이 린 팡은"]),
        ("왕, 메이는", ["왕", "메이"]),
        ("왕  메이는", ["왕", "메이"]),
        ("소니 Kim은", ["소", "소니", "Kim"]),
        ("Sony Kim은", ["Sony", "Kim", "Sony Kim"]),
        ("TomA가", ["TomA"]),
        ("O'Hara를", ["O'Hara"]),
        ("샐리아가", ["샐리아", "샐리아가"]),
        ("톰이가", ["톰", "톰이가"]),
        ("제이슨이", ["제이슨"]),
        ("나을이", ["나", "나을"]),
        ("밖에", []),
        ("리사의", ["리사"]),
        ("가", ["가"]),
        ("이", ["이"]),
    ],
)  # fmt: skip
def test_korean_names_end_at_a_word_or_before_title_and_particles(
    text: str, names: list[str]
) -> None:
    assert korean(text) == names


def test_no_name_has_more_letters_than_64() -> None:
    assert "가" * 64 in korean("가" * 64 + "는")
    assert "가" * 65 not in korean("가" * 65 + "는")
    assert "Tom" in korean("가" * 65 + "는 Tom")
