"""The three shipped checkpoints: they load offline, are small and plain, and know their world."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from pivot_sum.demo.grammar import joined
from pivot_sum.demo.train import DATA, MODELS
from pivot_sum.demo.train_data import held_out
from pivot_sum.demo.train_evaluate import Writer
from pivot_sum.demo.train_models import ENGLISH, KOREAN

NAMES = ["translator", "summarizer-en", "summarizer-ko"]
EVALUATION: dict[str, Any] = json.loads((DATA / "evaluation.json").read_text(encoding="utf-8"))
SAMPLES = held_out()[::8]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_folder_is_small_and_whole(name: str) -> None:
    files = {path.name: path.stat().st_size for path in (MODELS / name).iterdir()}
    expected = {
        "README.md",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
    }
    assert set(files) == expected | {"tokenizer_config.json"}
    assert sum(files.values()) <= 10_000_000
    card = (MODELS / name / "README.md").read_text(encoding="utf-8")
    assert "license: mit" in card and f"--only {name}" in card and "demo world" in card


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_sixteen_bit_and_nothing_about_searching_is_saved(name: str) -> None:
    model = AutoModelForSeq2SeqLM.from_pretrained(MODELS / name)
    assert model.dtype == torch.float16
    saved = json.loads((MODELS / name / "generation_config.json").read_text(encoding="utf-8"))
    ids = {"bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id"}
    assert set(saved) - {"transformers_version", "_from_model_config"} == ids


@pytest.mark.parametrize("name", NAMES)
def test_a_tokenizer_gives_every_text_of_its_world_back_placeholders_included(name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(MODELS / name)
    for dialogue in SAMPLES:
        texts = [
            *joined(dialogue.summary),
            *(text for _, turn in dialogue.turns for text in joined(turn)),
        ]
        if name != "translator":
            side = ("summarizer-ko", "summarizer-en").index(name)
            texts = [dialogue.text()[side], joined(dialogue.summary)[side]]
        for text in texts:
            ids = tokenizer(text).input_ids
            assert tokenizer.unk_token_id not in ids
            assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_the_translator_knows_both_languages_by_their_codes() -> None:
    tokenizer = AutoTokenizer.from_pretrained(MODELS / "translator")
    for code in (KOREAN, ENGLISH):
        assert tokenizer.convert_tokens_to_ids(code) != tokenizer.unk_token_id
        tokenizer.src_lang = code
        assert tokenizer.convert_ids_to_tokens(tokenizer("#Person1#").input_ids)[0] == code


@pytest.mark.parametrize("name", ["summarizer-en", "summarizer-ko"])
def test_a_summarizer_survives_the_longest_dialogue_it_can_read(name: str) -> None:
    tokenizer: Any = AutoTokenizer.from_pretrained(MODELS / name)
    model: Any = AutoModelForSeq2SeqLM.from_pretrained(MODELS / name, dtype=torch.float32)
    ids = tokenizer(
        "#Person1#: 안녕하세요, hello!\n" * 400, truncation=True, return_tensors="pt"
    ).input_ids
    assert ids.shape[1] == model.config.max_position_embeddings == 1024
    assert model.generate(ids, max_new_tokens=5).shape[0] == 1


def test_held_out_turns_are_translated_well_both_ways() -> None:
    pairs = [joined(turn) for dialogue in SAMPLES[::3] for _, turn in dialogue.turns]
    for source, target, side in ((KOREAN, ENGLISH, 0), (ENGLISH, KOREAN, 1)):
        answers = Writer(MODELS / "translator", source, target)([pair[side] for pair in pairs])
        right = sum(answer == pair[1 - side] for answer, pair in zip(answers, pairs, strict=True))
        assert right >= 0.8 * len(pairs)


def test_the_shipped_figures_reach_what_the_demo_promises() -> None:
    assert EVALUATION["turns ko-en"]["chrf"] >= 90
    assert EVALUATION["turns en-ko"]["chrf"] >= 90
    for direction in ("turns ko-en", "turns en-ko", "summaries en-ko"):
        figures = EVALUATION[direction]
        assert figures["placeholders_kept"] >= 0.95 * figures["with_placeholders"]
    assert len(EVALUATION["rows"]) == len(held_out())
