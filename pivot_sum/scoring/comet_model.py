"""The networks of COMET checkpoints, with the names that their weights have: an encoder, a mixture
of its layers, a feed-forward estimator, and xCOMET's tagger of errors.

Rei et al. 2020 (COMET), Rei et al. 2022 (CometKiwi), Guerreiro et al. 2024 (xCOMET). Imports torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

Kind = Literal[
    "regression_metric", "referenceless_regression_metric", "unified_metric", "xcomet_metric"
]

Activation = Literal["Tanh", "Sigmoid", "ReLU", "LeakyReLU", "ELU", "SELU", "GELU", "SiLU"]
"""A class of torch.nn."""


class Settings(BaseModel):
    """What is read of a checkpoint's hparams.yaml. Defaults are those of unbabel-comet 2.2, which
    writes all of them."""

    model_config = ConfigDict(extra="ignore")

    class_identifier: Kind
    encoder_model: Literal["XLM-RoBERTa", "XLM-RoBERTa-XL", "BERT"] = "XLM-RoBERTa"
    pretrained_model: str
    """The encoder whose configuration and tokenizer it has."""
    pool: Literal["avg", "cls", "max", "default"] = "avg"
    layer: str | int = "mix"
    sent_layer: str | int = "mix"
    word_layer: int = 24
    layer_transformation: Literal["softmax", "sparsemax", "sparsemax_patch"] = "softmax"
    layer_norm: bool = True
    hidden_sizes: Annotated[list[Annotated[int, Field(gt=0, le=65_536)]], Field(max_length=16)]
    activations: Activation = "Tanh"
    final_activation: Activation | None = None
    input_segments: list[str] = ["mt", "src", "ref"]

    @property
    def joined(self) -> bool:
        """Whether the encoder reads translation and source as one text (CometKiwi, xCOMET), not
        each by itself."""
        return self.class_identifier in ("unified_metric", "xcomet_metric")

    @property
    def sentence_layer(self) -> str | int:
        """The layer that stands for a text: `mix` of all, or a number."""
        return self.sent_layer if self.joined else self.layer


class LayerMixture(nn.Module):
    """One embedding of each token as a learned mean of all layers' (Rei et al. 2020, section
    2.2)."""

    def __init__(self, layers: int, settings: Settings) -> None:
        super().__init__()
        self.scalar_parameters = nn.ParameterList(
            [nn.Parameter(torch.zeros(1)) for _ in range(layers)]
        )
        self.gamma = nn.Parameter(torch.ones(1))
        # `sparsemax_patch` is what checkpoints say whose weights were trained with softmax.
        self.transform = sparsemax if settings.layer_transformation == "sparsemax" else _softmax
        self.layer_norm = settings.layer_norm

    def forward(self, states: Sequence[torch.Tensor], mask: torch.Tensor) -> torch.Tensor:
        weights = self.transform(torch.cat(list(self.scalar_parameters)))
        if self.layer_norm:
            states = [_normalised(state, mask) for state in states]
        mixed = torch.zeros_like(states[0])
        for weight, state in zip(weights, states, strict=True):
            mixed += weight * state
        return self.gamma * mixed


def _softmax(scores: torch.Tensor) -> torch.Tensor:
    return torch.softmax(scores, dim=0)


def sparsemax(scores: torch.Tensor) -> torch.Tensor:
    """The Euclidean projection onto the simplex (Martins and Astudillo 2016, algorithm 1)."""
    ordered, _ = torch.sort(scores, descending=True)
    sums = ordered.cumsum(0)
    ranks = torch.arange(1, len(scores) + 1, device=scores.device)
    support = int((1 + ranks * ordered > sums).sum())
    threshold = (sums[support - 1] - 1) / support
    return torch.clamp(scores - threshold, min=0)


def _normalised(state: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """With mean 0 and variance 1 over all numbers of a text's tokens, padding apart."""
    there = mask.unsqueeze(-1).float()
    numbers = (there.sum(dim=(1, 2)) * state.shape[-1]).view(-1, 1, 1)
    mean = (state * there).sum(dim=(1, 2), keepdim=True) / numbers
    variance = (((state * there - mean) * there) ** 2).sum(dim=(1, 2), keepdim=True) / numbers
    return (state - mean) / torch.sqrt(variance + 1e-12)


class Estimator(nn.Module):
    """The feed-forward network from an embedding to a score."""

    def __init__(self, inputs: int, settings: Settings) -> None:
        super().__init__()
        activation = getattr(nn, settings.activations)
        layers: list[nn.Module] = []
        for outputs in settings.hidden_sizes:
            # Dropout does nothing here, but counts in the names of the weights behind it.
            layers += [nn.Linear(inputs, outputs), activation(), nn.Dropout()]
            inputs = outputs
        layers.append(nn.Linear(inputs, 1))
        if settings.final_activation:
            layers.append(getattr(nn, settings.final_activation)())
        self.ff = nn.Sequential(*layers)

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.ff(embeddings).view(-1)
        return scores


class CometNetwork(nn.Module):
    """A COMET checkpoint's network, without weights."""

    LABELS = 4
    """xCOMET's: no error, minor, major, critical."""

    def __init__(self, config: Any, settings: Settings) -> None:
        from transformers import AutoModel

        super().__init__()
        self.settings = settings
        model = AutoModel.from_config(config, add_pooling_layer=False)
        self.encoder = nn.ModuleDict({"model": model})
        self.layerwise_attention = (
            LayerMixture(config.num_hidden_layers + 1, settings)
            if settings.sentence_layer == "mix"
            else None
        )
        times = {"regression_metric": 6, "referenceless_regression_metric": 4}
        width = config.hidden_size * times.get(settings.class_identifier, 1)
        self.estimator = Estimator(width, settings)
        self.hidden2tag = (
            nn.Linear(config.hidden_size, self.LABELS)
            if settings.class_identifier == "xcomet_metric"
            else None
        )

    def embedded(self, states: Sequence[torch.Tensor], mask: torch.Tensor) -> torch.Tensor:
        """One embedding a text from the encoder's hidden states."""
        tokens: torch.Tensor
        if self.layerwise_attention is not None:
            tokens = self.layerwise_attention(states, mask)
        else:
            tokens = states[int(self.settings.sentence_layer)]
        there = mask.unsqueeze(-1)
        found: torch.Tensor
        if self.settings.joined or self.settings.pool == "cls":
            found = tokens[:, 0]
        elif self.settings.pool == "default":
            found = states[-1][:, 0]
        elif self.settings.pool == "max":
            found = tokens.masked_fill(there == 0, float("-inf")).amax(dim=1)
        else:
            found = (tokens * there).sum(dim=1) / there.sum(dim=1)
        return found

    def compared(
        self, translation: torch.Tensor, source: torch.Tensor, reference: torch.Tensor | None
    ) -> torch.Tensor:
        """Scores from the embeddings of texts that were read one by one."""
        features = [translation, source] if reference is None else [translation, reference]
        for other in (source,) if reference is None else (reference, source):
            features += [translation * other, (translation - other).abs()]
        scores: torch.Tensor = self.estimator(torch.cat(features, dim=1))
        return scores
