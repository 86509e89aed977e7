"""One dialogue of a report: summaries against the reference, and every stage on the way to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pivot_sum.attribution.item_kinds import Kind
from pivot_sum.attribution.items import Item
from pivot_sum.data.samples import Sample
from pivot_sum.html.i18n import Interface
from pivot_sum.html.marks import (
    REWRITTEN,
    Mark,
    difference,
    marked,
    similarity,
    turns,
)
from pivot_sum.report.items import faults, gains, reference_marks, remarks_on, text_marks
from pivot_sum.report.swaps import MAYBE_SWAPPED, SWAP_GAIN, gain_of_swap
from pivot_sum.report.systems import ReportSystem, StageTexts
from pivot_sum.report.turn_table import Column, Row, column, rows
from pivot_sum.running.verdicts import (
    SWAPPED,
    UNSUPPORTED,
    speakers_swapped,
    unsupported_numbers,
)
from pivot_sum.scoring import Scores
from pivot_sum.scoring.units import Units
from pivot_sum.stages.text.names import speaker_names


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
    doubts: Sequence[tuple[str, str]]
    """What its text alone makes doubtful, as remarks, each with the words it is about ("": all)."""
    faults: Sequence[Item]
    """The names, numbers and placeholders that its steps lost, changed or invented."""
    gains: Mapping[Kind, float]
    """What its score gains where what was changed is put right."""


@dataclass(frozen=True)
class Box:
    """A stage's text that is no dialogue in step with the others: a summary."""

    name: str
    language: str
    state: str
    """`unchanged` (then there is no text), `changed` (marked), or `new`."""
    text: Markup
    remarks: Mapping[str, int]
    lost: Sequence[Item]
    """Names, numbers and placeholders that it lost."""


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
    interface: Interface,
) -> Card:
    """The card of a sample. `scores`: those of each system, in which the sample has this place;
    none where nothing is scored. `units` finds exchanged speakers, where there are references.
    """
    scored = []
    nearest = []
    remarks: dict[str, int] = {}
    for number, system in enumerate(systems):
        text = system.texts[sample.id]
        best = max(
            range(len(sample.references)),
            key=lambda at: similarity(sample.references[at], text),
            default=None,
        )
        found = system.items(sample.id)
        whole = not system.stages or system.stages[-1].texts[sample.id] == text
        marks = text_marks(interface, found, -1) if whole else []
        unsupported = unsupported_numbers(text, sample.dialogue)
        marks += [
            Mark(*span, "number invented", interface("not-in-dialogue")) for span in unsupported
        ]
        shown = (
            marked(text, marks)
            if best is None
            else difference(sample.references[best], text, marks, interface("coarse-difference"))
        )
        nearest += [] if best is None else [best]
        values = (
            {part: values[place] for part, values in scores[number].values.items()}
            if scores
            else {}
        )
        final = scores[number].finals[place] if scores else None
        doubts = [(UNSUPPORTED, text[start:end]) for start, end in unsupported]
        if speakers_swapped(text, sample.dialogue):
            doubts.append((SWAPPED, ""))
        elif units is not None and gain_of_swap(units, sample, text) > SWAP_GAIN:
            doubts.append((MAYBE_SWAPPED, ""))
        doubts = list(dict.fromkeys(doubts))  # a number may be there twice
        scored.append(
            Scored(system, shown, values, final, doubts, faults(found), gains(system, sample.id))
        )
        own = system.remarks(sample.id)
        more = dict.fromkeys([*(remark for remark, _ in doubts), *remarks_on(found)], 1)
        for remark, times in [*own.items(), *((one, 1) for one in more if one not in own)]:
            remarks[remark] = remarks.get(remark, 0) + times
    first, *others = [one.final for one in scored if one.final is not None] or [0.0]
    columns, chains = _stages(interface, sample, systems)
    return Card(
        id=sample.id,
        anchor=f"d{position}",
        references=[
            marked(reference, reference_marks(systems, sample.id, number))
            for number, reference in enumerate(sample.references)
        ],
        nearest=nearest,
        scored=scored,
        difference=min(others) - first if others else None,
        remarks=dict(sorted(remarks.items())),
        columns=columns,
        rows=rows(columns),
        chains=chains,
    )


def _stages(
    interface: Interface, sample: Sample, systems: Sequence[ReportSystem]
) -> tuple[list[Column], list[tuple[ReportSystem, list[Box]]]]:
    """The stages that keep the dialogue's turns as columns beside it, and the others as boxes of
    their system."""
    lines = (line.strip() for line in sample.dialogue.splitlines())
    names = frozenset(speaker_names("\n".join(lines)))
    base = turns(sample.dialogue, names)
    source = next((system.record.recipe.data.language for system in systems if system.record), "ko")
    marks = [
        mark for system in systems for mark in text_marks(interface, system.items(sample.id), 0)
    ]
    columns = [column(interface, "", source, base, None, base, marks)]
    known = {sample.dialogue: columns[0]}
    chains = []
    for system in systems:
        boxes = []
        before, language = sample.dialogue, source
        items = system.items(sample.id)
        for position, stage in enumerate(system.stages, 1):
            text = stage.texts[sample.id]
            marks = text_marks(interface, items, position)
            lost = [item for item in items if (item.fate, item.step) == ("lost", stage.name)]
            name = f"{system.letter} {stage.name}"
            if text in known:
                known[text].same.append(name)
            elif len(found := turns(text, names)) == len(base) > 1:
                old = turns(before, names)
                comparable = stage.language == language and len(old) == len(found)
                was = old if comparable else None
                known[text] = column(interface, name, stage.language, base, was, found, marks)
                columns.append(known[text])
            else:
                boxes.append(_box(interface, stage, sample.id, before, language, marks, lost))
            before, language = text, stage.language
        chains.append((system, boxes))
    return columns, chains


def _box(
    interface: Interface,
    stage: StageTexts,
    id: str,
    before: str,
    language: str,
    marks: Sequence[Mark],
    lost: Sequence[Item],
) -> Box:
    text, remarks = stage.texts[id], stage.remarks.get(id, {})
    if text == before:
        return Box(stage.name, stage.language, "unchanged", Markup(""), remarks, lost)
    if (
        stage.language == language
        and not stage.summarises
        and similarity(before, text) >= REWRITTEN
    ):
        shown = difference(before, text, marks, interface("coarse-difference"))
        return Box(stage.name, stage.language, "changed", shown, remarks, lost)
    return Box(stage.name, stage.language, "new", marked(text, marks), remarks, lost)


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
