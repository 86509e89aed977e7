"""Every mask comes off exactly, collides with nothing, and guesses nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.placeholders.masks import leftovers, mask_from_name
from pivot_sum.stages.text.placeholders import PLACEHOLDER, find

NAMES = ("as-is", "word", "name", "xml", "bracket", "underscore", "number")
SENTINELS = NAMES[1:]

texts = st.lists(
    st.sampled_from(
        [
            *(f"#Person{n}#" for n in (1, 2, 7, 10, 11)),
            "#PhoneNumber#",
            "#Email#",
            "#Email1#",
            "Person1",
            "Person 01",
            "email",
            "7301",
            "7,302",
            "Zelda",
            "젤다",
            '<x id="1"/>',
            "⟦1⟧",
            "__P1__",
            "# ",
            "은 ",
            " 갔다. ",
            " went ",
            "3",
            "a",
        ]
    )
).map("".join)


@pytest.mark.parametrize("name", NAMES)
@given(text=texts)
def test_a_mask_comes_off_exactly(name: str, text: str) -> None:
    mask = mask_from_name(name)
    masked = mask.mask(text)
    if masked is None:
        assert mask.unmask(text, text) is None
    elif name in SENTINELS:
        assert find(masked) == []
        assert mask.unmask(masked, text) == text


@pytest.mark.parametrize("name", SENTINELS)
def test_ordinary_texts_can_be_masked(name: str) -> None:
    text = "#Person1#은 #Person2#에게 #PhoneNumber#로 전화한다. #Person1#은 기쁘다."
    assert mask_from_name(name).mask(text) is not None


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("as-is", "#Person2#는 #Person1#과 간다."),
        ("word", "Person2는 Person1과 간다."),
        ("xml", '<x id="1"/>는 <x id="2"/>과 간다.'),
        ("bracket", "⟦1⟧는 ⟦2⟧과 간다."),
        ("underscore", "__P1__는 __P2__과 간다."),
        ("number", "7301는 7302과 간다."),
    ],
)
def test_masks_look_as_documented(name: str, masked: str) -> None:
    assert mask_from_name(name).mask("#Person2#는 #Person1#과 간다.") == masked


@pytest.mark.parametrize("name", SENTINELS)
def test_no_sentinel_is_the_beginning_of_another(name: str) -> None:
    text = " ".join(f"#Person{n}#" for n in range(1, 14))
    masked = mask_from_name(name).mask(text)
    assert masked is not None
    sentinels = re.findall(r"<x[^>]*>|\S+", masked)
    assert len(set(sentinels)) == 13
    assert not any(
        one != other and other.startswith(one) for one in sentinels for other in sentinels
    )


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("word", "Person1"), ("name", "Zelda"), ("name", "젤다"), ("xml", '<x id="1"/>'),
        ("bracket", "⟦1⟧"),
        ("underscore", "__P1__"), ("number", "7301"), ("number", "7,301"), ("number", "173012"),
    ],
)  # fmt: skip
def test_a_sentinel_that_occurs_in_the_text_is_not_used(name: str, taken: str) -> None:
    mask = mask_from_name(name)
    text = f"#Person1#이 {taken} 라고 했다."
    masked = mask.mask(text)
    assert masked is not None
    assert masked.count(taken) == 1
    assert mask.unmask(masked, text) == text


@pytest.mark.parametrize(
    ("name", "returned"),
    [
        ("as-is", "# person1 # met #Person2"),
        ("word", "person 1 met PERSON2"),
        ("name", "zelda met 쿠엔틴"),
        ("xml", '<x id = "1" /> met < X id="2">'),
        ("bracket", "⟦ 1 ⟧ met ⟦2 ⟧"),
        ("underscore", "__ p1 __ met _ _P2_ _"),
        ("number", "7,301 met 7302"),
    ],
)
def test_changed_case_and_whitespace_inside_a_sentinel_are_tolerated(
    name: str, returned: str
) -> None:
    assert (
        mask_from_name(name).unmask(returned, "#Person1# trifft #Person2#")
        == "#Person1# met #Person2#"
    )


@pytest.mark.parametrize(
    ("name", "returned"),
    [
        ("word", "Person3 met Person12 and Persona1"),
        ("name", "Zeldas met Selda"),
        ("xml", '<y id="1"/> met <x id="3"/>'),
        ("bracket", "[1] met ⟦3⟧"),
        ("underscore", "P1 met __P3__"),
        ("number", "73012 met 17301 and 7303 and 7301.5"),
    ],
)
def test_what_is_not_certainly_a_sentinel_is_not_guessed(name: str, returned: str) -> None:
    assert mask_from_name(name).unmask(returned, "#Person1# trifft #Person2#") == returned


def test_a_placeholder_without_a_number_is_not_read_into_an_everyday_phrase() -> None:
    source = "제 phone은 #PhoneNumber#"
    assert (
        mask_from_name("word").unmask("my phone number is PhoneNumber", source)
        == "my phone number is #PhoneNumber#"
    )


def test_a_word_that_occurs_in_the_text_in_another_form_is_not_used() -> None:
    mask = mask_from_name("word")
    text = "person 1 asks #Person1#"
    masked = mask.mask(text)
    assert masked == "person 1 asks Person2"
    assert mask.unmask(masked, text) == text


def test_a_word_without_a_number_that_occurs_in_the_text_is_numbered_from_one() -> None:
    assert mask_from_name("word").mask("an email to #Email#") == "an email to Email1"


def test_a_word_that_another_one_begins_with_is_not_used() -> None:
    assert mask_from_name("word").mask("#Person# met #Person1#") is None


def test_what_was_never_masked_is_not_restored() -> None:
    assert mask_from_name("word").unmask("Person1", "a#Person1#b") is None


def test_pieces_that_were_left_are_counted_by_their_kind() -> None:
    text = "#Person1# ⟦1⟧, ⟦1 and <x id, __P1 # 2__ ＃"
    assert leftovers(text) == {"bracket": 3, "xml": 1, "underscore": 1, "hash": 2}
    assert not leftovers("#Person1# and #Email# in <xenon>")


def test_a_mask_that_could_not_come_off_is_not_put_on() -> None:
    assert mask_from_name("word").mask("a#Person1#b") is None
    assert mask_from_name("number").mask("3#Person1#") is None
    too_many = " ".join(f"#Person{n}#" for n in range(1, 30))
    assert mask_from_name("name").mask(too_many) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_text_without_placeholders_stays_as_it_is(name: str) -> None:
    text = "Person1 and 7301 ⟦1⟧"
    assert PLACEHOLDER.search(text) is None
    assert mask_from_name(name).mask(text) == text
    assert mask_from_name(name).unmask(text, text) == text


def test_an_unknown_mask_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        ValueError, match=r"emoji.*as-is, word, name, xml, bracket, underscore, number"
    ):
        mask_from_name("emoji")
