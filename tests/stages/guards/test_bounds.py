"""Where a guard begins to speak: at its thresholds, for dialogues of two turns, and for what any
stage answers."""

from __future__ import annotations

from typing import Any

import pytest

from pivot_sum.stages.guards.alignment import misfit
from pivot_sum.stages.guards.checks import TranslationGuards, basic_flags


def flags(source: str, output: str, **fields: Any) -> list[str]:
    return TranslationGuards(**fields).flags_of(source, output, "ko", "en")


@pytest.mark.parametrize(
    ("source", "output", "target", "found"),
    [
        ("안녕", "안녕하세요", "en", {"wrong script"}),
        ("안녕", " ", "en", {"empty"}),
        (" ", " ", "en", set()),
        ("It is closed.", "Yes, 도서관 is closed today.", "en", set()),
        ("NASA", "NASA", "ko", set()),
        ("Take the KTX at NASA station.", "NASA KTX 역", "ko", set()),
    ],
)
def test_any_stage_is_asked_for_text_in_its_language(
    source: str, output: str, target: str, found: set[str]
) -> None:
    assert basic_flags(source, output, target) == found


@pytest.mark.parametrize(
    ("source", "output", "flagged"),
    [
        ("#Person1#: 네.\n#Person2#: 그래.", "#Person1#: Yes.\n#Person2#: Right.", False),
        ("#Person1#: 네.\n#Person2#: 그래.", "#Person2#: Yes.\n#Person1#: Right.", True),
        ("#Person1#, #Person2#, 네. 그래.", "#Person1#: Yes.\n#Person2#: Right.", True),
        ("#Person1#: 네.\n#Person2#: 그래.", "#Person1#, #Person2#, yes. Right.", True),
    ],
)
def test_a_dialogue_of_two_turns_keeps_who_speaks(source: str, output: str, flagged: bool) -> None:
    assert ("no counterpart" in flags(source, output)) is flagged


def test_a_value_at_its_threshold_passes() -> None:
    source = "방이 너무 더워요. 에어컨을 켜 주시겠어요?"
    shorter = "The room is too hot."
    evidence = misfit(source, shorter, "ko", "en")
    assert "no counterpart" not in flags(source, shorter, max_misfit=evidence)
    assert "no counterpart" in flags(source, shorter, max_misfit=evidence - 0.01)
    assert "length" not in flags("...", "a" * 14, max_length_factor=2.0)
    assert "length" in flags("...", "a" * 15, max_length_factor=2.0)
    assert "copy" not in flags(source, source, max_copied=1.0)
    assert "copy" in flags(source, source, max_copied=0.99)


def test_one_word_that_was_not_translated_is_a_copy() -> None:
    assert "copy" in flags("도서관에요", "도서관에요")
    assert "copy" not in flags("도서관에요", "library")
