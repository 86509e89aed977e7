"""Every family of summarisers on a small checkpoint: its prefix, its ends, its
language."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from checkpoints import ENGLISH, KOREAN
from listener import Listener, both_engines, load

from pivot_sum.stages.base import declared_identity
from pivot_sum.stages.engines.base import Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.models.architectures import (
    ARCHITECTURES,
)
from pivot_sum.stages.summarize import Summarize

Small = Callable[[str], Path]

SEARCH = Search(2, 8, 0, 1.0, 0, 1.0)
TEXTS = {"ko": KOREAN[:3], "en": ENGLISH[:3]}
DIALOGUE = "#Person1#: Hello, do you have time?\n#Person2#: Yes, let's meet at 3.\n#Person1#: Good."


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


def summarize(folder: Path, language: str = "en", **fields: Any) -> Summarize:
    return Summarize(
        model=str(folder), language=language, num_beams=1, max_new_tokens=6, device="cpu", **fields
    )  # type: ignore[arg-type]


SUMMARISING = ["bart", "kobart", "t5", "mt5", "pegasus", "mbart50"]


@both_engines
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("family", SUMMARISING)
def test_a_summariser_runs_as_a_stage(
    family: str, language: str, engine_name: str, small: Small
) -> None:
    stage = summarize(
        small(family), language, prefix="summarize: " if "t5" in family else "", engine=engine_name
    )
    first, blank, again = stage([DIALOGUE, "", DIALOGUE])
    assert first and first == again and blank == ""


def test_every_architecture_that_summarises_is_tried_here(small: Small) -> None:
    kinds = {
        json.loads((small(family) / "config.json").read_text())["model_type"]
        for family in SUMMARISING
    }
    assert kinds == {kind for kind, entry in ARCHITECTURES.items() if entry.summariser}


def test_the_prefix_stands_in_front_of_every_dialogue_and_of_every_piece_of_one(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = summarize(
        small("t5"), prefix="summarize: ", max_source_tokens=45, engine="transformers"
    )
    engine = stage.load()
    listener = Listener(engine, monkeypatch)
    [answer] = stage.answers([DIALOGUE])
    prefix = engine.tokenizer.convert_ids_to_tokens(engine.tokenizer("summarize:").input_ids)[:-1]
    assert len(listener.read) > 1 and all(
        tokens[: len(prefix)] == prefix for tokens in listener.read
    )
    assert max(len(tokens) for tokens in listener.read) <= 45, (
        "the prefix counts as part of a piece"
    )
    assert "split" in answer.note["flags"]


def test_the_prefix_changes_the_identity(small: Small) -> None:
    assert (
        declared_identity(summarize(small("t5"), prefix="summarize: "))["prefix"] == "summarize: "
    )
    assert declared_identity(summarize(small("t5")))["prefix"] == ""


def test_a_tokenizer_that_marks_no_ends_gets_them_marked_and_counted(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KoBART's model card puts them around the text by hand; without them the model reads something
    it never saw."""
    stage = summarize(small("kobart"), "ko", engine="transformers")
    engine: Any = stage.load()
    listener = Listener(engine, monkeypatch)
    stage([KOREAN[0]])
    tokens = listener.read[0]
    assert tokens[0] == "<s>" and tokens[-1] == "</s>"
    assert len(tokens) == len(engine.tokenizer(KOREAN[0]).input_ids) + 2


@pytest.mark.parametrize("family", ["bart", "t5", "pegasus", "mbart50"])
def test_a_tokenizer_that_marks_the_ends_itself_gets_no_more_of_them(
    family: str, small: Small
) -> None:
    engine = load(small(family))
    assert engine.encode([ENGLISH[0]]) == [engine.tokenizer(ENGLISH[0]).input_ids]


@pytest.mark.parametrize(("language", "code"), [("ko", "ko_KR"), ("en", "en_XX")])
def test_mbart50_is_told_the_language_of_dialogue_and_summary(
    language: str, code: str, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = summarize(small("mbart50"), language, engine="transformers")
    listener = Listener(stage.load(), monkeypatch)
    stage([DIALOGUE])
    assert listener.read[0][0] == code
    assert set(listener.first) == {stage.load().tokenizer.convert_tokens_to_ids(code)}
