"""A text together with the dialogue it was made from, for stages that see more than the text.

The runner hands such a stage texts that hold all of it, packed into one. So the whole is what the
cache keys on, what is stored, and what a replay looks up, as any other text is.
"""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

Sees = Literal["text", "source", "pivot"]
"""What a stage gets: the `text` alone, or packed with the `source` dialogue it was made from, or
with that and what the `pivot` made of both in the other language."""


class Seen(NamedTuple):
    """What a stage gets that sees the source, or the pivot."""

    dialogue: str
    """The dialogue as the data has it."""
    cleaned: str
    """The dialogue as the recipe's `clean` left it, so with the placeholders the text knows."""
    text: str
    """What the step before made of it, or a turn or sentence of that."""
    translated: str | None = None
    """The dialogue as the first step that translates gave it; only a stage that sees the pivot gets
    this and the next."""
    pivot: str | None = None
    """What the last step that translates took: the summary in the other language."""

    def packed(self) -> str:
        """All of it as one text, from which `unpacked` reads it exactly."""
        return json.dumps([part for part in self if part is not None], ensure_ascii=False)

    @classmethod
    def unpacked(cls, packed: str) -> Seen:
        """Raises ValueError for a text that was not packed."""
        try:
            dialogue, cleaned, text, *pivot = json.loads(packed)
            translated, summary = pivot or (None, None)
        except (ValueError, TypeError) as error:
            raise ValueError(
                "a stage that sees the source takes texts packed by Seen(dialogue, cleaned,"
                f" text).packed(), not {packed[:40]!r}"
            ) from error
        return cls(dialogue, cleaned, text, translated, summary)


def sees(stage: object) -> Sees:
    """What a stage gets. It says so by an attribute `sees`: a class variable, a field or a
    property; without one it gets the text alone."""
    found: Sees = getattr(stage, "sees", "text")
    return found
