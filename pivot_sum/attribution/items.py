"""Names, numbers and placeholders, followed from a dialogue to its summary: which of them a step
lost, changed or made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pivot_sum.attribution.item_kinds import (
    READERS,
    Fate,
    Kind,
    Place,
    Reader,
    Text,
    Texts,
    Thing,
)
from pivot_sum.stages.ledgers.values_reading import LANGUAGES

Places = tuple[tuple[Place, ...], ...]
"""Where something stands in each of several texts; empty where it does not."""


@dataclass(frozen=True)
class Item:
    """A name, number or placeholder that has to come through, or that the summary made up."""

    kind: Kind
    fate: Fate
    """At the end: `kept`, `lost`, `changed` into another, or `invented`."""
    right: str
    """As the reference (or, where only the summary names it, the summary) writes it; empty for an
    invented one."""
    wrong: str
    """What the summary has instead, or made up; empty otherwise."""
    step: str
    """The step that lost or changed it, or whose text is the first to have what was made up; empty
    where it was kept."""
    needed: bool
    """Whether every reference names it."""
    references: Places
    """Where the right one stands in each reference."""
    chain: Places
    """Where the right one stands in the dialogue and in what each step gave."""
    wrong_chain: Places
    """Where the wrong one stands in them, from the step on that brought it in."""

    def as_json(self) -> dict[str, Any]:
        """As a JSON object, without the places."""
        return {
            "kind": self.kind,
            "fate": self.fate,
            "right": self.right,
            "wrong": self.wrong,
            "step": self.step,
            "needed": self.needed,
        }

    def with_places(self) -> dict[str, Any]:
        """As a JSON object, whole."""
        places = {
            "references": self.references,
            "chain": self.chain,
            "wrong_chain": self.wrong_chain,
        }
        return self.as_json() | places


def follow(texts: Texts) -> list[Item]:
    """The items of one dialogue: those that it holds and every reference names, and those that its
    summary names beside them.

    A step lost an item where it is the first behind the last text that has it. What the summary
    has and neither the dialogue nor a reference bears out came in with the first of the texts that
    have it without a gap up to the end. Leaving out what no or only some references name is nothing
    lost.
    """
    items: list[Item] = []
    for reader_of in READERS:
        items += _of_kind(reader_of(texts), texts)
    return items


def _of_kind(reader: Reader, texts: Texts) -> list[Item]:
    final = texts.final
    needed = reader.needed()
    lost = [thing for thing in needed if not reader.held(thing, final)]
    made_up = reader.made_up()
    changed = reader.changed(lost, made_up)
    gone = {right.written for right, _ in changed}
    wrong = {thing.written for _, thing in changed}
    said = [thing for thing in reader.said() if thing.written not in {*wrong, *_written(made_up)}]
    kept = [thing for thing in needed if thing not in lost and thing.written not in gone]
    kept += [thing for thing in said if not any(reader.same(thing, other) for other in needed)]
    asked = _written(needed)

    def item(fate: Fate, right: Thing | None, other: Thing | None, step: str) -> Item:
        begins = next((at for at, text in enumerate(texts.chain) if text.name == step), 0)
        return Item(
            reader.kind,
            fate,
            right.written if right else "",
            other.written if other else "",
            step,
            right is not None and right.written in asked,
            tuple(_places(reader, right, Text("", "ko", text)) for text in texts.references),
            tuple(_places(reader, right, text) for text in texts.chain),
            tuple(
                _places(reader, other, text) if at >= begins else ()
                for at, text in enumerate(texts.chain)
            ),
        )

    found = [item("kept", thing, None, "") for thing in kept]
    found += [
        item(
            "changed",
            right,
            other,
            _first(texts, _went(reader, right, texts), _came_in(reader, other, texts)),
        )
        for right, other in changed
    ]
    found += [
        item("lost", thing, None, _went(reader, thing, texts))
        for thing in lost
        if thing.written not in gone
    ]
    found += [
        item("invented", None, thing, _came_in(reader, thing, texts))
        for thing in made_up
        if thing.written not in wrong
    ]
    return found


def _written(things: Sequence[Thing]) -> set[str]:
    return {thing.written for thing in things}


def _places(reader: Reader, thing: Thing | None, text: Text) -> tuple[Place, ...]:
    if thing is None or text.language not in LANGUAGES:
        return ()
    return tuple(reader.places(thing, text))


def _first(texts: Texts, *steps: str) -> str:
    """The earliest of some steps."""
    return next(text.name for text in texts.chain[1:] if text.name in steps)


def _went(reader: Reader, thing: Thing, texts: Texts) -> str:
    """The step behind the last text that has something, of those that can be read."""
    known = _readable(texts)
    last = max((at for at, text in enumerate(known) if reader.held(thing, text)), default=0)
    return known[min(last + 1, len(known) - 1)].name


def _came_in(reader: Reader, thing: Thing, texts: Texts) -> str:
    """The step that gave the first of the texts that have something up to the end."""
    known = _readable(texts)
    first = len(known) - 1
    while first > 1 and reader.held(thing, known[first - 1]):
        first -= 1
    return known[first].name


def _readable(texts: Texts) -> list[Text]:
    return [text for text in texts.chain if text.language in LANGUAGES]
