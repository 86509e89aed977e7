"""How digits and syllables end, which decides a particle's form. What `fix_particles` makes of it:
tests/stages/test_polish.py."""

from pivot_sum.stages.text.particles import final_consonant


def test_a_digit_ends_as_it_is_read_aloud() -> None:
    """영, 일, 이, 삼, 사, 오, 육, 칠, 팔, 구."""
    assert [final_consonant(digit) for digit in "0123456789"] == [
        "other", "ㄹ", "", "other", "", "", "other", "ㄹ", "ㄹ", "",
    ]  # fmt: skip


def test_a_syllable_ends_in_a_vowel_in_l_or_in_another_consonant() -> None:
    assert [final_consonant(syllable) for syllable in "가말집"] == ["", "ㄹ", "other"]
