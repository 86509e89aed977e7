"""What a translation changed is found, asked for again and, where certain, put right; what a
summary made up is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from chatstages import chat
from fakeengine import TextEngine
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.stages.base import Stage, declared_identity
from pivot_sum.stages.deepl import DeepL
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import FieldsInvalid
from pivot_sum.stages.guards import checks
from pivot_sum.stages.guards.checks import GUARDS, SummaryGuards, TranslationGuards
from pivot_sum.stages.ledgers import values_changes
from pivot_sum.stages.ledgers.values_changes import changed, unsupported
from pivot_sum.stages.ledgers.values_repair import with_numbers_repaired
from pivot_sum.stages.rewrite import Rewrite
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

SOURCE = "표 두 장은 만 오천 원이고, 화요일 오후 3시에 시작해요."
RIGHT = "Two tickets are 15,000 won, and it starts at 3 p.m. on Tuesday."


def written(source: str, output: str) -> list[tuple[str, str]]:
    """The changes of a Korean text in English, as they are written; empty for a side without."""
    return [
        (
            source[missing.start : missing.end] if missing else "",
            output[added.start : added.end] if added else "",
        )
        for missing, added in changed(source, output, "ko", "en")
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "change"),
    [
        ("Two tickets", "Three tickets", ("두", "Three")),
        ("15,000 won", "50,000 won", ("만 오천 원", "50,000 won")),
        ("3 p.m.", "3 a.m.", ("3시", "3 a.m.")),
        ("3 p.m.", "4 p.m.", ("3시", "4 p.m.")),
        ("Tuesday", "Thursday", ("화요일", "Thursday")),
        (" on Tuesday", "", ("화요일", "")),
        ("tickets are", "tickets for 12 people are", ("", "12")),
    ],
)  # fmt: skip
def test_a_changed_value_is_found(right: str, wrong: str, change: tuple[str, str]) -> None:
    assert written(SOURCE, RIGHT) == []
    assert written(SOURCE, RIGHT.replace(right, wrong)) == [change]


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("3시에 봐요. 네, 3시요.", "See you at three."),  # said once is enough
        ("하루 이틀 기다려 주세요.", "Please wait for a day or two."),
        ("한번 해 볼게요.", "I'll give it a try."),
        ("양쪽 다 좋아요.", "The two are both fine."),
        ("일주일 내내 24시간 열어요.", "It is open 24 hours a day, seven days a week."),
        ("저녁 7시에 봐요.", "Let's meet at 7."),
        ("처음 뵙겠습니다.", "Nice to meet you."),
        ("#Person1#과 #Person2#는 만난다.", "The two people, #Person1# and #Person2#, meet."),
        ("지수랑 민호가 왔어요.", "Two came."),
        ("7시 10분 전이에요.", "It's ten to seven."),
        ("현악 4중주예요.", "It is a string quartet."),
        ("3분의 2가 왔어요.", "Two thirds came."),
    ],
)
def test_what_is_only_said_otherwise_is_no_change(source: str, output: str) -> None:
    assert written(source, output) == []


def test_an_uncertain_value_counts_where_another_took_its_place() -> None:
    assert written("내일 봐요.", "See you.") == []
    assert written("내일 봐요.", "See you yesterday.") == [("내일", "yesterday")]


def test_a_summary_is_held_against_its_dialogue() -> None:
    dialogue = "#Person1#: 7시 표는 없어요.\n#Person2#: 그럼 두 장, 6만 원에 주세요."
    for summary, found in (
        ("#Person2#는 표 두 장을 60,000원에 산다.", []),
        ("두 사람은 저녁 7시 표를 찾는다.", []),  # counts the speakers
        ("#Person2#는 표 세 장을 8만 원에 산다.", ["세", "8만 원"]),
    ):
        values = unsupported(summary, dialogue, "ko")
        assert [summary[value.start : value.end] for value in values] == found


def test_the_day_beside_one_that_is_early_or_late_is_held() -> None:
    dialogue = "#Person1#: 수요일이었는데 하루 일찍 가요."
    assert unsupported("#Person1#은 화요일에 간다.", dialogue, "ko") == []
    assert len(unsupported("#Person1#은 월요일에 간다.", dialogue, "ko")) == 1
    dialogue = "#Person1#: I leave on Sunday. Or a day later?"
    assert unsupported("#Person1# may leave on Monday.", dialogue, "en") == []
    assert len(unsupported("#Person1# may leave on Monday.", dialogue[:32], "en")) == 1


@pytest.mark.parametrize(
    ("source", "output", "language", "repaired"),
    [
        ("at 6:30 p.m.", "오후 7시 30분에 만난다.", "ko", "오후 6시 30분에 만난다."),
        ("at half past six", "일곱 시 반에 만난다.", "ko", "여섯 시 반에 만난다."),
        ("at 3 p.m.", "오전 3시에 만난다.", "ko", "오후 3시에 만난다."),
        ("on Tuesday", "금요일에 간다.", "ko", "화요일에 간다."),
        ("15,000 won", "2만 원이다.", "ko", "15,000 원이다."),
        ("24 people", "스물다섯 명이다.", "ko", "스물네 명이다."),
        ("three hours", "두 시간 동안", "ko", "세 시간 동안"),
        ("20 %", "30퍼센트를", "ko", "20퍼센트를"),
        ("오후 3시에", "It starts at 5 p.m.", "en", "It starts at 3 p.m."),
        ("5월 3일", "on June 3rd", "en", "on May 3rd"),
        ("세 명", "four people", "en", "three people"),
    ],
)
def test_a_value_is_put_right_as_the_wrong_one_was_written(
    source: str, output: str, language: str, repaired: str
) -> None:
    other = "en" if language == "ko" else "ko"
    assert with_numbers_repaired(source, output, other, language) == (repaired, 1)
    assert with_numbers_repaired(source, repaired, other, language) == (repaired, 0)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("3 apples and 2 pears", "사과 4개와 배 5개"),  # which is which?
        ("It is 20 dollars.", "그건 20유로다."),  # another unit
        ("two tickets", "표를 산다."),  # nothing to write it over
        ("Bus 31", "32는 온다."),  # the particle would change
    ],
)
def test_what_is_not_certain_stays(source: str, output: str) -> None:
    assert changed(source, output, "en", "ko")
    assert with_numbers_repaired(source, output, "en", "ko") == (output, 0)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_repair_leaves_no_change_behind(source: str, output: str) -> None:
    text, places = with_numbers_repaired(source, output, "en", "ko")
    assert (text == output) == (places == 0)
    assert not places or not changed(source, text, "en", "ko")


# The guards


class FakeEngine(TextEngine):
    """A model that answers by a rule from the text and the width of the search."""

    model_type = "m2m_100"
    tokenizer = SimpleNamespace(
        unk_token_id=3, src_lang="", convert_tokens_to_ids={"kor_Hang": 7, "eng_Latn": 8}.get
    )

    def __init__(self, rule: Callable[[str, int], str]) -> None:
        super().__init__()
        self.rule = rule

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        return [Generated(self.rule(text, search.num_beams), True) for text in texts]


@pytest.fixture
def install(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[Callable[[str, int], str]], None]]:
    yield lambda rule: monkeypatch.setattr(local_model, "engine_for", lambda _: FakeEngine(rule))
    free()


def translate(**given: Any) -> Translate:
    fixed = {"model": "demo:none", "source": "ko", "target": "en", "num_beams": 2}
    return Translate(
        **{**fixed, "masks": ("as-is",), "guards": (*GUARDS, "changed number"), **given}
    )


WRONG = RIGHT.replace("3 p.m.", "4 p.m.")


def test_a_translation_with_a_changed_number_is_asked_for_again(install: Any) -> None:
    install(lambda text, beams: RIGHT if beams == 4 else WRONG)
    [answer] = translate().answers([SOURCE])
    assert (answer.text, answer.note["retry"]) == (RIGHT, "beams")
    [unguarded] = translate(guards=GUARDS).answers([SOURCE])
    assert (unguarded.text, unguarded.note) == (WRONG, {"rung": "plain"})


def test_what_no_attempt_translates_is_flagged_or_repaired(install: Any) -> None:
    install(lambda text, beams: WRONG)
    [flagged] = translate().answers([SOURCE])
    assert (flagged.text, flagged.note["flags"]) == (WRONG, ["changed number"])
    [repaired] = translate(repair=("numbers",)).answers([SOURCE])
    assert (repaired.text, repaired.note) == (RIGHT, {"rung": "plain", "repairs": {"numbers": 1}})


def test_the_guards_of_numbers_have_to_be_named() -> None:
    dialogue, summary = "#Person1#: 표 두 장 주세요.", "#Person1#은 표 네 장을 산다."
    assert "unsupported number" not in SummaryGuards().flags_of(dialogue, summary, "ko")
    named = SummaryGuards(guards=("unsupported number",))
    assert named.flags_of(dialogue, summary, "ko") == ["unsupported number"]
    assert TranslationGuards(guards=("changed number",)).flags_of(SOURCE, WRONG, "ko", "en") == [
        "changed number"
    ]
    assert "repair" not in declared_identity(translate())


def plain(**fields: Any) -> Stage:
    return Translate(model="demo:x", source="ko", target="en", **fields)


def summarize(**fields: Any) -> Stage:
    return Summarize(language="ko", model="demo:x", **fields)


def deepl(**fields: Any) -> Stage:
    return DeepL(source="ko", target="en", snapshot="x", **fields)


def rewrite(**fields: Any) -> Stage:
    return Rewrite(language="ko", model="demo:x", **fields)


CHANGED, UNSUPPORTED = {"guards": ("changed number",)}, {"guards": ("unsupported number",)}
REPAIR = {"repair": ("numbers",)}
TO_SUMMARIZE = {"task": "summarize", "target": "ko"}


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        *((make, fields) for make in (plain, deepl) for fields in (CHANGED, REPAIR)),
        *((make, UNSUPPORTED) for make in (summarize, rewrite)),
        (chat, CHANGED),
        (chat, TO_SUMMARIZE | UNSUPPORTED),
    ],
)
def test_the_identity_holds_the_version_of_the_reader_where_numbers_are_read(
    make: Callable[..., Stage], fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    default = {name: value for name, value in fields.items() if name in TO_SUMMARIZE}
    assert "values_reader" not in declared_identity(make(**default))
    before = declared_identity(make(**fields))
    monkeypatch.setattr(checks, "READER", checks.READER + 1)
    assert declared_identity(make(**fields)) != before
    assert before["values_reader"] == checks.READER - 1


@pytest.mark.parametrize(
    ("make", "fields"),
    [
        *((make, UNSUPPORTED) for make in (plain, deepl, chat)),
        *((make, CHANGED) for make in (summarize, rewrite)),
        (chat, TO_SUMMARIZE | CHANGED),
    ],
)
def test_a_guard_that_a_stage_never_raises_is_refused(
    make: Callable[..., Stage], fields: dict[str, Any]
) -> None:
    with pytest.raises(FieldsInvalid, match=f"guards: '{fields['guards'][0]}' is for"):
        make(**fields)


def test_of_texts_full_of_other_numbers_only_the_first_are_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(values_changes, "MOST_PAIRS", 12)
    other = "1번, 3번, 5번, 7번"
    assert len(unsupported("2번, 4번, 6번, 8번, 10번", other, "ko")) == 3
    assert unsupported(f"{other}, {other}, 9번", other, "ko")[0].amount == 9
