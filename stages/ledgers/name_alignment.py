"""Which Korean spelling stands for which English name in a dialogue, and where a summary that came
back from English has another one.

Every threshold was chosen on one half of real dialogues, and reported on the other
(docs/ledgers.md).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from pivot_sum.stages.ledgers.spellings import Spelling, is_korean_word, korean_spellings
from pivot_sum.stages.ledgers.transliteration import similarity, sounds

SURE = 0.75
"""How well a spelling of the dialogue has to render a name of the translation."""
CERTAIN = 0.85
"""From here on it is certain that this is the name."""
LIKE = 0.6
"""How well another spelling, in the summary, has to render the name."""
LIKE_BOTH = (1.25, 1.3)
"""What that and the share of sounds it has in common with the dialogue's spelling have to come to;
the second for spellings of up to three sounds."""
_SHORT = 3
_SHORTER = 0.07
"""How much worse a shorter stem may be: a name is rather followed by a particle than ends as
one."""
_ELSEWHERE = 0.05
"""What each turn takes from a spelling that stands in it without the name in its translation."""

Turns = Sequence[tuple[Sequence[Spelling], str]]
"""What may be names of one word in each Korean turn, and its translation."""


class Entry(NamedTuple):
    """How the dialogue spells a name."""

    spelling: str
    certain: bool = True
    """Whether a summary that does not have it has lost a name."""


class Place(NamedTuple):
    """Where a summary has another spelling, and the one to be written there."""

    begin: int
    end: int
    spelling: str


def name_ledger(names: Iterable[str], dialogue: str, translated: str) -> dict[str, Entry]:
    """How a Korean dialogue spells each English name, by its translation; names it does not spell
    are left out, and so are parts of a longer name that it spells as one word.

    Where both have the same number of lines, a name is looked for in the turns whose translation
    has it. What the translation has in small letters only is no name; with small letters too, it
    may be an ordinary word and is not certain.
    """
    korean, english = dialogue.split("\n"), translated.split("\n")
    if len(korean) != len(english):
        korean, english = [dialogue], [translated]
    turns = [
        ([stem for stem in korean_spellings(said) if " " not in stem.text], translation)
        for said, translation in zip(korean, english, strict=True)
    ]
    ledger: dict[str, Entry] = {}
    for name in names:
        part = any(set(name.split()) <= set(longer.split()) for longer in ledger)
        if not part and name in translated and (spelling := _spelling(name, turns)):
            ordinary = re.search(rf"\b{re.escape(name.casefold())}\b", translated)
            certain = similarity(name, spelling) >= CERTAIN and not ordinary
            ledger[name] = Entry(spelling, certain)
    return ledger


def _spelling(name: str, turns: Turns) -> str | None:
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for words, english in turns:
        if word.search(english):
            inside.update({stem.text for stem in _stems(name, words)})
        else:
            outside.update({stem.text for stem in words})
    quality = {stem: similarity(name, stem) for stem in inside}
    return max(
        (stem for stem in quality if quality[stem] >= SURE),
        key=lambda stem: (quality[stem] - _ELSEWHERE * outside[stem], inside[stem], stem),
        default=None,
    )


def _stems(name: str, spellings: Iterable[Spelling]) -> list[Spelling]:
    """Of those that begin at one place, the one that renders the name best."""
    found = []
    for _, beginning in groupby(spellings, lambda stem: stem.begin):
        stems = [(similarity(name, stem.text), stem) for stem in beginning]
        best = max(quality for quality, _ in stems)
        found.append(next(stem for quality, stem in stems if quality >= best - _SHORTER))
    return found


def misspelt(
    ledger: Mapping[str, Entry], dialogue: str, summary: str
) -> tuple[list[Place], list[str]]:
    """Where a summary spells names of the ledger otherwise than the dialogue, in their order; and
    the names that it does not have in any spelling that is like theirs.

    What the dialogue has as a word too is never taken for a misspelt name, nor is an everyday word.
    """
    # In writing 하고 is rather the verb (제안하고) than a particle.
    stems = [stem for stem in korean_spellings(summary) if not summary.startswith("하고", stem.end)]
    there = {stem.text for stem in stems}
    missing = {name: entry for name, entry in ledger.items() if entry.spelling not in there}
    spelt = {entry.spelling for entry in ledger.values()}
    taken = {place for stem in stems if stem.text in spelt for place in _letters(stem)}
    known = {stem.text for stem in korean_spellings(dialogue)}
    likely = sorted(
        {
            (likeness, name, stem.text)
            for name, entry in missing.items()
            for stem in _stems(name, stems)
            if stem.text not in known
            and not _is_everyday(stem, summary)
            and (likeness := _likeness(name, entry.spelling, stem.text))
        },
        reverse=True,
    )
    written: dict[str, list[Spelling]] = {}
    for stem in stems:
        written.setdefault(stem.text, []).append(stem)
    places: list[Place] = []
    for _, name, spelling in likely:
        free = [stem for stem in written[spelling] if taken.isdisjoint(_letters(stem))]
        if free and name in missing:
            taken.update(place for stem in free for place in _letters(stem))
            entry = missing.pop(name)
            places += [Place(stem.begin, stem.end, entry.spelling) for stem in free]
    return sorted(places), [name for name, entry in missing.items() if entry.certain]


def _is_everyday(stem: Spelling, summary: str) -> bool:
    """Whether it is a Korean word, or a verb with -기 (먹기로 한다)."""
    return is_korean_word(stem.text) or (
        stem.text.endswith("기") and summary.startswith("로 ", stem.end)
    )


def _likeness(name: str, spelling: str, other: str) -> float:
    """How like a name another spelling is, by its English and its Korean form; 0 for too little."""
    if other.count(" ") >= len(_parts(name)):
        return 0
    quality = similarity(name, other)
    if other.isascii() or spelling.isascii():
        common = quality
    else:
        common = SequenceMatcher(None, sounds(other), sounds(spelling), autojunk=False).ratio()
    enough = LIKE_BOTH[len(sounds(spelling)) <= _SHORT]
    return quality + common if quality >= LIKE and quality + common >= enough else 0


def _parts(name: str) -> list[str]:
    """The words of a name, those of `WebTracker` too."""
    return re.findall(r"[^\W_](?:[^\sA-Z]|(?<![a-z])[A-Z])*", name)


def _letters(stem: Spelling) -> range:
    """The places of its letters in its text."""
    return range(stem.begin, stem.end)
