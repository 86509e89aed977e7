"""Further checkpoints with the tokenizer of a small one: other weights, or another size too."""

from __future__ import annotations

import shutil
from pathlib import Path

_WIDER = {
    "d_model": 48,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 96,
    "decoder_ffn_dim": 96,
    "num_layers": 3,
    "num_decoder_layers": 3,
    "num_heads": 4,
    "d_ff": 96,
}
"""Sizes under the names that BART and its kin have for them, and T5's."""


def another(folder: Path, target: Path, *, seed: int = 1, larger: bool = False) -> Path:
    """A checkpoint beside that of `folder`, with the same tokenizer and random weights of its
    own."""
    import torch
    from transformers import AutoConfig, AutoModelForSeq2SeqLM, GenerationConfig

    shutil.copytree(folder, target)
    config = AutoConfig.from_pretrained(folder)
    if larger:
        config.update({name: size for name, size in _WIDER.items() if hasattr(config, name)})
    torch.manual_seed(seed)
    model = AutoModelForSeq2SeqLM.from_config(config)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.normal_(0, 0.3)
        if config.model_type == "marian":
            model.get_input_embeddings().weight[config.pad_token_id] = 0
    model.generation_config = GenerationConfig.from_pretrained(folder)
    model.save_pretrained(target)
    return target
