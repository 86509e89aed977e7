"""The ways in which summarisers are asked: most read the dialogue as it is, or behind a prefix."""

from __future__ import annotations

from dataclasses import dataclass

from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.translators import Family, ForcedToken, Loaded, Prompt


@dataclass(frozen=True)
class Summariser:
    """Summarisers of one architecture. A checkpoint of the same architecture that knows a language
    token of the translators `unless` is one of those."""

    name: str
    unless: Family | None = None

    def is_translator(self, engine: Loaded) -> bool:
        """Whether a checkpoint of this architecture was made for translation."""
        return self.unless is not None and any(
            self.unless.knows(engine.tokenizer, language) for language in self.unless.tokens
        )

    def prepare(self, engine: Loaded, model: str, language: str, prefix: str) -> Prompt:
        """How to ask for a summary in `language`. Raises `WrongCheckpoint`; `model` is for its
        message."""
        return Prompt(prefix)


@dataclass(frozen=True, kw_only=True)
class MBart50Summariser(Summariser):
    """It is told the language of the summary as its translators are."""

    family: ForcedToken

    def prepare(self, engine: Loaded, model: str, language: str, prefix: str) -> Prompt:
        if (
            not self.family.knows(engine.tokenizer, language)
            or engine.tokenizer_class != "MBart50Tokenizer"
        ):
            raise WrongCheckpoint(
                f"the tokenizer of {model} is not MBart50Tokenizer with"
                f" {self.family.tokens[language]}; of mBART this stage knows mBART-50 only: use a"
                " summariser fine-tuned from facebook/mbart-large-50, with its own tokenizer files"
            )
        return self.family.prepare(engine, language, language)._replace(prefix=prefix)
