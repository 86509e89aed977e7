"""One dialogue of a report: summaries against the reference, and every stage on the way to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

from markupsafe import Markup

from pivot_sum.data.samples import Sample
from pivot_sum.html.marks import REWRITTEN, Turn, difference, marked, person, similarity, turns
from pivot_sum.report.systems import ReportSystem, StageTexts
from pivot_sum.running.verdicts import (
    SWAPPED,
    UNSUPPORTED,
    speakers_swapped,
    unsupported_numbers,
)
from pivot_sum.scoring import Scores
from pivot_sum.scoring.units import Units
from pivot_sum.stages.text.particles import fix_particles
from pivot_sum.stages.text.placeholders import find

MAYBE_SWAPPED = "speakers swapped?"
SWAP_GAIN = 5.0
"""In points of ROUGE-2 against the nearest reference. Measured on the demo: with two speakers
exchanged, 177 of 192 summaries of its models gain more when they are exchanged back, and none of
the 192 as they are. Of 288 references, each against its two siblings in quite other words, 10 gain
as much and after an exchange no more than 38: of free paraphrases it says nothing."""


@dataclass(frozen=True)
class Scored:
    """The final summary of one system: with marks against the nearest reference where there is
    one.
    """

    system: ReportSystem
    text: Markup
    scores: Mapping[str, float]
    """By part of the deciding metric; none without references."""
    final: float | None
    """The one that decides."""
    swapped: bool


@dataclass(frozen=True)
class Column:
    """A dialogue as the data or a stage has it, cut into turns."""

    name: str
    language: str
    cells: list[Markup]
    same: list[str] = field(default_factory=list)
    """Stages that gave exactly this text."""


@dataclass(frozen=True)
class Row:
    """A turn, side by side in all columns."""

    speaker: str
    kind: str
    cells: list[Markup]


@dataclass(frozen=True)
class Box:
    """A stage's text that is no dialogue in step with the others: a summary."""

    name: str
    language: str
    state: str
    """`unchanged` (then there is no text), `changed` (marked), or `new`."""
    text: Markup
    remarks: Mapping[str, int]


@dataclass(frozen=True)
class Card:
    """All that the report shows of one dialogue."""

    id: str
    anchor: str
    references: list[Markup]
    nearest: list[int]
    """Which reference each summary is nearest to."""
    scored: list[Scored]
    difference: float | None
    """Points the worst of the other systems is above (+) or below (-) the first; None for one
    system or without scores."""
    remarks: dict[str, int]
    columns: list[Column]
    rows: list[Row]
    chains: list[tuple[ReportSystem, list[Box]]]

    @property
    def finals(self) -> list[float]:
        """The final score of each system; empty without references."""
        return [scored.final for scored in self.scored if scored.final is not None]


def card(
    sample: Sample,
    position: int,
    systems: Sequence[ReportSystem],
    units: Units | None,
    scores: Sequence[Scores],
    place: int,
) -> Card:
    """The card of a sample. `scores`: those of each system, in which the sample has this place;
    none where nothing is scored. `units` finds exchanged speakers, where there are references.
    """
    scored = []
    nearest = []
    remarks: dict[str, int] = {}
    for number, system in enumerate(systems):
        text = system.texts[sample.id]
        swapped = units is not None and gain_of_swap(units, sample, text) > SWAP_GAIN
        best = max(
            range(len(sample.references)),
            key=lambda at: similarity(sample.references[at], text),
            default=None,
        )
        shown = marked(text) if best is None else difference(sample.references[best], text)
        nearest += [] if best is None else [best]
        values = (
            {part: values[place] for part, values in scores[number].values.items()}
            if scores
            else {}
        )
        final = scores[number].finals[place] if scores else None
        scored.append(Scored(system, shown, values, final, swapped))
        own = system.remarks(sample.id)
        made_up = UNSUPPORTED not in own and bool(unsupported_numbers(text, sample.dialogue))
        certainly = speakers_swapped(text, sample.dialogue)
        for remark, times in [
            *own.items(),
            *([(SWAPPED, 1)] if certainly and SWAPPED not in own else []),
            *([(MAYBE_SWAPPED, 1)] if swapped and not certainly else []),
            *([(UNSUPPORTED, 1)] if made_up else []),
        ]:
            remarks[remark] = remarks.get(remark, 0) + times
    first, *others = [one.final for one in scored if one.final is not None] or [0.0]
    columns, chains = _stages(sample, systems)
    return Card(
        id=sample.id,
        anchor=f"d{position}",
        references=[marked(reference) for reference in sample.references],
        nearest=nearest,
        scored=scored,
        difference=min(others) - first if others else None,
        remarks=dict(sorted(remarks.items())),
        columns=columns,
        rows=_rows(sample, columns),
        chains=chains,
    )


def gain_of_swap(units: Units, sample: Sample, text: str) -> float:
    """By how many points of ROUGE-2, against the nearest reference, a summary gets better when two
    speakers are exchanged."""
    people = sorted(
        {name for name in (*find(sample.dialogue), *find(text)) if person(name) != "px"}
    )
    exchanged = {_exchanged(text, one, other) for one, other in combinations(people, 2)} - {text}
    references = [_bigrams(units, reference) for reference in sample.references]

    def nearest(summary: str) -> float:
        own = _bigrams(units, summary)
        return max(
            200 * (own & known).total() / max(1, own.total() + known.total())
            for known in references
        )

    now = nearest(text)
    return max((nearest(other) - now for other in exchanged), default=0.0)


def _bigrams(units: Units, text: str) -> Counter[tuple[str, str]]:
    return Counter(pairwise(units.tokenize(text)))


def _exchanged(text: str, one: str, other: str) -> str:
    """The text with two speakers exchanged, and the particles behind them as their numbers want
    them."""
    return fix_particles(other.join(part.replace(other, one) for part in text.split(one)))[0]


def _stages(
    sample: Sample, systems: Sequence[ReportSystem]
) -> tuple[list[Column], list[tuple[ReportSystem, list[Box]]]]:
    """The stages that keep the dialogue's turns as columns beside it, and the others as boxes of
    their system."""
    base = turns(sample.dialogue)
    source = next((system.record.recipe.data.language for system in systems if system.record), "ko")
    columns = [Column("", source, [marked(turn.utterance) for turn in base])]
    known = {sample.dialogue: columns[0]}
    chains = []
    for system in systems:
        boxes = []
        before, language = sample.dialogue, source
        for stage in system.stages:
            text = stage.texts[sample.id]
            name = f"{system.letter} {stage.name}"
            if text in known:
                known[text].same.append(name)
            elif len(found := turns(text)) == len(base) > 1:
                old = turns(before)
                comparable = stage.language == language and len(old) == len(found)
                known[text] = Column(
                    name, stage.language, _cells(base, old if comparable else None, found)
                )
                columns.append(known[text])
            else:
                boxes.append(_box(stage, before, language, text, stage.remarks.get(sample.id, {})))
            before, language = text, stage.language
        chains.append((system, boxes))
    return columns, chains


def _cells(
    base: Sequence[Turn], before: Sequence[Turn] | None, after: Sequence[Turn]
) -> list[Markup]:
    """The utterances, with marks where there is something before. A head is shown only where it is
    not that of the data."""
    cells = []
    for position, turn in enumerate(after):
        bare = turn.speaker == base[position].speaker
        now = turn.utterance if bare else f"{turn.speaker}: {turn.utterance}"
        if before is None:
            cells.append(marked(now))
        else:
            was = before[position]
            cells.append(
                difference(was.utterance if bare else f"{was.speaker}: {was.utterance}", now)
            )
    return cells


def _box(
    stage: StageTexts, before: str, language: str, text: str, remarks: Mapping[str, int]
) -> Box:
    if text == before:
        return Box(stage.name, stage.language, "unchanged", Markup(""), remarks)
    if (
        stage.language == language
        and not stage.summarises
        and similarity(before, text) >= REWRITTEN
    ):
        return Box(stage.name, stage.language, "changed", difference(before, text), remarks)
    return Box(stage.name, stage.language, "new", marked(text), remarks)


def _rows(sample: Sample, columns: Sequence[Column]) -> list[Row]:
    speakers = [turn.speaker for turn in turns(sample.dialogue)]
    return [
        Row(
            speaker,
            person(speaker) if speaker else "",
            [column.cells[position] for column in columns],
        )
        for position, speaker in enumerate(speakers)
    ]


def sorted_cards(cards: Sequence[Card]) -> list[Card]:
    """Worst first: the largest loss against the first system; of one system the lowest score;
    without scores most remarks."""

    def rank(card: Card) -> tuple[float, int]:
        number = int(card.anchor[1:])
        if card.difference is not None and card.finals:
            return card.difference, number
        return (card.finals[0] if card.finals else -sum(card.remarks.values())), number

    return sorted(cards, key=rank)


def remark_counts(cards: Sequence[Card]) -> dict[str, int]:
    """In how many dialogues each remark occurs, the most frequent first."""
    counts: dict[str, int] = {}
    for name in _all_remarks(cards):
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _all_remarks(cards: Sequence[Card]) -> Iterator[str]:
    for one in cards:
        yield from one.remarks
