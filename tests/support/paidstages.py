"""Stages that are billed without a service: by tokens and, where they have prices, in money; and by
characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from pivot_sum.stages.base import (
    Annotating,
    Answer,
    Note,
    PlaceholderPolicy,
    Task,
    option,
)
from pivot_sum.stages.budget import CHARACTERS, TOKENS, Budget, Cost

ASKED: list[str] = []
"""The texts that were sent, each as often as it was."""


@dataclass(frozen=True, kw_only=True)
class ByToken(Annotating):
    """Answers a text with itself. Each word read and each word written is a token."""

    name: ClassVar[str] = "by-token"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "polish"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    language: str = option("ko", "language of the texts")
    price_in: float | None = option(None, "price of a million tokens read", identity=False)
    price_out: float | None = option(None, "price of a million tokens written", identity=False)
    currency: str = option("USD", "of the prices", identity=False)
    batch_size: int = option(1, "texts at once", identity=False)

    @property
    def source(self) -> str:
        return self.language

    @property
    def target(self) -> str:
        return self.language

    @property
    def units(self) -> tuple[str, ...]:
        return (TOKENS,) if self.price_in is None else (TOKENS, self.currency)

    def cost(self, texts: Sequence[str]) -> Cost:
        words = sum(len(text.split()) for text in texts)
        return self.bill({"billed": 2 * words, "written": words})

    def bill(self, note: Note) -> Cost:
        billed, written = note.get("billed", 0), note.get("written", 0)
        if self.price_in is None or self.price_out is None:
            return {TOKENS: billed}
        money = (billed - written) * self.price_in + written * self.price_out
        return {TOKENS: billed, self.currency: money / 1e6}

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        return self.answers_within(texts, Budget())

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        return [self._answer(text, budget) for text in texts]

    def _answer(self, text: str, budget: Budget) -> Answer:
        expected = self.cost([text])
        budget.reserve(expected)
        ASKED.append(text)
        words = len(text.split())
        answer = Answer(text, {"billed": 2 * words, "written": words})
        budget.settle(expected, self.bill(answer.note))
        return answer


@dataclass(frozen=True, kw_only=True)
class ByCharacter(Annotating):
    """Answers a text with itself, and is billed each character of it."""

    name: ClassVar[str] = "by-character"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "polish"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"
    units: ClassVar[tuple[str, ...]] = (CHARACTERS,)

    source: str = option("ko", "language of the texts")
    target: str = option("ko", "the same")
    batch_size: int = option(4, "texts at once", identity=False)

    def cost(self, texts: Sequence[str]) -> Cost:
        return {CHARACTERS: sum(map(len, texts))}

    def bill(self, note: Note) -> Cost:
        return {CHARACTERS: note.get("billed", 0)}

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        return self.answers_within(texts, Budget())

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        cost = self.cost(texts)
        budget.reserve(cost)
        budget.settle(cost, cost)
        ASKED.extend(texts)
        return [Answer(text, {"billed": len(text)}) for text in texts]
