"""Tokenizers are read as their files describe them, also where transformers would build another one
for the architecture."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from checkpoints import ENGLISH, KOREAN, make_bart
from checkpoints_families import make_t5
from tokenizers import ByteLevelBPETokenizer, Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import AutoTokenizer

from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import MissingTokenizer
from pivot_sum.stages.models.checkpoints import load_tokenizer

Small = Callable[[str], Path]

GREEDY = Search(1, 6, 0, 1.0, 0, 1.0)
SPECIAL = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
    "mask_token": "<mask>",
}


def load(folder: Path) -> TransformersEngine:
    return TransformersEngine(EngineSpec(str(folder), "main", "float32", "cpu", 0))


def without_class(source: Path, folder: Path, special: dict[str, str] | None) -> Path:
    """A checkpoint as the first KoBARTs were published: tokenizer.json, perhaps a list of special
    tokens, and no class."""
    shutil.copytree(source, folder)
    (folder / "tokenizer_config.json").unlink()
    if special:
        (folder / "special_tokens_map.json").write_text(json.dumps(special))
    return folder


@pytest.mark.parametrize(
    "special",
    [SPECIAL, None],
    ids=["special tokens listed", "special tokens known to the model only"],
)
def test_a_kobart_that_names_no_tokenizer_class_is_read_by_its_file(
    special: dict[str, str] | None, small: Small, tmp_path: Path
) -> None:
    folder = without_class(small("kobart"), tmp_path / "kobart", special)
    misread = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    assert type(misread).__name__ == "RobertaTokenizer" and "안녕" not in misread.decode(
        misread(KOREAN[0]).input_ids
    )
    engine, whole = load(folder), load(small("kobart"))
    assert engine.encode(KOREAN) == whole.encode(KOREAN)
    assert engine.generate(engine.encode(KOREAN), GREEDY, batch_tokens=500) == whole.generate(
        whole.encode(KOREAN), GREEDY, batch_tokens=500
    )


@pytest.mark.parametrize("declared", ["T5TokenizerFast", "T5Tokenizer"])
def test_a_t5_with_another_kind_of_tokenizer_is_read_by_its_file(
    declared: str, tmp_path: Path
) -> None:
    """As pko-t5, from which Korean T5 summarisers are made: byte-level BPE in a class that expects
    Unigram."""
    folder = make_t5(tmp_path / "pko-t5")
    (folder / "spiece.model").unlink()
    bpe = ByteLevelBPETokenizer()
    words = ["<pad>", "</s>", "<unk>", "<extra_id_0>"]
    bpe.train_from_iterator(
        KOREAN + ENGLISH, vocab_size=330, min_frequency=1, special_tokens=words, show_progress=False
    )
    bpe.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    bpe.save(str(folder / "tokenizer.json"))
    special = {name: SPECIAL[name] for name in ("eos_token", "unk_token", "pad_token")}
    settings = special | {"tokenizer_class": declared, "extra_ids": 1, "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))

    tokenizer = load_tokenizer(folder)
    for text in KOREAN + ENGLISH:
        ids = tokenizer(text).input_ids
        assert ids == Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids
        assert tokenizer.decode(ids, skip_special_tokens=True) == text
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id, tokenizer.model_max_length) == (
        0,
        1,
        77,
    )


@pytest.mark.parametrize(
    "family",
    ["nllb", "mbart50", "m2m100", "madlad", "marian-ko-en", "bart", "t5", "mt5", "pegasus"],
)
def test_a_tokenizer_that_transformers_reads_right_keeps_its_class(
    family: str, small: Small
) -> None:
    chosen = AutoTokenizer.from_pretrained(small(family), local_files_only=True)
    tokenizer = load_tokenizer(small(family))
    assert type(tokenizer) is type(chosen)
    assert tokenizer(KOREAN + ENGLISH).input_ids == chosen(KOREAN + ENGLISH).input_ids


def test_a_bart_that_names_no_tokenizer_class_is_read_as_bart(tmp_path: Path) -> None:
    """As the BARTs of facebook are published."""
    folder = make_bart(tmp_path / "bart")
    expected = load_tokenizer(folder)(KOREAN + ENGLISH).input_ids
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 256}))
    assert load_tokenizer(folder)(KOREAN + ENGLISH).input_ids == expected


def test_a_broken_tokenizer_file_is_still_named(small: Small, tmp_path: Path) -> None:
    folder = shutil.copytree(small("kobart"), tmp_path / "model")
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(MissingTokenizer, match="cannot be loaded"):
        load_tokenizer(folder)
