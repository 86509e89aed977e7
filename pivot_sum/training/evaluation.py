"""The dev score of a model: our own metrics on texts generated with the recipe's search, and the
loss over every token of the targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pivot_sum.scoring import DEFAULT_TOKENIZER, load_metric
from pivot_sum.scoring.metric import Metric, MetricWithParts, mean, signed
from pivot_sum.scoring.tokenizers import ENGLISH
from pivot_sum.stages.text.speakers import with_labels, without_labels
from pivot_sum.training.encoding import Encoder
from pivot_sum.training.examples import Example
from pivot_sum.training.form import LOWER_IS_BETTER, TrainRecipe
from pivot_sum.training.model import TrainedEngine, generated

EXACT_SIGNATURE = "exact-match|any-of-the-references|whitespace:squeezed"


@dataclass(frozen=True)
class Scored:
    """Values by name, 0 to 100, and how they were made."""

    values: Mapping[str, float]
    signatures: Mapping[str, str]


@dataclass
class Evaluation:
    """Scores a model on the dev examples. `texts`: the answers of the last time, by direction."""

    recipe: TrainRecipe
    engine: TrainedEngine
    encoder: Encoder
    examples: Sequence[Example]

    def __post_init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.signatures: dict[str, str] = {}

    @property
    def best_by(self) -> str:
        """The value that decides which checkpoint is the best."""
        return "final" if self.recipe.metric == "rouge" else self.recipe.metric

    @property
    def greater_is_better(self) -> bool:
        return self.recipe.metric not in LOWER_IS_BETTER

    def score(self) -> dict[str, float]:
        """All values: of one direction by name, of several each with its direction
        (`chrf_ko-en`) and the mean of all. Raises what scoring and generating raise."""
        found: dict[str, dict[str, float]] = {}
        with self.engine.generating():
            for direction, examples in self._by_direction.items():
                self.texts[direction] = self._answers(examples)
                scored = self._scored(examples, self.texts[direction])
                found[direction] = dict(scored.values)
                self.signatures |= (
                    scored.signatures
                    if len(self._by_direction) == 1
                    else {f"{name}_{direction}": sig for name, sig in scored.signatures.items()}
                )
        if len(found) == 1:
            return next(iter(found.values()))
        values = {
            f"{name}_{direction}": value
            for direction, named in found.items()
            for name, value in named.items()
        }
        names = next(iter(found.values()))
        return values | {name: mean([named[name] for named in found.values()]) for name in names}

    @cached_property
    def _by_direction(self) -> dict[str, list[Example]]:
        found: dict[str, list[Example]] = {}
        for example in self.examples:
            found.setdefault(example.direction, []).append(example)
        return found

    def _answers(self, examples: Sequence[Example]) -> list[str]:
        language = examples[0].languages[0]
        prompt = self.encoder.prompt(examples[0].languages)
        form = self.recipe.speakers
        labelled = [with_labels(example.source, form, language) for example in examples]
        texts = generated(
            self.engine, self.recipe, [dialogue.text for dialogue in labelled], language, prompt
        )
        return [
            without_labels(text, dialogue.labels, language)
            for text, dialogue in zip(texts, labelled, strict=True)
        ]

    def _scored(self, examples: Sequence[Example], texts: Sequence[str]) -> Scored:
        references = [example.targets for example in examples]
        sources = [example.source for example in examples]
        values: dict[str, float] = {}
        signatures: dict[str, str] = {}
        for metric in self._metrics(examples[0].languages[1]):
            if isinstance(metric, MetricWithParts):
                parts = metric.parts(texts, references, sources)
                values |= parts.means
                signatures[metric.name] = parts.signature
            else:
                values[metric.name] = mean(metric.score(texts, references, sources))
                signatures[metric.name] = signed(metric.signature, references)
        values["exact_match"] = mean(
            [
                100.0 * any(_squeezed(text) == _squeezed(one) for one in known)
                for text, known in zip(texts, references, strict=True)
            ]
        )
        signatures["exact_match"] = signed(EXACT_SIGNATURE, references)
        return Scored(values, signatures)

    def _metrics(self, language: str) -> list[Metric]:
        names = ["rouge"] if self.recipe.task == "summarize" else ["chrf", "bleu"]
        if self.recipe.metric in ("chrf", "bleu") and self.recipe.metric not in names:
            names.append(self.recipe.metric)
        tokenizer = ENGLISH if language == "en" else DEFAULT_TOKENIZER
        return [load_metric(name, tokenizer=tokenizer) for name in names]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def token_loss(model: Any, batches: Iterable[Mapping[str, Any]]) -> float:
    """The mean negative log-likelihood of a target token, in nats, over all tokens of all batches:
    unlike a mean of batches it does not depend on how they were cut."""
    import torch
    from torch.nn.functional import cross_entropy

    total, tokens = 0.0, 0
    with torch.inference_mode():
        for batch in batches:
            logits = model(**batch, use_cache=False).logits
            labels = batch["labels"]
            total += float(
                cross_entropy(
                    logits.float().flatten(0, 1),
                    labels.flatten(),
                    ignore_index=-100,
                    reduction="sum",
                )
            )
            tokens += int((labels != -100).sum())
    return total / tokens if tokens else math.nan


def perplexity(loss: float) -> float:
    """e to the loss; infinite where that is too large a number."""
    return math.exp(loss) if loss < 700 else math.inf
