"""Placeholders are found, counted, and repaired only where the reading is certain."""

import random
import re
from collections import Counter
from string import ascii_lowercase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.text.placeholders import count, find, repair_placeholders

KNOWN = ("#Person1#", "#Person2#", "#Person10#", "#PhoneNumber#", "#Email#", "#SSN#")


def test_placeholders_are_found_in_order_with_repeats() -> None:
    text = "#Person2#는 #Person1#에게 #PhoneNumber#를 준다. #Person2#는 간다."
    assert find(text) == ["#Person2#", "#Person1#", "#PhoneNumber#", "#Person2#"]
    assert count(text) == Counter({"#Person2#": 2, "#Person1#": 1, "#PhoneNumber#": 1})


@pytest.mark.parametrize(
    "text", ["#키를 눌러", "#person1#", "# Person1#", "#Person 1#", "#1#", "##", "#사람1#", ""]
)
def test_only_capitalised_latin_words_without_spaces_are_placeholders(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(
    "damaged",
    [
        "#person2#", "#PErson2#", "#PERSON2#", "# Person2 #", "# Person 2 #", "#Person 2#",
        "##Person2#", "##Person2##",
        "#Person2##", "#Person2", "Person2#", "person2#", "＃Person2＃", "#Person２#",
        "#Per\u200bson2#",
        "#Person2\u200b#", "#\ufeffPerson2#", "#사람2#", "#People2#", "#인물2#",
    ],
)  # fmt: skip
def test_a_damaged_placeholder_is_repaired(damaged: str) -> None:
    assert repair_placeholders(f"{damaged}은 왔다", KNOWN) == ("#Person2#은 왔다", 1)
    assert repair_placeholders(f"그때 {damaged}: 네", KNOWN) == ("그때 #Person2#: 네", 1)


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("# phone number #로", "#PhoneNumber#로"),
        ("#Phone Number#로", "#PhoneNumber#로"),
        ("#phonenumber#로", "#PhoneNumber#로"),
        ("#PhoneNumber로", "#PhoneNumber#로"),
        ("#ssn#", "#SSN#"),
        ("#person10#", "#Person10#"),
        ("#Person1 #Person2#", "#Person1# #Person2#"),
        ("#Person1#Person2#", "#Person1##Person2#"),
        ("#person1##person2#", "#Person1##Person2#"),
        ("Person1##Person2#", "#Person1##Person2#"),
        ("#Person1## #Person2#", "#Person1# #Person2#"),
        ("#Foo##person1#", "#Foo##Person1#"),
    ],
)
def test_words_side_by_side_are_repaired_without_touching_each_other(
    damaged: str, right: str
) -> None:
    assert repair_placeholders(damaged, KNOWN)[0] == right


@pytest.mark.parametrize(
    "text",
    [
        "Person1 said", "#키를 눌러", "1 # Person", "# 버튼", "#Person3#", "#Person3", "#People7#",
        "#Mrs. Dawson",
        "#Person12", "#Person1s", "my email# is", "the phone number", "번호 # 1", "# #Person1#",
        "#Person1# #키",
        "#Person1##Person2#", "#Foo##Person1#", "#Foo#", "#person4# is",
    ],
)  # fmt: skip
def test_what_is_not_certainly_a_known_placeholder_stays(text: str) -> None:
    assert repair_placeholders(text, KNOWN) == (text, 0)


def test_nothing_is_repaired_where_nothing_is_known() -> None:
    assert repair_placeholders("#person1#", ()) == ("#person1#", 0)


def test_a_spelling_that_could_be_two_placeholders_is_left_alone() -> None:
    assert repair_placeholders("#email#", ("#Email#", "#EMAIL#")) == ("#email#", 0)


def compiled(monkeypatch: pytest.MonkeyPatch, text: str, known: list[str]) -> int:
    """How long the patterns are that repairing a text compiles."""
    sizes = []
    as_ever = re.compile

    def noted(pattern: str, *flags: Any) -> re.Pattern[str]:
        sizes.append(len(pattern))
        return as_ever(pattern, *flags)

    with monkeypatch.context() as patched:
        patched.setattr(re, "compile", noted)
        repair_placeholders(text, known)
    return sum(sizes)


def test_a_thousand_speakers_take_a_pattern_not_much_longer_than_ten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ten, thousand = ([f"#Person{n}#" for n in range(20, 20 + times)] for times in (10, 1_000))
    short, long = (compiled(monkeypatch, "#person20# 네", known) for known in (ten, thousand))
    assert 0 < long < 3 * short
    damaged = " ".join(thousand).lower()
    assert repair_placeholders(damaged, thousand) == (" ".join(thousand), 1_000)


def test_an_exact_text_takes_no_pattern(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not compiled(
        monkeypatch, "#Person31#: #Person32##Email# 네", ["#Person31#", "#Person32#", "#Email#"]
    )


def test_names_that_no_data_set_has_are_found_but_their_damage_is_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = f"#{'A' * 50_000}#"
    assert compiled(monkeypatch, f"{long} #", [long]) < 10
    assert repair_placeholders(f"{long} #person1#", [long, "#Person1#"]) == (
        f"{long} #Person1#",
        1,
    )
    draw = random.Random(1)
    words = [f"#Z{''.join(draw.choices(ascii_lowercase, k=7))}#" for _ in range(1_000)]
    damaged = words[0].lower()
    assert repair_placeholders(damaged, words[:20]) == (words[0], 1)
    assert compiled(monkeypatch, damaged, words) < 10


pieces = st.lists(
    st.sampled_from(
        [
            "#",
            "##",
            " ",
            "＃",
            "Person",
            "person",
            "1",
            "2",
            "10",
            "\u200b",
            "가",
            "은 ",
            "a",
            ":",
            *KNOWN,
        ]
    )
).map("".join)


@given(pieces)
def test_mending_twice_is_mending_once(text: str) -> None:
    repaired, _ = repair_placeholders(text, KNOWN)
    assert repair_placeholders(repaired, KNOWN) == (repaired, 0)


@given(pieces)
def test_mending_loses_no_exact_placeholder_and_counts_what_it_changes(text: str) -> None:
    repaired, places = repair_placeholders(text, KNOWN)
    known = Counter(
        {placeholder: n for placeholder, n in count(text).items() if placeholder in KNOWN}
    )
    assert known <= count(repaired)
    assert (places == 0) == (repaired == text)


@given(st.lists(st.sampled_from(["가나 ", ". ", "은 ", "went ", *KNOWN])).map("".join))
def test_exact_texts_are_unchanged(text: str) -> None:
    assert repair_placeholders(text, KNOWN) == (text, 0)
