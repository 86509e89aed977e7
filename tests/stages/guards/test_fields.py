"""The fields of stages that check answers: which guards go where, which readers the answers depend
on, and what a repair leaves in the note."""

from __future__ import annotations

from typing import Any

import pytest

from pivot_sum.stages.answer import Answer
from pivot_sum.stages.guards.checks import (
    GUARDS,
    GuardName,
    Guards,
    SummaryGuards,
    TranslationGuards,
)
from pivot_sum.stages.ledgers.versions import READER, ROLES

PRICE = "표는 세 장에 2만 원이에요."


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (
            TranslationGuards,
            {"unsupported number": "summaries", "swapped speakers": "summaries"},
        ),
        (SummaryGuards, {"changed number": "translations"}),
        (Guards, {}),
    ],
)
def test_a_guard_that_a_stage_never_raises_is_refused_by_name(
    kind: type[Guards], refused: dict[str, str]
) -> None:
    named: tuple[GuardName, ...] = ("unsupported number", "swapped speakers", "changed number")
    assert sorted(kind(guards=(*GUARDS, *named)).conflicts()) == sorted(
        f"guards: {guard!r} is for {task} only; leave it out" for guard, task in refused.items()
    )
    assert kind().conflicts() == []


@pytest.mark.parametrize(
    ("stage", "versions"),
    [
        (TranslationGuards(), {}),
        (SummaryGuards(), {}),
        (TranslationGuards(guards=("changed number",)), {"values_reader": READER}),
        (TranslationGuards(repair=("numbers",)), {"values_reader": READER}),
        (SummaryGuards(guards=("copy", "unsupported number")), {"values_reader": READER}),
        (SummaryGuards(guards=("swapped speakers",)), {"roles_reader": ROLES}),
        (
            SummaryGuards(guards=("swapped speakers", "unsupported number")),
            {"values_reader": READER, "roles_reader": ROLES},
        ),
    ],
)
def test_answers_depend_on_the_readers_whose_guards_are_named(
    stage: Guards, versions: dict[str, int]
) -> None:
    assert stage.versions == versions


def test_guards_of_numbers_and_speakers_are_raised_only_where_they_are_named() -> None:
    for guards in ((), GUARDS, ("changed number",)):
        flags = TranslationGuards(guards=guards).flags_of(
            PRICE, "Three tickets are 30,000 won.", "ko", "en"
        )
        assert flags == (["changed number"] if guards == ("changed number",) else [])
    dialogue = "#Person1#: 회의는 세 시예요.\n#Person2#: 네, 제가 #Person1#에게 자료를 보낼게요."
    swapped = "#Person1# will send the material to #Person2#. The meeting is at four."
    named = SummaryGuards(guards=("unsupported number",))
    assert named.flags_of(dialogue, "회의는 네 시이다.", "ko") == ["unsupported number"]
    assert named.flags_of(dialogue, "회의는 세 시이다.", "ko") == []
    assert "unsupported number" not in SummaryGuards().flags_of(dialogue, swapped, "en")


REPAIRING: dict[str, Any] = {"repair": ("numbers",), "guards": ("changed number", "copy")}


def test_a_repaired_answer_has_the_flags_of_its_new_text_and_counts_the_repair() -> None:
    guards = TranslationGuards(**REPAIRING)
    note = {"rung": "xml", "flags": ["changed number", "refused"], "repairs": {"names": 2}}
    answer = Answer("Three tickets are 30,000 won.", note)
    assert guards.with_repairs(PRICE, answer, "ko", "en") == Answer(
        "Three tickets are 20,000 won.",
        {"rung": "xml", "flags": ["refused"], "repairs": {"names": 2, "numbers": 1}},
    )
    assert note["flags"] == ["changed number", "refused"]  # the answer is not changed itself


def test_of_a_repair_that_leaves_no_flag_no_flags_are_left() -> None:
    answer = Answer("Three tickets are 30,000 won.", {"flags": ["changed number"]})
    repaired = TranslationGuards(**REPAIRING).with_repairs(PRICE, answer, "ko", "en")
    assert repaired.note == {"repairs": {"numbers": 1}}
    unflagged = TranslationGuards(**REPAIRING).with_repairs(
        PRICE, Answer("Three tickets are 30,000 won.", {}), "ko", "en"
    )
    assert unflagged.note == {"repairs": {"numbers": 1}}


@pytest.mark.parametrize(
    ("repair", "text"),
    [(("numbers",), "Three tickets are 20,000 won."), ((), "Three tickets are 30,000 won.")],
)
def test_an_answer_without_anything_to_repair_stays_as_it_is(
    repair: tuple[Any, ...], text: str
) -> None:
    answer = Answer(text, {"flags": ["changed number"]})
    assert TranslationGuards(repair=repair).with_repairs(PRICE, answer, "ko", "en") is answer
