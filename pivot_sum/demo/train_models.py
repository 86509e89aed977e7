"""The demo models' tokenizers and untrained weights: real architectures of transformers, small."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sentencepiece
import torch
from tokenizers.implementations import ByteLevelBPETokenizer
from tokenizers.models import BPE
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BartConfig,
    BartForConditionalGeneration,
    BartTokenizer,
    GenerationConfig,
    M2M100Config,
    M2M100ForConditionalGeneration,
    NllbTokenizer,
)
from transformers.convert_slow_tokenizer import NllbConverter, SentencePieceExtractor

KOREAN, ENGLISH = "kor_Hang", "eng_Latn"
TRANSLATOR_PIECES, SUMMARIZER_PIECES = 2500, 3000
_SHAPE = {
    "d_model": 192,
    "encoder_layers": 3,
    "decoder_layers": 3,
    "encoder_attention_heads": 6,
    "decoder_attention_heads": 6,
    "encoder_ffn_dim": 768,
    "decoder_ffn_dim": 768,
    "dropout": 0.0,  # every sample is new: there is nothing to overfit, and the steps are few
    "attention_dropout": 0.0,
    "encoder_layerdrop": 0.0,
    "decoder_layerdrop": 0.0,
}
_IDS = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 2}


def write_untrained(model: str, texts: Sequence[str], folder: Path) -> None:
    """Saves an untrained model with its tokenizer, which is made from `texts`: what the training of
    `translator`, `summarizer-en` or `summarizer-ko` starts from."""
    if model == "translator":
        tokenizer = translator_tokenizer(sorted(set(texts)), TRANSLATOR_PIECES)
        network = translator_model(len(tokenizer))
    else:
        tokenizer = summarizer_tokenizer(texts, SUMMARIZER_PIECES)
        network = summarizer_model(len(tokenizer))
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def write_shipped(training: Path, folder: Path) -> None:
    """Saves a trained model as it is shipped: in 16 bits, with nothing about how to search."""
    network = AutoModelForSeq2SeqLM.from_pretrained(training, dtype=torch.float16)
    _with_plain_generation(network).save_pretrained(folder)
    AutoTokenizer.from_pretrained(training).save_pretrained(folder)
    # safetensors leaves it readable by its owner alone
    (folder / "model.safetensors").chmod(0o644)


def translator_tokenizer(texts: Sequence[str], pieces: int) -> Any:
    """A BPE of `pieces` pieces over both languages, as NLLB-200 has one.

    Placeholders are ordinary text made of ordinary pieces: as added tokens they would gain a space
    before a particle.
    """
    with tempfile.TemporaryDirectory() as folder:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_prefix=f"{folder}/spm",
            model_type="bpe",
            vocab_size=pieces,
            character_coverage=1.0,
            split_digits=True,
            num_threads=1,
            minloglevel=2,
        )
        parts = SentencePieceExtractor(f"{folder}/spm.model").extract(BPE)
    parts = NllbConverter.convert_from_spm(**parts)
    return NllbTokenizer(
        vocab=parts["vocab"],
        merges=parts["merges"],
        _spm_precompiled_charsmap=parts["_spm_precompiled_charsmap"],
        src_lang=KOREAN,
        tgt_lang=ENGLISH,
        extra_special_tokens=[ENGLISH, KOREAN],
        model_max_length=256,
    )


def translator_model(vocabulary: int) -> Any:
    """An untrained translator of the M2M-100 architecture, which is NLLB-200's."""
    config = M2M100Config(vocab_size=vocabulary, max_position_embeddings=256, **_SHAPE, **_IDS)
    return _with_plain_generation(M2M100ForConditionalGeneration(config))


def summarizer_tokenizer(texts: Sequence[str], pieces: int) -> Any:
    """A byte-level BPE of `pieces` pieces, as BART has one."""
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        texts,
        vocab_size=pieces,
        min_frequency=2,
        show_progress=False,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
    )
    with tempfile.TemporaryDirectory() as folder:
        vocabulary, merges = trained.save_model(folder)
        return BartTokenizer(
            vocab=str(Path(vocabulary)),
            merges=str(Path(merges)),
            model_max_length=1024,
            clean_up_tokenization_spaces=False,
        )


def summarizer_model(vocabulary: int) -> Any:
    """An untrained summariser of the BART architecture; reads up to 1,024 tokens."""
    config = BartConfig(
        vocab_size=vocabulary,
        max_position_embeddings=1024,
        forced_eos_token_id=None,
        **_SHAPE,
        **_IDS,
    )
    return _with_plain_generation(BartForConditionalGeneration(config))


def _with_plain_generation(model: Any) -> Any:
    # How to search belongs to whoever generates; a length limit saved here would quarrel with
    # theirs.
    model.generation_config = GenerationConfig(**_IDS)
    return model
