"""Whatever a translator does, the placeholders that come out are those that went in."""

import random
import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.text.placeholders import count

ALL_MASKS = ("as-is", "word", "name", "xml", "bracket", "underscore", "number")
_SENTINEL = re.compile(r"#\w+#|Person\d+|<x[^>]*>|⟦\d+⟧|__P\d+__|\d{4}")


class Recorder:
    """A translator that applies one function to each text and remembers its calls."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.calls: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[str]:
        self.calls.append(list(texts))
        return [self.answer(text) for text in texts]


def _reversed_sentinels(text: str) -> str:
    found = _SENTINEL.findall(text)
    return _SENTINEL.sub(lambda _: found.pop(), text)


ADVERSARIES: dict[str, Callable[[str], str]] = {
    "keeps": lambda text: text,
    "drops": lambda text: _SENTINEL.sub("", text),
    "re-cases": str.upper,
    "lowers": str.lower,
    "duplicates": lambda text: text + " " + text,
    "splits": lambda text: " ".join(text),
    "translates": lambda text: text.replace("Person", "사람").replace("#", "＃"),
    "reorders": _reversed_sentinels,
    "invents": lambda text: f"#Person9# {text} #Foo#",
    "goes silent": lambda text: "",
    "sprinkles hashes": lambda text: "#".join(text),
    "opens a placeholder": lambda text: f"#Person {text} #Person",
}

texts = st.lists(
    st.sampled_from(
        [
            *(f"#Person{n}#" for n in (1, 2, 3, 10)),
            "#PhoneNumber#",
            "#Foo#",
            "#",
            "# ",
            "Person1",
            "Foo",
            "1",
            "7301",
            "은 ",
            "에게 ",
            "를",
            " 갔다. ",
            " asks ",
            "(",
            ")",
            ", ",
            "?",
            "\n",
            ": ",
            "안녕하세요.",
            "x",
        ]
    ),
    max_size=12,
).map("".join)
rungs = st.lists(st.sampled_from(ALL_MASKS), max_size=4, unique=True)


@pytest.mark.parametrize("adversary", ADVERSARIES)
@settings(max_examples=60)
@given(batch=st.lists(texts, max_size=5), rungs=rungs)
def test_placeholders_come_out_exactly_whatever_the_translator_does(
    adversary: str, batch: list[str], rungs: list[str]
) -> None:
    results = through_ladder(batch, Recorder(ADVERSARIES[adversary]), rungs)
    assert [count(result.text) for result in results] == [count(text) for text in batch]


@settings(max_examples=200)
@given(batch=st.lists(texts, max_size=5), rungs=rungs, seed=st.integers(0, 10_000))
def test_placeholders_come_out_exactly_from_a_translator_that_changes_its_ways(
    batch: list[str], rungs: list[str], seed: int
) -> None:
    generator = random.Random(seed)
    translator = Recorder(lambda text: generator.choice(list(ADVERSARIES.values()))(text))
    results = through_ladder(batch, translator, rungs)
    assert [count(result.text) for result in results] == [count(text) for text in batch]


@settings(max_examples=100)
@given(batch=st.lists(texts, max_size=5), rungs=rungs, adversary=st.sampled_from(list(ADVERSARIES)))
def test_the_translator_sees_each_non_blank_text_once_and_one_call_a_rung(
    batch: list[str], rungs: list[str], adversary: str
) -> None:
    translator = Recorder(ADVERSARIES[adversary])
    through_ladder(batch, translator, rungs)
    seen = [text for call in translator.calls for text in call]
    assert all(text.strip() for text in seen)
    assert len(seen) == len(set(seen))
    assert len(translator.calls) <= len(rungs) + 1
    assert all(translator.calls)


def test_texts_without_placeholders_go_straight_through() -> None:
    translator = Recorder(str.upper)
    results = through_ladder(["hello", "", "  ", "bye"], translator, ["as-is"])
    assert [(result.text, result.rung) for result in results] == [
        ("HELLO", "plain"), ("", "plain"), ("  ", "plain"), ("BYE", "plain")
    ]  # fmt: skip
    assert translator.calls == [["hello", "bye"]]


def test_texts_climb_only_as_far_as_they_must() -> None:
    def brackets_survive(text: str) -> str:
        return text.replace("#Person1#", "").replace("Person", "Mr ")

    translator = Recorder(brackets_survive)
    texts = ["hello", "#Person1# goes", "#Person2# stays"]
    results = through_ladder(texts, translator, ["as-is", "word", "bracket"])
    assert [result.rung for result in results] == ["plain", "bracket", "bracket"]
    assert [result.text for result in results] == texts
    assert translator.calls == [
        texts, ["Person1 goes", "Person2 stays"], ["⟦1⟧ goes", "⟦1⟧ stays"]
    ]  # fmt: skip


def test_damage_that_is_certain_is_repaired_on_the_first_rung() -> None:
    (result,) = through_ladder(
        ["#Person1# meets #Person2#."], Recorder(str.lower), ["as-is", "word"]
    )
    assert (result.text, result.rung) == ("#Person1# meets #Person2#.", "as-is")


def test_the_last_rung_cuts_and_puts_the_placeholders_back() -> None:
    english = {
        "말했다.": "said.",
        "저는 학생이고, 이름은": "I am a student and my name is.",
        "라고 했어요.": "she said.",
    }
    translator = Recorder(lambda text: english.get(text, "?"))
    told, said = through_ladder(
        ["#Person1#은 #Person2#에게 말했다.", "저는 학생이고, 이름은 #Person1#"], translator, []
    )
    assert (told.text, told.rung) == ("#Person1# #Person2# said.", "cut")
    assert (said.text, said.rung) == ("I am a student and my name is #Person1#", "cut")
    assert translator.calls == [["말했다.", "저는 학생이고, 이름은"]]


@pytest.mark.parametrize(
    "text", ["#Person1#", "#Person1#?", "#Person1#, #Person2#!", "(#PhoneNumber#)", "#Person1# - 3"]
)
def test_punctuation_and_digits_alone_need_no_translator(text: str) -> None:
    translator = Recorder(str.upper)
    (result,) = through_ladder([text], translator, [])
    assert result.text == text
    assert translator.calls == []


def test_pieces_never_stick_to_a_placeholder() -> None:
    translator = Recorder(lambda text: "hello")
    (result,) = through_ladder(["안녕#Person1#안녕하세요(#Person2#)라고"], translator, [])
    assert result.text == "hello #Person1# hello (#Person2#) hello"


def test_a_placeholder_made_up_in_a_plain_text_is_taken_out() -> None:
    (result,) = through_ladder(["hello"], Recorder(lambda text: f"#Person9# {text}"), ["as-is"])
    assert (result.text.strip(), result.rung) == ("hello", "cut")


def test_the_parts_whose_answers_a_text_is_made_of_are_named() -> None:
    texts = ["hi", "#Person1# goes home", "#Person1#!", "#Person2# stays"]
    keeps_1 = Recorder(lambda text: text.upper().replace("#PERSON1#", "#Person1#"))
    results = through_ladder(texts, keeps_1, ["as-is"])
    parts = [result.parts for result in results]
    assert parts == [("hi",), ("#Person1# goes home",), (), ("#Person2# stays",)]
    (cut,) = through_ladder(["#Person1# goes home"], Recorder(str.upper), [])
    assert cut.parts == ("goes home",)


def test_an_unknown_rung_is_refused() -> None:
    with pytest.raises(ValueError, match="emoji"):
        through_ladder(["#Person1#"], Recorder(str.upper), ["emoji"])


def test_an_answer_with_a_broken_copy_of_a_sentinel_is_refused() -> None:
    doubled = Recorder(
        lambda text: re.sub('<x id="1"/>', '<x id="1"/>, <x id="1"', text.replace("#", ""))
    )
    (protected,) = through_ladder(["#Person1#은 집에 갔다."], doubled, ("as-is", "xml", "bracket"))
    assert protected.rung == "bracket"
    assert "<x" not in protected.text


def test_what_looks_like_a_sentinel_in_the_source_is_no_leftover() -> None:
    (protected,) = through_ladder(
        ["#키를 누르고 ⟦2⟧ 다음 #Person1#에게."], Recorder(str), ("as-is",)
    )
    assert protected.rung == "as-is"


def test_placeholders_with_nothing_beside_them_are_not_sent_to_the_translator() -> None:
    translator = Recorder(str.upper)
    texts = ["#PhoneNumber#.", " #Person1##Person2#", "#Person1#!?"]
    assert [protected.text for protected in through_ladder(texts, translator, ALL_MASKS)] == texts
    assert translator.calls == []
