"""Cutting a text that is longer than a model can read into pieces that fit, at the best places
there are."""

from __future__ import annotations

from collections.abc import Callable

from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import sentences


def split_to_fit(
    text: str, limit: int, length: Callable[[str], int], language: str
) -> list[tuple[str, str]]:
    """Pieces of at most `limit` by `length`, each with the separator that stood after it (`"\\n"`,
    `" "` or `""`).

    Cuts at line ends (turns) first, then between sentences, then at spaces, and inside a word only
    when one word alone is too long; a placeholder is never cut. A text that fits comes back whole.
    """
    return _split(text, limit, length, _levels(language))


Level = tuple[str, Callable[[str], list[str]]]


def _levels(language: str) -> list[Level]:
    return [
        ("\n", lambda text: text.split("\n")),
        (" ", lambda text: sentences(text, language)),
        (" ", lambda text: text.split()),
        ("", _characters),
    ]


def _characters(text: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for match in PLACEHOLDER.finditer(text):
        parts += [*text[start : match.start()], match.group()]
        start = match.end()
    return [*parts, *text[start:]]


def _split(
    text: str, limit: int, length: Callable[[str], int], levels: list[Level]
) -> list[tuple[str, str]]:
    if length(text) <= limit or not levels:
        return [(text, "")]
    (separator, parts_of), *finer = levels
    pieces: list[tuple[str, str]] = []
    packed = ""
    for part in parts_of(text):
        if not part.strip():
            continue  # a blank line; as a piece of its own it would make the model invent an answer
        longer = f"{packed}{separator}{part}" if packed else part
        if length(longer) <= limit:
            packed = longer
            continue
        if packed:
            pieces.append((packed, separator))
        packed = ""
        if length(part) <= limit:
            packed = part
        else:
            *whole, (packed, _) = _split(part, limit, length, finer)
            pieces += whole
    return [*pieces, (packed, "")]
