"""Low-rank adapters (LoRA) by peft: which layers get one, and how they become part of the model."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Final

from pivot_sum.errors import TrainingRefused
from pivot_sum.stages.models.checkpoints import first_line
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.placeholders import ADDED

ADAPTER: Final = "adapter"
"""The folder of the adapters, below that of the merged model."""

_PROJECTIONS: Final = (
    ("q_proj", "k_proj", "v_proj", "out_proj"),  # BART, mBART, M2M-100, Marian, Pegasus
    ("q", "k", "v", "o"),  # T5, mT5
)


def with_adapters(network: Any, tokenizer: Any, recipe: TrainRecipe) -> Any:
    """The network with adapters in it; nothing else learns but the rows of added placeholders.
    Raises `TrainingRefused` for layers that are not there."""
    from peft import LoraConfig, TaskType, get_peft_model

    added = recipe.text.placeholders == "added-tokens"
    config = LoraConfig(
        task_type=TaskType.SEQ_2_SEQ_LM,
        r=recipe.lora.rank,
        lora_alpha=recipe.lora.alpha,
        lora_dropout=recipe.lora.dropout,
        target_modules=recipe.lora.target_modules or _projections(network),
        trainable_token_indices=(
            [tokenizer.convert_tokens_to_ids(token) for token in ADDED] if added else None
        ),
    )
    # New tokens make it store the embeddings with the adapters; nobody has to act on that.
    warnings.filterwarnings("ignore", message="Setting `save_embedding_layers`")
    # peft calls transformers by an old name.
    warnings.filterwarnings("ignore", message="`is_gradient_checkpointing` is deprecated")
    try:
        return get_peft_model(network, config)
    except ValueError as error:
        raise TrainingRefused(
            f"lora.target_modules: {first_line(error)} The attention of this model has"
            f" {', '.join(_projections(network))}"
        ) from error


def _projections(network: Any) -> list[str]:
    """The attention's projections, as this architecture calls them."""
    there = {name.rpartition(".")[2] for name, _ in network.named_modules()}
    return next(
        (list(names) for names in _PROJECTIONS if set(names) <= there), ["q_proj", "v_proj"]
    )


def merged(adapted: Any, folder: Path) -> Any:
    """Keep the adapters in `folder`, and give the network with them as a part of its weights."""
    adapted.save_pretrained(folder)
    return adapted.merge_and_unload()
