"""Small COMET checkpoints with the files and the names of weights of real ones, random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from checkpoints import ENGLISH, KOREAN

WIDTH, LAYERS = 32, 3


def make_xlmr(folder: Path, *, positions: int = 130) -> Path:
    """The configuration and tokenizer of an XLM-RoBERTa encoder, without weights."""
    import sentencepiece
    from transformers import XLMRobertaConfig, XLMRobertaTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "sentencepiece.bpe.model").open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(KOREAN + ENGLISH),
            model_writer=file,
            model_type="unigram",
            vocab_size=200,
            hard_vocab_limit=False,
            minloglevel=2,
        )
    tokenizer = XLMRobertaTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(folder)
    XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=positions,
        pad_token_id=tokenizer.pad_token_id,
        type_vocab_size=1,
        initializer_range=0.5,
    ).save_pretrained(folder)
    return folder


def make_comet(folder: Path, kind: str, **settings: Any) -> Path:
    """A checkpoint of the class `kind`, as unbabel-comet keeps it: hparams.yaml,
    checkpoints/model.ckpt, and beside them the encoder that hparams.yaml names."""
    import torch
    from transformers import AutoConfig, XLMRobertaModel

    encoder = make_xlmr(folder / "encoder")
    joined = kind in ("unified_metric", "xcomet_metric")
    hparams = {
        "class_identifier": kind,
        "encoder_model": "XLM-RoBERTa",
        "pretrained_model": str(encoder),
        ("sent_layer" if joined else "layer"): "mix",
        "pool": "avg",
        "layer_transformation": "sparsemax" if joined else "softmax",
        "layer_norm": False,
        "hidden_sizes": [24, 12],
        "activations": "Tanh",
        "final_activation": None,
        "word_layer": 1,
        "input_segments": ["mt", "src", "ref"],
        "nr_frozen_epochs": 0.3,
        "train_data": ["data/1720-da.csv"],
        **settings,
    }
    (folder / "checkpoints").mkdir()
    (folder / "hparams.yaml").write_text(yaml.safe_dump(hparams), encoding="utf-8")
    torch.manual_seed(5)
    config = AutoConfig.from_pretrained(encoder)
    model = XLMRobertaModel(config, add_pooling_layer=False)
    weights = {f"encoder.model.{name}": value for name, value in model.state_dict().items()}
    for layer in range(LAYERS + 1):
        weights[f"layerwise_attention.scalar_parameters.{layer}"] = torch.randn(1)
    weights["layerwise_attention.gamma"] = torch.tensor([1.3])
    weights["layerwise_attention.dropout_mask"] = torch.zeros(LAYERS + 1)  # of the training
    times = {"regression_metric": 6, "referenceless_regression_metric": 4}.get(kind, 1)
    inputs = WIDTH * times
    for place, outputs in zip((0, 3, 6), (24, 12, 1), strict=True):
        weights[f"estimator.ff.{place}.weight"] = torch.randn(outputs, inputs) / inputs**0.5
        weights[f"estimator.ff.{place}.bias"] = torch.randn(outputs) / 10
        inputs = outputs
    if kind == "xcomet_metric":
        torch.manual_seed(0)  # tags some tokens of the tests' texts, and others not
        weights["hidden2tag.weight"] = torch.randn(4, WIDTH)
        weights["hidden2tag.bias"] = torch.zeros(4)
    torch.save(
        {"state_dict": weights, "epoch": 2, "pytorch-lightning_version": "2.1.0"},
        folder / "checkpoints" / "model.ckpt",
    )
    return folder
