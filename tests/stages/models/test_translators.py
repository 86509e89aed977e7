"""Every family of translators on a small checkpoint of its own: loaded back, and told its
languages."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN
from listener import Listener, both_engines, load
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from pivot_sum.stages.engines.base import Search
from pivot_sum.stages.engines.select import free
from pivot_sum.stages.models.architectures import (
    translation_prompt,
    translators,
)
from pivot_sum.stages.models.translators import Prompt
from pivot_sum.stages.text.placeholders import count
from pivot_sum.stages.translate import Translate

Small = Callable[[str], Path]

SEARCH = Search(2, 8, 0, 1.0, 0, 1.0)
TEXTS = {"ko": KOREAN[:3], "en": ENGLISH[:3]}
DIALOGUE = "#Person1#: Hello, do you have time?\n#Person2#: Yes, let's meet at 3.\n#Person1#: Good."


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


def translate(folder: Path, source: str, target: str, **fields: Any) -> Translate:
    return Translate(
        model=str(folder),
        source=source,
        target=target,
        num_beams=1,
        max_new_tokens=6,
        device="cpu",
        **fields,
    )  # type: ignore[arg-type]


@dataclass
class Card:
    """How a model card tells its reader to translate: what the tokenizer is set to, what stands in
    front, what comes first."""

    family: str
    source: str
    target: str
    src_lang: str | None = None
    prefix: str = ""
    first: str | None = None

    def expected(self, folder: Path) -> list[str]:
        """The answers of plain transformers."""
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForSeq2SeqLM.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        )
        settings: dict[str, Any] = {
            "num_beams": 2,
            "max_new_tokens": 8,
            "forced_eos_token_id": None,
        }
        if self.src_lang:
            tokenizer.src_lang = self.src_lang
        if self.first:
            settings["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids(self.first)
        rows = [
            model.generate(**tokenizer(self.prefix + text, return_tensors="pt"), **settings)[0]
            for text in TEXTS[self.source]
        ]
        return [tokenizer.decode(row, skip_special_tokens=True).strip() for row in rows]


CARDS = [
    Card("nllb", "ko", "en", src_lang="kor_Hang", first="eng_Latn"),
    Card("nllb", "en", "ko", src_lang="eng_Latn", first="kor_Hang"),
    Card("mbart50", "ko", "en", src_lang="ko_KR", first="en_XX"),
    Card("mbart50", "en", "ko", src_lang="en_XX", first="ko_KR"),
    Card("m2m100", "ko", "en", src_lang="ko", first="__en__"),
    Card("m2m100", "en", "ko", src_lang="en", first="__ko__"),
    Card("madlad", "ko", "en", prefix="<2en> "),
    Card("madlad", "en", "ko", prefix="<2ko> "),
    Card("marian-ko-en", "ko", "en"),
    Card("marian-en-ko", "en", "ko"),
]
each_card = pytest.mark.parametrize(
    "card", CARDS, ids=lambda card: f"{card.family}: {card.source} to {card.target}"
)


def without_language_tokens(text: str, tokenizer: Any) -> str:
    """What the decoders of M2M-100 and MADLAD leave in a text, taken out."""
    text = text.replace("<2ko>", "").replace("<2en>", "")
    for token in [*getattr(tokenizer, "lang_token_to_id", ()), "<unk>"]:
        text = text.replace(token, " ")
    return " ".join(text.split())


@both_engines
@each_card
def test_a_translator_answers_as_its_model_card_says(
    card: Card, engine_name: str, small: Small
) -> None:
    folder = small(card.family)
    engine = load(folder, engine_name)
    prompt = translation_prompt(engine, str(folder), card.source, card.target)
    assert prompt == Prompt(card.prefix, card.first)
    answers = engine.generate(
        engine.encode(TEXTS[card.source], prompt.prefix),
        SEARCH,
        batch_tokens=1000,
        forced_bos_token=prompt.forced_token,
    )
    expected = [without_language_tokens(text, engine.tokenizer) for text in card.expected(folder)]
    assert [" ".join(answer.text.split()) for answer in answers] == expected
    assert len(set(expected)) > 1


@both_engines
@each_card
def test_a_translator_runs_as_a_stage_and_keeps_every_placeholder(
    card: Card, engine_name: str, small: Small
) -> None:
    text = "#Person1# 2 #PhoneNumber#"
    answers = translate(small(card.family), card.source, card.target, engine=engine_name)(
        [text, "", TEXTS[card.source][0]]
    )
    assert [count(answer) for answer in answers] == [count(text), count(""), count("")]


@both_engines
@each_card
def test_the_source_language_and_the_target_reach_the_model_as_whole_tokens(
    card: Card, engine_name: str, small: Small
) -> None:
    engine = load(small(card.family), engine_name)
    prompt = translation_prompt(engine, "", card.source, card.target)
    encoded = engine.encode(TEXTS[card.source][:1], prompt.prefix)[0]
    tokens = [engine.tokenizer.convert_ids_to_tokens(token) for token in encoded]
    first = {
        "nllb": card.src_lang,
        "mbart50": card.src_lang,
        "m2m100": f"__{card.src_lang}__",
        "madlad": card.prefix.strip(),
    }
    assert tokens[0] == first.get(card.family, tokens[0])
    assert tokens[-1] == "</s>" and "<unk>" not in tokens


def test_every_language_token_of_the_table_is_tried_here() -> None:
    tried = {card.first or card.prefix.strip() for card in CARDS}
    assert {token for family in translators() for token in family.tokens.values()} <= tried
    assert "marian" in {card.family.partition("-")[0] for card in CARDS}


@both_engines
def test_m2m100_leaves_no_language_token_in_a_text(engine_name: str, small: Small) -> None:
    """Its tokenizer does not count them as special, so decoding without special tokens keeps
    them.
    """
    engine = load(small("m2m100"), engine_name)
    token = engine.tokenizer.convert_tokens_to_ids("__en__")
    assert engine.tokenizer.decode([2, token], skip_special_tokens=True) == "__en__"
    prompt = translation_prompt(engine, "", "ko", "en")
    answers = engine.generate(
        engine.encode(KOREAN), SEARCH, batch_tokens=1000, forced_bos_token=prompt.forced_token
    )
    assert not any("__" in answer.text or "<unk>" in answer.text for answer in answers)


def test_marian_never_says_the_padding_its_decoder_starts_with(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = load(small("marian-ko-en"))
    pad = engine.tokenizer.pad_token_id
    wish = torch.zeros(engine.model.config.vocab_size)
    wish[pad] = 100.0
    engine.model.get_output_embeddings().register_forward_hook(
        lambda _module, _inputs, logits: logits + wish
    )
    listener = Listener(engine, monkeypatch)
    engine.generate(engine.encode(KOREAN[:1]), SEARCH, batch_tokens=1000)
    engine.model.generation_config.bad_words_ids = None
    engine.generate(engine.encode(KOREAN[:1]), SEARCH, batch_tokens=1000)
    banned, allowed = listener.first
    assert banned != pad and allowed == pad


def test_a_marian_folder_that_does_not_ban_padding_is_run_with_the_ban(
    small: Small, tmp_path: Path
) -> None:
    folder = shutil.copytree(small("marian-ko-en"), tmp_path / "model")
    file = folder / "generation_config.json"
    settings = json.loads(file.read_text())
    assert settings.pop("bad_words_ids")
    file.write_text(json.dumps(settings))
    engine = load(folder)
    assert engine.model.generation_config.bad_words_ids == [[engine.tokenizer.pad_token_id]]


@both_engines
def test_marian_reads_texts_with_moses_punctuation(engine_name: str, small: Small) -> None:
    engine = load(small("marian-ko-en"), engine_name)
    typed, plain = "도서관 앞에서 ( 세 시 ) 만나요", "도서관 앞에서 (세 시) 만나요"
    assert engine.tokenizer(typed).input_ids != engine.tokenizer(plain).input_ids
    assert engine.encode([typed]) == engine.encode([plain])
    assert engine.generate(engine.encode([typed]), SEARCH, batch_tokens=1000) == engine.generate(
        engine.encode([plain]), SEARCH, batch_tokens=1000
    )
