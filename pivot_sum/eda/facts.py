"""What there is to know about a data file before anything is run over it: turns, lengths, speakers,
placeholders, repeats."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pivot_sum.data.samples import Sample
from pivot_sum.html.marks import Turn, person, turns
from pivot_sum.html.matching import compared
from pivot_sum.stages.base import Answer
from pivot_sum.stages.clean import BY_NAME, Clean, SpeakerNames
from pivot_sum.stages.text.names import speaker_names
from pivot_sum.stages.text.placeholders import PLACEHOLDER, find
from pivot_sum.stages.text.segmentation import split

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Repair:
    """A kind of damage that `clean` would repair: in how many dialogues, how often, and lines that
    show it."""

    kind: str
    dialogues: int
    times: int
    examples: Sequence[tuple[str, str, str]]
    """Sample id, the lines before, the lines after."""


@dataclass(frozen=True)
class PlaceholderUse:
    """How one placeholder is used: dialogues that hold it, and how often in dialogues (heads of
    turns aside) and references."""

    name: str
    dialogues: int
    in_turns: int
    heads: int
    references: int


@dataclass(frozen=True)
class Repeated:
    """Texts that occur more than once."""

    total: int
    repeats: int
    """Texts that equal one before them."""
    most: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Facts:
    """A data file in numbers. Turns are the lines of the cleaned dialogues."""

    turns: Mapping[str, Sequence[Turn]]
    """By sample id."""
    speakers: Mapping[int, int]
    """Dialogues by their number of speakers."""
    turns_by_speaker: Mapping[str, int]
    first: Mapping[str, int]
    """Dialogues by who speaks first."""
    headless: int
    """Turns without a speaker."""
    by_name: Mapping[str, int]
    """Names that lines begin with in place of `#PersonN#`, by the dialogues they speak in."""
    in_a_row: int
    """Turns whose speaker is that of the turn before."""
    silent: Mapping[str, int]
    """People that references name and that do not speak, by how many references."""
    nameless: int
    """References without any placeholder."""
    placeholders: Sequence[PlaceholderUse]
    repairs: Sequence[Repair]
    stray: Sequence[tuple[str, str]]
    """Lines with a `#` that belongs to no placeholder, also after cleaning: sample id and line."""
    repeated_turns: Repeated
    repeated_sentences: Repeated
    repeated_dialogues: Repeated


SHOWN = 5
"""Examples of one kind of damage."""

MOST = 15
"""Repeated turns that are listed."""


def facts(samples: Sequence[Sample], language: str, speakers: SpeakerNames = ()) -> Facts:
    """Read the facts off the samples. `language`: of the dialogues (`ko`, `en`), for cutting
    sentences; `speakers`: as the stage `clean` takes them."""
    clean = Clean(language="en" if language == "en" else "ko", speakers=speakers)
    answers = clean.answers([sample.dialogue for sample in samples])
    cleaned = [answer.text for answer in answers]
    lines = {sample.id: turns(text) for sample, text in zip(samples, cleaned, strict=True)}
    said = turn_frame(lines)
    named = said[said.speaker != ""]
    people = (
        named.groupby("id")
        .speaker.agg(set)
        .reindex(list(lines))
        .map(lambda names: names if isinstance(names, set) else set())
    )
    openings = said.groupby("id", sort=False).speaker.first()
    following = (said.id == said.id.shift()) & (said.speaker == said.speaker.shift())
    silent: Counter[str] = Counter()
    for sample in samples:
        for reference in sample.references:
            silent.update(
                {name for name in find(reference) if person(name) != "px"} - people[sample.id]
            )
    return Facts(
        turns=lines,
        speakers=people.map(len).value_counts().sort_index().to_dict(),
        turns_by_speaker=named.speaker.value_counts().sort_index().to_dict(),
        first=openings[openings != ""].value_counts().to_dict(),
        headless=len(said) - len(named),
        by_name=dict(
            Counter(name for text in cleaned for name in speaker_names(text)).most_common()
        ),
        in_a_row=int((following & (said.speaker != "")).sum()),
        silent=dict(silent.most_common()),
        nameless=sum(not find(reference) for sample in samples for reference in sample.references),
        placeholders=_placeholders(samples, lines),
        repairs=_repairs(samples, answers),
        stray=[
            (sample.id, line.strip())
            for sample, text in zip(samples, cleaned, strict=True)
            for line in text.splitlines()
            if "#" in PLACEHOLDER.sub("", line)
        ],
        repeated_turns=_repeated(said.utterance),
        repeated_sentences=_repeated(
            [unit for text in cleaned for unit in split(text, "sentence", language).units],
        ),
        repeated_dialogues=_repeated(
            ["\n".join(turn.utterance for turn in said) for said in lines.values()]
        ),
    )


def turn_frame(turns: Mapping[str, Sequence[Turn]]) -> pandas.DataFrame:
    """One row a turn: `id`, `speaker` ("" without one), `utterance`."""
    import pandas

    rows = [(id, turn.speaker, turn.utterance) for id, said in turns.items() for turn in said]
    return pandas.DataFrame(rows, columns=["id", "speaker", "utterance"], dtype=object)


def _placeholders(
    samples: Sequence[Sample], lines: Mapping[str, Sequence[Turn]]
) -> list[PlaceholderUse]:
    heads: Counter[str] = Counter()
    in_turns: Counter[str] = Counter()
    dialogues: Counter[str] = Counter()
    references: Counter[str] = Counter()
    for sample in samples:
        said = [name for turn in lines[sample.id] for name in find(turn.utterance)]
        speaking = [turn.speaker for turn in lines[sample.id] if turn.speaker]
        in_turns.update(said)
        heads.update(speaking)
        dialogues.update({*said, *speaking})
        references.update(name for reference in sample.references for name in find(reference))
    names = sorted(
        {*dialogues, *references}, key=lambda name: (person(name) == "px", -dialogues[name], name)
    )
    return [
        PlaceholderUse(name, dialogues[name], in_turns[name], heads[name], references[name])
        for name in names
    ]


def _repairs(samples: Sequence[Sample], answers: Sequence[Answer]) -> list[Repair]:
    times: Counter[str] = Counter()
    dialogues: Counter[str] = Counter()
    examples: dict[str, list[tuple[str, str, str]]] = {}
    for sample, answer in zip(samples, answers, strict=True):
        repairs = {**answer.note.get("repairs", {})}
        repairs.pop(BY_NAME, None)  # asked for, and nothing was damaged
        times.update(repairs)
        dialogues.update(repairs.keys())
        for kind in repairs:
            known = examples.setdefault(kind, [])
            if len(known) < SHOWN:
                known.append((sample.id, *_changed_lines(sample.dialogue, answer.text)))
    return [
        Repair(kind, dialogues[kind], count, examples[kind]) for kind, count in times.most_common()
    ]


def _changed_lines(before: str, after: str) -> tuple[str, str]:
    """The first lines that differ, with what cannot be seen written out."""
    old, new = before.split("\n"), after.split("\n")
    for kind, start, end, new_start, new_end in compared(old, new).changes:
        if kind != "equal":
            return visible("\n".join(old[start:end][:2])), "\n".join(new[new_start:new_end][:2])
    return before, after


def visible(text: str) -> str:
    """Spaces around lines as `␣`, control and zero-width characters as `\\u200b`, so that damage
    can be seen."""
    lines = [_AROUND.sub(lambda match: "␣" * len(match.group()), line) for line in text.split("\n")]
    return "\n".join("".join(_written_out(character) for character in line) for line in lines)


def _written_out(character: str) -> str:
    return character if character.isprintable() and character != "\u00ad" else repr(character)[1:-1]


_AROUND = re.compile(r"^ +| +$")


def _repeated(texts: Iterable[str]) -> Repeated:
    import pandas

    counts = pandas.Series(texts, dtype=object).value_counts().sort_index()
    most = counts[counts > 1].sort_values(ascending=False, kind="stable")[:MOST]
    total = int(counts.sum())
    return Repeated(total, total - len(counts), list(most.items()))
