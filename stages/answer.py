"""What a stage answers: a text, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypedDict

PLAIN: Final = "plain"
"""The rung of a text without placeholders."""
CUT: Final = "cut"
"""The last rung: the pieces between placeholders are translated alone."""


class Note(TypedDict, total=False):
    """How one answer came about. Stored beside it in the cache, so a replay reports the same
    counts."""

    rung: str  # which attempt of the placeholder ladder gave the text
    repairs: dict[str, int]  # what was repaired, and how often
    named: dict[str, int]  # placeholders written as names; below 0: names written as these
    retry: str  # which further attempt gave the text, where the first was flagged
    flags: list[str]  # what a reader should know: "split", "unfinished", ...
    billed: int  # characters or tokens a service billed for it
    written: int  # how many of these tokens the service wrote: their price is another


@dataclass(frozen=True, slots=True)
class Answer:
    """A text with a note of how it came about; the note is empty where there is nothing to say."""

    text: str
    note: Note = field(default_factory=Note)
