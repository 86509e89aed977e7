"""Small checkpoints of the real architectures with real tokenizers, random weights, made on the
spot in a second."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

KOREAN = [
    "안녕하세요, 오늘 오후에 시간 있으세요?",
    "네, 세 시에 도서관 앞에서 만나요.",
    "병원에 예약을 하고 싶은데요.",
    "#Person1#은 #Person2#에게 전화번호 #PhoneNumber#를 알려 준다.",
    "지하철역 근처의 카페는 조용하고 커피가 맛있어요.",
]
ENGLISH = [
    "Hello, do you have time this afternoon?",
    "Yes, let's meet in front of the library at 3.",
    "I would like to make an appointment at the clinic.",
    "#Person1# tells #Person2# the phone number #PhoneNumber#.",
    "The cafe near the subway station is quiet and the coffee is good.",
]


FOREIGN = [
    "Здравствуйте, у вас есть время сегодня днём?",
    "你好，今天下午有时间吗？我们在图书馆见面。",
    "こんにちは、図書館の前で会いましょう。",
]


def make_nllb(
    folder: Path,
    *,
    languages: tuple[str, ...] = ("eng_Latn", "kor_Hang"),
    lines: Sequence[str] = KOREAN + ENGLISH,
) -> Path:
    """An NLLB-200 checkpoint (M2M100 architecture, BPE tokenizer with language tokens) of two small
    layers, with the pieces of some lines."""
    import sentencepiece
    import torch
    from tokenizers.models import BPE
    from transformers import M2M100Config, M2M100ForConditionalGeneration, NllbTokenizer
    from transformers.convert_slow_tokenizer import NllbConverter, SentencePieceExtractor

    folder.mkdir(parents=True, exist_ok=True)
    model_file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model_file,
        model_type="bpe",
        vocab_size=300,
        hard_vocab_limit=False,
        character_coverage=1.0,
        minloglevel=2,
    )
    spm = folder / "spm.tmp"
    spm.write_bytes(model_file.getvalue())
    parts = NllbConverter.convert_from_spm(**SentencePieceExtractor(str(spm)).extract(BPE))
    spm.unlink()
    tokenizer = NllbTokenizer(
        vocab=parts["vocab"],
        merges=parts["merges"],
        _spm_precompiled_charsmap=parts["_spm_precompiled_charsmap"],
        extra_special_tokens=list(languages),
        model_max_length=128,
    )
    torch.manual_seed(1)
    config = M2M100Config(
        vocab_size=len(tokenizer),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=128,
        decoder_start_token_id=2,
    )
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_bart(folder: Path, *, positions: int = 256) -> Path:
    """A BART checkpoint with a byte-level BPE tokenizer."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import BartConfig, BartForConditionalGeneration, BartTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    bpe = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    bpe.train_from_iterator(
        KOREAN + ENGLISH,
        vocab_size=400,
        min_frequency=1,
        special_tokens=special,
        show_progress=False,
    )
    bpe.save_model(str(folder))
    tokenizer = BartTokenizer(
        vocab=str(folder / "vocab.json"),
        merges=str(folder / "merges.txt"),
        model_max_length=positions,
    )
    torch.manual_seed(2)
    config = BartConfig(
        vocab_size=len(tokenizer),
        d_model=32,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=64,
        decoder_ffn_dim=64,
        max_position_embeddings=positions,
    )
    BartForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_roberta(folder: Path, *, layers: int = 4, positions: int = 66) -> Path:
    """A RoBERTa encoder with a WordPiece tokenizer, as klue/roberta-base has it."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizer, RobertaConfig, RobertaForMaskedLM

    folder.mkdir(parents=True, exist_ok=True)
    pieces = BertWordPieceTokenizer(lowercase=False, strip_accents=False)
    pieces.train_from_iterator(KOREAN + ENGLISH, vocab_size=300, show_progress=False)
    pieces.save_model(str(folder))
    tokenizer = BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=False)
    torch.manual_seed(3)
    config = RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=layers,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        initializer_range=0.5,  # of random vectors with the usual 0.02 all are alike
    )
    RobertaForMaskedLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
