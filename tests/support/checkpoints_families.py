"""Small checkpoints of the families beside NLLB-200 and BART, with the tokenizer files and settings
the real ones come with."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from checkpoints import ENGLISH, KOREAN, make_bart, make_nllb

LAYERS = {
    "d_model": 32,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
}


def make_mbart50(
    folder: Path,
    *,
    activation: str = "relu",
    only: str | None = None,
    lines: Sequence[str] = KOREAN + ENGLISH,
) -> Path:
    """An mBART-50 checkpoint: many-to-many (ReLU), not fine-tuned (GELU), or of one target language
    (`only`, such as en_XX), with the pieces of some lines."""
    import torch
    from transformers import MBart50Tokenizer, MBartConfig, MBartForConditionalGeneration

    _write_spm(folder / "sentencepiece.bpe.model", lines, model_type="unigram")
    tokenizer = MBart50Tokenizer.from_pretrained(folder, src_lang="en_XX", model_max_length=128)
    torch.manual_seed(3)
    model = MBartForConditionalGeneration(
        MBartConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=128,
            decoder_start_token_id=2,
            activation_function=activation,
            scale_embedding=True,
            **LAYERS,
        )
    )
    if only:
        model.generation_config.forced_bos_token_id = tokenizer.convert_tokens_to_ids(only)
    return _save(model, tokenizer, folder)


def make_m2m100(folder: Path, *, lines: Sequence[str] = KOREAN + ENGLISH) -> Path:
    """An M2M-100 checkpoint: `vocab.json` beside the sentencepiece model, a hundred language tokens
    behind the vocabulary."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration, M2M100Tokenizer

    pieces = _write_spm(folder / "sentencepiece.bpe.model", lines, model_type="bpe")
    words = ["<s>", "<pad>", "</s>", "<unk>", *pieces[3:]]
    (folder / "vocab.json").write_text(
        json.dumps({word: index for index, word in enumerate(words)}), encoding="utf-8"
    )
    tokenizer = M2M100Tokenizer(
        vocab_file=str(folder / "vocab.json"),
        spm_file=str(folder / "sentencepiece.bpe.model"),
        model_max_length=128,
    )
    torch.manual_seed(4)
    size = max(tokenizer.lang_token_to_id.values()) + 1 + tokenizer.num_madeup_words
    config = M2M100Config(
        vocab_size=size, max_position_embeddings=128, decoder_start_token_id=2, **LAYERS
    )
    return _save(M2M100ForConditionalGeneration(config), tokenizer, folder)


def make_marian(folder: Path, source: str | None, target: str | None) -> Path:
    """An OPUS-MT checkpoint of one pair: two sentencepiece models, one vocabulary, padding as the
    decoder's start."""
    import torch
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    pieces = [
        *_write_spm(folder / "source.spm", model_type="unigram"),
        *_write_spm(folder / "target.spm", model_type="unigram"),
    ]
    words = [
        "</s>",
        "<unk>",
        *dict.fromkeys(piece for piece in pieces if piece not in ("<s>", "</s>", "<unk>")),
        "<pad>",
    ]
    (folder / "vocab.json").write_text(
        json.dumps({word: index for index, word in enumerate(words)}), encoding="utf-8"
    )
    tokenizer = MarianTokenizer(
        source_spm=str(folder / "source.spm"),
        target_spm=str(folder / "target.spm"),
        vocab=str(folder / "vocab.json"),
        source_lang=source,
        target_lang=target,
    )
    torch.manual_seed(5)
    pad = tokenizer.pad_token_id
    config = MarianConfig(
        vocab_size=len(words),
        max_position_embeddings=128,
        pad_token_id=pad,
        decoder_start_token_id=pad,
        eos_token_id=0,
        forced_eos_token_id=0,
        **LAYERS,
    )
    model = MarianMTModel(config)
    model.generation_config.bad_words_ids = [[pad]]
    _enlarge(model, 0.5)  # with 0.3 some vocabularies still say the same to everything
    with torch.no_grad():
        model.get_input_embeddings().weight[pad] = 0  # as in every published model
    return _save(model, tokenizer, folder, enlarged=True)


def make_t5(folder: Path, *, languages: tuple[str, ...] = (), multilingual: bool = False) -> Path:
    """A T5 checkpoint, or an mT5 one; with `languages` such as `<2en>` in the vocabulary, a
    MADLAD-400 one."""
    import torch
    from transformers import (
        MT5Config,
        MT5ForConditionalGeneration,
        T5Config,
        T5ForConditionalGeneration,
        T5Tokenizer,
    )

    spm = {
        "pad_id": 0,
        "eos_id": 1,
        "unk_id": 2,
        "bos_id": -1,
        "user_defined_symbols": list(languages),
    }
    _write_spm(folder / "spiece.model", model_type="unigram", **spm)
    tokenizer = T5Tokenizer.from_pretrained(folder, extra_ids=10)
    torch.manual_seed(6)
    size = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_heads": 2}
    make, configure = (
        (MT5ForConditionalGeneration, MT5Config)
        if multilingual
        else (T5ForConditionalGeneration, T5Config)
    )
    return _save(
        make(configure(vocab_size=len(tokenizer), decoder_start_token_id=0, **size)),
        tokenizer,
        folder,
    )


def make_pegasus(folder: Path) -> Path:
    """A Pegasus checkpoint."""
    import torch
    from transformers import PegasusConfig, PegasusForConditionalGeneration, PegasusTokenizer

    _write_spm(
        folder / "spiece.model", model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1
    )
    tokenizer = PegasusTokenizer.from_pretrained(folder, model_max_length=128)
    torch.manual_seed(7)
    config = PegasusConfig(vocab_size=len(tokenizer), max_position_embeddings=128, **LAYERS)
    return _save(PegasusForConditionalGeneration(config), tokenizer, folder)


def make_kobart(folder: Path) -> Path:
    """A KoBART-like checkpoint: BART with a tokenizer that puts nothing around a text, and token
    numbers of its own."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.decoders import Metaspace as MetaspaceDecoder
    from tokenizers.models import BPE
    from tokenizers.pre_tokenizers import Metaspace
    from tokenizers.trainers import BpeTrainer
    from transformers import BartConfig, BartForConditionalGeneration, PreTrainedTokenizerFast

    bpe = Tokenizer(BPE(unk_token="<unk>"))
    bpe.pre_tokenizer, bpe.decoder = Metaspace(), MetaspaceDecoder()
    special = ["<s>", "</s>", "<usr>", "<pad>", "<sys>", "<unk>", "<mask>"]
    bpe.train_from_iterator(
        KOREAN + ENGLISH, BpeTrainer(vocab_size=300, special_tokens=special, show_progress=False)
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        mask_token="<mask>",
    )
    torch.manual_seed(8)
    config = BartConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=128,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=3,
        decoder_start_token_id=1,
        forced_eos_token_id=1,
        **LAYERS,
    )
    return _save(BartForConditionalGeneration(config), tokenizer, folder)


MAKERS: dict[str, Callable[[Path], Path]] = {
    "nllb": lambda folder: _livelier(make_nllb(folder)),
    "mbart50": make_mbart50,
    "m2m100": make_m2m100,
    "madlad": lambda folder: make_t5(folder, languages=("<2ko>", "<2en>")),
    "marian-ko-en": lambda folder: make_marian(folder, "kor", "eng"),
    "marian-en-ko": lambda folder: make_marian(folder, "en", "ko"),
    "bart": lambda folder: _livelier(make_bart(folder)),
    "kobart": make_kobart,
    "t5": make_t5,
    "mt5": lambda folder: make_t5(folder, multilingual=True),
    "pegasus": make_pegasus,
}
"""One good checkpoint of every family, by a name for it."""


def _write_spm(file: Path, lines: Sequence[str] = KOREAN + ENGLISH, **options: Any) -> list[str]:
    """Train a sentencepiece model on a few lines, and give its pieces."""
    import sentencepiece

    file.parent.mkdir(parents=True, exist_ok=True)
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=written,
        vocab_size=20 * len(lines),
        hard_vocab_limit=False,
        character_coverage=1.0,
        minloglevel=2,
        **options,
    )
    file.write_bytes(written.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    return [processor.IdToPiece(index) for index in range(processor.GetPieceSize())]


def _enlarge(model: Any, deviation: float = 0.3) -> None:
    """Larger weights than fresh ones, with which a model says the same to everything."""
    import torch

    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.normal_(0, deviation)


def _save(model: Any, tokenizer: Any, folder: Path, *, enlarged: bool = False) -> Path:
    """Save both, the model with larger weights."""
    if not enlarged:
        _enlarge(model)
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _livelier(folder: Path) -> Path:
    """A checkpoint of `checkpoints.py`, whose weights are fresh ones, saved again with larger
    ones.
    """
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    return _save(
        AutoModelForSeq2SeqLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder), folder
    )
