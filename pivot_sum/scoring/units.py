"""The units of a text that are counted: a tokenizer's, with placeholders as one unit each or as the
tokenizer cuts them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal, get_args

from pivot_sum.scoring.tokenizers import Tokenizer
from pivot_sum.stages.text.placeholders import PLACEHOLDER, find

Placeholders = Literal["whole", "raw"]
"""`whole`: a placeholder is one token whatever the tokenizer makes of it; `raw`: the tokenizer sees
it as text."""

WAYS: Final[tuple[Placeholders, ...]] = get_args(Placeholders)

_STAND_IN: Final = "XYZ"
_REMEMBERED: Final = 20_000
"""Texts whose tokens are kept: references come back for every system that is compared."""


@dataclass(frozen=True)
class Units:
    """Cuts texts, and remembers what it cut."""

    tokenizer: Tokenizer
    placeholders: Placeholders = "whole"

    @property
    def signature(self) -> str:
        """Tokenizer and placeholders, as in every signature."""
        return (
            f"tok:{self.tokenizer.name}-{self.tokenizer.version}|placeholders:{self.placeholders}"
        )

    def tokenize(self, text: str) -> list[str]:
        """The units of a text in order."""
        return list(self._tokens(text))

    @cached_property
    def _tokens(self) -> Callable[[str], tuple[str, ...]]:
        return lru_cache(_REMEMBERED)(self._cut)

    def _cut(self, text: str) -> tuple[str, ...]:
        if self.placeholders == "raw":
            cut = self.tokenizer.tokenize(text)
        else:
            cut = _with_stand_in(self.tokenizer, text) or _in_pieces(self.tokenizer, text)
        return tuple(map(sys.intern, cut))  # each word once in memory, however often it is kept


def _with_stand_in(tokenizer: Tokenizer, text: str) -> list[str] | None:
    """The tokens of a text whose placeholders the tokenizer sees as a foreign name, which leaves it
    the sentence around them.

    None where the name does not come back as one token for each.
    """
    placeholders = find(text)
    tokens = tokenizer.tokenize(PLACEHOLDER.sub(_STAND_IN, text))
    if _STAND_IN in text or tokens.count(_STAND_IN) != len(placeholders):
        return None
    given = iter(placeholders)
    return [next(given) if token == _STAND_IN else token for token in tokens]


def _in_pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    """The tokens of what stands between the placeholders, and these."""
    tokens: list[str] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        tokens += [*tokenizer.tokenize(text[end : match.start()]), match.group()]
        end = match.end()
    return [*tokens, *tokenizer.tokenize(text[end:])]
