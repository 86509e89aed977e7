"""Texts as HTML: every character escaped, placeholders told apart, changes marked.

A swapped speaker costs hardly any ROUGE, so a reader has to see it: each person has a colour and a
shape of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from pivot_sum.html.matching import Change, compared
from pivot_sum.stages.text.names import label_of
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
    r"(?<!\w)[#＃]{1,16}[A-Za-z가-힣](?:[A-Za-z0-9가-힣. ]{0,20}[A-Za-z0-9가-힣])?[#＃]+"
    # a speaker in any state: #Person1, Person 2
    r"|(?:[#＃]{1,16} ?)?\b(?:person|people|사람|인물) ?[0-9]{1,2}\b[#＃]*",
    re.IGNORECASE,
)
_SHOWN = re.compile(f"({PLACEHOLDER.pattern})|(?i:{_DAMAGED.pattern})")
_PIECE = re.compile(rf"({PLACEHOLDER.pattern}|\w+|[^\w\s])(\s*)")
_HEAD = re.compile(rf"\s*({PLACEHOLDER.pattern})\s*[:：]\s*")


class Turn(NamedTuple):
    """A line of a dialogue: who speaks (`#Person1#`, or a name, with all that stands before its
    colon; "" where the line has neither), and what."""

    speaker: str
    utterance: str
    start: int = 0
    """Where the utterance begins in the text."""


class Mark(NamedTuple):
    """Something to be marked in a text: where it is, the CSS classes of the mark, and what is said
    behind it."""

    start: int
    end: int
    kind: str
    label: Markup = Markup("")

    def moved(self, by: int) -> Mark:
        """The same mark where the text begins so many characters later (negative: earlier)."""
        return self._replace(start=self.start + by, end=self.end + by)


class Piece(NamedTuple):
    """A word, placeholder or punctuation mark, and the blanks behind it."""

    word: str
    blanks: str


def turns(text: str, names: Container[str] = ()) -> list[Turn]:
    """The lines of a text that are not blank, each with its speaker taken off: a placeholder, or a
    label that is one of `names`."""
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            found.append(_turn(line, start, names))
        start += len(line)
    return found


def _turn(line: str, start: int, names: Container[str]) -> Turn:
    bare = line.lstrip()
    if head := _HEAD.match(line):
        speaker, said = head[1], line[head.end() :]
    elif names and (found := label_of(bare)) and found[0] in names:
        said = found[1].lstrip()
        speaker = bare[: len(bare) - len(found[1])].rstrip(": ：")
    else:
        speaker, said = "", bare
    return Turn(speaker, said.rstrip(), start + len(line) - len(said))


def person(placeholder: str) -> str:
    """The CSS class of a placeholder: `p1` to `p7` for people, `px` for anything else."""
    found = _PERSON.fullmatch(placeholder)
    return f"p{(int(found[1]) - 1) % SHAPES + 1}" if found else "px"


def marked(text: str, marks: Iterable[Mark] = ()) -> Markup:
    """The text escaped, placeholders as `<b class="p p1">`, what looks like a damaged one as
    `<b class="p bad">`, and marks as `<span class="item ...">` with their label behind. Of marks
    that overlap the first stays, of those that begin at one place the longest; what of a mark is
    outside the text falls away.
    """
    parts: list[Markup] = []
    end = 0
    for mark in sorted(marks, key=lambda mark: (mark.start, -mark.end)):
        begin, stop = max(mark.start, 0), min(mark.end, len(text))
        if end <= begin < stop:
            inside = _placeholders(text[begin:stop])
            label = Markup("<small>{}</small>").format(mark.label) if mark.label else ""
            shown = Markup('<span class="item {}">{}{}</span>').format(
                mark.kind, inside, label if stop == mark.end else ""
            )
            parts += [_placeholders(text[end:begin]), shown]
            end = stop
    return Markup("").join([*parts, _placeholders(text[end:])])


def _placeholders(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for match in _SHOWN.finditer(text):
        kind = person(match[1]) if match[1] else "bad"
        parts += [
            escape(text[end : match.start()]),
            # Not `format`, which takes ten times as long: a page may hold a million of them.
            Markup(f'<b class="p {kind}">{escape(match.group())}</b>'),
        ]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def similarity(before: str, after: str) -> float:
    """The share of words two texts have in common in order, 0 to 1 (difflib's ratio); of texts
    that differ in thousands of places, what was found of it."""
    return compared(_words(_pieces(before)), _words(_pieces(after))).ratio


def difference(before: str, after: str, marks: Iterable[Mark] = (), coarse: str = "") -> Markup:
    """`after`, with its marks, with what it lacks of `before` as `<del>` and what it adds as
    `<ins>`. Only blanks that changed show nothing. `coarse` is said in front of texts that differ
    in so many places that some are not told apart."""
    leading = len(after) - len(after.lstrip())
    moved = sorted(mark.moved(-leading) for mark in marks)
    old, new = _pieces(before), _joined(_pieces(after), moved)
    found = compared(_words(old), _words(new))
    said = Markup("") if found.whole else Markup("<small>{}</small> ").format(coarse)
    return said + Markup("").join(_changes(found.changes, old, new, moved))


def _joined(pieces: Sequence[Piece], marks: Sequence[Mark]) -> list[Piece]:
    """With the pieces of a mark that has a label as one, so that the label is about all of it.
    `marks` are in the order of their places."""
    found: list[Piece] = []
    labelled = [mark for mark in marks if mark.label]
    at = open_to = 0
    for piece in pieces:
        end = at + len(piece.word)
        if found and at < open_to:
            last = found.pop()
            piece = Piece(last.word + last.blanks + piece.word, piece.blanks)
        found.append(piece)
        open_to = max([open_to, *(mark.end for mark in starting_in(labelled, at, end))])
        at = end + len(piece.blanks)
    return found


def starting_in(marks: Sequence[Mark], start: int, end: int) -> Sequence[Mark]:
    """Of marks in the order of their places, those that start there."""
    first, last = (bisect_left(marks, place, key=lambda mark: mark.start) for place in (start, end))
    return marks[first:last]


def _changes(
    changes: Iterable[Change], old: Sequence[Piece], new: Sequence[Piece], marks: Sequence[Mark]
) -> Iterator[Markup]:
    at = 0
    open_marks: list[Mark] = []
    for kind, start, end, new_start, new_end in changes:
        stop = at + len(_text(new[new_start:new_end]))
        open_marks = [mark for mark in open_marks if mark.end > at]
        open_marks += starting_in(marks, at, stop)
        here = [mark.moved(-at) for mark in open_marks]
        if kind == "equal":
            yield marked(_text(new[new_start:new_end]), here)
        else:
            if end > start:
                yield _wrapped("del", old[start:end], ())
            if new_end > new_start:
                yield _wrapped("ins", new[new_start:new_end], here)
        at = stop


def _wrapped(tag: str, pieces: Sequence[Piece], marks: Sequence[Mark]) -> Markup:
    """The blanks behind the last word stay outside, where they are not coloured."""
    *front, last = pieces
    text = _text([*front, Piece(last.word, "")])
    return Markup(f"<{tag}>{marked(text, marks)}</{tag}>{escape(last.blanks)}")


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.word + piece.blanks for piece in pieces)


def _pieces(text: str) -> list[Piece]:
    return [Piece(*found) for found in _PIECE.findall(text.strip())]


def _words(pieces: Iterable[Piece]) -> list[str]:
    return [piece.word for piece in pieces]
