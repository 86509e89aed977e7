"""Several checkpoints of one tokenizer that write one answer together.

At every position each member gives its probabilities of the next token, and the search sees their
mean, as fairseq's `EnsembleModel` does (Sutskever et al. 2014, "Sequence to Sequence Learning with
Neural Networks", decode with an ensemble; the arithmetic mean of probabilities is what Sockeye
calls a linear ensemble). Members may differ in size.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.stages.engines.base import EngineSpec
from pivot_sum.stages.engines.vocabulary import require_room, tokenizer_differences
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.checkpoints import load_config, load_tokenizer
from pivot_sum.stages.models.hub import by_content, fetch
from pivot_sum.stages.models.trained import note_in


class Member(NamedTuple):
    """A checkpoint whose weights are not loaded yet. `config` and `tokenizer` are transformers'."""

    name: str
    folder: Path
    config: Any
    tokenizer: Any


def members_of(spec: EngineSpec) -> list[Member]:
    """The models of a spec, in an order that only their content decides: the rounding of a sum
    depends on it.

    Raises `ModelUnreachable`, what loading a tokenizer raises, and `WrongCheckpoint` where they do
    not fit together.
    """
    members = []
    for name, revision in by_content([(spec.model, spec.revision), *spec.ensemble]):
        folder = fetch(name, revision)
        tokenizer, config = load_tokenizer(folder), load_config(folder)
        require_room(tokenizer, config, folder)
        members.append(Member(name, folder, config, tokenizer))
    _require_alike(members)
    return members


def _require_alike(members: Sequence[Member]) -> None:
    first = members[0]
    wrong = [
        f"{other.name} and {first.name}: {', and '.join(found)}"
        for other in members[1:]
        if (found := _differences(first, other))
    ]
    if wrong:
        raise WrongCheckpoint(
            f"these models cannot be an ensemble: {'; '.join(wrong)}. Its members are checkpoints"
            " of one architecture with one tokenizer, such as trainings of the same base model"
        )


def _differences(first: Member, other: Member) -> list[str]:
    """What keeps two checkpoints from being used together, in words for a message that names the
    other one first."""
    pairs = (
        ("architecture", first.config.model_type, other.config.model_type),
        ("number of embeddings", _embeddings(first), _embeddings(other)),
        ("note of how texts were written", note_in(first.folder), note_in(other.folder)),
    )
    return [
        f"their {what} is {theirs!r} and {ours!r}" for what, ours, theirs in pairs if ours != theirs
    ] + tokenizer_differences(first.tokenizer, other.tokenizer)


def _embeddings(member: Member) -> int | None:
    return getattr(member.config, "vocab_size", None)


def _require_same_tokens(members: Sequence[Member], models: Sequence[Any]) -> None:
    first, *others = [model.generation_config.to_diff_dict() for model in models]
    for member, other in zip(members[1:], others, strict=True):
        differ = sorted(key for key in first | other if first.get(key) != other.get(key))
        if differ:
            values = ", ".join(f"{key} ({other.get(key)} and {first.get(key)})" for key in differ)
            raise WrongCheckpoint(
                f"{member.name} and {members[0].name} cannot be an ensemble: their generation"
                f" settings differ in {values}; write the same into both generation_config.json"
            )


def ensemble(members: Sequence[Member], models: Sequence[Any]) -> Any:
    """One model for `generate` of several that are loaded; a single one as it is.

    What their encoders give stands side by side in one tensor, and the layers of their caches one
    after the other in one cache, so whoever drops finished texts or moves beams does it to all
    members at once, and need not know that they are several.

    Raises `WrongCheckpoint` where their answers begin or end with different tokens.
    """
    if len(models) == 1:
        return models[0]
    _require_same_tokens(members, models)
    import torch
    from transformers import DynamicCache, EncoderDecoderCache, GenerationMixin, PreTrainedModel
    from transformers.cache_utils import DynamicLayer
    from transformers.modeling_outputs import BaseModelOutput, Seq2SeqLMOutput

    def filled(layers: Iterable[Any]) -> Any:
        cache = DynamicCache()
        cache.layers = list(layers)
        return cache

    def depth(model: Any) -> int:
        """How many layers of a cache a model uses. Their number in its config is the encoder's
        in some architectures."""
        parts = model.get_decoder().modules()
        return 1 + max(getattr(part, "layer_idx", None) or 0 for part in parts)

    class Encoders(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.members = torch.nn.ModuleList(model.get_encoder() for model in models)

        def forward(self, input_ids: Any, attention_mask: Any = None, **kwargs: Any) -> Any:
            states = [
                encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
                for encoder in self.members
            ]
            return BaseModelOutput(last_hidden_state=torch.cat(states, dim=-1))

    class Ensemble(PreTrainedModel, GenerationMixin):  # type: ignore[misc,unused-ignore]  # transformers has no types
        _supports_sdpa = True

        def __init__(self) -> None:
            config = copy.deepcopy(models[0].config)
            if getattr(config, "max_position_embeddings", None):
                config.max_position_embeddings = min(
                    model.config.max_position_embeddings for model in models
                )
            super().__init__(config)
            self.members = torch.nn.ModuleList(models)
            self.encoders = Encoders()
            self.generation_config = models[0].generation_config
            self.widths = [model.config.hidden_size for model in models]
            self.depths = [depth(model) for model in models]

        def get_encoder(self, modality: str | None = None) -> Any:
            return self.encoders

        def generate(self, **settings: Any) -> Any:
            own, cross = (filled(DynamicLayer() for _ in range(sum(self.depths))) for _ in range(2))
            return super().generate(past_key_values=EncoderDecoderCache(own, cross), **settings)

        def forward(
            self,
            attention_mask: Any = None,
            decoder_input_ids: Any = None,
            encoder_outputs: Any = None,
            past_key_values: Any = None,
            **kwargs: Any,
        ) -> Any:
            total: Any = None
            start = 0
            states = encoder_outputs.last_hidden_state.split(self.widths, dim=-1)
            for model, state, layers in zip(self.members, states, self.depths, strict=True):
                # The layers are the same objects: what is added to them here is in both.
                own, cross = (
                    filled(cache.layers[start : start + layers])
                    for cache in (
                        past_key_values.self_attention_cache,
                        past_key_values.cross_attention_cache,
                    )
                )
                outputs = model(
                    encoder_outputs=BaseModelOutput(last_hidden_state=state),
                    attention_mask=attention_mask,
                    decoder_input_ids=decoder_input_ids,
                    past_key_values=EncoderDecoderCache(own, cross),
                    use_cache=True,
                )
                scores = outputs.logits[:, -1:].float().log_softmax(-1)
                total = scores if total is None else torch.logaddexp(total, scores)
                start += layers
            return Seq2SeqLMOutput(
                logits=total - math.log(len(self.members)), past_key_values=past_key_values
            )

    return Ensemble().eval()
