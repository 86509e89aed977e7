"""The stage `translate`: placeholders exact whatever the model does, target language forced, long
texts never cut in silence."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from checkpoints import KOREAN
from fakeengine import TextEngine

from pivot_sum.stages.base import declared_identity, resolved_identity
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import ModelUnreachable, TextTooLong, WrongCheckpoint
from pivot_sum.stages.text.placeholders import count
from pivot_sum.stages.translate import Translate

TEXTS = [
    "#Person1#은 #Person2#에게 전화번호 #PhoneNumber#를 알려 준다.",
    "#Person1#, #Person1#, 그리고 #Person2#!",
    "#Person2#",
    "안녕하세요, 오늘 오후에 시간 있으세요?",
    "",
    "  \n ",
    "#Person10#은 #Person1#이 아니다. # 키를 누르세요.",
]


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


class FakeEngine(TextEngine):
    """A model that answers by a rule, reads so many words at once, and remembers what it was
    asked.
    """

    model_type = "m2m_100"

    def __init__(self, rule: Callable[[str], str | Generated], words: int = 1000) -> None:
        super().__init__()
        self.rule = rule
        self.max_positions = words
        self.tokenizer = SimpleNamespace(
            unk_token_id=3, src_lang="", convert_tokens_to_ids={"kor_Hang": 7, "eng_Latn": 8}.get
        )
        self.calls: list[tuple[list[str], str, str | None]] = []

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        self.calls.append((texts, self.tokenizer.src_lang, forced_token))
        answers = (self.rule(text) for text in texts)
        return [
            answer if isinstance(answer, Generated) else Generated(answer, True)
            for answer in answers
        ]

    @property
    def asked(self) -> list[str]:
        return [text for texts, _, _ in self.calls for text in texts]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeEngine]:
    def install(rule: Callable[[str], str | Generated], **limits: int) -> FakeEngine:
        engine = FakeEngine(rule, **limits)
        monkeypatch.setattr(local_model, "engine_for", lambda spec: engine)
        return engine

    return install


def stage(model: str | Path = "demo:none", **fields: Any) -> Translate:
    # The models here answer anything but translations; the guards have their own tests.
    return Translate(
        model=str(model),
        **{"source": "ko", "target": "en", "device": "cpu", "guards": (), **fields},
    )


def small(nllb: Path, **fields: Any) -> Translate:
    return stage(nllb, num_beams=1, max_new_tokens=6, **fields)


# Placeholders


def test_random_weights_destroy_nothing(nllb: Path) -> None:
    answers = small(nllb).answers(TEXTS)
    assert [count(answer.text) for answer in answers] == [count(text) for text in TEXTS]
    assert answers[0].note["rung"] == "cut"
    assert answers[3].note["rung"] in ("plain", "cut")


ADVERSARIES: dict[str, Callable[[str], str]] = {
    "says nothing": lambda text: "",
    "drops every hash": lambda text: text.replace("#", ""),
    "drops the last character": lambda text: text[:-1],
    "doubles everything": lambda text: text + text,
    "invents a speaker": lambda text: f"{text} #Person9#",
    "swaps the speakers": lambda text: (
        text.replace("Person1", "\0").replace("Person2", "Person1").replace("\0", "Person2")
    ),
    "turns the text round": lambda text: text[::-1],
    "shouts": str.upper,
    "opens a placeholder": lambda text: "#Person1",
    "closes a placeholder": lambda text: "Person1#",
    "hashes only": lambda text: "###",
    "full-width hashes": lambda text: text.replace("#", "＃"),
}


@pytest.mark.parametrize("rule", ADVERSARIES.values(), ids=ADVERSARIES)
def test_placeholders_are_exact_whatever_the_model_does(
    rule: Callable[[str], str], install: Callable[..., FakeEngine]
) -> None:
    install(rule)
    assert [count(answer) for answer in stage()(TEXTS)] == [count(text) for text in TEXTS]


@pytest.mark.parametrize("seed", range(40))
def test_placeholders_are_exact_for_models_that_answer_at_random(
    seed: int, install: Callable[..., FakeEngine]
) -> None:
    dice = random.Random(seed)
    crumbs = [
        "#",
        "#Person1#",
        "#Person2",
        "Person1#",
        "Aeon",
        "⟦1⟧",
        '<x id="1"/>',
        " ",
        "1",
        "word.",
        "＃",
        "을",
        "\n",
        "__P1__",
    ]
    install(
        lambda text: "".join(
            dice.choices([*crumbs, text[: dice.randrange(len(text) + 1)]], k=dice.randrange(8))
        )
    )
    masks = ("as-is", "word", "name", "xml", "bracket", "underscore", "number")
    assert [count(answer) for answer in stage(masks=masks)(TEXTS)] == [
        count(text) for text in TEXTS
    ]


def test_a_model_that_keeps_placeholders_is_served_by_the_first_rung(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(lambda text: text)
    answers = stage().answers(TEXTS)
    assert [answer.text for answer in answers] == TEXTS
    assert [answers[0].note["rung"], answers[3].note["rung"]] == ["as-is", "plain"]
    assert len(engine.calls) == 1


def test_a_model_that_breaks_hashes_is_served_by_a_sentinel(
    install: Callable[..., FakeEngine],
) -> None:
    install(lambda text: text.replace("#", ""))
    [answer] = stage(masks=("as-is", "xml")).answers(TEXTS[:1])
    assert (answer.text, answer.note["rung"]) == (TEXTS[0], "xml")


# Contract


def test_blank_texts_stay_as_they_are_and_load_nothing(tmp_path: Path) -> None:
    assert stage(tmp_path / "no model here")(["", " ", "\n\t"]) == ["", " ", "\n\t"]


def test_answers_come_in_order_and_no_text_is_asked_twice(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(str.upper)
    assert stage()(["b", "a", "", "b", "c"]) == ["B", "A", "", "B", "C"]
    assert engine.asked == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("source", "target", "codes"),
    [("ko", "en", ("kor_Hang", "eng_Latn")), ("en", "ko", ("eng_Latn", "kor_Hang"))],
)
def test_both_languages_reach_the_model(
    source: str, target: str, codes: tuple[str, str], install: Callable[..., FakeEngine]
) -> None:
    engine = install(lambda text: "")
    stage(source=source, target=target)(TEXTS)
    assert {call[1:] for call in engine.calls} == {codes}


def test_one_model_translates_both_ways_in_turn(nllb: Path) -> None:
    there, back = small(nllb), small(nllb, source="en", target="ko")
    first = there(KOREAN[:3])
    back(["Hello."])
    assert there(KOREAN[:3]) == first


def test_a_summariser_cannot_translate(bart: Path) -> None:
    with pytest.raises(WrongCheckpoint, match="bart"):
        stage(bart)(["안녕"])


# Flags


def test_an_answer_cut_by_the_limit_is_flagged_unfinished(
    install: Callable[..., FakeEngine],
) -> None:
    install(lambda text: Generated(text, finished=text != "끝이 없다"))
    finished, unfinished = stage().answers(["끝이 있다", "끝이 없다"])
    assert finished.note == {"rung": "plain"}
    assert unfinished.note == {"rung": "plain", "flags": ["unfinished"]}


def test_a_piece_cut_by_the_limit_flags_the_whole_text(install: Callable[..., FakeEngine]) -> None:
    install(lambda text: Generated(text.replace("#", ""), finished="전화" not in text))
    [answer] = stage(masks=("as-is",)).answers(["#Person1#은 #Person2#에게 전화했다."])
    assert answer.note == {"rung": "cut", "flags": ["unfinished"]}


def test_flags_of_attempts_that_were_thrown_away_do_not_count(
    install: Callable[..., FakeEngine],
) -> None:
    install(lambda text: Generated(text.replace("#", ""), finished="#" not in text))
    [answer] = stage(masks=("as-is", "xml")).answers(TEXTS[:1])
    assert answer.note == {"rung": "xml"}


def test_a_text_longer_than_the_model_reads_is_split_and_flagged(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(str.upper, words=3)
    [answer, short] = stage(source="en", target="ko").answers(
        ["one two. three four five. six", "seven"]
    )
    assert answer.text == "ONE TWO. THREE FOUR FIVE. SIX"
    assert engine.asked == ["one two.", "three four five.", "six", "seven"]
    assert answer.note == {"rung": "plain", "flags": ["split"]}
    assert short.note == {"rung": "plain"}


def test_the_stages_own_bound_on_the_input_holds_too(install: Callable[..., FakeEngine]) -> None:
    engine = install(str.upper)
    stage(source="en", target="ko", max_source_tokens=8)(["word " * 20])
    assert max(len(text.split()) for text in engine.asked) == 8


def test_placeholders_survive_splitting(install: Callable[..., FakeEngine]) -> None:
    engine = install(lambda text: text, words=3)
    [answer] = stage().answers(["#Person1#은 아주 긴 말을 #Person2#에게 오래 했다."])
    assert answer.text == "#Person1#은 아주 긴 말을 #Person2#에게 오래 했다."
    assert answer.note == {"rung": "as-is", "flags": ["split"]}
    assert all(len(text.split()) <= 3 for text in engine.asked)


def test_a_text_too_long_is_reported_where_that_was_asked_for(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(str.upper, words=3)
    with pytest.raises(TextTooLong) as caught:
        stage(too_long="report")(["하나 둘 셋", "하나 둘 셋 넷"])
    message = str(caught.value)
    assert "4 tokens" in message and "the 3 the model reads" in message
    assert "하나 둘 셋 넷" in message and "too_long: split" in message and "\n" not in message
    assert engine.calls == []


# Identity


def test_the_identity_holds_the_weights_and_not_their_place(nllb: Path) -> None:
    identity = resolved_identity(small(nllb))
    assert identity["model"].keys() == {"sha256"} and identity["revision"] is None
    assert (identity["engine"], identity["dtype"]) == ("ctranslate2", "int8")
    assert str(nllb) not in repr(identity)


def test_what_cannot_change_an_answer_is_outside_the_identity(nllb: Path) -> None:
    assert declared_identity(
        small(nllb, batch_size=1, batch_tokens=50, threads=1)
    ) == declared_identity(small(nllb))


@pytest.mark.parametrize(
    "changed",
    [
        {"num_beams": 2},
        {"masks": ("xml",)},
        {"length_penalty": 0.9},
        {"max_source_tokens": 64},
        {"too_long": "report"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_can_change_an_answer_is_inside_the_identity(changed: dict[str, Any]) -> None:
    assert declared_identity(stage(**changed)) != declared_identity(stage())


def test_a_model_that_leads_nowhere_has_no_identity(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreachable, match="does not exist"):
        resolved_identity(stage(tmp_path / "gone"))
