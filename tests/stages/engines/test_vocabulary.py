"""Which tokens are text, in both engines: placeholders that are special tokens are, `</s>` in a
dialogue is too; and a tokenizer must not be larger than its model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checkpoints_families import MAKERS
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedTokenizerFast

from pivot_sum.stages.engines.base import Engine, EngineSpec, Row
from pivot_sum.stages.engines.select import engine_for, free
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.checkpoints import load_tokenizer

Small = Callable[[str], Path]

both_engines = pytest.mark.parametrize("engine_name", ["ctranslate2", "transformers"])
PLACEHOLDERS = ["#Person1#", "#Person2#", "#PhoneNumber#"]
TEXT = "#Person1#: 병원에 예약을 하고 싶은데요."


def load(folder: Path, engine_name: str) -> Engine:
    free()
    return engine_for(EngineSpec(str(folder), "main", "float32", "cpu", 1, engine_name))


def grown(source: Path, folder: Path, *, special: bool, model: bool = True) -> Path:
    """A copy whose tokenizer, and with `model` whose embeddings, know the placeholders."""
    shutil.copytree(source, folder)
    tokenizer: Any = load_tokenizer(folder)
    if special:
        tokenizer.add_special_tokens({"additional_special_tokens": PLACEHOLDERS})
    else:
        tokenizer.add_tokens(PLACEHOLDERS)
    tokenizer.save_pretrained(folder)
    if model:
        larger = AutoModelForSeq2SeqLM.from_pretrained(folder)
        larger.resize_token_embeddings(len(tokenizer))
        larger.save_pretrained(folder)
    return folder


def decoded(engine: Engine, tokens: list[int]) -> str:
    return engine._decoded([Row(tokens, True)])[0].text


@both_engines
@pytest.mark.parametrize("family", ["kobart", "bart", "t5", "pegasus", "nllb", "mbart50"])
def test_placeholders_that_are_special_tokens_are_read_and_written(
    family: str, engine_name: str, small: Small, tmp_path: Path
) -> None:
    engine = load(grown(small(family), tmp_path / "m", special=True), engine_name)
    if family in ("nllb", "mbart50"):
        engine.tokenizer.src_lang = {"nllb": "kor_Hang", "mbart50": "ko_KR"}[family]
    (ids,) = engine.encode([TEXT])
    assert engine.tokenizer.convert_tokens_to_ids("#Person1#") in ids
    text = decoded(engine, [*ids, engine.tokenizer.pad_token_id])
    assert text.startswith("#Person1#") and "예약을 하고" in text
    assert "<" not in text and "_" not in text


@both_engines
@pytest.mark.parametrize("family", MAKERS)
def test_what_a_tokenizer_calls_by_name_languages_and_reserves_are_no_text(
    family: str, engine_name: str, small: Small
) -> None:
    engine = load(small(family), engine_name)
    tokens = [
        *(getattr(engine.tokenizer, f"{name}_token_id") for name in ("bos", "eos", "unk", "pad")),
        *(
            engine.tokenizer.convert_tokens_to_ids(token)
            for token in ("<extra_id_0>", "kor_Hang", "ko_KR", "__ko__", "<2ko>", "<mask>", "<usr>")
        ),
    ]
    assert decoded(engine, [token for token in tokens if token is not None]) == ""


@both_engines
@pytest.mark.parametrize("family", MAKERS)
@pytest.mark.parametrize(
    "typed", ["</s>", "<pad>", "<unk>", "＜/s＞", "<2en>", "ko_KR", "kor_Hang"]
)
def test_a_control_token_in_a_dialogue_stays_text(
    family: str, typed: str, engine_name: str, small: Small
) -> None:
    engine = load(small(family), engine_name)
    (alone,), (ids,) = engine.encode(["네 가요"]), engine.encode([f"네{typed} 가요"])
    unknown = engine.tokenizer.unk_token_id
    control = [token for token in ids if token in engine._control and token != unknown]
    assert control == [token for token in alone if token in engine._control and token != unknown]
    assert len(ids) > len(alone)


@both_engines
def test_a_prefix_is_read_as_it_is_meant_and_a_text_that_repeats_it_as_text(
    engine_name: str, small: Small
) -> None:
    engine = load(small("madlad"), engine_name)
    language = engine.tokenizer.convert_tokens_to_ids("<2en>")
    (ids,) = engine.encode(["<2en> 네, 세 시에 만나요."], "<2en> ")
    assert ids.count(language) == 1 and ids[:2].count(language) == 1


@both_engines
@pytest.mark.parametrize("special", [False, True])
def test_a_tokenizer_larger_than_the_embeddings_is_refused_with_sizes_and_tokens(
    special: bool, engine_name: str, small: Small, tmp_path: Path
) -> None:
    folder = grown(small("kobart"), tmp_path / "m", special=special, model=False)
    size = len(AutoTokenizer.from_pretrained(folder)) - len(PLACEHOLDERS)
    with pytest.raises(WrongCheckpoint) as refused:
        load(folder, engine_name)
    message = str(refused.value)
    assert f"the model has {size} embeddings" in message
    assert "cannot read #Person1#, #Person2#, #PhoneNumber# (3 in all)" in message
    assert "resize_token_embeddings" in message and "trained with" in message


@both_engines
def test_more_embeddings_than_tokens_and_a_mask_beyond_the_end_are_fine(
    engine_name: str, small: Small, tmp_path: Path
) -> None:
    """NLLB-200 is padded to 256,206 rows; bart-large-cnn has none for the mask."""
    folder = shutil.copytree(small("kobart"), tmp_path / "m")
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer.add_special_tokens({"mask_token": "[MASK]"})
    tokenizer.save_pretrained(folder)
    assert load(folder, engine_name).tokenizer.mask_token_id == len(tokenizer) - 1
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    model.resize_token_embeddings(len(tokenizer) + 5)
    model.save_pretrained(folder)
    assert load(folder, engine_name).config.vocab_size == len(tokenizer) + 5
