"""`polish` puts the form of Korean summaries right and never touches their words or
placeholders.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.base import declared_identity
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.text.placeholders import find


def polished(text: str) -> tuple[str, dict[str, int]]:
    (answer,) = Polish().answers([text])
    return answer.text, answer.note.get("repairs", {})


@pytest.mark.parametrize(
    ("after_consonant", "after_vowel"),
    [
        ("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("과의", "와의"), ("이랑", "랑"),
        ("이나", "나"),
        ("이라고", "라고"), ("이라는", "라는"), ("이라며", "라며"), ("이에요", "예요"),
        ("이었다", "였다"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("number", "closed"),
    [
        *((number, True) for number in (1, 3, 6, 7, 8, 10)),
        *((number, False) for number in (2, 4, 5, 9, 12)),
    ],
)
def test_the_particle_follows_the_number_read_aloud(
    number: int, closed: bool, after_consonant: str, after_vowel: str
) -> None:
    right, wrong = (after_consonant, after_vowel) if closed else (after_vowel, after_consonant)
    assert fix_particles(f"#Person{number}#{wrong} 갔다") == (f"#Person{number}#{right} 갔다", 1)
    assert fix_particles(f"#Person{number}#{right} 갔다") == (f"#Person{number}#{right} 갔다", 0)


@pytest.mark.parametrize(
    ("number", "form"),
    [(1, "로"), (2, "로"), (3, "으로"), (6, "으로"), (7, "로"), (8, "로"), (10, "으로")],
)
def test_after_l_the_direction_is_ro(number: int, form: str) -> None:
    for given_form in ("로", "으로"):
        assert fix_particles(f"#Person{number}#{given_form}")[0] == f"#Person{number}#{form}"
    assert fix_particles(f"#Person{number}#으로부터")[0] == f"#Person{number}#{form}부터"


@pytest.mark.parametrize(
    "text",
    [
        "#PhoneNumber#을 준다", "#PhoneNumber#를 준다", "#Person2#이야기", "#Person1#가방",
        "#Person1#나라", "#Person2#이다",
        "#Person1#에게", "#Person1#의", "#Person1#야", "Person1는", "1는", "#Person1# 모두",
    ],
)  # fmt: skip
def test_particles_that_are_not_certainly_wrong_stay(text: str) -> None:
    assert fix_particles(text) == (text, 0)


def test_a_bare_copula_after_a_consonant_is_completed() -> None:
    assert fix_particles("범인은 #Person1#다.") == ("범인은 #Person1#이다.", 1)


@pytest.mark.parametrize(
    ("text", "right", "repairs"),
    [
        ("#Person1# 은 간다.", "#Person1#은 간다.", {"spaces before a particle": 1}),
        (
            "#Person1# 는 간다.",
            "#Person1#은 간다.",
            {"spaces before a particle": 1, "particles": 1},
        ),
        ("#PhoneNumber# 를 준다.", "#PhoneNumber#를 준다.", {"spaces before a particle": 1}),
        ("그는  간다.", "그는 간다.", {"doubled spaces": 1}),
        ("그는 간다 .", "그는 간다.", {"spaces before punctuation": 1}),
        (
            "간다.온다.#Person1#은",
            "간다. 온다. #Person1#은",
            {"missing spaces after a sentence": 2},
        ),
        ("간다.\n 온다.", "간다. 온다.", {"line breaks": 1}),
        (" 간다. ", "간다.", {"spaces at the ends": 2}),
    ],
)
def test_each_repair_is_made_and_named(text: str, right: str, repairs: dict[str, int]) -> None:
    assert polished(text) == (right, repairs)


@pytest.mark.parametrize(
    "text",
    [
        "#Person1#은 #Person2#에게 3.5달러와 .NET 책을 준다.",
        "#Person1# 모두 간다.",
        "#Person2# 옆자리에 앉는다.",
        "#Person1# 만 원을 낸다.",
        "그래... 간다.",
        "주소는 example.com이다.",
    ],
)
def test_a_text_in_good_form_comes_back_as_a_plain_string(text: str) -> None:
    (output,) = Polish()([text])
    assert (type(output), output) == (str, text)


@pytest.mark.parametrize(
    "particle",
    [
        "은",
        "이",
        "을",
        "과",
        "의",
        "도",
        "에게",
        "에게서",
        "한테",
        "께서",
        "로",
        "부터",
        "까지",
        "처럼",
    ],
)
@pytest.mark.parametrize("space", [" ", "  ", "\u00a0"])
def test_the_space_a_summariser_puts_before_a_particle_goes(particle: str, space: str) -> None:
    """KoBART's tokenizer gives one back behind every placeholder."""
    assert (
        polished(f"어제 #Person1#{space}{particle} 왔다.")[0] == f"어제 #Person1#{particle} 왔다."
    )


@pytest.mark.parametrize(
    "word",
    [
        "은행에",
        "이번",
        "가게에",
        "을지로에",
        "과일을",
        "의사를",
        "도서관에",
        "에어컨을",
        "로비에서",
        "까지는",
    ],
)
def test_a_word_that_only_begins_like_a_particle_keeps_its_space(word: str) -> None:
    assert polished(f"#Person1# {word} 본다.") == (f"#Person1# {word} 본다.", {})


summaries = st.lists(
    st.sampled_from(
        [
            "#Person1#",
            "#Person2#",
            "#PhoneNumber#",
            "#",
            " ",
            "  ",
            "\n",
            "\r\n",
            "\u00a0",
            ".",
            ",",
            "?",
            "…",
            "A",
            "1",
            "은",
            "는",
            "이",
            "가",
            "라고",
            "에게",
            "로",
            "으로",
            "다",
            "이다",
            "간다",
            "였다",
            "\u2028",
            "Person",
        ]
    )
).map("".join)


@given(st.one_of(summaries, st.text()))
def test_polishing_twice_is_polishing_once(text: str) -> None:
    once, _ = polished(text)
    assert polished(once) == (once, {})


@given(summaries)
def test_placeholders_are_kept_in_order(text: str) -> None:
    assert find(polished(text)[0]) == find(text)


@given(summaries)
def test_repairs_are_noted_exactly_where_the_text_changes(text: str) -> None:
    right, repairs = polished(text)
    assert bool(repairs) == (right != text)


@given(st.one_of(summaries, st.text()))
def test_nothing_but_spaces_and_particles_changes(text: str) -> None:
    right, repairs = polished(text)
    if "particles" not in repairs:
        assert "".join(right.split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["", " ", "\n"])
def test_blank_stays_blank(text: str) -> None:
    assert polished(text) == (text, {})


def test_only_the_batch_size_is_outside_the_identity() -> None:
    assert declared_identity(Polish(batch_size=3)) == {
        "stage": "polish",
        "version": 1,
        "language": "ko",
    }
