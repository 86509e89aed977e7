"""How many names the stage `names` restores, and how many of its changes are wrong.

    python benchmarks/name_ledger.py --data dev.aligned.jsonl --names names.txt

The data has Korean dialogues with their English originals and summaries in both languages
(`dialogue_ko`, `dialogue_en`, `summary_ko`, `summaries_en`). The names were written down by a
reader, a line a dialogue:

    12|Dawson=더슨:도슨,다우슨;Ann=앤<안:앤느,안나

(number of the dialogue; the name in the English summary, its spelling in the Korean dialogue,
behind `<` that in the Korean summary where it is another, and two other spellings a translator
might come back with). The English original stands for the translation of the dialogue, the English
summary for the summary; the Korean summary with its names in another spelling, and particles that
agree with that, for the translation back. With `--romanised` each name is written in the English
texts by the Revised Romanization of its Korean spelling, as translators write names they do not
know.

`--korean` compares the Korean texts alone: words of the summary that the dialogue does not have
against its proper nouns (MeCab), by the sounds they share.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import NamedTuple

from pivot_sum.scoring.mecab import mecab_ko
from pivot_sum.stages.ledgers.name_alignment import Place, misspelt, name_ledger
from pivot_sum.stages.ledgers.spellings import english_names, korean_spellings
from pivot_sum.stages.ledgers.transliteration import sounds
from pivot_sum.stages.text.particles import with_particle

_ENTRY = re.compile(r"(.+?)=([^<:]+)(?:<([^:]+))?:(.+)")
_BEHIND = re.compile(
    "(?:이|씨|님|양|군)?(?:은|는|이|가|을|를|과|와|의|에|도|로|으로|행|식|에게|랑|이랑|에서|라는|이라는"
    "|입니다|님|씨|까지|만|부터|처럼|보다|$|[^가-힣])"
)
_INITIALS = (
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
)  # fmt: skip
_VOWELS = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
)  # fmt: skip
_FINALS = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "t",
)  # fmt: skip


class Name(NamedTuple):
    english: str
    korean: str
    in_summary: str
    others: list[str]


class Case(NamedTuple):
    dialogue: str
    translated: str
    english: str
    summary: str
    names: list[Name]


class Slot(NamedTuple):
    """Where a name stands in the summary that came back, and the right spelling."""

    begin: int
    end: int
    korean: str


def names_of(line: str) -> tuple[int, list[Name]]:
    number, entries = line.split("|")
    found = []
    for entry in entries.split(";"):
        match = _ENTRY.fullmatch(entry)
        assert match, f"cannot be read: {line}"
        english, korean, in_summary, others = match.groups()
        found.append(Name(english, korean, in_summary or korean, others.split(",")))
    return int(number), found


def romanised(korean: str) -> str:
    """Syllable by syllable, by the Revised Romanization, without what changes between them."""
    found = []
    for syllable in korean:
        if "가" <= syllable <= "힣":
            rest, final = divmod(ord(syllable) - ord("가"), 28)
            initial, vowel = divmod(rest, 21)
            found += [_INITIALS[initial], _VOWELS[vowel], _FINALS[final]]
        else:
            found.append(syllable)
    return "".join(found).title()


def cases(data: Path, names: Path, *, romanise: bool) -> Iterator[tuple[int, Case]]:
    table = dict(map(names_of, names.read_text(encoding="utf-8").splitlines()))
    with data.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            number = int(row["fname"].rpartition("_")[2])
            known = table.get(number, [])
            texts = [row["dialogue_en"], row["summaries_en"][0]]
            for name in known if romanise else ():
                word = re.compile(rf"\b{name.english}\b")
                texts = [word.sub(romanised(name.korean), text) for text in texts]
            yield number, Case(row["dialogue_ko"], *texts, row["summary_ko"], known)


def came_back(case: Case, spelling: Callable[[Name], str]) -> tuple[str, list[Slot]]:
    """The Korean summary with names in another spelling, and where they stand."""
    names = sorted(case.names, key=lambda name: -len(name.in_summary))
    known = {name.in_summary: name for name in names}
    words = "|".join(map(re.escape, known))
    pattern = re.compile(rf"(?<![가-힣A-Za-z])(?:{words})(?={_BEHIND.pattern})")
    text, slots, end = "", [], 0
    for match in pattern.finditer(case.summary) if known else ():
        name = known[match.group()]
        text += case.summary[end : match.start()]
        written, length = with_particle(spelling(name), case.summary[match.end() :])
        slots.append(Slot(len(text), len(text) + len(spelling(name)), name.korean))
        text, end = text + written, match.end() + length
    return text + case.summary[end:], slots


def by_pivot(case: Case, text: str) -> tuple[list[Place], list[str]]:
    ledger = name_ledger(english_names(case.english), case.dialogue, case.translated)
    return misspelt(ledger, case.dialogue, text)


def by_korean(case: Case, text: str) -> tuple[list[Place], list[str]]:
    proper = {word for word, tag in mecab_ko().tagged(case.dialogue) if tag.startswith("NNP")}
    known = {stem.text for stem in korean_spellings(case.dialogue)}
    stems = [stem for stem in korean_spellings(text) if " " not in stem.text]
    wanted = {word for word in proper & known if len(word) > 1} - {stem.text for stem in stems}
    places, end = [], 0
    for stem in stems:
        likeness = {
            word: SequenceMatcher(None, sounds(stem.text), sounds(word)).ratio() for word in wanted
        }
        best = max(likeness, key=lambda word: likeness[word], default="")
        if stem.begin >= end and stem.text not in known and likeness.get(best, 0) >= 0.6:
            places.append(Place(stem.begin, stem.end, best))
            end = stem.end
    return places, []


class Count:
    """What became of the names of some summaries."""

    def __init__(self) -> None:
        self.names = self.other = self.restored = self.changes = self.wrong = 0
        self.flagged = self.rightly = 0
        self.listing: list[str] = []

    def add(
        self, number: int, text: str, slots: list[Slot], places: list[Place], doubt: bool
    ) -> None:
        left = False
        for begin, end in _regions([*slots, *places]):
            was = text[begin:end]
            got = _applied(
                text, begin, end, [place for place in places if begin <= place.begin < end]
            )
            right = _applied(
                text, begin, end, [Place(*slot) for slot in slots if begin <= slot.begin < end]
            )
            named = any(begin <= slot.begin < end for slot in slots)
            self.names += named
            self.other += named and was != right
            self.restored += named and was != right and got == right
            self.changes += got != was
            self.wrong += got not in (was, right)
            left |= named and got != right
            if got != was:
                mark = "" if got == right else f"   wrong, {right} is right"
                around = text[max(0, begin - 15) : begin] + "[" + was + "]" + text[end : end + 15]
                self.listing.append(f"  {number}: {was} -> {got}   {around!r}{mark}")
        self.flagged += doubt
        self.rightly += doubt and left


def _regions(spans: Sequence[Slot | Place]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end, _ in sorted(spans):
        if merged and begin < merged[-1][1]:
            begin, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((begin, end))
    return merged


def _applied(text: str, begin: int, end: int, places: list[Place]) -> str:
    pieces = []
    for place in sorted(places):
        pieces += [text[begin : place.begin], place.spelling]
        begin = place.end
    return "".join([*pieces, text[begin:end]])


def _share(part: int, whole: int) -> str:
    return f"{part:4d} of {whole:4d} {100 * part / whole if whole else 0:5.1f} %"


SPELLINGS: dict[str, Callable[[Name], str]] = {
    "as it is": lambda name: name.in_summary,
    "first other": lambda name: name.others[0],
    "second other": lambda name: name.others[1],
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--names", type=Path, required=True)
    parser.add_argument("--romanised", action="store_true", help="names in Revised Romanization")
    parser.add_argument("--korean", action="store_true", help="compare the Korean texts alone")
    parser.add_argument("--list", action="store_true", help="list every change")
    chosen = parser.parse_args()
    find = by_korean if chosen.korean else by_pivot
    found = list(cases(chosen.data, chosen.names, romanise=chosen.romanised))
    for half, odd in (("even (chosen on)", 0), ("odd (reported)", 1)):
        for label, spelling in SPELLINGS.items():
            count = Count()
            for number, case in found:
                if number % 2 == odd:
                    text, slots = came_back(case, spelling)
                    places, doubt = find(case, text)
                    count.add(number, text, slots, places, bool(doubt))
            print(
                f"{half:16} {label:12} names {count.names:4d}"
                f" | restored {_share(count.restored, count.other)}"
                f" | wrong changes {_share(count.wrong, count.changes)}"
                f" | flags right {_share(count.rightly, count.flagged)}"
            )
            if chosen.list:
                print("\n".join(count.listing))


if __name__ == "__main__":
    main()
