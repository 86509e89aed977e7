"""Speakers in the form a summariser knows: `#Person1#` (DialogSum), a first name (SAMSum), or a
lettered speaker.

A bijection on the text: no label occurs in the dialogue already, and one that could not be taken
off again exactly is not put on (the dialogue then keeps its placeholders). Other placeholders are
never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pivot_sum.stages.text.particles import final_consonant
from pivot_sum.stages.text.placeholders import PLACEHOLDER, find

Speakers = Literal["placeholder", "name", "letter"]

ENGLISH_NAMES = (
    "Tom", "Anna", "Daniel", "Laura", "Kevin", "Emma", "Robert", "Julia", "Martin", "Sarah",
    "Oliver", "Irene", "Simon", "Monica", "Gordon", "Fiona", "Stuart", "Bianca", "Edgar", "Ingrid",
)  # fmt: skip
"""First names that are no words, that do not end in an s, and none of which begins another."""

KOREAN_NAMES = {
    "consonant": ("민준", "서연", "지훈", "하윤", "태현", "수빈", "동욱", "채원", "재민", "예은"),
    "vowel": ("현우", "민지", "준호", "은주", "영호", "진우", "민호", "영희", "태호", "선우"),
}
"""Given names by how they end. A number read aloud ends in a consonant or a vowel too, and gets a
name that ends like it: particles then stay right when a placeholder becomes a name, and when the
name becomes the placeholder again."""

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without I and O, which are words. Even so a letter is a label only behind its `Speaker`: A may be
an article."""

_SPEAKER = {"en": "Speaker", "ko": "화자"}
_PERSON = re.compile("#Person[0-9]+#")


class Dialogue(NamedTuple):
    """A dialogue as the summariser reads it, and the label of each speaker that got one."""

    text: str
    labels: Mapping[str, str]


def with_labels(dialogue: str, form: Speakers, language: str) -> Dialogue:
    """Write the speakers `#PersonN#` of a dialogue as names or letters, in the order they occur in.
    Speakers for whom none is left keep their placeholders.
    """
    labels = _labels(dialogue, form, language)
    text = PLACEHOLDER.sub(lambda match: labels.get(match.group(), match.group()), dialogue)
    # A `#` on both sides of a label would look like a placeholder.
    others = [placeholder for placeholder in find(dialogue) if placeholder not in labels]
    exact = without_labels(text, labels, language) == dialogue and find(text) == others
    return Dialogue(text, labels) if exact else Dialogue(dialogue, {})


def without_labels(text: str, labels: Mapping[str, str], language: str) -> str:
    """Turn every label back into its placeholder: in any case, with what stands behind a name
    (`Tom's`, `the Toms`, `민준이가`), and in a list (`Speakers A and B`).
    """
    if not labels:
        return text
    placeholders = {label.casefold(): placeholder for placeholder, label in labels.items()}
    names = [label for label in labels.values() if not label.startswith(_SPEAKER[language])]
    letters = [label[-1] for label in labels.values() if label.startswith(_SPEAKER[language])]
    if names:
        pattern = _korean(names) if language == "ko" else _english(names)
        text = pattern.sub(
            lambda match: placeholders[match["name"].casefold()] + _particle(match), text
        )
    if letters:
        speaker = _SPEAKER[language]
        for listed in _lists(speaker, letters):
            text = listed.sub(lambda match: f"{match['before']}{speaker} ", text)
        label = re.compile(
            rf"(?<![A-Za-z가-힣])(?i:{speaker}s?)\s?(?P<letter>[{''.join(letters)}])(?![A-Za-z0-9])"
        )
        text = label.sub(
            lambda match: placeholders[f"{speaker} {match['letter']}".casefold()], text
        )
    return text


def _labels(dialogue: str, form: Speakers, language: str) -> dict[str, str]:
    if form == "placeholder":
        return {}
    known = dialogue.casefold()
    free = [label for label in _candidates(form, language) if label.casefold() not in known]
    labels: dict[str, str] = {}
    for person in dict.fromkeys(
        placeholder for placeholder in find(dialogue) if _PERSON.fullmatch(placeholder)
    ):
        fitting = [
            label
            for label in free
            if form != "name" or language != "ko" or _ends_alike(person, label)
        ]
        if fitting:
            labels[person] = fitting[0]
            free.remove(fitting[0])
    return labels


def _candidates(form: Speakers, language: str) -> Sequence[str]:
    if form == "letter":
        return [f"{_SPEAKER[language]} {letter}" for letter in LETTERS]
    return (
        (*KOREAN_NAMES["consonant"], *KOREAN_NAMES["vowel"]) if language == "ko" else ENGLISH_NAMES
    )


def _ends_alike(person: str, name: str) -> bool:
    return (final_consonant(person[-2]) != "") == (name in KOREAN_NAMES["consonant"])


def _english(names: Sequence[str]) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![A-Za-z0-9])(?P<name>{'|'.join(names)})(?=s?(?![A-Za-z0-9]))", re.IGNORECASE
    )


_PARTICLE_BEHIND_AFFIX = {
    "는": "은",
    "가": "이",
    "를": "을",
    "와": "과",
    "랑": "이랑",
    "의": "의",
    "도": "도",
    "에게": "에게",
    "한테": "한테",
}


def _korean(names: Sequence[str]) -> re.Pattern[str]:
    """Names that end in a consonant are softened by 이 before a particle (`민준이가`); a
    placeholder is not."""
    softened = "|".join(name for name in names if name in KOREAN_NAMES["consonant"]) or "(?!)"
    affix = rf"(?:(?<={softened})이(?P<particle>{'|'.join(_PARTICLE_BEHIND_AFFIX)})(?![가-힣]))?"
    return re.compile(rf"(?<![가-힣])(?P<name>{'|'.join(names)}){affix}")


def _particle(match: re.Match[str]) -> str:
    return _PARTICLE_BEHIND_AFFIX.get(match.groupdict().get("particle") or "", "")


def _lists(speaker: str, letters: Sequence[str]) -> list[re.Pattern[str]]:
    """What a `Speaker` is left out behind, in a list. Found once for each further speaker."""
    letter = f"[{''.join(letters)}]"
    and_ = (
        r"(?:,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+"
        r"|(?:와|과|랑|이랑|하고)\s*|\s+(?:및|그리고)\s+)"
    )
    one = rf"(?<![A-Za-z가-힣])(?i:{speaker}s?)\s?{letter}{and_}"
    return [re.compile(rf"(?P<before>{one})(?={letter}(?![A-Za-z0-9]))")] * len(letters)
