"""What is said of each text: the verdict on its placeholders, and remarks."""

from __future__ import annotations

import pytest

from pivot_sum.running.verdicts import (
    doubtful_remarks,
    remarks,
    speakers_swapped,
    unsupported_numbers,
    verdict,
)
from pivot_sum.stages.base import Note, PlaceholderPolicy

PHONE = "#PhoneNumber#"
LADDER: Note = {"rung": "xml"}
REPAIRED: Note = {"repairs": {"placeholders": 1}}


@pytest.mark.parametrize(
    ("policy", "source", "output", "note", "expected"),
    [
        ("keep", "말", "words", {}, None),
        ("keep", f"{PHONE} 말", f"words {PHONE}", {}, "kept"),
        ("keep", f"{PHONE} 말", f"words {PHONE}", {"rung": "as-is"}, "kept"),
        ("keep", f"{PHONE} 말", f"words {PHONE}", LADDER, "repaired"),
        ("keep", f"{PHONE} 말", f"words {PHONE}", {"rung": "cut"}, "repaired"),
        ("keep", f"{PHONE} 말", f"words {PHONE}", {"repairs": {"particles": 1}}, "kept"),
        ("keep", f"{PHONE} 말", "words", {}, "lost"),
        ("keep", f"{PHONE} {PHONE}", PHONE, {}, "lost"),
        ("keep", PHONE, f"{PHONE} {PHONE}", {}, "invented"),
        ("keep", "말", PHONE, {}, "invented"),
        ("keep", "#Person1#", "#Person2#", {}, "invented"),
        ("keep", "#Person1#", "#Person2#", REPAIRED, "invented"),
        ("repair", "#PErson1# 말", "#Person1# 말", REPAIRED, "repaired"),
        ("repair", "사람1#: 말", "#Person1#: 말", REPAIRED, "repaired"),
        ("repair", "#Person1# 말", "#Person1# 말", {"repairs": {"line ends": 2}}, "kept"),
        ("repair", "말", "#Person1# 말", {}, "invented"),
        ("repair", "#Person1# 말", "말", REPAIRED, "lost"),
        ("select", "#Person1# #Person2#", "#Person2#", {}, "kept"),
        ("select", "#Person1#", "#Person1# #Person1#", {}, "kept"),
        ("select", "#Person1#", "#Person1#", REPAIRED, "repaired"),
        ("select", "#Person1# #Person2#", "words", {}, "lost"),
        ("select", "#Person1#", "#Person1# #Person3#", {}, "invented"),
        ("select", "말", "words", {}, None),
    ],
)
def test_the_verdict_on_placeholders_follows_what_the_stage_may_do_to_them(
    policy: PlaceholderPolicy, source: str, output: str, note: Note, expected: str | None
) -> None:
    assert verdict(policy, source, output, note) == expected


@pytest.mark.parametrize(
    ("output", "note", "target", "expected"),
    [
        ("all is well", {}, "en", []),
        ("", {}, "en", ["empty"]),
        ("모두 좋습니다", {}, "en", ["wrong script"]),
        ("네", {}, "en", []),
        ("all is well", {"flags": ["split", "unfinished"]}, "en", ["split", "unfinished"]),
    ],
)
def test_remarks_are_the_stages_flags_an_empty_answer_and_the_wrong_script(
    output: str, note: Note, target: str, expected: list[str]
) -> None:
    assert remarks("무엇이든", output, note, target) == expected


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("#Person1#은 네 시에 표 두 장을 산다.", ["네 시"]),
        ("#Person1#은 3시에 표를 산다.", []),
        ("#Person1# buys two tickets at four.", []),  # another language says nothing
    ],
)
def test_numbers_of_a_summary_that_its_dialogue_does_not_hold_are_named(
    summary: str, expected: list[str]
) -> None:
    dialogue = "#Person1#: 세 시 표 두 장 주세요."
    found = unsupported_numbers(summary, dialogue)
    assert [summary[start:end] for start, end in found] == expected
    assert doubtful_remarks(summary, dialogue) == {
        f"unsupported number {one}": 1 for one in expected
    }


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("#Person2#는 민수에게 시간이 있는지 묻는다.", True),
        ("#Person1#은 민수에게 시간이 있는지 묻는다.", False),
        ("#Person2# asks Minsu whether Minsu has time.", False),  # another language says nothing
    ],
)
def test_exchanged_speakers_of_a_summary_are_noticed(summary: str, expected: bool) -> None:
    dialogue = "#Person1#: 민수 씨, 내일 시간 있어요?\n#Person2#: 네, 있어요."
    assert speakers_swapped(summary, dialogue) is expected
