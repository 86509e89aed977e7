"""The stage `rewrite`: the model sees summary and dialogue, the dialogue is cut where both are too
long, and what is flagged is asked for once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakeengine import TextEngine

from pivot_sum.stages.base import declared_identity, resolved_identity
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import FieldsInvalid, TextTooLong
from pivot_sum.stages.rewrite import Rewrite
from pivot_sum.stages.seen import Seen, sees

DIALOGUE = (
    "#Person1#: 내일 세 시에 도서관 앞에서 만나요.\n#Person2#: 좋아요. 제 번호는 #PhoneNumber#예요."
)
SUMMARY = "#Person1#은 #Person2#를 네 시에 도서관에서 만난다."
RIGHT = "#Person1#은 #Person2#를 세 시에 도서관 앞에서 만난다."


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


class FakeEngine(TextEngine):
    """A model that answers by a rule, reads so many words at once, and remembers what it was
    asked."""

    model_type = "bart"

    def __init__(self, rule: Callable[[str, Search], str], words: int) -> None:
        super().__init__()
        self.rule, self.max_positions = rule, words
        self.asked: list[tuple[str, int]] = []

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        self.asked += [(text, search.num_beams) for text in texts]
        return [Generated(self.rule(text, search), True) for text in texts]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeEngine]:
    def install(rule: Callable[[str, Search], str], words: int = 1000) -> FakeEngine:
        engine = FakeEngine(rule, words)
        monkeypatch.setattr(local_model, "engine_for", lambda spec: engine)
        return engine

    return install


def stage(model: str | Path = "demo:none", **fields: Any) -> Rewrite:
    return Rewrite(model=str(model), **{"language": "ko", "device": "cpu", **fields})


def packed(summary: str = SUMMARY, cleaned: str = DIALOGUE, dialogue: str = "raw") -> str:
    return Seen(dialogue, cleaned, summary).packed()


def test_it_is_handed_the_source() -> None:
    assert (sees(stage()), sees(Rewrite), stage().task) == ("source", "source", "rewrite")


def test_the_model_reads_the_summary_and_the_cleaned_dialogue(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(lambda text, search: RIGHT)
    (answer,) = stage().answers([packed()])
    assert (answer.text, answer.note) == (RIGHT, {})
    assert engine.asked == [(f"summary: {SUMMARY} dialogue: {DIALOGUE}", 4)]


@pytest.mark.parametrize("text", ["{text}", "{original} {text}", "{x} {", r"\1 \g<0>"])
def test_what_stands_in_the_texts_is_never_read_as_template(
    text: str, install: Callable[..., FakeEngine]
) -> None:
    engine = install(lambda asked, search: RIGHT)
    stage(template="{original} => {text}", guards=())([packed(text, text + DIALOGUE)])
    assert engine.asked == [(f"{text}{DIALOGUE} => {text}", 4)]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("fix: {text}", "{original} has to stand in it once"),
        ("{original}", "{text} has to stand in it once"),
        ("{text} {original} {text}", "{text} has to stand in it once"),
        (
            "{text} {original} {names}",
            "{names} stands for nothing; known are {text} and {original}",
        ),
    ],
)
def test_a_template_needs_both_once_and_nothing_else(template: str, said: str) -> None:
    with pytest.raises(FieldsInvalid) as caught:
        stage(template=template)
    assert said in str(caught.value)


@pytest.mark.parametrize("over", ["turn", "sentence"])
def test_it_runs_over_whole_summaries(over: Any) -> None:
    assert stage().mistakes("dialogue") == []
    (said,) = stage().mistakes(over)
    assert said.startswith("over: ") and said.endswith("write over: dialogue")


def test_a_text_that_was_not_packed_is_refused_and_a_blank_summary_stays(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(lambda text, search: RIGHT)
    with pytest.raises(ValueError, match=r"texts packed by Seen"):
        stage()(["no pair"])
    assert stage()([packed(" "), "", packed()]) == [" ", "", RIGHT]
    assert len(engine.asked) == 1


def test_placeholders_are_repaired_by_the_dialogue_and_invented_ones_flagged(
    install: Callable[..., FakeEngine],
) -> None:
    install(lambda text, search: RIGHT.replace("#Person1#", "# person1 #"))
    (answer,) = stage().answers([packed()])
    assert (answer.text, answer.note) == (RIGHT, {"repairs": {"damaged placeholder": 1}})
    install(lambda text, search: RIGHT.replace("#Person1#", "#Person3#"))
    (answer,) = stage().answers([packed()])
    assert answer.note["flags"] == ["invented placeholder"]


def test_a_flagged_answer_is_asked_for_with_a_wider_search(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(lambda text, search: "" if search.num_beams == 4 else RIGHT)
    (answer,) = stage().answers([packed()])
    assert (answer.text, answer.note) == (RIGHT, {"retry": "beams"})
    assert [beams for _, beams in engine.asked] == [4, 8]
    engine = install(lambda text, search: "")
    (answer,) = stage(retries=()).answers([packed()])
    assert (answer.note["flags"], len(engine.asked)) == (["empty"], 1)


# Long dialogues


TURNS = [f"#Person{1 + n % 2}#: 하나 둘 셋 넷" for n in range(10)]


def test_a_dialogue_that_is_too_long_is_cut_at_turns_from_its_end_and_said_so(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(lambda text, search: RIGHT, words=25)
    long, short = packed(cleaned="\n".join(TURNS)), packed()
    cut, whole = stage(guards=()).answers([long, short])
    # template 2, summary 6, three turns of 5
    assert [text for text, _ in engine.asked] == [
        f"summary: {SUMMARY} dialogue: " + "\n".join(TURNS[:3]),
        f"summary: {SUMMARY} dialogue: {DIALOGUE}",
    ]
    assert (cut.note, whole.note) == ({"flags": ["cut"]}, {})


def test_a_placeholder_of_the_part_that_was_cut_is_not_invented(
    install: Callable[..., FakeEngine],
) -> None:
    install(lambda text, search: RIGHT + " #Person7#도 온다.", words=25)
    (answer,) = stage(guards=("invented placeholder",)).answers(
        [packed(cleaned="\n".join([*TURNS, "#Person7#: 저도 가요."]))]
    )
    assert answer.note["flags"] == ["cut"]


def test_the_summary_is_never_cut(install: Callable[..., FakeEngine]) -> None:
    engine = install(lambda text, search: RIGHT, words=8)
    with pytest.raises(TextTooLong, match="leaves no room") as caught:
        stage()([packed("하나 둘 셋 넷 다섯 여섯 일곱")])
    assert "8 tokens" in str(caught.value) and not engine.asked


def test_a_stage_told_to_report_cuts_nothing(install: Callable[..., FakeEngine]) -> None:
    engine = install(lambda text, search: RIGHT, words=25)
    with pytest.raises(TextTooLong, match="too_long: cut") as caught:
        stage(too_long="report")([packed(cleaned="\n".join(TURNS))])
    assert "58 tokens" in str(caught.value) and not engine.asked


def test_a_small_checkpoint_reads_no_more_than_it_can(bart: Path) -> None:
    small = stage(bart, max_new_tokens=6, max_source_tokens=90, guards=(), dtype="float32")
    cut, whole = small.answers(
        [packed("만난다.", "\n".join(TURNS * 20)), packed("만난다.", "#Person1#: 네")]
    )
    assert "cut" in cut.note["flags"] and "cut" not in whole.note.get("flags", [])
    assert cut.text and "split" not in cut.note["flags"]


def test_the_template_is_part_of_the_identity(bart: Path) -> None:
    assert declared_identity(stage(template="{text} {original}")) != declared_identity(stage())
    assert resolved_identity(stage(bart))["model"].keys() == {"sha256"}
