"""An engine without a model: tests say what it answers to which text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from pivot_sum.stages.engines.base import Generated, Ready, Search


class TextEngine(ABC):
    """A word is a token, and the tokens of a text still say which text it was."""

    max_positions = 1000
    batch = 1000
    """Texts that are answered together."""

    def __init__(self) -> None:
        self.encoded: list[str] = []
        """Every text that was encoded, in order, repeats included."""

    def encode(self, texts: Sequence[str], prefix: str = "") -> list[list[int]]:
        start = len(self.encoded)
        texts = [prefix + text for text in texts]
        self.encoded += texts
        return [[start + place] * len(text.split()) for place, text in enumerate(texts)]

    def generate(
        self,
        encoded: Sequence[list[int]],
        search: Search,
        *,
        batch_tokens: int,
        padded: bool = False,
        forced_bos_token: str | None = None,
        ready: Ready = lambda answers: None,
    ) -> list[Generated]:
        answers: list[Generated] = []
        for start in range(0, len(encoded), self.batch):
            texts = [self.encoded[tokens[0]] for tokens in encoded[start : start + self.batch]]
            answers += (found := self.answers_to(texts, search, forced_bos_token))
            ready(dict(enumerate(found, start)))
        return answers

    @abstractmethod
    def answers_to(
        self, texts: list[str], search: Search, forced_token: str | None
    ) -> list[Generated]: ...
