"""What the three kinds of items are in a text, and when a text holds one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, NamedTuple, Protocol

from pivot_sum.stages.ledgers.name_alignment import SURE, Entry, misspelt, name_ledger
from pivot_sum.stages.ledgers.spellings import english_names, korean_spellings
from pivot_sum.stages.ledgers.transliteration import similarity
from pivot_sum.stages.ledgers.values import Value, agree
from pivot_sum.stages.ledgers.values_changes import is_held, took_the_place, unsupported
from pivot_sum.stages.ledgers.values_reading import read_values
from pivot_sum.stages.services.chat_names import mentioned_names
from pivot_sum.stages.text.placeholders import PLACEHOLDER, find

Kind = Literal["name", "number", "placeholder"]
Fate = Literal["kept", "lost", "changed", "invented"]
KINDS: tuple[Kind, ...] = ("name", "number", "placeholder")
FAULTS: tuple[Fate, ...] = ("lost", "changed", "invented")

Place = tuple[int, int]
"""Where something begins and ends in a text."""


class Text(NamedTuple):
    """What a step gave, or the dialogue, which has no name."""

    name: str
    language: str
    text: str


@dataclass(frozen=True)
class Texts:
    """One Korean dialogue on its way to a Korean summary."""

    cleaned: str
    """What has to bear everything out."""
    references: Sequence[str]
    chain: Sequence[Text]
    """The dialogue as the data has it, then what each step gave."""
    english: str | None = None
    """The English original of the dialogue, where the data has it."""

    @property
    def final(self) -> Text:
        """The summary."""
        return self.chain[-1]


class Thing(NamedTuple):
    """A name, number or placeholder as a Korean text writes it; a number with what it means and
    the text it stands in."""

    written: str
    value: Value | None = None
    inside: str = ""


class Reader(Protocol):
    """How the items of one kind are read in the texts of a dialogue."""

    kind: ClassVar[Kind]

    def __init__(self, texts: Texts) -> None: ...

    def needed(self) -> list[Thing]:
        """What the dialogue holds and every reference names."""

    def said(self) -> list[Thing]:
        """What the summary names."""

    def made_up(self) -> list[Thing]:
        """What of it neither the dialogue nor a reference bears out."""

    def changed(self, lost: Sequence[Thing], made_up: Sequence[Thing]) -> list[tuple[Thing, Thing]]:
        """What surely stands in the place of something else: the right and the wrong one."""

    def held(self, thing: Thing, text: Text) -> bool:
        """Whether a text has something, in its own language."""

    def places(self, thing: Thing, text: Text) -> Sequence[Place]:
        """Where it stands there."""

    def same(self, one: Thing, other: Thing) -> bool:
        """Whether two ways of writing mean the same."""


class Placeholders:
    """They are written the same in every language."""

    kind: ClassVar[Kind] = "placeholder"

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._references = [set(find(text)) for text in texts.references]
        self._known = set(find(texts.cleaned))

    def needed(self) -> list[Thing]:
        common = self._known.intersection(*self._references)
        return [
            Thing(name) for name in dict.fromkeys(find(self._texts.references[0])) if name in common
        ]

    def said(self) -> list[Thing]:
        return [Thing(name) for name in dict.fromkeys(find(self._texts.final.text))]

    def made_up(self) -> list[Thing]:
        known = self._known.union(*self._references)
        return [thing for thing in self.said() if thing.written not in known]

    def changed(self, lost: Sequence[Thing], made_up: Sequence[Thing]) -> list[tuple[Thing, Thing]]:
        return [(lost[0], made_up[0])] if len(lost) == len(made_up) == 1 else []

    def held(self, thing: Thing, text: Text) -> bool:
        return thing.written in find(text.text)

    def places(self, thing: Thing, text: Text) -> Sequence[Place]:
        found = PLACEHOLDER.finditer(text.text)
        return [match.span() for match in found if match.group() == thing.written]

    def same(self, one: Thing, other: Thing) -> bool:
        return one.written == other.written


class Numbers:
    """Values: numbers, times, money, dates. Uncertain ones (`one`, 하루) are not followed."""

    kind: ClassVar[Kind] = "number"

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def needed(self) -> list[Thing]:
        texts = self._texts
        others = (texts.cleaned, *texts.references[1:])
        return [
            thing
            for thing in _numbers(texts.references[0])
            if all(_holds(thing, text, "ko") for text in others)
        ]

    def said(self) -> list[Thing]:
        return _numbers(self._texts.final.text)

    def made_up(self) -> list[Thing]:
        texts = self._texts
        wrong = unsupported(texts.final.text, texts.cleaned, "ko")
        return [
            thing
            for thing in self.said()
            if thing.value in wrong
            and not any(_holds(thing, text, "ko") for text in texts.references)
        ]

    def changed(self, lost: Sequence[Thing], made_up: Sequence[Thing]) -> list[tuple[Thing, Thing]]:
        rivals, found = list(made_up), []
        for thing in lost:
            for rival in rivals:
                if thing.value and rival.value and took_the_place(thing.value, rival.value):
                    found.append((thing, rival))
                    rivals.remove(rival)
                    break
        return found

    def held(self, thing: Thing, text: Text) -> bool:
        return _holds(thing, text.text, text.language)

    def places(self, thing: Thing, text: Text) -> Sequence[Place]:
        values = read_values(text.text, text.language)
        return [
            _whole(values, at)
            for at, value in enumerate(values)
            if thing.value and value.certain and agree(thing.value, value)
        ]

    def same(self, one: Thing, other: Thing) -> bool:
        return bool(one.value and other.value and agree(one.value, other.value))


def _numbers(text: str) -> list[Thing]:
    """The certain values of a Korean text, each once."""
    values = read_values(text, "ko")
    found: dict[tuple[str, float, str], Thing] = {}
    for at, value in enumerate(values):
        if value.certain:
            begin, end = _whole(values, at)
            thing = Thing(text[begin:end], value, text)
            found.setdefault((value.kind, value.amount, value.unit), thing)
    return list(found.values())


def _whole(values: Sequence[Value], at: int) -> Place:
    """Where a value stands, a time with the half of the day in front of it (오후 3시)."""
    value, before = values[at], values[at - 1] if at else None
    near = before and before.kind == "half of day" and 0 <= value.start - before.end <= 1
    return (before.start if before and near and value.kind == "time" else value.start), value.end


def _holds(thing: Thing, text: str, language: str) -> bool:
    value = thing.value
    return value is not None and is_held(value, read_values(text, language), thing.inside, text)


class Names:
    """Names that the dialogue spells by the sound of an English name, which its translation or its
    English original has, and those of people who are spoken of as such (민수 씨)."""

    kind: ClassVar[Kind] = "name"

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        english = [text.text for text in texts.chain if text.language == "en"]
        self._pivot = english[-1] if english else ""
        self._borne_out = set[str]()
        """The English names that the dialogue has in some spelling, certain or not."""
        self._forms: dict[str, list[str]] = {}
        """The English names of each spelling of the dialogue."""
        for translated in dict.fromkeys(filter(None, (texts.english, *english[:1]))):
            names = english_names(translated)
            for name, entry in name_ledger(names, texts.cleaned, translated).items():
                self._borne_out.add(name)
                if entry.certain and name not in self._forms.setdefault(entry.spelling, []):
                    self._forms[entry.spelling].append(name)
        for name in mentioned_names(texts.cleaned, "ko"):
            if name in _spellings(texts.cleaned):
                self._forms.setdefault(name, [])

    def needed(self) -> list[Thing]:
        first, *others = map(_spellings, self._texts.references)
        return [
            Thing(spelling)
            for spelling in first
            if spelling in self._forms and all(spelling in other for other in others)
        ]

    def said(self) -> list[Thing]:
        known = _spellings(self._texts.final.text)
        return [Thing(spelling) for spelling in known if spelling in self._forms]

    def made_up(self) -> list[Thing]:
        texts = self._texts
        final = _spellings(texts.final.text)
        found = [name for name in mentioned_names(texts.final.text, "ko") if name in final]
        for name in english_names(self._pivot):
            if name not in self._borne_out and name not in (texts.english or ""):
                found += [spelling for spelling in final if similarity(name, spelling) >= SURE]
        known = (texts.cleaned, *texts.references)
        return [
            Thing(name) for name in dict.fromkeys(found) if not any(name in text for text in known)
        ]

    def changed(self, lost: Sequence[Thing], made_up: Sequence[Thing]) -> list[tuple[Thing, Thing]]:
        final = self._texts.final.text
        named = {thing.written for thing in self.needed()}
        ledger = {
            forms[0]: Entry(spelling)
            for spelling, forms in self._forms.items()
            if forms and (spelling in named or any(_word(self._pivot, name) for name in forms))
        }
        places, _ = misspelt(ledger, self._texts.cleaned, final)
        found = {
            (place.spelling, wrong)
            for place in places
            if not any(
                (wrong := final[place.begin : place.end]) in _spellings(text)
                for text in self._texts.references
            )
        }
        if not found and len(lost) == len(made_up) == 1:
            found = {(lost[0].written, made_up[0].written)}
        return [(Thing(right), Thing(wrong)) for right, wrong in sorted(found)]

    def held(self, thing: Thing, text: Text) -> bool:
        return bool(self.places(thing, text))

    def places(self, thing: Thing, text: Text) -> Sequence[Place]:
        if text.language == "ko":
            return _spellings(text.text).get(thing.written, ())
        own = self._forms.get(thing.written, [])
        others = {name for forms in self._forms.values() for name in forms} - {*own}
        sounding = [
            name
            for name in english_names(text.text)
            if name not in others and similarity(name, thing.written) >= SURE
        ]
        return sorted({place for name in (*own, *sounding) for place in _word(text.text, name)})

    def same(self, one: Thing, other: Thing) -> bool:
        return one.written == other.written


@lru_cache(maxsize=4096)
def _spellings(text: str) -> dict[str, tuple[Place, ...]]:
    """What may be names in a Korean text, and where."""
    found: dict[str, tuple[Place, ...]] = {}
    for stem in korean_spellings(text):
        found[stem.text] = (*found.get(stem.text, ()), (stem.begin, stem.end))
    return found


def _word(text: str, name: str) -> list[Place]:
    return [match.span() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]


READERS: tuple[type[Reader], ...] = (Names, Numbers, Placeholders)
