"""A text together with the dialogue it was made from, for stages that see both.

The runner hands such a stage texts that hold both, packed into one. So the pair is what the cache
keys on, what is stored, and what a replay looks up, as any other text is.
"""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

Sees = Literal["text", "source"]
"""What a stage gets: the `text` alone, or packed with the `source` dialogue it was made from."""


class Seen(NamedTuple):
    """What a stage gets that sees the source."""

    dialogue: str
    """The dialogue as the data has it."""
    cleaned: str
    """The dialogue as the recipe's `clean` left it, so with the placeholders the text knows."""
    text: str
    """What the step before made of it, or a turn or sentence of that."""

    def packed(self) -> str:
        """All three as one text, from which `unpacked` reads them exactly."""
        return json.dumps(self, ensure_ascii=False)

    @classmethod
    def unpacked(cls, packed: str) -> Seen:
        """Raises ValueError for a text that was not packed."""
        try:
            dialogue, cleaned, text = json.loads(packed)
        except (ValueError, TypeError) as error:
            raise ValueError(
                "a stage that sees the source takes texts packed by Seen(dialogue, cleaned,"
                f" text).packed(), not {packed[:40]!r}"
            ) from error
        return cls(dialogue, cleaned, text)


def sees(stage: object) -> Sees:
    """What a stage gets. It says so by an attribute `sees`: a class variable, a field or a
    property; without one it gets the text alone."""
    found: Sees = getattr(stage, "sees", "text")
    return found
