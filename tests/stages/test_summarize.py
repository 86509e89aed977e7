"""The stage `summarize`: damaged placeholders repaired, invented ones left to be seen, long
dialogues split at turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from checkpoints import ENGLISH
from fakeengine import TextEngine

from pivot_sum.stages.base import declared_identity
from pivot_sum.stages.engines import local_model
from pivot_sum.stages.engines.base import Generated, Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.summarize import Summarize

DIALOGUE = "#Person1#: Hello, call me at #PhoneNumber#.\n#Person2#: I will.\n#Person1#: Good."


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


class FakeEngine(TextEngine):
    """A summariser that answers by a rule, reads so many words at once, and remembers what it was
    asked."""

    model_type = "bart"

    def __init__(self, rule: Callable[[str], str | Generated], words: int = 1000) -> None:
        super().__init__()
        self.rule = rule
        self.max_positions = words
        self.asked: list[str] = []
        self.searches: list[tuple[Search, str | None]] = []

    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]:
        self.asked += texts
        self.searches.append((search, forced_token))
        answers = (self.rule(text) for text in texts)
        return [
            answer if isinstance(answer, Generated) else Generated(answer, True)
            for answer in answers
        ]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeEngine]:
    def install(rule: Callable[[str], str | Generated], **limits: int) -> FakeEngine:
        engine = FakeEngine(rule, **limits)
        monkeypatch.setattr(local_model, "engine_for", lambda spec: engine)
        return engine

    return install


def stage(model: str | Path = "demo:none", **fields: Any) -> Summarize:
    # The models here answer anything but summaries; the guards have their own tests.
    return Summarize(
        model=str(model), **{"language": "en", "device": "cpu", "guards": (), **fields}
    )


# Placeholders


@pytest.mark.parametrize(
    ("said", "meant", "repairs"),
    [
        ("#Person1# calls #Person2#.", "#Person1# calls #Person2#.", 0),
        ("#person1# calls #People2#.", "#Person1# calls #Person2#.", 2),
        ("# Person1 # calls ##Person2#.", "#Person1# calls #Person2#.", 2),
        (
            "#Person1 calls Person2# at #Phone Number#.",
            "#Person1# calls #Person2# at #PhoneNumber#.",
            3,
        ),
        ("Nobody is named.", "Nobody is named.", 0),
    ],
)
def test_damaged_placeholders_of_the_dialogue_are_repaired_and_counted(
    said: str, meant: str, repairs: int, install: Callable[..., FakeEngine]
) -> None:
    install(lambda text: said)
    [answer] = stage().answers([DIALOGUE])
    assert answer.text == meant
    assert answer.note == ({"repairs": {"damaged placeholder": repairs}} if repairs else {})


@pytest.mark.parametrize(
    "invented",
    ["#Person3# comes.", "#person3# comes.", "#Address# is given.", "#Mrs. Dawson# calls."],
)
def test_invented_placeholders_are_left_for_the_verdict(
    invented: str, install: Callable[..., FakeEngine]
) -> None:
    install(lambda text: invented)
    [answer] = stage().answers([DIALOGUE])
    assert (answer.text, answer.note) == (invented, {})


def test_each_summary_is_repaired_by_its_own_dialogue(install: Callable[..., FakeEngine]) -> None:
    install(lambda text: "#person1# talks to #person2#.")
    alone, both = stage()(["#Person1#: Is anybody there?", DIALOGUE])
    assert (alone, both) == ("#Person1# talks to #person2#.", "#Person1# talks to #Person2#.")


# Contract


def test_blank_texts_stay_as_they_are_and_load_nothing(tmp_path: Path) -> None:
    assert stage(tmp_path / "no model here")(["", " \n"]) == ["", " \n"]


def test_answers_come_in_order_and_no_dialogue_is_asked_twice(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(str.upper)
    assert stage()(["b", "", "a", "b"]) == ["B", "", "A", "B"]
    assert engine.asked == ["b", "a"]


def test_a_real_model_answers_the_same_alone_and_together(bart: Path) -> None:
    small = stage(bart, num_beams=2, max_new_tokens=6)
    together = small([DIALOGUE, *ENGLISH])
    assert len(together) == 6
    assert [small([text])[0] for text in (DIALOGUE, *ENGLISH)] == together


def test_a_dialogue_beyond_a_real_models_positions_is_split_and_not_cut(bart: Path) -> None:
    """BART fails with an IndexError where it is given more tokens than it has positions."""
    long = "\n".join(f"#Person{1 + turn % 2}#: {ENGLISH[turn % 5]}" for turn in range(40))
    [answer] = stage(bart, num_beams=1, max_new_tokens=4).answers([long])
    assert "split" in answer.note["flags"]


def test_no_first_token_is_forced_on_a_summary(install: Callable[..., FakeEngine]) -> None:
    engine = install(str.upper)
    stage(num_beams=2, min_new_tokens=5)([DIALOGUE])
    assert engine.searches == [(Search(2, 256, 5, 1.0, 0, 1.0), None)]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_summary_is_in_the_language_of_its_dialogue(language: str) -> None:
    assert (stage(language=language).source, stage(language=language).target) == (
        language,
        language,
    )
    assert declared_identity(stage(language=language))["language"] == language


# Long dialogues and flags


def test_a_long_dialogue_is_split_at_turns_and_its_summaries_are_joined(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(lambda text: f"summary of {len(text.splitlines())} turns.", words=8)
    dialogue = "\n".join(f"#Person{1 + turn % 2}#: one two" for turn in range(5))
    [answer] = stage().answers([dialogue])
    assert engine.asked == [
        "\n".join(dialogue.splitlines()[start : start + 2]) for start in (0, 2, 4)
    ]
    assert answer.text == "summary of 2 turns. summary of 2 turns. summary of 1 turns."
    assert answer.note == {"flags": ["split"]}


def test_a_dialogue_that_fits_is_read_whole(install: Callable[..., FakeEngine]) -> None:
    engine = install(str.upper, words=len(DIALOGUE.split()))
    [answer] = stage().answers([DIALOGUE])
    assert engine.asked == [DIALOGUE]
    assert "flags" not in answer.note


def test_placeholders_are_repaired_by_the_whole_dialogue_not_by_a_part(
    install: Callable[..., FakeEngine],
) -> None:
    install(lambda text: "#person2# agrees.", words=6)
    [answer] = stage().answers([DIALOGUE])
    assert "#person2#" not in answer.text and answer.note["repairs"] == {
        "damaged placeholder": answer.text.count("#Person2#")
    }


def test_one_unfinished_part_flags_the_summary(install: Callable[..., FakeEngine]) -> None:
    install(lambda text: Generated("so on", finished="Good" not in text), words=6)
    [answer] = stage().answers([DIALOGUE])
    assert answer.note == {"flags": ["split", "unfinished"]}


def test_a_line_end_in_an_answer_becomes_a_space(install: Callable[..., FakeEngine]) -> None:
    install(lambda text: " First line.\n\n Second  line. ")
    assert stage()([DIALOGUE]) == ["First line. Second line."]


def test_a_dialogue_too_long_is_reported_where_that_was_asked_for(
    install: Callable[..., FakeEngine],
) -> None:
    engine = install(str.upper, words=5)
    with pytest.raises(TextTooLong, match=r"longer than the 5 the model reads: '#Person1#: Hello"):
        stage(too_long="report")([DIALOGUE])
    assert engine.asked == []
