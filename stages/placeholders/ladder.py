"""The ladder: texts are translated under one mask after another until their placeholders come back
exactly.

The last rung cannot fail: the text is cut at its placeholders, the pieces are translated, and the
placeholders are put back where they were. The run reports how many texts each rung served.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pivot_sum.stages.answer import CUT, PLAIN
from pivot_sum.stages.placeholders.masks import Mask, leftovers, mask_from_name
from pivot_sum.stages.text.placeholders import PLACEHOLDER, count, find, repair_placeholders

Translate = Callable[[Sequence[str]], list[str]]


class Protected(NamedTuple):
    """A translated text with exactly its source's placeholders, the rung that gave it, and the
    parts, as the translator was given them, whose answers it is made of."""

    text: str
    rung: str
    parts: tuple[str, ...] = ()


def through_ladder(
    texts: Sequence[str], translate: Translate, rungs: Sequence[str]
) -> list[Protected]:
    """Translate texts so that each keeps exactly its placeholders.

    `rungs` are names of masks, tried in that order; `cut` follows by itself. `translate` gets
    distinct non-blank texts, in one call a rung, and no text twice. Blank texts, and placeholders
    with nothing to translate beside them, are given back as they are. Raises ValueError for an
    unknown mask.
    """
    masks = [mask_from_name(name) for name in rungs]
    answers: dict[str, str] = {}
    done = {
        text: Protected(text, PLAIN)
        for text in texts
        if not text.strip() or _only_placeholders(text)
    }
    distinct = [text for text in dict.fromkeys(texts) if text not in done]
    plain = [text for text in distinct if not find(text)]
    waiting = [text for text in distinct if find(text)]

    for mask in masks:
        masked = {text: hidden for text in waiting if (hidden := mask.mask(text)) is not None}
        _ask([*plain, *masked.values()], translate, answers)
        for text, hidden in masked.items():
            if (output := _uncovered(mask, answers[hidden], text)) is not None:
                done[text] = Protected(output, mask.name, (hidden,))
        waiting = [text for text in waiting if text not in done]

    cut = {text: [_Piece.read(piece) for piece in PLACEHOLDER.split(text)] for text in waiting}
    pieces = [piece.core for parts in cut.values() for piece in parts if piece.core]
    _ask([*plain, *pieces], translate, answers)
    for text, parts in cut.items():
        used = tuple(piece.core for piece in parts if piece.core)
        done[text] = Protected(_joined(find(text), parts, answers), CUT, used)
    for text in plain:
        answer = answers[text]
        invented = bool(find(answer))
        done[text] = (
            Protected(_without_hashes(answer), CUT, (text,))
            if invented
            else Protected(answer, PLAIN, (text,))
        )
    return [done[text] for text in texts]


def _only_placeholders(text: str) -> bool:
    return bool(find(text)) and not any(
        character.isalnum() for character in PLACEHOLDER.sub("", text)
    )


def _ask(wanted: Iterable[str], translate: Translate, answers: dict[str, str]) -> None:
    """Add the answers still missing, in one call."""
    new = [text for text in dict.fromkeys(wanted) if text not in answers]
    if new:
        answers.update(zip(new, translate(new), strict=True))


def _uncovered(mask: Mask, answer: str, source: str) -> str | None:
    """The answer with its placeholders back; None where they are not exactly the source's, or
    pieces of others lie about."""
    output = mask.unmask(answer, source)
    assert output is not None  # the mask could be put on
    output, _ = repair_placeholders(output, set(find(source)))
    return (
        output
        if count(output) == count(source) and not leftovers(output) - leftovers(source)
        else None
    )


# Left behind by the cut, in front of a piece: no translator can do anything with a particle that
# has lost its word.
_CASE_PARTICLE = re.compile(r"\A(?:은|는|이|가|을|를|과|와|의|도|에게|한테|께서?)(?!\w)")
_ONLY_PARTICLE = re.compile(
    r"(?:에게서?|한테서?|께서?|에서?|으?로|이?랑|만|부터|까지|입니다|이다|님|씨)+"
)
_BEFORE = re.compile(r"\A[\s:：,;.!?…)\]}]*")
_BEHIND = re.compile(r"[\s(\[{]*\Z")
_SENTENCE_ENDS = ".!?。…"


class _Piece(NamedTuple):
    """What stands between two placeholders: whitespace and punctuation, the part to
    translate (may be empty), the same again."""

    before: str
    core: str
    behind: str

    @classmethod
    def read(cls, text: str) -> _Piece:
        text = _CASE_PARTICLE.sub("", text)
        rest = _BEFORE.sub("", text)
        core = _BEHIND.sub("", rest)
        before, behind = text.removesuffix(rest), rest[len(core) :]
        if _ONLY_PARTICLE.fullmatch(core):
            core = ""
        elif not any(character.isalpha() for character in core):
            return cls(text, "", "")  # digits and punctuation stay as they are
        return cls(before, core, behind)


def _joined(placeholders: list[str], pieces: list[_Piece], answers: dict[str, str]) -> str:
    """Translated pieces and placeholders in the source's order. Exact, because no translated piece
    keeps a `#`."""
    last = len(pieces) - 1
    texts = [
        _fitted(piece, answers.get(piece.core, ""), first=index == 0, last=index == last)
        for index, piece in enumerate(pieces)
    ]
    return "".join(part for pair in zip(texts, [*placeholders, ""], strict=True) for part in pair)


def _fitted(piece: _Piece, answer: str, *, first: bool, last: bool) -> str:
    """A piece's translation with the punctuation around it, spaced so that it sticks to nothing."""
    answer = _without_hashes(answer).strip()
    if not last and answer.endswith((".", "。")) and piece.core[-1] not in _SENTENCE_ENDS:
        answer = answer[:-1].rstrip()  # the model closed a sentence that goes on
    before, behind = piece.before, piece.behind
    if not answer:
        around = before + behind
        return around or (" " if piece.core and not (first or last) else "")
    if before == " " and answer[0] in ",.!?:;":
        before = ""
    left = before[-1] if before else "" if first else "#"
    right = behind[0] if behind else "" if last else "#"
    return f"{before}{_space(left, answer[0])}{answer}{_space(answer[-1], right)}{behind}"


def _space(left: str, right: str) -> str:
    """A space where one belongs between two characters, either of which may be missing."""
    ends = left.isalnum() or left in tuple("#,.!?:;…)]}")
    begins = right.isalnum() or right in tuple("#([{“‘")
    return " " if ends and begins else ""


def _without_hashes(text: str) -> str:
    """A text that can hold no placeholder, whatever it is put beside."""
    return re.sub("[#＃]", "", PLACEHOLDER.sub("", text))
