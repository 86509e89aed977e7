"""A run's loss by kind: what each step lost of names, numbers and placeholders, and how many points
that cost."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from pydantic import TypeAdapter

from pivot_sum.attribution.item_kinds import FAULTS, KINDS, Fate, Kind, Text, Texts
from pivot_sum.attribution.items import Item, follow
from pivot_sum.attribution.source import Source
from pivot_sum.stages.text.particles import fix_particles, with_particle

Points = Sequence[float]
"""One number a dialogue, in points of the metric."""


@dataclass(frozen=True)
class StepItems:
    """What one step did to the items of all dialogues."""

    name: str
    counts: Mapping[Kind, Mapping[Fate, int]]
    """How many it lost, changed or invented."""
    dialogues: int
    """In how many dialogues it did so."""

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "name": self.name,
            "counts": {kind: dict(counts) for kind, counts in self.counts.items()},
            "dialogues": self.dialogues,
        }


@dataclass(frozen=True)
class PartPoints:
    """A part's loss by kind, in points."""

    kinds: Mapping[Kind, float]
    """What the score gains where the summaries have the right ones in place of those it changed."""
    rest: float
    """What is left of its loss."""
    faultless: float
    """What of the rest was lost in dialogues in which it lost, changed and invented nothing."""

    @property
    def loss(self) -> float:
        """All of it."""
        return math.fsum((*self.kinds.values(), self.rest))

    def as_json(self) -> dict[str, float]:
        """As a JSON object."""
        kinds: dict[str, float] = {kind: self.kinds[kind] for kind in KINDS}
        return {**kinds, "rest": self.rest, "faultless": self.faultless}


@dataclass(frozen=True)
class ByKind:
    """The loss by step and kind."""

    steps: tuple[StepItems, ...]
    needed: Mapping[Kind, int]
    """How many items every reference names."""
    kept: Mapping[Kind, int]
    """How many of these the summaries have."""
    parts: Mapping[str, PartPoints]
    """By part of the recipe."""
    dialogues: Mapping[str, tuple[Item, ...]]
    """The items of each dialogue, by id."""
    gains: Mapping[str, Mapping[str, Mapping[Kind, float]]]
    """By id, step and kind, what the score gains where what was changed is put right."""

    def as_json(self) -> dict[str, Any]:
        """As a JSON object, with what was lost, changed or invented and without the places."""
        faults = {
            id: [item.as_json() for item in items if item.fate != "kept"]
            for id, items in self.dialogues.items()
        }
        return {
            "steps": [step.as_json() for step in self.steps],
            "needed": dict(self.needed),
            "kept": dict(self.kept),
            "parts": {part: points.as_json() for part, points in self.parts.items()},
            "dialogues": {
                id: {"items": items, "points": self.gains[id]}
                for id, items in faults.items()
                if items
            },
        }


def by_kind_from(found: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> ByKind:
    """What `as_json` and the lines of the texts hold. Raises KeyError, TypeError, AttributeError
    and ValueError where they hold something else."""
    parts = {
        part: {"kinds": {kind: points[kind] for kind in KINDS}, **points}
        for part, points in found["parts"].items()
    }
    return TypeAdapter(ByKind).validate_python(
        {
            "steps": [
                {**step, "counts": {kind: step["counts"][kind] for kind in KINDS}}
                for step in found["steps"]
            ],
            "needed": {kind: found["needed"][kind] for kind in KINDS},
            "kept": {kind: found["kept"][kind] for kind in KINDS},
            "parts": parts,
            "dialogues": {line["id"]: line["items"] for line in lines},
            "gains": {id: dialogue["points"] for id, dialogue in found["dialogues"].items()},
        }
    )


def texts_of(source: Source) -> list[Texts]:
    """The texts of each dialogue of a run."""
    columns = [
        (step.name, step.stage.target, source.texts[step.name]) for step in source.recipe.steps
    ]
    cleaned = source.dialogues.cleaned
    return [
        Texts(
            cleaned[row] or "",
            sample.references,
            [
                Text("", source.recipe.data.language, sample.dialogue),
                *(Text(name, language, given[row]) for name, language, given in columns),
            ],
            sample.english_dialogue,
        )
        for row, sample in enumerate(source.samples)
    ]


def by_kind(
    source: Source,
    scored: Callable[[Sequence[str]], Points],
    lost: Sequence[Mapping[str, float]],
    parts: Mapping[str, Sequence[str]],
) -> ByKind:
    """Share a run's loss out by kind. `scored` gives the points of summaries, `lost` what each part
    of `parts` (the names of its steps) lost in each dialogue.

    What was changed is put right in the summary, step by step and kind by kind, and the summary
    scored again. What was lost or made up has no right one to be put in its place: what that cost
    stays in the rest.
    """
    ids = [sample.id for sample in source.samples]
    dialogues = [follow(texts) for texts in texts_of(source)]
    steps = [step.name for step in source.recipe.steps]
    texts = source.texts[steps[-1]]
    gains: list[dict[str, dict[Kind, float]]] = [{} for _ in dialogues]
    right: list[list[Item]] = [[] for _ in dialogues]
    before = scored(texts)
    for step, kind in product(steps, KINDS):
        rows = []
        for row, items in enumerate(dialogues):
            wrong = [item for item in items if item.fate == "changed"]
            if found := [item for item in wrong if (item.step, item.kind) == (step, kind)]:
                right[row] += found
                rows.append(row)
        if rows:
            after = scored(list(map(put_right, texts, right)))
            for row in rows:
                gains[row].setdefault(step, {})[kind] = after[row] - before[row]
            before = after
    return ByKind(
        tuple(_of_step(step, dialogues) for step in steps),
        _needed(dialogues, "kept", "lost", "changed"),
        _needed(dialogues, "kept"),
        {part: _of_part(part, names, dialogues, gains, lost) for part, names in parts.items()},
        dict(zip(ids, map(tuple, dialogues), strict=True)),
        dict(zip(ids, gains, strict=True)),
    )


def put_right(text: str, items: Sequence[Item]) -> str:
    """A summary with the right one wherever one of these items is changed, particles agreeing."""
    places = sorted(
        ((place, item.right) for item in items for place in item.wrong_chain[-1]), reverse=True
    )
    for (begin, end), right in places:
        written, length = with_particle(right, text[end:])
        text = text[:begin] + written + text[end + length :]
    return fix_particles(text)[0] if places else text


def _of_step(name: str, dialogues: Sequence[Sequence[Item]]) -> StepItems:
    found = Counter(
        (item.kind, item.fate) for items in dialogues for item in items if item.step == name
    )
    return StepItems(
        name,
        {kind: {fate: found[kind, fate] for fate in FAULTS} for kind in KINDS},
        sum(any(item.step == name for item in items) for items in dialogues),
    )


def _needed(dialogues: Sequence[Sequence[Item]], *fates: Fate) -> dict[Kind, int]:
    found = Counter(
        item.kind for items in dialogues for item in items if item.needed and item.fate in fates
    )
    return {kind: found[kind] for kind in KINDS}


def _of_part(
    part: str,
    steps: Sequence[str],
    dialogues: Sequence[Sequence[Item]],
    gains: Sequence[Mapping[str, Mapping[Kind, float]]],
    lost: Sequence[Mapping[str, float]],
) -> PartPoints:
    kinds: dict[Kind, list[float]] = {
        kind: [math.fsum(gained.get(step, {}).get(kind, 0.0) for step in steps) for gained in gains]
        for kind in KINDS
    }
    rest = [
        loss[part] - math.fsum(points) for loss, *points in zip(lost, *kinds.values(), strict=True)
    ]
    faultless = [
        0.0 if any(item.step in steps for item in items) else points
        for items, points in zip(dialogues, rest, strict=True)
    ]
    return PartPoints(
        {kind: _mean(points) for kind, points in kinds.items()}, _mean(rest), _mean(faultless)
    )


def _mean(points: Points) -> float:
    return math.fsum(points) / len(points)
