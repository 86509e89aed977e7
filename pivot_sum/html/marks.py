"""Texts as HTML: every character escaped, placeholders told apart, changes marked.

A swapped speaker costs hardly any ROUGE, so a reader has to see it: each person has a colour and a
shape of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from pivot_sum.stages.text.placeholders import PLACEHOLDER

SHAPES: Final = 7
"""Persons with a shape of their own; DialogSum has no more. #Person8# looks like #Person1#, its
number does not."""

REWRITTEN: Final = 0.5
"""Below this share of common words two texts are different texts, and marks on nearly every word
would help nobody."""

_PERSON = re.compile("#Person([0-9]+)#")
_DAMAGED = re.compile(
    # closed: #person2#, #Mrs. Dawson#
    r"(?<!\w)[#＃]+[A-Za-z가-힣](?:[A-Za-z0-9가-힣. ]{0,20}[A-Za-z0-9가-힣])?[#＃]+"
    # a speaker in any state: #Person1, Person 2
    r"|(?:[#＃]+ ?)?\b(?:person|people|사람|인물) ?[0-9]{1,2}\b[#＃]*",
    re.IGNORECASE,
)
_SHOWN = re.compile(f"({PLACEHOLDER.pattern})|(?i:{_DAMAGED.pattern})")
_PIECE = re.compile(rf"({PLACEHOLDER.pattern}|\w+|[^\w\s])(\s*)")
_HEAD = re.compile(rf"\s*({PLACEHOLDER.pattern})\s*[:：]\s*")


class Turn(NamedTuple):
    """A line of a dialogue: who speaks (`#Person1#`, or "" where the line has no head), and
    what.
    """

    speaker: str
    utterance: str


class Piece(NamedTuple):
    """A word, placeholder or punctuation mark, and the blanks behind it."""

    word: str
    blanks: str


def turns(text: str) -> list[Turn]:
    """The lines of a text that are not blank, each with its speaker taken off."""
    return [_turn(line) for line in text.splitlines() if line.strip()]


def _turn(line: str) -> Turn:
    head = _HEAD.match(line)
    return Turn(head[1], line[head.end() :].rstrip()) if head else Turn("", line.strip())


def person(placeholder: str) -> str:
    """The CSS class of a placeholder: `p1` to `p7` for people, `px` for anything else."""
    found = _PERSON.fullmatch(placeholder)
    return f"p{(int(found[1]) - 1) % SHAPES + 1}" if found else "px"


def marked(text: str) -> Markup:
    """The text escaped, placeholders as `<b class="p p1">`, and what looks like a damaged one as
    `<b class="p bad">`."""
    parts: list[Markup] = []
    end = 0
    for match in _SHOWN.finditer(text):
        kind = person(match[1]) if match[1] else "bad"
        parts += [
            escape(text[end : match.start()]),
            Markup('<b class="p {}">{}</b>').format(kind, match.group()),
        ]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def similarity(before: str, after: str) -> float:
    """The share of words two texts have in common in order, 0 to 1 (difflib's ratio)."""
    return _matcher(_pieces(before), _pieces(after)).ratio()


def difference(before: str, after: str) -> Markup:
    """`after` with what it lacks of `before` as `<del>` and what it adds as `<ins>`. Only blanks
    that changed show nothing."""
    old, new = _pieces(before), _pieces(after)
    return Markup("").join(_marks(old, new))


def _marks(old: Sequence[Piece], new: Sequence[Piece]) -> Iterator[Markup]:
    for kind, start, end, new_start, new_end in _matcher(old, new).get_opcodes():
        if kind == "equal":
            yield _text(new[new_start:new_end])
            continue
        if end > start:
            yield _wrapped("del", old[start:end])
        if new_end > new_start:
            yield _wrapped("ins", new[new_start:new_end])


def _wrapped(tag: str, pieces: Sequence[Piece]) -> Markup:
    """The blanks behind the last word stay outside, where they are not coloured."""
    *front, last = pieces
    return Markup("<{0}>{1}</{0}>{2}").format(
        Markup(tag), _text([*front, Piece(last.word, "")]), last.blanks
    )


def _text(pieces: Sequence[Piece]) -> Markup:
    return marked("".join(piece.word + piece.blanks for piece in pieces))


def _pieces(text: str) -> list[Piece]:
    return [Piece(*found) for found in _PIECE.findall(text.strip())]


def _matcher(old: Sequence[Piece], new: Sequence[Piece]) -> SequenceMatcher[str]:
    return SequenceMatcher(
        None, [piece.word for piece in old], [piece.word for piece in new], autojunk=False
    )
