"""The stage `names`: a summary that came back from English gets the dialogue's spelling of
names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from pivot_sum.stages.base import Annotating, Answer, Note, PlaceholderPolicy, Task, option
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.ledgers.name_alignment import Entry, Place, misspelt, name_ledger
from pivot_sum.stages.ledgers.spellings import english_names, korean_spellings
from pivot_sum.stages.seen import Seen, Sees
from pivot_sum.stages.text.glossary import content_hash, read_terms
from pivot_sum.stages.text.particles import with_particle
from pivot_sum.stages.text.segmentation import Over

BY_DIALOGUE, BY_LIST = "names as in the dialogue", "names as in the list"
"""What is counted as a repair."""
IN_DOUBT = "name in doubt"
"""The flag of a summary that does not have a name of the English one in any spelling like it."""


@dataclass(frozen=True, kw_only=True)
class Names(Annotating, CheckedFields):
    """Writes names in a summary that was translated back as the dialogue spells them (더슨, not
    도슨), with particles that agree. Stands behind the translation back to Korean.

    A name is found by its English spelling in the translated dialogue. What is uncertain stays, and
    is flagged `name in doubt`.
    """

    name: ClassVar[str] = "names"
    version: ClassVar[int] = 2
    task: ClassVar[Task] = "polish"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"
    sees: ClassVar[Sees] = "pivot"
    source: ClassVar[str] = "ko"
    target: ClassVar[str] = "ko"

    spellings: str = option(
        "",
        "CSV file of spellings that go before the dialogue's, one `name,spelling` a line: the name"
        " in English or in a wrong Korean spelling, and how it is to be written; the identity"
        " holds the content; empty: none",
    )
    batch_size: Annotated[int, Ge(1)] = option(256, "texts handed over at once", identity=False)

    def mistakes(self, over: Over) -> list[str]:
        """Names are looked for in the whole summary."""
        if over == "dialogue":
            return []
        return [f"over: names are found over the whole summary, not over {over}"]

    def resolve(self) -> dict[str, Any]:
        """The list of spellings by content."""
        return {"spellings": content_hash(self._listed)} if self.spellings else {}

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The summaries with their names restored, each with how many were, and a flag where a
        name is in doubt."""
        return [
            self._answer(Seen.unpacked(text)) if text.strip() else Answer(text) for text in texts
        ]

    def _answer(self, seen: Seen) -> Answer:
        if not seen.text.strip():
            return Answer(seen.text)
        names = english_names(seen.pivot or "")
        ledger = name_ledger(names, seen.cleaned, seen.translated or "")
        listed = {name: self._listed[name] for name in names if name in self._listed}
        wrong = self._listed | {
            ledger[name].spelling: spelling for name, spelling in listed.items() if name in ledger
        }
        by_list = _listed_places(wrong, seen.text)
        text = _written(seen.text, by_list)
        ledger |= {name: Entry(spelling) for name, spelling in listed.items()}
        by_dialogue, in_doubt = misspelt(ledger, seen.cleaned, text)
        note = Note()
        counts = {BY_LIST: len(by_list), BY_DIALOGUE: len(by_dialogue)}
        if any(counts.values()):
            note["repairs"] = {kind: count for kind, count in counts.items() if count}
        if in_doubt:
            note["flags"] = [IN_DOUBT]
        return Answer(_written(text, by_dialogue), note)

    @cached_property
    def _listed(self) -> dict[str, str]:
        return read_terms(Path(self.spellings), "list of names") if self.spellings else {}


def _listed_places(wrong: Mapping[str, str], text: str) -> list[Place]:
    """Where wrong spellings stand: the first, and of those that begin there the longest, where
    some overlap."""
    found = [
        Place(stem.begin, stem.end, wrong[stem.text])
        for stem in korean_spellings(text)
        if wrong.get(stem.text, stem.text) != stem.text
    ]
    places: list[Place] = []
    for place in sorted(found, key=lambda place: (place.begin, -place.end)):
        if not places or place.begin >= places[-1].end:
            places.append(place)
    return places


def _written(text: str, places: Sequence[Place]) -> str:
    """The text with the spellings in their places, each followed by its particle in the form that
    the spelling asks for."""
    for place in reversed(places):
        name, length = with_particle(place.spelling, text[place.end :])
        text = text[: place.begin] + name + text[place.end + length :]
    return text
