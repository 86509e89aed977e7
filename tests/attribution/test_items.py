"""Names, numbers and placeholders followed from a dialogue to its summary: each kind of fault, at
each step."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from pivot_sum.attribution.item_kinds import Text, Texts
from pivot_sum.attribution.items import Item, follow

DIALOGUE = (
    "#Person1#: 도슨 씨는 세 시에 오나요?\n"
    "#Person2#: 네, #PhoneNumber#로 전화하세요. 입장료는 5천 원이에요."
)
TRANSLATED = (
    "#Person1#: Does Mr. Dawson come at 3 o'clock?\n"
    "#Person2#: Yes, call #PhoneNumber#. Admission is 5,000 won."
)
SUMMARY = "#Person2# says Dawson comes at 3 and admission is 5,000 won; call #PhoneNumber#."
KOREAN = "#Person2#는 도슨 씨가 3시에 오고 입장료가 5천 원이며 #PhoneNumber#로 전화하라고 한다."
REFERENCES = (
    "#Person2#는 도슨 씨가 3시에 온다며 #PhoneNumber#를 알려 준다. 입장료는 5천 원이다.",
    "도슨 씨는 세 시에 온다. #Person2#는 입장료가 5천 원이고 전화는 #PhoneNumber#라고 한다.",
)
STEPS = ("clean", "to-english", "summarize", "to-korean", "polish")


def texts(
    translated: str = TRANSLATED,
    summary: str = SUMMARY,
    korean: str = KOREAN,
    polished: str | None = None,
    *,
    references: tuple[str, ...] = REFERENCES,
    english: str | None = TRANSLATED,
) -> Texts:
    """What each step gave."""
    given = (DIALOGUE, translated, summary, korean, korean if polished is None else polished)
    languages = ("ko", "en", "en", "ko", "ko")
    chain = [Text("", "ko", DIALOGUE), *map(Text, STEPS, languages, given)]
    return Texts(DIALOGUE, references, chain, english)


def faults(found: Texts) -> list[tuple[str, ...]]:
    return [
        (item.kind, item.fate, item.right, item.wrong, item.step)
        for item in follow(found)
        if item.fate != "kept"
    ]


def test_what_comes_through_whole_is_kept() -> None:
    found = follow(texts())
    assert {(item.kind, item.right) for item in found} == {
        ("name", "도슨"),
        ("number", "3시"),
        ("number", "5천 원"),
        ("placeholder", "#Person2#"),
        ("placeholder", "#PhoneNumber#"),
    }
    assert {(item.fate, item.needed, item.step, item.wrong) for item in found} == {
        ("kept", True, "", "")
    }


def swapped(old: str, new: str, text: str) -> str:
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("kind", "right", "english", "korean"),
    [
        ("name", "도슨", ("Mr. Dawson", "Dawson"), "도슨 씨"),
        ("number", "5천 원", ("5,000 won", "5,000 won"), "5천 원"),
        ("placeholder", "#PhoneNumber#", ("#PhoneNumber#", "#PhoneNumber#"), "#PhoneNumber#"),
    ],
)
def test_what_is_lost_is_charged_to_the_step_that_dropped_it(
    kind: str, right: str, english: tuple[str, str], korean: str
) -> None:
    translated = swapped(english[0], "it", TRANSLATED)
    summary = swapped(english[1], "it", SUMMARY)
    back = swapped(korean, "그것", KOREAN)
    lost = (kind, "lost", right, "")
    assert faults(texts(translated, summary, back)) == [(*lost, "to-english")]
    assert faults(texts(summary=summary, korean=back)) == [(*lost, "summarize")]
    assert faults(texts(korean=back)) == [(*lost, "to-korean")]
    assert faults(texts(polished=back)) == [(*lost, "polish")]


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "english"),
    [
        ("number", "5천 원", "7천 원", ("5,000 won", "7,000 won")),
        ("number", "3시", "4시", ("at 3", "at 4")),
        ("placeholder", "#PhoneNumber#", "#Address#", ("#PhoneNumber#", "#Address#")),
        ("name", "도슨", "마이클", ("Dawson", "Michael")),
    ],
)
def test_what_is_changed_is_charged_to_the_step_that_brought_the_wrong_one_in(
    kind: str, right: str, wrong: str, english: tuple[str, str]
) -> None:
    translated = swapped(*english, TRANSLATED)
    summary = swapped(*english, SUMMARY)
    back = swapped(right, wrong, KOREAN)
    changed = (kind, "changed", right, wrong)
    assert faults(texts(translated, summary, back)) == [(*changed, "to-english")]
    assert faults(texts(summary=summary, korean=back)) == [(*changed, "summarize")]
    assert faults(texts(korean=back)) == [(*changed, "to-korean")]
    assert faults(texts(polished=back)) == [(*changed, "polish")]


def test_a_name_that_comes_back_in_another_spelling_is_changed_by_the_way_back() -> None:
    back = swapped("도슨", "더슨", KOREAN)
    assert faults(texts(korean=back)) == [("name", "changed", "도슨", "더슨", "to-korean")]
    assert faults(texts(korean=back, english=None)) == faults(texts(korean=back))


def test_what_is_made_up_is_charged_to_the_first_text_that_has_it_up_to_the_end() -> None:
    added = " 좌석은 12번이다. 수진 씨와 #Person3#도 온다."
    said = " The seat is number 12. Sujin and #Person3# come too."
    kinds = [("name", "", "수진"), ("number", "", "12번"), ("placeholder", "", "#Person3#")]

    def charged_to(step: str) -> list[tuple[str, ...]]:
        return [(kind, "invented", right, wrong, step) for kind, right, wrong in kinds]

    found = faults(texts(korean=KOREAN + added))
    kinds[1] = ("number", "", found[1][3])
    assert found == charged_to("to-korean")
    found = faults(texts(summary=SUMMARY + said, korean=KOREAN + added))
    assert found == charged_to("summarize")
    found = faults(texts(TRANSLATED + said, SUMMARY + said, KOREAN + added))
    assert found == charged_to("to-english")


def test_leaving_out_what_only_some_references_name_is_nothing_lost() -> None:
    one = swapped("입장료는 5천 원이다", "입장료도 말한다", REFERENCES[0])
    back = swapped("입장료가 5천 원이며 ", "", KOREAN)
    assert faults(texts(korean=back, references=(one, REFERENCES[1]))) == []
    assert faults(texts(korean=back)) == [("number", "lost", "5천 원", "", "to-korean")]


def test_what_a_reference_says_too_is_not_made_up() -> None:
    one = REFERENCES[0] + " 마이클 씨와 표 네 장을 산다."
    back = KOREAN + " 마이클 씨와 표 네 장을 산다."
    assert faults(texts(korean=back, references=(one, REFERENCES[1]))) == []
    assert len(faults(texts(korean=back))) == 2


def test_a_direct_summary_is_followed_without_any_english() -> None:
    korean = swapped("도슨 씨가 3시", "마이클 씨가 4시", KOREAN)
    chain = [
        Text("", "ko", DIALOGUE),
        Text("clean", "ko", DIALOGUE),
        Text("summarize", "ko", korean),
    ]
    assert faults(Texts(DIALOGUE, REFERENCES, chain)) == [
        ("name", "changed", "도슨", "마이클", "summarize"),
        ("number", "changed", "3시", "4시", "summarize"),
    ]


def test_a_step_in_a_language_that_nobody_reads_is_passed_over() -> None:
    chain = list(texts(korean=swapped("5천 원", "7천 원", KOREAN)).chain)
    chain[2] = Text("to-english", "ja", "明日")
    found = follow(Texts(DIALOGUE, REFERENCES, chain, TRANSLATED))
    assert [item.step for item in found if item.fate != "kept"] == ["to-korean"]
    assert all(item.chain[2] == item.wrong_chain[2] == () for item in found)


def shown(item: Item, found: Texts) -> list[list[str]]:
    """The right and the wrong one as each text of the chain writes them."""
    return [
        [text.text[begin:end] for begin, end in (*right, *wrong)]
        for text, right, wrong in zip(found.chain, item.chain, item.wrong_chain, strict=True)
    ]


def test_where_an_item_stands_is_known_in_every_text() -> None:
    found = texts(korean=swapped("3시", "오후 4시", KOREAN))
    [time] = [item for item in follow(found) if item.fate == "changed"]
    assert shown(time, found) == [
        ["세 시"], ["세 시"], ["3 o'clock"], ["3"], ["오후 4시"], ["오후 4시"]
    ]  # fmt: skip
    names = [item for item in follow(found) if item.kind == "name"]
    assert shown(names[0], found)[:4] == [["도슨"], ["도슨"], ["Dawson"], ["Dawson"]]
    [[begin, end]] = names[0].references[1]
    assert REFERENCES[1][begin:end] == "도슨"


def test_an_item_can_be_written_down_and_read_again() -> None:
    found = follow(texts(korean=swapped("3시", "4시", KOREAN)))
    assert TypeAdapter(list[Item]).validate_python([item.with_places() for item in found]) == found
