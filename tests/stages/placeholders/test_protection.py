"""What a translator is not to change comes back whatever it does: addresses, hashtags, codes as
they are, terms as the glossary has them."""

from __future__ import annotations

from typing import get_args

import pytest
from bad_translators import translators
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.guards.tokens import Kind
from pivot_sum.stages.placeholders.ladder import Translate, through_ladder
from pivot_sum.stages.placeholders.protection import Protection
from pivot_sum.stages.text.placeholders import count, find

EVERY: tuple[Kind, ...] = get_args(Kind)
TOKENS = (
    "https://busan-bike.kr/map?id=7&x=#top",
    "www.gangneung.go.kr",
    "naver.com/blog",
    "minji.lee@naver.com",
    "@coffee_jiho",
    "#벚꽃축제",
    "#homecafe",
    "KE907",
    "AB-1234C",
    "photo_list_3.xlsx",
)
TERMS = {
    "하늘공원": "Sky Park",
    "하늘공원 입구": "Sky Park Gate",
    "배송": "delivery",
    "K팝": "K-pop",
}
RUNGS = ("as-is", "word", "xml", "bracket")


def translated(protection: Protection, text: str, translate: Translate) -> str:
    """The text through the ladder, with what was hidden back."""
    hidden = protection.hide(text)
    (result,) = through_ladder([hidden.text], translate, RUNGS)
    return hidden.back(result.text)


def hidden(text: str, terms: dict[str, str], target: str = "en") -> str:
    """A text as the translator gets it."""
    return Protection((), target, terms).hide(text).text


words = st.sampled_from(
    (
        "내일 봐요",
        "see you there",
        "#Person1#은",
        "#Email#",
        "예약 번호는",
        "Url1",
        "Term1을",
        "#A",
        "…",
        "5%",
    )
)
things = st.sampled_from((*TOKENS, *TERMS))


@given(
    st.lists(st.one_of(words, things, things), min_size=1, max_size=8),
    st.sampled_from((" ", "\n", ", ")),
    st.sampled_from([translate for _, translate in translators(seed=3)]),
)
def test_every_protected_span_comes_back_whatever_the_translator_does(
    pieces: list[str], separator: str, translate: Translate
) -> None:
    protection = Protection(EVERY, "en", TERMS)
    text = separator.join(pieces)
    output = translated(protection, text, translate)
    for thing in {*TOKENS, *TERMS} & set(pieces):
        shown = TERMS.get(thing, thing)
        assert output.count(shown) >= pieces.count(thing), (text, output)
    assert count(output) == count(text)
    assert not protection.hide(text).lost(output)


@given(st.lists(st.one_of(words, things), max_size=6), st.sampled_from((" ", "", "#", "를 ")))
def test_a_translator_that_keeps_everything_gets_its_text_back(
    pieces: list[str], separator: str
) -> None:
    text = separator.join(pieces)
    back = Protection(EVERY, "en").hide(text)
    assert back.back(back.text).replace(" ", "") == text.replace(" ", "")
    assert count(back.text) - count(text) == {
        name: times for name, times in count(back.text).items() if name in back.meanings
    }


@given(st.text(alphabet="#AZaz1 가나Url.com/@_:", max_size=40))
def test_whatever_a_text_is_its_own_placeholders_stay_and_the_new_ones_are_read(text: str) -> None:
    back = Protection(EVERY, "en").hide(text)
    own = [placeholder for placeholder in find(back.text) if placeholder not in back.meanings]
    assert own == find(text)
    assert not set(back.meanings) & set(find(text))
    assert back.back(back.text).replace(" ", "") == text.replace(" ", "")


def test_nothing_asked_for_changes_nothing() -> None:
    text = "#Person1#, https://a.kr #벚꽃축제 KE907"
    for protection in (Protection((), "en"), Protection((), "ko", {})):
        assert protection.hide(text) == (text, {}, protection.hide("").target)
        assert protection.hide(text).back(text) == text


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("url", "#Url1# minji@naver.com #벚꽃 KE907 list_3.txt"),
        ("email", "a.kr/x #Email1# #벚꽃 KE907 list_3.txt"),
        ("hashtag", "a.kr/x minji@naver.com #Hashtag1# KE907 list_3.txt"),
        ("code", "a.kr/x minji@naver.com #벚꽃 #Code1# #Code2#"),
    ],
)
def test_each_kind_is_hidden_by_itself(kind: Kind, shown: str) -> None:
    text = "a.kr/x minji@naver.com #벚꽃 KE907 list_3.txt"
    assert Protection((kind,), "en").hide(text).text == shown


def test_the_same_is_hidden_as_the_same_and_a_number_in_use_is_left_out() -> None:
    text = "a.kr와 b.kr, 그리고 a.kr. #Url1#은 url3을 봐요."
    assert (
        Protection(("url",), "en").hide(text).text
        == "#Url2#와 #Url4#, 그리고 #Url2#. #Url1#은 url3을 봐요."
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("하늘공원에서 봐요. 하늘공원!", "#Term1#에서 봐요. #Term1#!"),
        ("하늘공원이었어요. 하늘공원까지만요", "#Term1#이었어요. #Term1#까지만요"),
        ("하늘공원길은 큰하늘공원 옆", "하늘공원길은 큰하늘공원 옆"),
        ("하늘공원 입구에 있어", "#Term1#에 있어"),
        ("K팝이랑 k팝도 K팝스타도", "#Term1#이랑 #Term1#도 K팝스타도"),
        ("#하늘공원#은 #Person1#하늘공원", "##Term1##은 #Person1##Term1#"),
    ],
)
def test_korean_terms_are_found_with_particles_and_never_inside_other_words(
    text: str, shown: str
) -> None:
    assert hidden(text, TERMS) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The Night Bus and the night buses", "The #Term1# and the night buses"),
        ("night bus's", "#Term1#'s"),
        ("Tell us about the US office", "Tell us about the #Term1# office"),
        ("API를 API로 rapid", "#Term1#를 #Term1#로 rapid"),
        ("#Person1# in person", "#Person1# in #Term1#"),
    ],
)
def test_english_terms_are_whole_words_in_any_case_but_abbreviations(text: str, shown: str) -> None:
    terms = {"night bus": "심야버스", "US": "미국", "API": "API", "person": "대면"}
    assert hidden(text, terms, "ko") == shown


def test_where_terms_or_addresses_overlap_the_longest_is_hidden() -> None:
    terms = {"seoul": "서울", "seoul station": "서울역", "station exit": "역 출구"}
    assert hidden("Seoul station exit", terms) == "#Term1# exit"
    protection = Protection(("url",), "ko", terms)
    assert protection.hide("seoul https://seoul.kr/seoul").text == "#Term1# #Url1#"


@pytest.mark.parametrize(
    ("meaning", "answer", "shown"),
    [
        ("하늘공원", "#Term1#는 넓고 #Term1#를 좋아해요.", "하늘공원은 넓고 하늘공원을 좋아해요."),
        ("여의도", "#Term1#으로 가서 #Term1#이라고 해요.", "여의도로 가서 여의도라고 해요."),
        ("서울", "#Term1#으로 가요.", "서울로 가요."),
        ("서울", "#Term1#이야기", "서울이야기"),
        ("東京", "#Term1#을 봐요.", "東京을 봐요."),
    ],
)
def test_in_korean_the_particle_fits_the_word_that_is_put_back(
    meaning: str, answer: str, shown: str
) -> None:
    assert Protection((), "ko", {"the place": meaning}).hide("the place").back(answer) == shown


def test_in_english_nothing_behind_a_word_is_changed() -> None:
    protection = Protection((), "en", TERMS)
    assert protection.hide("하늘공원").back("#Term1#은") == "Sky Park은"


@pytest.mark.parametrize(
    ("output", "lost"),
    [
        ("a.kr and a.kr/b, again a.kr", False),
        ("a.kr and a.kr/b", True),
        ("a.kr, a.kr and a.kr/", True),
        ("A.kr/b a.kr a.kr", True),
    ],
)
def test_what_an_answer_lost_is_counted(output: str, lost: bool) -> None:
    assert Protection(("url",), "en").hide("a.kr, a.kr/b, a.kr").lost(output) is lost


def test_only_the_kinds_that_were_asked_for_are_hidden() -> None:
    text = "a.kr/x, minji@naver.com"
    assert Protection(("url",), "en").hide(text).text == "#Url1#, minji@naver.com"
    assert Protection(("email",), "en").hide(text).text == "a.kr/x, #Email1#"


def test_a_hash_beside_what_is_hidden_makes_no_placeholder_of_its_own() -> None:
    # Side by side with `#Url1#`, `#A` would be read as the placeholder `#A#`.
    hidden = Protection(("url",), "en").hide("#Ahttps://a.kr를 봐요")
    assert hidden.text == "#A #Url1# 를 봐요"
    assert hidden.back(hidden.text) == "#A https://a.kr 를 봐요"


def test_a_term_is_not_looked_for_inside_a_placeholder() -> None:
    protection = Protection((), "ko", {"Person1": "사람"})
    assert protection.hide("#Person1# meets Person1.").text == "#Person1# meets #Term1#."


def test_an_address_that_is_a_part_of_another_is_not_counted_inside_it() -> None:
    hidden = Protection(("url",), "en").hide("z.kr, a.z.kr")
    assert not hidden.lost("z.kr and a.z.kr")
    assert hidden.lost("a.z.kr and a.z.kr")
