"""How many tokens a request to a chat model takes, without the model's tokenizer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

_ENVELOPE = 16
"""Tokens around each message, with room to spare."""


def estimated(text: str) -> int:
    """About how many tokens a text is: four ASCII characters are one, and so is a Hangul syllable.

    A rule of thumb, and meant to be high rather than low: vocabularies that hold much Korean need
    two tokens for three syllables.
    """
    ascii_characters = sum(character.isascii() for character in text)
    return math.ceil(ascii_characters / 4) + len(text) - ascii_characters


def estimated_messages(messages: Iterable[Mapping[str, str]]) -> int:
    """About how many tokens are read."""
    return sum(estimated(message["content"]) + _ENVELOPE for message in messages)


def most_read(messages: Iterable[Mapping[str, str]]) -> int:
    """How many tokens are read at most: no tokenizer makes more tokens of a text than it has
    bytes."""
    return sum(len(message["content"].encode(errors="replace")) + _ENVELOPE for message in messages)
