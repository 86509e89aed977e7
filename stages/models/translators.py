"""The ways in which translators are told their languages: `ko` and `en` for the user, the family's
own way inside.

Some models are told by the first token of the answer, some by a word in front of the text, some
know one pair only. All of it comes down to a `Prompt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol


class Prompt(NamedTuple):
    """What a model is told: the text in front of every input, and the token every answer has to
    begin with."""

    prefix: str = ""
    forced_token: str | None = None


class Loaded(Protocol):
    """A loaded checkpoint, as `pivot_sum.stages.engines.base.Engine` is."""

    tokenizer: Any
    config: Any
    generation_config: Any

    @property
    def model_type(self) -> str: ...

    @property
    def tokenizer_class(self) -> str: ...


@dataclass(frozen=True)
class Family:
    """A family of translators: a good checkpoint of it, and the tokens its tokenizer must know, by
    language.
    """

    name: str
    example: str
    tokens: Mapping[str, str]

    def knows(self, tokenizer: Any, language: str) -> bool:
        """Whether the language is a token of its own. The check is on ids, not on names: an
        NLLB folder without its language list shows `kor_Hang` among its tokens and still maps it to
        `<unk>`, and the model then answers in any language it likes.
        """
        token = tokenizer.convert_tokens_to_ids(self.tokens[language])
        return token is not None and token != tokenizer.unk_token_id

    def needed(self, source: str, target: str) -> tuple[str, ...]:
        """The languages whose tokens the tokenizer must know for a direction."""
        return (source, target)

    def objection(self, engine: Loaded, model: str, source: str, target: str) -> str | None:
        """Why this checkpoint, though of the family, cannot translate in this direction; None where
        it can."""
        return None

    def prepare(self, engine: Loaded, source: str, target: str) -> Prompt:
        """Set the tokenizer to the source language and say how to ask for the target."""
        raise NotImplementedError


@dataclass(frozen=True)
class ForcedToken(Family):
    """The target language is the first token of the answer. `codes` is what the tokenizer calls the
    source language."""

    codes: Mapping[str, str]

    def prepare(self, engine: Loaded, source: str, target: str) -> Prompt:
        engine.tokenizer.src_lang = self.codes[source]
        return Prompt(forced_token=self.tokens[target])


@dataclass(frozen=True)
class MBart50(ForcedToken):
    """One architecture, and four public checkpoints that differ in what they were taught."""

    def objection(self, engine: Loaded, model: str, source: str, target: str) -> str | None:
        if engine.tokenizer_class != "MBart50Tokenizer":
            return (
                f"its tokenizer is {engine.tokenizer_class}, not MBart50Tokenizer (mBART of 25"
                " languages frames its texts differently)"
            )
        only = engine.generation_config.forced_bos_token_id
        # The published checkpoint without fine-tuning has GELU, those fine-tuned for translation
        # have ReLU.
        if only is None and engine.config.activation_function == "gelu":
            return (
                "it is mbart-large-50 without fine-tuning for translation, which only repairs noisy"
                " text (if you fine-tuned it yourself, name the target language's id as"
                " forced_bos_token_id in its generation_config.json)"
            )
        if only is not None and only != engine.tokenizer.convert_tokens_to_ids(self.tokens[target]):
            return (
                f"it translates into {engine.tokenizer.convert_ids_to_tokens(only)} only, not into"
                f" {self.tokens[target]}"
            )
        # Nothing in its files tells it from the many-to-many one.
        if "one-to-many" in model and source != "en":
            return "it translates from English only"
        return None


@dataclass(frozen=True)
class TargetPrefix(Family):
    """The target language is a token in front of the text; the source language is not named."""

    def needed(self, source: str, target: str) -> tuple[str, ...]:
        return (target,)

    def objection(self, engine: Loaded, model: str, source: str, target: str) -> str | None:
        token = self.tokens[target]
        if engine.tokenizer.convert_tokens_to_ids(token) in engine.tokenizer(token).input_ids:
            return None
        return (
            f"its tokenizer knows {token} but cuts it into letters when it reads a text; fetch its"
            " tokenizer files again"
        )

    def prepare(self, engine: Loaded, source: str, target: str) -> Prompt:
        return Prompt(prefix=f"{self.tokens[target]} ")


@dataclass(frozen=True)
class OnePair(Family):
    """A model of one direction. Its tokenizer_config.json names the pair in two or three letters
    (`ko`, `kor`)."""

    names: Mapping[str, tuple[str, ...]]

    def needed(self, source: str, target: str) -> tuple[str, ...]:
        return ()

    def objection(self, engine: Loaded, model: str, source: str, target: str) -> str | None:
        pair = (engine.tokenizer.source_lang, engine.tokenizer.target_lang)
        if None in pair:
            return (
                "it does not say which pair it translates (put source_lang and target_lang into its"
                " tokenizer_config.json)"
            )
        if pair[0] not in self.names[source] or pair[1] not in self.names[target]:
            return f"it translates {pair[0]} to {pair[1]}, and this step is {source} to {target}"
        return None

    def prepare(self, engine: Loaded, source: str, target: str) -> Prompt:
        return Prompt()
