"""Several texts in one request: one a line, each with its number in square brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBERED = re.compile(r"[*]*\[([0-9]{1,6})\][*]*[ \t]*(?:[:：][ \t]*)?(.*\S)[ \t]*")
_MARKER = re.compile(r"\s*\**\[[0-9]+\]")


def can_be_numbered(text: str) -> bool:
    """Whether a text can stand in such a list: it is one line, and begins with no number of its own
    in brackets, nor with a colon."""
    line = text.strip()
    return (
        bool(line)
        and len(line.splitlines()) == 1
        and not _MARKER.match(line)
        and line[0] not in ":：*"
    )


def numbered(texts: Sequence[str]) -> str:
    """The texts as a list to ask for: `[1] …`, `[2] …`. Each has to pass `can_be_numbered`."""
    return "\n".join(f"[{number}] {text.strip()}" for number, text in enumerate(texts, 1))


def read_numbered(reply: str, count: int) -> list[str] | None:
    """The texts of such a list in the order of their numbers, without their dressing removed.

    None unless every number from 1 to `count` is there exactly once, each on a line with its text,
    and nothing else is.
    """
    found: dict[int, str] = {}
    for line in reply.splitlines():
        if not line.strip():
            continue
        match = _NUMBERED.fullmatch(line.strip())
        if match is None or int(match[1]) in found:
            return None
        found[int(match[1])] = match[2]
    return (
        [found[number] for number in sorted(found)]
        if set(found) == set(range(1, count + 1))
        else None
    )
