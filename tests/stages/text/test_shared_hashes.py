"""Placeholders that share a `#` are read in one way, and none disappears on the way to a model."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.placeholders.masks import mask_from_name
from pivot_sum.stages.text.placeholders import PLACEHOLDER, PRIVATE_FACTS, count, find
from pivot_sum.stages.text.speakers import Speakers, with_labels, without_labels

WORDS = ["#", "##", "Person4", "Person10", "I", "A1", "PhoneNumber", "SSN", "와", " ", ": ", "Tom"]
texts = st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
KNOWN = re.compile(rf"#(?:Person[0-9]+|{'|'.join(PRIVATE_FACTS)})#")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("#Person4#와#I#Person4#", ["#Person4#", "#Person4#"]),
        ("#I#Person4#", ["#Person4#"]),
        ("#I#PhoneNumber#", ["#PhoneNumber#"]),
        ("#Person1#Person2#", ["#Person1#"]),
        ("#PhoneNumber#Person2#", ["#PhoneNumber#"]),
        ("#Person1#I#", ["#Person1#"]),
        ("#A#B#C#", ["#A#", "#C#"]),
        ("#A#B#Person1#", ["#A#", "#Person1#"]),
        ("#I#Person4", ["#I#"]),
        ("#Person1##Person2#", ["#Person1#", "#Person2#"]),
        ("#I##Person2#", ["#I#", "#Person2#"]),
    ],
)
def test_a_known_placeholder_wins_over_an_unknown_one(text: str, meant: list[str]) -> None:
    assert find(text) == meant


@settings(max_examples=400)
@given(text=texts)
def test_a_known_placeholder_gives_way_to_a_known_one_before_it_and_to_nothing_else(
    text: str,
) -> None:
    known = [match.group() for match in KNOWN.finditer(text)]
    assert [found for found in find(text) if KNOWN.fullmatch(found)] == known


@pytest.mark.parametrize("form", ["name", "letter"])
@pytest.mark.parametrize("language", ["ko", "en"])
@settings(max_examples=200)
@given(text=texts)
def test_what_the_model_is_shown_has_every_other_placeholder_and_no_new_one(
    text: str, form: Speakers, language: str
) -> None:
    labelled, labels = with_labels(text, form, language)
    assert without_labels(labelled, labels, language) == text
    assert find(labelled) == [found for found in find(text) if found not in labels]


def test_the_example_of_the_issue_keeps_both_speakers() -> None:
    text = "#Person4#와#I#Person4#"
    labelled, labels = with_labels(text, "name", "ko")
    assert labelled == "현우와#I현우"
    assert labels == {"#Person4#": "현우"}
    assert without_labels(labelled, labels, "ko") == text


@pytest.mark.parametrize("mask", ["as-is", "word", "xml", "bracket"])
@settings(max_examples=150)
@given(text=texts)
def test_masks_and_ladder_read_them_as_everybody_does(text: str, mask: str) -> None:
    hidden = mask_from_name(mask).mask(text)
    if hidden is not None and mask != "as-is":
        assert not [found for found in KNOWN.findall(hidden) if found in find(text)]
    (result,) = through_ladder([text], lambda parts: [part.lower() for part in parts], [mask])
    assert count(result.text) == count(text)


@given(text=texts)
def test_a_text_is_its_placeholders_and_what_stands_between(text: str) -> None:
    pieces = PLACEHOLDER.split(text)
    assert len(pieces) == len(find(text)) + 1
    assert "".join(a + b for a, b in zip(pieces, [*find(text), ""], strict=True)) == text
