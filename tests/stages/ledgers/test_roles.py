"""Exchanged speakers: what is flagged, what is not, and how a summary is read."""

from __future__ import annotations

import pytest

from pivot_sum.stages.base import declared_identity
from pivot_sum.stages.errors import FieldsInvalid
from pivot_sum.stages.guards import checks
from pivot_sum.stages.guards.checks import SummaryGuards
from pivot_sum.stages.ledgers import roles
from pivot_sum.stages.ledgers.roles import margin, swapped_speakers
from pivot_sum.stages.ledgers.roles_clauses import clauses
from pivot_sum.stages.ledgers.roles_names import persons_named
from pivot_sum.stages.rewrite import Rewrite
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.translate import Translate

PAIR = ("#Person1#", "#Person2#")
SHOP = """#Person1#: 어서 오세요, 손님. 무엇을 도와드릴까요?
#Person2#: 등산화를 사고 싶어요. 방수가 되는 걸로 찾고 있어요.
#Person1#: 이 등산화를 추천해 드릴게요. 방수도 되고 가볍습니다.
#Person2#: 저는 발볼이 넓어서 조금 끼는 것 같아요.
#Person1#: 그럼 한 치수 큰 등산화를 보여 드릴까요?
#Person2#: 네, 그걸로 살게요. 얼마예요?
#Person1#: 구만 원입니다. 등산 양말은 제가 선물로 드릴게요."""
RIGHT = (
    "#Person2#는 방수가 되는 등산화를 사고 싶어하고 얼마인지 묻는다."
    " #Person1#은 #Person2#에게 가벼운 등산화를 추천하고 양말을 선물로 준다."
)
CLINIC = """#Person1#: Good morning, what can I do for you?
#Person2#: My knee has been swollen since I fell off a ladder, doctor.
#Person1#: Do you feel pain when you bend it?
#Person2#: Yes, I can hardly sleep because of the knee.
#Person1#: I suggest you rest for a week. I will give you an ointment."""
RIGHT_EN = (
    "#Person2#'s knee is swollen and #Person2# can hardly sleep."
    " #Person1# suggests #Person2# rest for a week and gives #Person2# an ointment."
)


def exchanged(text: str) -> str:
    one, other = PAIR
    return fix_particles(other.join(part.replace(other, one) for part in text.split(one)))[0]


@pytest.mark.parametrize(
    ("dialogue", "summary", "language"), [(SHOP, RIGHT, "ko"), (CLINIC, RIGHT_EN, "en")]
)
def test_a_summary_with_exchanged_speakers_is_flagged_and_the_right_one_is_not(
    dialogue: str, summary: str, language: str
) -> None:
    assert not swapped_speakers(dialogue, summary, language)
    assert swapped_speakers(dialogue, exchanged(summary), language)


@pytest.mark.parametrize(
    ("dialogue", "summary", "language"), [(SHOP, RIGHT, "ko"), (CLINIC, RIGHT_EN, "en")]
)
def test_an_exchange_turns_the_margin_around(dialogue: str, summary: str, language: str) -> None:
    for text in (summary, summary.split(". ")[0] + "."):
        expected = margin(dialogue, text, language)
        assert margin(dialogue, exchanged(text), language) == pytest.approx(-expected)
        assert margin(exchanged(dialogue), exchanged(text), language) == pytest.approx(expected)


@pytest.mark.parametrize(
    "summary",
    [
        "#Person1#과 #Person2#는 등산화에 대해 이야기한다.",
        "#Person2#와 #Person1#은 등산화에 대해 이야기한다.",
        "등산화는 구만 원이다.",
        "",
    ],
)
def test_nothing_tells_where_both_do_all_together_or_nobody_is_named(summary: str) -> None:
    assert margin(SHOP, summary, "ko") == 0


@pytest.mark.parametrize(
    "turns", ["", "#Person1#: 등산화를 사고 싶어요.", SHOP + "\n#Person3#: 네."]
)
def test_a_dialogue_that_has_not_exactly_two_speakers_is_not_judged(turns: str) -> None:
    assert margin(turns, exchanged(RIGHT), "ko") == 0


def test_a_speaker_called_by_name_is_not_the_placeholder_beside_the_name() -> None:
    dialogue = "#Person1#: 민수 씨, 내일 시간 있어요?\n#Person2#: 네, 있어요."
    summary = "#Person1#은 민수에게 시간이 있는지 묻는다."
    assert persons_named(dialogue, summary, "ko", PAIR) == {"민수": "#Person2#"}
    assert margin(dialogue, summary, "ko") > 2.9
    assert swapped_speakers(dialogue, exchanged(summary), "ko")


@pytest.mark.parametrize(
    ("dialogue", "language", "expected"),
    [
        ("#Person1#: 제 이름은 민수입니다.\n#Person2#: 반가워요.", "ko", {"민수": "#Person1#"}),
        ("#Person1#: 성함이요?\n#Person2#: 민수.", "ko", {"민수": "#Person2#"}),
        ("#Person1#: 민수가 늦네요.\n#Person2#: 네.", "ko", {}),
        ("#Person1#: Hi, Minsu.\n#Person2#: Hello.", "en", {"Minsu": "#Person2#"}),
        ("#Person1#: I ' m Minsu.\n#Person2#: Hello.", "en", {"Minsu": "#Person1#"}),
        ("#Person1#: Hi, Minsu.\n#Person2#: Hi, Minsu.", "en", {}),
        ("#Person3#: Hi, Minsu.\n#Person1#: Hi.\n#Person2#: Hi.", "en", {}),
    ],
)
def test_the_dialogue_tells_who_is_called_what(
    dialogue: str, language: str, expected: dict[str, str]
) -> None:
    summary = "민수는 인사한다." if language == "ko" else "Minsu greets."
    assert persons_named(dialogue, summary, language, PAIR) == expected


@pytest.mark.parametrize(
    ("summary", "language", "expected"),
    [
        (
            "#Person1#은 가격을 묻고, 할인을 제안한다.",
            "ko",
            [("#Person1#", "ask"), ("#Person1#", "suggest")],
        ),
        # What stands before two subjects is neither's.
        (
            "오늘 #Person1#은 #Person2#는 함께 웃는다.",
            "ko",
            [("#Person2#", "state")],
        ),
        (
            "#Person1#은 걱정하지만 #Person2#는 웃는다.",
            "ko",
            [("#Person1#", "state"), ("#Person2#", "state")],
        ),
        (
            "#Person1#은 #Person2#의 조언을 따른다.",
            "ko",
            [("#Person1#", "suggest"), ("#Person2#", "own"), ("#Person2#", "suggest")],
        ),
        (
            "#Person1# asks about the price and suggests a discount.",
            "en",
            [("#Person1#", "ask"), ("#Person1#", "suggest")],
        ),
        (
            "#Person1# asks #Person2# to wait, but #Person2# leaves.",
            "en",
            [("#Person1#", "request"), ("#Person2#", "state")],
        ),
    ],
)
def test_clauses_have_the_person_who_is_their_subject_and_what_is_done(
    summary: str, language: str, expected: list[tuple[str, str]]
) -> None:
    found = [(clause.person, clause.act) for clause in clauses(summary, language)]
    assert found == expected


@pytest.mark.parametrize(
    ("summary", "language", "expected"),
    [
        (
            "#Person1# helps #Person2# order a steak, mushrooms, and soup.",
            "en",
            [("serve", ""), ("state", ""), ("state", "")],
        ),
        (
            "#Person1# helps #Person2# to a seat, and wants to know the price.",
            "en",
            [("serve", ""), ("ask", "wants to know the price.")],
        ),
        ("#Person1#은 #Person2#의 주문을 도와준다.", "ko", [("serve", "")]),
    ],
)
def test_what_somebody_is_helped_to_do_is_not_the_helpers(
    summary: str, language: str, expected: list[tuple[str, str]]
) -> None:
    found = [clause for clause in clauses(summary, language) if clause.person == "#Person1#"]
    assert [(clause.act, clause.text.strip()) for clause in found] == expected


def test_what_another_subject_does_is_nobodys() -> None:
    summary = "#Person2#는 체크인을 하며 웃는다. 방은 아홉 시에 준비되어 #Person2#는 기다린다."
    assert [clause.text.strip() for clause in clauses(summary, "ko")] == [
        "체크인을 하며",
        "웃는다.",
        "기다린다.",
    ]
    assert next(clauses(summary, "ko")).act == "buy"


def test_a_language_that_roles_are_not_read_in_is_named() -> None:
    with pytest.raises(ValueError, match="roles are read in ko and en, not in 'jp'"):
        swapped_speakers("#Person1#: a", "#Person1# asks.", "jp")


def test_the_guard_has_to_be_named_and_its_version_is_in_the_identity(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "swapped speakers" not in SummaryGuards().flags_of(SHOP, exchanged(RIGHT), "ko")
    named = SummaryGuards(guards=("swapped speakers",))
    assert named.flags_of(SHOP, exchanged(RIGHT), "ko") == ["swapped speakers"]
    assert named.flags_of(SHOP, RIGHT, "ko") == []
    for stage in (
        Summarize(language="ko", model="demo:x", guards=("swapped speakers",)),
        Rewrite(language="ko", model="demo:x", guards=("swapped speakers",)),
    ):
        before = declared_identity(stage)
        monkeypatch.setattr(checks, "ROLES", checks.ROLES + 1)
        assert declared_identity(stage) != before
    assert "roles_reader" not in declared_identity(Summarize(language="ko", model="demo:x"))


def test_a_stage_that_translates_refuses_the_guard() -> None:
    with pytest.raises(FieldsInvalid, match="guards: 'swapped speakers' is for summaries only"):
        Translate(model="demo:x", source="ko", target="en", guards=("swapped speakers",))


def test_of_two_very_long_texts_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert margin(SHOP, RIGHT, "ko") > 0
    monkeypatch.setattr(roles, "MOST_PAIRS", 1)
    monkeypatch.setattr(roles, "_by_name", lambda *_: 0.0)
    assert margin(SHOP, RIGHT, "ko") == 0
