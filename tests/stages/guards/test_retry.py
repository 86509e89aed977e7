"""A flagged answer is asked for again, all flagged texts of a batch together, and says which
attempt served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest
from fakeengine import TextEngine

from pivot_sum.stages.base import Answer
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.guards.retry import FIRST, escalated
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


class FakeEngine(TextEngine):
    """A model that answers by a rule from the text and the width of the search, and remembers each
    call."""

    def __init__(self, model_type: str, rule: Callable[[str, int], str]) -> None:
        super().__init__()
        self.model_type = model_type
        self.rule = rule
        self.tokenizer = SimpleNamespace(
            unk_token_id=3, src_lang="", convert_tokens_to_ids={"kor_Hang": 7, "eng_Latn": 8}.get
        )
        self.calls: list[tuple[list[str], Search]] = []

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        self.calls.append((texts, search))
        return [Generated(self.rule(text, search.num_beams), True) for text in texts]


@pytest.fixture
def install(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str, Callable[[str, int], str]], FakeEngine]:
    def install(model_type: str, rule: Callable[[str, int], str]) -> FakeEngine:
        engine = FakeEngine(model_type, rule)
        monkeypatch.setattr(local_model, "engine_for", lambda spec: engine)
        return engine

    return install


Install = Callable[[str, Callable[[str, int], str]], FakeEngine]

GOOD = {
    "네.": "Yes.",
    "내일 만나요.": "See you tomorrow.",
    "도서관에서 봐요.": "See you at the library.",
    "내일 만나요. 도서관에서 봐요.": "See you tomorrow. See you at the library.",
    "#Person1#, 내일 만나요.": "#Person1#, see you tomorrow.",
}
TWO = "내일 만나요. 도서관에서 봐요."


def translate(**given: Any) -> Translate:
    return Translate(
        **{
            "model": "demo:none",
            "source": "ko",
            "target": "en",
            "num_beams": 2,
            "masks": ("as-is",),
            **given,
        }
    )


def test_an_answer_that_passes_is_asked_for_once_and_says_nothing(install: Install) -> None:
    engine = install("m2m_100", lambda text, beams: GOOD[text])
    answers = translate().answers(list(GOOD))
    assert [answer.text for answer in answers] == list(GOOD.values())
    assert [answer.note for answer in answers] == [{"rung": "plain"}] * 4 + [{"rung": "as-is"}]
    assert len(engine.calls) == 1


def test_a_flagged_translation_is_translated_sentence_by_sentence(install: Install) -> None:
    engine = install(
        "m2m_100",
        lambda text, beams: "loop loop loop loop loop loop" if text == TWO else GOOD[text],
    )
    good, repaired = translate().answers(["네.", TWO])
    assert (good.text, good.note) == ("Yes.", {"rung": "plain"})
    assert (repaired.text, repaired.note) == (GOOD[TWO], {"rung": "plain", "retry": "sentences"})
    assert [texts for texts, _ in engine.calls] == [
        ["네.", TWO],
        ["내일 만나요.", "도서관에서 봐요."],
    ]


def test_then_other_beams_are_tried_for_all_still_flagged_texts_together(install: Install) -> None:
    engine = install("m2m_100", lambda text, beams: GOOD[text] if beams == 4 else "모르겠습니다.")
    answers = translate().answers([*GOOD])
    assert [answer.text for answer in answers] == list(GOOD.values())
    assert {answer.note["retry"] for answer in answers if answer.text != "Yes."} == {"beams"}
    wide = engine.calls[-1][1]
    assert (wide.num_beams, wide.no_repeat_ngram_size) == (4, 4)
    assert [search.num_beams for _, search in engine.calls].count(4) == 1


def test_what_no_attempt_repairs_is_kept_with_its_flags(install: Install) -> None:
    install("m2m_100", lambda text, beams: "loop " * 30)
    [answer] = translate().answers([TWO])
    assert answer.text == ("loop " * 30).strip()
    assert {"length", "repetition"} <= set(answer.note["flags"]) and "retry" not in answer.note


def test_retries_can_be_left_out_and_ordered(install: Install) -> None:
    engine = install("m2m_100", lambda text, beams: "loop " * 30)
    translate(retries=())([TWO])
    assert len(engine.calls) == 1
    translate(retries=("beams",))([TWO])
    assert [search.num_beams for _, search in engine.calls] == [2, 2, 4]


def test_without_guards_nothing_is_flagged_or_asked_again(install: Install) -> None:
    engine = install("m2m_100", lambda text, beams: "loop " * 30)
    [answer] = translate(guards=()).answers([TWO])
    assert answer.note == {"rung": "plain"} and len(engine.calls) == 1


def test_a_retried_translation_keeps_exactly_its_placeholders(install: Install) -> None:
    install("m2m_100", lambda text, beams: "yes " * 9)
    [answer] = translate().answers(["#Person1#은 집에 간다. #Person2#는 온다."])
    assert answer.text.count("#Person1#") == answer.text.count("#Person2#") == 1
    assert answer.note["rung"] == "cut" and "repetition" in answer.note["flags"]


def test_the_answer_to_a_text_does_not_depend_on_its_batch(install: Install) -> None:
    def rule(text: str, beams: int) -> str:
        return GOOD.get(text, "") if len(text) % 2 == beams % 4 // 2 else "loop " * 9

    install("m2m_100", rule)
    together = translate().answers([*GOOD])
    assert [translate().answers([text])[0] for text in GOOD] == together
    assert [translate().answers([text])[0].note for text in GOOD] == [
        answer.note for answer in together
    ]


def test_an_answer_that_drops_an_address_never_wins(install: Install) -> None:
    text = "양식을 minsu@example.com 으로 보내 주세요."
    kept = "Note: please send the form (polite) to minsu@example.com."
    install("m2m_100", lambda _, beams: "Please send the form." if beams == 4 else kept)
    [answer] = translate().answers([text])
    assert answer.text == kept
    assert answer.note["flags"] == ["added note"] and "retry" not in answer.note


def test_what_is_lost_weighs_more_than_any_number_of_flags() -> None:
    first, later = Answer("keeps"), Answer("drops")
    answers = escalated(
        ["text"],
        {FIRST: lambda texts: {"text": first}, "beams": lambda texts: {"text": later}},
        lambda text, answer: ["length", "copy"] if answer == "keeps" else ["length"],
        lambda text, answer: int(answer == "drops"),
    )
    assert answers["text"].text == "keeps"


# Summaries

TURNS = [
    "#Person1#: Hello, do you have time for my homework this afternoon?",
    "#Person2#: Sure, let us meet in front of the library at three.",
    "#Person1#: Great, then call me when you arrive at the library.",
    "#Person2#: I will, and do not forget your homework, please.",
]
TALK = "\n".join(TURNS)


def summarize(**given: Any) -> Summarize:
    return Summarize(**{"model": "demo:none", "language": "en", "num_beams": 2, **given})


def test_a_flagged_summary_is_made_of_those_of_two_halves(install: Install) -> None:
    halves = {
        "\n".join(TURNS[:2]): "#person1# needs homework help.",
        "\n".join(TURNS[2:]): "#Person2# will call at the library.",
    }
    engine = install("bart", lambda text, beams: halves.get(text, "loop " * 40))
    [answer] = summarize().answers([TALK])
    assert answer.text == "#Person1# needs homework help. #Person2# will call at the library."
    assert answer.note == {"retry": "halves", "repairs": {"damaged placeholder": 1}}
    assert len(engine.calls) == 2


def test_a_dialogue_of_few_turns_is_not_halved(install: Install) -> None:
    engine = install("bart", lambda text, beams: "loop " * 40)
    summarize()(["\n".join(TURNS[:2])])
    assert [search.num_beams for _, search in engine.calls] == [2, 4]


def test_the_model_sees_names_and_the_summary_has_placeholders(install: Install) -> None:
    engine = install(
        "bart", lambda text, beams: "Tom's homework: Anna will meet tom at the library."
    )
    [answer] = summarize(speakers="name")([TALK])
    assert answer == "#Person1#'s homework: #Person2# will meet #Person1# at the library."
    assert engine.calls[0][0] == [TALK.replace("#Person1#", "Tom").replace("#Person2#", "Anna")]


def test_a_model_that_was_shown_names_and_answers_with_placeholders_is_flagged(
    install: Install,
) -> None:
    """It was trained on placeholders and cannot know whom it means: Person1 and Person2 may be
    exchanged."""
    install("bart", lambda text, beams: "#Person2# asks #Person1# about homework.")
    [answer] = summarize(speakers="name", retries=()).answers([TALK])
    assert answer.note["flags"] == ["invented placeholder"]


def test_each_dialogue_gets_its_own_names(install: Install) -> None:
    install("bart", lambda text, beams: "Tom and Anna talk.")
    tom = TALK.replace("Hello", "Hello Tom")
    plain, named = summarize(speakers="name", guards=())([TALK, tom])
    assert plain == "#Person1# and #Person2# talk."
    assert named == "Tom and #Person1# talk."


# The rule itself


def test_of_several_flagged_answers_the_one_with_fewest_flags_is_kept_the_earlier_of_equals() -> (
    None
):
    flags = {"x": ["a", "b"], "y": ["c"], "z": ["d"]}
    attempts = {
        name: lambda texts, text=text: {key: Answer(text) for key in texts}
        for name, text in ((FIRST, "x"), ("second", "y"), ("third", "z"))
    }
    answers = escalated(["text"], attempts, lambda _, answer: flags[answer])
    assert answers["text"].text == "y" and answers["text"].note == {
        "retry": "second",
        "flags": ["c"],
    }


def test_thresholds_and_retries_are_part_of_the_identity() -> None:
    names = {"guards", "retries", "max_copied", "max_repeated", "max_length_factor", "max_misfit"}
    inside = {field.name for field in fields(Translate) if field.metadata["identity"]}
    assert names <= inside


def test_what_an_answer_lost_is_asked_with_its_own_text() -> None:
    asked: list[tuple[str, str]] = []

    def losses(text: str, answer: str) -> int:
        asked.append((text, answer))
        return 0

    attempts = {FIRST: lambda texts: {text: Answer(text.upper(), {}) for text in texts}}
    escalated(["a", "b"], attempts, lambda text, answer: [], losses)
    assert asked == [("a", "A"), ("b", "B")]
