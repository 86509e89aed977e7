"""Cutting a text into what a stage should get, and putting the answers together again.

Pure and exact: joining the untouched units gives the text back, byte for byte. The head
`#PersonN#:` of a turn, line ends and whitespace are kept in the frame, so no translator sees them
and none can damage them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import sentencex

from pivot_sum.stages.text.placeholders import PLACEHOLDER

Over = Literal["dialogue", "turn", "sentence"]


class Split(NamedTuple):
    """A text as its units and what stands around them: `frame[0] + units[0] + frame[1] + ... +
    frame[-1]`."""

    units: tuple[str, ...]
    frame: tuple[str, ...]


_BLANKS = r"[^\S\r\n]*"
_HEAD = rf"{_BLANKS}{PLACEHOLDER.pattern}{_BLANKS}[:：]"
_TURN = re.compile(rf"(?=[^\r\n])(?:{_HEAD})?([^\r\n]*)")


def split(text: str, over: Over, language: str) -> Split:
    """Cut a text into units: the whole `dialogue`, the utterance of each `turn`, or each `sentence`
    of each utterance.

    No unit is blank or has whitespace at its ends. A blank line, or one that is only a head, has no
    unit.
    """
    spans = [span for start, end in _areas(text, over) if (span := _trimmed(text, start, end))]
    if over == "sentence":
        spans = [
            part for start, end in spans for part in _sentence_spans(text, start, end, language)
        ]
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    pieces = [text[start:end] for start, end in pairwise(edges)]
    return Split(tuple(pieces[1::2]), tuple(pieces[0::2]))


def join(frame: Sequence[str], outputs: Sequence[str]) -> str:
    """Put outputs into the frame their units came from. Raises ValueError where their numbers do
    not fit."""
    if len(frame) != len(outputs) + 1:
        raise ValueError(
            f"a frame of {len(frame)} pieces takes {len(frame) - 1} outputs, not {len(outputs)}"
        )
    return "".join(piece for pair in zip(frame, (*outputs, ""), strict=True) for piece in pair)


def sentences(text: str, language: str) -> list[str]:
    """The sentences of a text, without the whitespace around them; a blank text has none."""
    span = _trimmed(text, 0, len(text))
    return (
        [text[start:end] for start, end in _sentence_spans(text, *span, language)] if span else []
    )


def _areas(text: str, over: Over) -> Iterator[tuple[int, int]]:
    """Where units are to be found: everywhere, or behind the head of each line."""
    if over == "dialogue":
        yield 0, len(text)
        return
    for turn in _TURN.finditer(text):
        yield turn.span(1)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The area without the whitespace at its ends; None where nothing is left."""
    area = text[start:end]
    bare = area.strip()
    if not bare:
        return None
    if len(bare) < len(area):
        start += len(area) - len(area.lstrip())
    return start, start + len(bare)


def _sentence_spans(text: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    position = start
    for segment in _glued(text[start:end], language):
        if span := _trimmed(text, position, position + len(segment)):
            spans.append(span)
        position += len(segment)
    return spans


_NUMBERED = re.compile(r"[0-9]\.\s*$")
_QUOTE_CLOSED = re.compile(r"[\"'”’」』]\s*$")
_QUOTATIVE = re.compile(r"\s*(?:이?라[고는며면]|이?란|하[고는며]|고|는)")

_AT_ONCE = 10_000
"""Characters: sentencex takes the square of the length for a line full of opened quotation marks,
0.05 s for as many."""


def _glued(text: str, language: str) -> list[str]:
    """sentencex's segments, with those joined again that are no sentence of their own.

    sentencex cuts Korean dates and lists at every full stop (`2021. 3. 5.`) and quoted speech
    before the particle that belongs to it (`"가요."라고 했다`); a translator given such a crumb
    makes something up.
    """
    glued: list[list[str]] = []
    has_letter, end = False, ""  # of what is glued last: read once, however many parts it has
    for segment in _segments(text, language):
        both = has_letter and _has_letter(segment)
        if glued and (not both or _belong_together(end, segment, language)):
            glued[-1].append(segment)
            has_letter, end = has_letter or _has_letter(segment), _end(end + segment)
        else:
            glued.append([segment])
            has_letter, end = _has_letter(segment), _end(segment)
    return ["".join(segments) for segments in glued]


def _segments(text: str, language: str) -> Iterator[str]:
    """sentencex's segments, of parts that it reads in no time. What a part ends with is read again
    with what follows it."""
    start = 0
    while start < len(text):
        part = text[start : start + _AT_ONCE]
        segments = sentencex.segment(language, part)
        is_last = start + len(part) == len(text)
        if not is_last and len(segments) > 1 and len(segments[-1]) < _AT_ONCE // 2:
            segments.pop()
        yield from segments
        start += sum(map(len, segments))


def _end(text: str) -> str:
    """The last two characters and the whitespace behind them."""
    return text[max(len(text.rstrip()) - 2, 0) :]


def _belong_together(end: str, after: str, language: str) -> bool:
    """Whether a segment goes on what ends so."""
    return language == "ko" and bool(
        _NUMBERED.search(end) or (_QUOTE_CLOSED.search(end) and _QUOTATIVE.match(after))
    )


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))
