"""Checkpoints of the wrong kind, task or direction are refused, and the message names the right
one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkpoints import make_nllb
from checkpoints_families import make_marian, make_mbart50

from pivot_sum.stages.engines.base import EngineSpec
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.architectures import (
    MADLAD,
    summary_prompt,
    translation_prompt,
    translators,
)
from pivot_sum.stages.models.translators import Prompt
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

Small = Callable[[str], Path]


def load(folder: Path) -> TransformersEngine:
    return TransformersEngine(EngineSpec(str(folder), "main", "float32", "cpu", 0))


def refused(folder: Path, source: str, target: str, model: str | None = None) -> str:
    """The message with which a checkpoint is refused as a translator."""
    with pytest.raises(WrongCheckpoint) as caught:
        translation_prompt(load(folder), model or str(folder), source, target)
    message = str(caught.value)
    assert (model or str(folder)) in message and "\n" not in message
    return message


@pytest.mark.parametrize("family", ["bart", "kobart", "pegasus", "mt5"])
def test_a_summariser_is_refused_as_a_translator_and_the_right_ones_are_named(
    family: str, small: Small
) -> None:
    message = refused(small(family), "ko", "en")
    assert all(family.example in message for family in translators())


def test_a_t5_that_is_no_translator_is_refused_and_madlad_is_named(small: Small) -> None:
    message = refused(small("t5"), "ko", "en")
    assert "<2en>" in message and "google/madlad400-3b-mt" in message


def test_a_language_token_that_the_tokenizer_cuts_up_is_refused() -> None:
    class Tokenizer:
        unk_token_id = 2

        def convert_tokens_to_ids(self, token: str) -> int:
            return 7

        def __call__(self, text: str) -> SimpleNamespace:
            return SimpleNamespace(input_ids=[4, 5, 6])

    objection = MADLAD.objection(
        SimpleNamespace(tokenizer=Tokenizer(), model=None, model_type="t5"), "m", "ko", "en"
    )
    assert objection is not None and "<2en>" in objection


@pytest.mark.parametrize(("source", "target"), [("ko", "en"), ("en", "ko")])
def test_a_tokenizer_without_one_of_the_languages_is_refused(
    source: str, target: str, tmp_path: Path
) -> None:
    message = refused(make_nllb(tmp_path / "english-only", languages=("eng_Latn",)), source, target)
    assert "kor_Hang" in message and "<unk>" in message


@pytest.mark.parametrize(("source", "target"), [("ko", "en"), ("en", "ko")])
def test_mbart50_without_fine_tuning_is_refused_and_the_right_one_is_named(
    source: str, target: str, tmp_path: Path
) -> None:
    message = refused(make_mbart50(tmp_path / "mbart-large-50", activation="gelu"), source, target)
    assert (
        "without fine-tuning" in message and "facebook/mbart-large-50-many-to-many-mmt" in message
    )


def test_an_own_translator_made_from_mbart50_names_its_target_and_is_taken(tmp_path: Path) -> None:
    engine = load(make_mbart50(tmp_path / "own", activation="gelu", only="en_XX"))
    assert translation_prompt(engine, "own", "ko", "en") == Prompt(forced_token="en_XX")


def test_mbart50_many_to_one_translates_into_english_only(tmp_path: Path) -> None:
    folder = make_mbart50(tmp_path / "many-to-one", only="en_XX")
    assert translation_prompt(load(folder), "", "ko", "en") == Prompt(forced_token="en_XX")
    assert "into en_XX only" in refused(folder, "en", "ko")


def test_mbart50_one_to_many_translates_from_english_only(small: Small) -> None:
    name = "facebook/mbart-large-50-one-to-many-mmt"
    assert translation_prompt(load(small("mbart50")), name, "en", "ko") == Prompt(
        forced_token="ko_KR"
    )
    assert "from English only" in refused(small("mbart50"), "ko", "en", name)


def test_mbart_of_25_languages_is_refused(small: Small, tmp_path: Path) -> None:
    folder = shutil.copytree(small("mbart50"), tmp_path / "mbart-large-cc25")
    for name in ("tokenizer_config.json", "config.json"):
        settings = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(settings | {"tokenizer_class": "MBartTokenizer"}))
    assert "not MBart50Tokenizer" in refused(folder, "ko", "en")
    with pytest.raises(WrongCheckpoint, match="mBART-50 only"):
        summary_prompt(load(folder), str(folder), "ko", "")


def test_marian_of_another_pair_is_refused_and_the_right_ones_are_named(
    small: Small, tmp_path: Path
) -> None:
    message = refused(small("marian-ko-en"), "en", "ko")
    assert (
        "kor to eng" in message
        and "this step is en to ko" in message
        and "Helsinki-NLP/opus-mt-tc-big-en-ko" in message
    )
    assert "fr to en" in refused(make_marian(tmp_path / "fr-en", "fr", "en"), "ko", "en")


def test_marian_that_does_not_say_its_pair_is_refused(tmp_path: Path) -> None:
    assert "source_lang and target_lang" in refused(
        make_marian(tmp_path / "unnamed", None, None), "ko", "en"
    )


@pytest.mark.parametrize("family", ["nllb", "m2m100", "madlad", "marian-ko-en"])
def test_a_translator_is_refused_as_a_summariser_and_right_ones_are_named(
    family: str, small: Small
) -> None:
    with pytest.raises(
        WrongCheckpoint, match=r"no summariser.*philschmid/bart-large-cnn-samsum"
    ) as caught:
        summary_prompt(load(small(family)), str(small(family)), "en", "")
    assert str(small(family)) in str(caught.value)


def test_the_stages_refuse_before_they_ask_the_model(small: Small) -> None:
    with pytest.raises(WrongCheckpoint, match=r"'bart'"):
        Translate(model=str(small("bart")), source="ko", target="en", device="cpu")(["안녕"])
    with pytest.raises(WrongCheckpoint, match="no summariser"):
        Summarize(model=str(small("nllb")), language="en", device="cpu")(["#Person1#: Hello."])
