"""BERTScore (Zhang et al. 2020, BERTScore: Evaluating Text Generation with BERT): how well the
words of a summary and of a reference match in their context, by an encoder of the user's choice.

Written on transformers, because the authors' package (bert-score 0.3.13, of 2023) fails with
transformers 5; values are those of that package (docs/scoring.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring.encoders import hidden_states, identity, max_tokens, tokens
from pivot_sum.scoring.metric import References, Texts
from pivot_sum.stages.engines.devices import resolve_device
from pivot_sum.stages.models.checkpoints import (
    load_config,
    load_encoder,
    load_tokenizer,
    require_encoder,
    with_safetensors,
)
from pivot_sum.stages.models.hub import fetch, name_and_revision

if TYPE_CHECKING:
    import torch

VERSION: Final = 1
"""Raised with every change that can change a value."""

_SHARE: Final = 0.75
"""Which layer, as a share of all, where none is named. The authors chose layers by agreement with
people: 9 or 10 of 12, 17 or 18 of 24 for BERT and RoBERTa."""


class BertScore:
    """F1 of greedy matching by cosine, without idf weights and without rescaling; of several
    references the best. A value below 0 counts as 0."""

    name = "bertscore"

    def __init__(self, model: str, *, layer: int | None = None, device: str = "auto") -> None:
        """`model` is a folder or an id on the hub, with `@REVISION` where it is not `main`; `layer`
        counts from 1, 0 being the embeddings. Its weights are loaded by the first text.

        Raises MetricInvalid for a layer that is not there, and what fetching and reading a model
        raises.
        """
        self._identity = identity(model)
        self._folder = with_safetensors(fetch(*name_and_revision(model)))
        self._config = load_config(self._folder)
        require_encoder(self._folder, self._config)
        self._tokenizer = load_tokenizer(self._folder)
        self._device = device
        self._limit = max_tokens(self._tokenizer, self._config)
        layers = self._config.num_hidden_layers
        self.layer = round(_SHARE * layers) if layer is None else layer
        if not 0 <= self.layer <= layers:
            raise MetricInvalid(
                f"metric bertscore: {model} has {layers} layers, and no layer {layer}"
            )

    @property
    def signature(self) -> str:
        return (
            f"bertscore-f1|{self._identity}|layer:{self.layer}|max-tokens:{self._limit}|idf:no"
            f"|rescaled:no|over-refs:max|bertscore:{VERSION}"
        )

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The F1 of each summary."""
        texts = {text for known in references for text in known} | set(hypotheses)
        embedded = self._embedded(sorted(text for text in texts if text.strip()))
        return [
            100 * max(0.0, *(_f1(embedded, hypothesis, one) for one in known))
            for hypothesis, known in zip(hypotheses, references, strict=True)
        ]

    def _embedded(self, texts: Sequence[str]) -> dict[str, _Embedded]:
        rows = tokens(self._tokenizer, texts, self._limit, self.name)
        found = {}
        for places, states, _ in hidden_states(self._model, rows):
            for line, place in enumerate(places):
                vectors = states[self.layer][line, : len(rows[place])]
                found[texts[place]] = (
                    (vectors / vectors.norm(dim=1, keepdim=True)).cpu(),
                    [token not in self._ends for token in rows[place]],
                )
        return found

    @cached_property
    def _ends(self) -> frozenset[int]:
        """Tokens that can be a match, but need none."""
        return frozenset((self._tokenizer.cls_token_id, self._tokenizer.sep_token_id))

    @cached_property
    def _model(self) -> Any:
        return load_encoder(self._folder, resolve_device(self._device))


_Embedded = tuple["torch.Tensor", list[bool]]
"""A unit vector for each token of a text, and which tokens need a match."""


def _f1(embedded: Mapping[str, _Embedded], hypothesis: str, reference: str) -> float:
    """Harmonic mean of precision and recall (the authors' equations 1 to 3); 0 where a text has no
    words."""
    if hypothesis not in embedded or reference not in embedded:
        return 0.0
    (ours, mine), (theirs, others) = embedded[hypothesis], embedded[reference]
    if not any(mine) or not any(others):
        return 0.0
    similarity = ours @ theirs.T
    precision = float(similarity.max(dim=1).values[mine].mean())
    recall = float(similarity.max(dim=0).values[others].mean())
    return 2 * precision * recall / (precision + recall) if precision + recall > 0 else 0.0
