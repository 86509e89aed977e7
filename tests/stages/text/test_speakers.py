"""Speakers as names or letters: a bijection, whatever the dialogue holds, and mapped back whatever
a summary does to them."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pivot_sum.stages.text.placeholders import find
from pivot_sum.stages.text.speakers import (
    ENGLISH_NAMES,
    KOREAN_NAMES,
    Speakers,
    with_labels,
    without_labels,
)

ALL_KOREAN = [*KOREAN_NAMES["consonant"], *KOREAN_NAMES["vowel"]]
FORMS: tuple[Speakers, ...] = ("placeholder", "name", "letter")
TALK = "#Person1#: Call me at #PhoneNumber#.\n#Person2#: I will, #Person1#."
KOREAN_TALK = "#Person1#: #Person2#, 안녕?\n#Person2#: 응, #PhoneNumber#로 전화해."

dialogues = st.lists(
    st.sampled_from(
        [
            *(f"#Person{n}#" for n in (1, 2, 3, 4, 10, 11)),
            *(
                "#PhoneNumber#",
                "#Person#",
                "#person1#",
                "#",
                "Person1",
                "Speaker A",
                "speaker b",
                "화자 A",
                "화자",
                "Speakers",
            ),
            *(
                "Tom",
                "TOM",
                "Toms",
                "Tomorrow",
                "anna",
                "민준",
                "현우",
                "김민준",
                "A",
                "B",
                "a",
                "I",
            ),
            *(
                "'s",
                "s",
                "이",
                "이가",
                "는",
                "와",
                " and ",
                ", ",
                " ",
                ": ",
                ".",
                "\n",
                "x",
                "2",
                "안녕",
                "이는",
            ),
        ]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["ko", "en"])
@settings(max_examples=150)
@given(text=dialogues | st.text(max_size=40))
def test_labels_come_off_exactly(text: str, form: Speakers, language: str) -> None:
    labelled, labels = with_labels(text, form, language)
    assert without_labels(labelled, labels, language) == text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["ko", "en"])
@settings(max_examples=80)
@given(text=dialogues)
def test_labels_are_distinct_new_to_the_dialogue_and_always_the_same(
    text: str, form: Speakers, language: str
) -> None:
    assume(
        "##" not in text
    )  # a stray `#` on both sides of a label looks like a placeholder; it still comes off exactly
    labelled, labels = with_labels(text, form, language)
    assert (labelled, labels) == with_labels(text, form, language)
    assert len(set(labels.values())) == len(labels)
    assert not [label for label in labels.values() if label.casefold() in text.casefold()]
    assert set(labels) <= {found for found in find(text) if re.fullmatch("#Person[0-9]+#", found)}
    others = [found for found in find(text) if found not in labels]
    assert [found for found in find(labelled) if found not in labels] == others


def test_a_dialogue_gets_names_in_its_language() -> None:
    assert (
        with_labels(TALK, "name", "en").text == "Tom: Call me at #PhoneNumber#.\nAnna: I will, Tom."
    )
    assert (
        with_labels(KOREAN_TALK, "name", "ko").text
        == "민준: 현우, 안녕?\n현우: 응, #PhoneNumber#로 전화해."
    )


def test_a_dialogue_gets_letters_in_its_language() -> None:
    assert (
        with_labels(TALK, "letter", "en").text
        == "Speaker A: Call me at #PhoneNumber#.\nSpeaker B: I will, Speaker A."
    )
    assert (
        with_labels(KOREAN_TALK, "letter", "ko").text
        == "화자 A: 화자 B, 안녕?\n화자 B: 응, #PhoneNumber#로 전화해."
    )


def test_the_default_changes_nothing() -> None:
    assert with_labels(TALK, "placeholder", "en") == (TALK, {})


@pytest.mark.parametrize("said", ["Tom", "tom", "TOM", "Tom's", "Toms", "Tomorrow", "Phantom"])
def test_a_name_the_dialogue_holds_in_any_form_is_not_used(said: str) -> None:
    _, labels = with_labels(f"#Person1#: Have you met {said}?\n#Person2#: No.", "name", "en")
    assert labels == {"#Person1#": "Anna", "#Person2#": "Daniel"}


def test_speakers_beyond_the_names_keep_their_placeholders() -> None:
    text = "\n".join(f"#Person{n}#: Hello." for n in range(1, len(ENGLISH_NAMES) + 4))
    labelled, labels = with_labels(text, "name", "en")
    assert list(labels.values()) == list(ENGLISH_NAMES)
    assert find(labelled) == [f"#Person{len(ENGLISH_NAMES) + n}#" for n in (1, 2, 3)]
    assert without_labels(labelled, labels, "en") == text


def test_a_dialogue_whose_labels_would_stick_together_keeps_its_placeholders() -> None:
    assert with_labels("#Person1##Person2#: Hi.", "name", "en") == ("#Person1##Person2#: Hi.", {})


@pytest.mark.parametrize(
    ("summary", "meant"),
    [
        ("Tom asks Anna to call.", "#Person1# asks #Person2# to call."),
        ("Tom's phone rings.", "#Person1#'s phone rings."),
        ("Anna visits the Toms.", "#Person2# visits the #Person1#s."),
        (
            "It is the Toms' house; TOM and anna agree.",
            "It is the #Person1#s' house; #Person1# and #Person2# agree.",
        ),
        (
            "Tom’s number is #PhoneNumber#, (Tom) says.",
            "#Person1#’s number is #PhoneNumber#, (#Person1#) says.",
        ),
        ("Tomorrow Annabel has an atom.", "Tomorrow Annabel has an atom."),
        ("#Person1# calls.", "#Person1# calls."),
    ],
)
def test_names_in_an_english_summary_become_placeholders_again(summary: str, meant: str) -> None:
    assert without_labels(summary, with_labels(TALK, "name", "en").labels, "en") == meant


@pytest.mark.parametrize(
    ("summary", "meant"),
    [
        ("민준은 현우에게 전화한다.", "#Person1#은 #Person2#에게 전화한다."),
        ("민준이가 현우를 만난다.", "#Person1#이 #Person2#를 만난다."),
        ("민준이는 현우랑, 민준이랑 간다.", "#Person1#은 #Person2#랑, #Person1#이랑 간다."),
        ("민준이 현우의 집에 간다.", "#Person1#이 #Person2#의 집에 간다."),
        ("민준 씨와 현우.", "#Person1# 씨와 #Person2#."),
        ("김민준이 온다.", "김민준이 온다."),
    ],
)
def test_names_in_a_korean_summary_become_placeholders_again_with_the_right_particles(
    summary: str, meant: str
) -> None:
    assert without_labels(summary, with_labels(KOREAN_TALK, "name", "ko").labels, "ko") == meant


@pytest.mark.parametrize("number", range(1, 13))
def test_a_korean_name_ends_as_its_number_sounds(number: int) -> None:
    closed = str(number)[-1] in "013678"
    _, labels = with_labels(f"#Person{number}#: 안녕", "name", "ko")
    assert labels[f"#Person{number}#"] == ("민준" if closed else "현우")


@pytest.mark.parametrize(
    ("summary", "meant"),
    [
        ("Speaker A calls Speaker B.", "#Person1# calls #Person2#."),
        ("speaker A's phone; SPEAKER B.", "#Person1#'s phone; #Person2#."),
        ("Speakers A and B talk.", "#Person1# and #Person2# talk."),
        ("A man meets speaker B. A call comes.", "A man meets #Person2#. A call comes."),
        ("The speaker asks. Speaker C agrees, and so does the speaker about it.",) * 2,
        ("Plan B is a plan; vitamin A helps.",) * 2,
    ],
)
def test_letters_are_read_back_only_where_they_are_certainly_the_label(
    summary: str, meant: str
) -> None:
    assert without_labels(summary, with_labels(TALK, "letter", "en").labels, "en") == meant


def test_korean_letters_become_placeholders_again() -> None:
    labels = with_labels(KOREAN_TALK, "letter", "ko").labels
    assert without_labels("화자 A는 화자B에게, 화자 A와 B가 A형이라고 한다.", labels, "ko") == (
        "#Person1#는 #Person2#에게, #Person1#와 #Person2#가 A형이라고 한다."
    )


def test_three_letters_in_a_list_are_all_read_back() -> None:
    labels = with_labels("#Person1#: a\n#Person2#: b\n#Person3#: c", "letter", "en").labels
    assert (
        without_labels("Speakers A, B and C agree.", labels, "en")
        == "#Person1#, #Person2# and #Person3# agree."
    )


def test_no_name_is_part_of_another() -> None:
    for names in (ENGLISH_NAMES, ALL_KOREAN):
        assert not [(a, b) for a in names for b in names if a != b and a.casefold() in b.casefold()]
