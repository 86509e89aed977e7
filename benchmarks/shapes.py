"""Full-size architectures with random weights, and texts of their lengths, for the programs that
measure speed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.stages.models.hub import fetch

CORES = os.cpu_count() or 1


class Shape(NamedTuple):
    """An architecture, whose tokenizer it borrows, and the lengths in tokens."""

    name: str
    borrowed: str
    length: int
    answer: int
    config: dict[str, Any]
    few: int
    """Texts for (a): it is slow."""
    batch: int
    """Texts for (c): what `benchmarks/threads.py` found best."""


SHAPES = {
    "nllb": Shape(
        "NLLB-200-distilled-600M, 24 tokens in, 24 out",
        "demo:translator",
        24,
        24,
        {
            "d_model": 1024,
            "encoder_layers": 12,
            "decoder_layers": 12,
            "encoder_ffn_dim": 4096,
            "decoder_ffn_dim": 4096,
        }
        | {
            "encoder_attention_heads": 16,
            "decoder_attention_heads": 16,
            "vocab_size": 256206,
            "max_position_embeddings": 1024,
        },
        6,
        32,
    ),
    "bart": Shape(
        "BART-large, 250 tokens in, 48 out",
        "demo:summarizer-en",
        250,
        48,
        {
            "d_model": 1024,
            "encoder_layers": 12,
            "decoder_layers": 12,
            "encoder_ffn_dim": 4096,
            "decoder_ffn_dim": 4096,
        }
        | {
            "encoder_attention_heads": 16,
            "decoder_attention_heads": 16,
            "vocab_size": 50265,
            "max_position_embeddings": 1024,
        },
        3,
        8,
    ),
}


def make_model(shape: Shape, folder: Path) -> None:
    """A checkpoint of the shape with random weights, in float32."""
    import torch
    from transformers import AutoConfig, AutoModelForSeq2SeqLM

    source = fetch(shape.borrowed, "main")
    torch.manual_seed(1)
    config = AutoConfig.from_pretrained(source, local_files_only=True)
    config.update(shape.config)
    config.dtype = torch.float32
    model = AutoModelForSeq2SeqLM.from_config(config)
    model.save_pretrained(folder)
    for file in source.glob("*token*.json"):
        shutil.copy2(file, folder)


def make_texts(shape: Shape, number: int) -> list[str]:
    """Different texts of as nearly as possible the shape's length, cut from the demo's
    dialogues.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(fetch(shape.borrowed, "main") / "tokenizer.json"))
    korean = shape.borrowed == "demo:translator"
    samples = read_samples(DEMO_FILE)
    words = " ".join(
        (sample.dialogue if korean else sample.english_dialogue or "") for sample in samples
    )
    ids = tokenizer.encode(words.replace("#", ""), add_special_tokens=False).ids
    wanted = shape.length - 2  # the special tokens around it
    step = max(1, (len(ids) - wanted) // number)
    texts = [
        tokenizer.decode(ids[start : start + wanted]).strip()
        for start in range(0, len(ids) - wanted, step)
    ]
    return list(dict.fromkeys(texts))[:number]


def target_prefix(shape: Shape, tokenizer: Any) -> list[str] | None:
    """What every answer of a translator has to begin with, in the tokens of a converted model."""
    return [str(tokenizer.token_to_id("eng_Latn"))] if shape.borrowed == "demo:translator" else None
