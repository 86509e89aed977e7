"""From examples to the token ids a model learns from; what is too long is split, dropped or an
error, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pivot_sum.stages.engines.base import Engine
from pivot_sum.stages.engines.vocabulary import AsText, control_tokens
from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.models.architectures import summary_prompt, translation_prompt
from pivot_sum.stages.models.translators import Prompt
from pivot_sum.stages.text.chunking import split_to_fit
from pivot_sum.stages.text.segmentation import sentences
from pivot_sum.stages.text.speakers import with_labels
from pivot_sum.training.examples import Example
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.placeholders import with_label_names

Feature = dict[str, list[int]]
"""`input_ids`, `attention_mask` and `labels` of one pair."""


@dataclass
class Encoded:
    """The pairs a model learns from, and what became of those that are too long."""

    features: list[Feature] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """`pairs`, `too long`, `split` (and into how many `parts`), `dropped`, and tokens."""


class Encoder:
    """Makes token ids of texts, as the stage will that runs the model."""

    def __init__(self, engine: Engine, recipe: TrainRecipe) -> None:
        self.engine, self.recipe = engine, recipe
        self._as_text = AsText(control_tokens(engine.tokenizer, engine.config))
        positions = getattr(engine.config, "max_position_embeddings", None)
        self.source_limit = min(recipe.text.max_source_tokens, engine.max_positions)
        self.target_limit = min(recipe.text.max_target_tokens, positions or 1 << 30)

    def prompt(self, languages: tuple[str, str]) -> Prompt:
        """How the model is asked; its tokenizer is set to the source language. Raises
        `WrongCheckpoint`."""
        if self.recipe.task == "translate":
            return translation_prompt(self.engine, self.recipe.model, *languages)
        return summary_prompt(self.engine, self.recipe.model, languages[0], self.recipe.text.prefix)

    def pairs(self, examples: Sequence[Example]) -> Encoded:
        """Every pair of a source and one of its targets. Raises `TextTooLong` where the recipe
        says so."""
        encoded = Encoded()
        for languages in dict.fromkeys(example.languages for example in examples):
            prompt = self.prompt(languages)
            pairs = [
                pair
                for example in examples
                if example.languages == languages
                for pair in self._written(example)
            ]
            self._add(encoded, pairs, prompt)
        return encoded

    def _written(self, example: Example) -> Iterator[Example]:
        """The example as one pair a target, speakers written as the recipe says."""
        form = self.recipe.speakers
        source, labels = with_labels(example.source, form, example.languages[0])
        for target in example.targets:
            yield replace(example, source=source, targets=(with_label_names(target, labels),))

    def _add(self, encoded: Encoded, pairs: Sequence[Example], prompt: Prompt) -> None:
        sources = self.engine.encode([pair.source for pair in pairs], prompt.prefix)
        targets = self.targets([pair.targets[0] for pair in pairs], prompt)
        for pair, source, target in zip(pairs, sources, targets, strict=True):
            encoded.counts["pairs"] += 1
            if self._fit(source, target):
                self._keep(encoded, source, target)
                continue
            encoded.counts["too long"] += 1
            if self.recipe.text.too_long == "error":
                raise TextTooLong(
                    f"{pair.id}: {len(source)} source and {len(target)} target tokens, and the"
                    f" limits are {self.source_limit} and {self.target_limit}. Raise"
                    " text.max_source_tokens and text.max_target_tokens, or let such samples be"
                    " split or dropped (text.too_long)"
                )
            parts = self._parts(pair, prompt) if self.recipe.text.too_long == "split" else []
            encoded.counts["split" if parts else "dropped"] += 1
            encoded.counts["parts"] += len(parts)
            for part in parts:
                self._keep(encoded, *part)

    def _fit(self, source: Sequence[int], target: Sequence[int]) -> bool:
        return len(source) <= self.source_limit and len(target) <= self.target_limit

    def _keep(self, encoded: Encoded, source: list[int], target: list[int]) -> None:
        encoded.counts["source tokens"] += len(source)
        encoded.counts["target tokens"] += len(target)
        encoded.features.append(
            {"input_ids": source, "attention_mask": [1] * len(source), "labels": target}
        )

    def _parts(self, pair: Example, prompt: Prompt) -> list[tuple[list[int], list[int]]]:
        """The pair in parts that fit, as far as there are any."""

        def length(text: str) -> int:
            return len(self.engine.encode([text], prompt.prefix)[0])

        if self.recipe.task == "translate":
            pairs = _sentence_pairs(pair)
        else:
            pairs = dialogue_parts(
                pair.source, pair.targets[0], self.source_limit, length, pair.languages[0]
            )
        encoded = [
            (self.engine.encode([source], prompt.prefix)[0], self.targets([target], prompt)[0])
            for source, target in pairs
        ]
        return [part for part in encoded if self._fit(*part)]

    def targets(self, texts: Sequence[str], prompt: Prompt) -> list[list[int]]:
        """The tokens of answers as the model is to write them, without the decoder's start."""
        tokenizer: Any = self.engine.tokenizer
        written = [self._as_text(text) for text in texts]
        first = self.engine.generation_config.forced_bos_token_id
        if prompt.forced_token is not None:
            first = tokenizer.convert_tokens_to_ids(prompt.forced_token)
        if getattr(tokenizer, "tgt_lang", "") is None:
            # M2M-100's reads no target without one; where it is told its language, we frame.
            tokenizer.tgt_lang = tokenizer.src_lang
        framed = tokenizer("").input_ids and prompt.forced_token is None
        read = tokenizer(
            text_target=written, add_special_tokens=bool(framed), truncation=False, verbose=False
        ).input_ids
        if framed:
            return [list(row) for row in read]
        begin = [first] if first is not None else []
        return [[*begin, *row, tokenizer.eos_token_id] for row in read]


def _sentence_pairs(pair: Example) -> list[tuple[str, str]]:
    """The sentences of a pair where they are equally many, else none."""
    source, target = (
        sentences(text, language)
        for text, language in zip((pair.source, pair.targets[0]), pair.languages, strict=True)
    )
    return list(zip(source, target, strict=True)) if len(source) == len(target) > 1 else []


def dialogue_parts(
    dialogue: str, summary: str, limit: int, length: Callable[[str], int], language: str
) -> list[tuple[str, str]]:
    """A dialogue in parts of at most `limit`, each with the sentences of its summary that it shares
    most with (by pairs of characters); parts with none are left out. So the summariser of a long
    dialogue's parts learns what it will be asked for (Zhang et al., Summ^N, ACL 2022, match
    targets to segments in the same greedy way, by ROUGE-1).
    """
    parts = [part for part, _ in split_to_fit(dialogue, limit, length, language)]
    shared = [_bigrams(part) for part in parts]
    nearest: dict[int, list[str]] = {}
    for sentence in sentences(summary, language):
        mine = _bigrams(sentence)
        overlaps = [sum((mine & theirs).values()) for theirs in shared]
        nearest.setdefault(overlaps.index(max(overlaps)), []).append(sentence)
    return [(parts[place], " ".join(found)) for place, found in sorted(nearest.items())]


def _bigrams(text: str) -> Counter[str]:
    return Counter(text[place : place + 2] for place in range(len(text) - 1))


def counts_line(counts: Mapping[str, int]) -> str:
    """What became of the pairs that are too long, for people; empty where none is."""
    if not counts.get("too long"):
        return ""
    said = [f"{counts['too long']:,} of {counts['pairs']:,} pairs are too long"]
    if counts.get("split"):
        said.append(f"{counts['split']:,} split into {counts['parts']:,} parts")
    if counts.get("dropped"):
        said.append(f"{counts['dropped']:,} dropped")
    return ", ".join(said)
