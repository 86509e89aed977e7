"""`pivot-sum report`: runs side by side in one page, from the scores down to every stage of every
dialogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pivot_sum.comparison.compare import Comparison, compare
from pivot_sum.comparison.labels import distinct_labels
from pivot_sum.comparison.significance import RESAMPLES, SEED
from pivot_sum.comparison.systems import System, load_system, samples_for
from pivot_sum.data.samples import Sample, ids_of
from pivot_sum.errors import NotComparable
from pivot_sum.html.i18n import Interface
from pivot_sum.html.page import render
from pivot_sum.report import charts, items, tables
from pivot_sum.report.cards import Card, card, remark_counts, sorted_cards
from pivot_sum.report.headline import cautions, tiles
from pivot_sum.report.systems import ReportSystem, report_system
from pivot_sum.report.worst import WORST, worst
from pivot_sum.scoring import (
    DEFAULT_METRICS,
    DEFAULT_TOKENIZER,
    OverReferences,
    load_metrics,
    load_tokenizer,
)
from pivot_sum.scoring.units import Units


@dataclass(frozen=True)
class Report:
    """A page, and what it holds."""

    html: str
    systems: int
    dialogues: int
    shown: int
    """How many of the dialogues it shows with every stage."""
    bare: Sequence[str]
    """The ids of dialogues without a reference; where there is one, nothing is scored."""
    unattributed: Sequence[Path]
    """Folders of pivots in which nothing says what each stage lost. A direct recipe has one stage,
    which lost everything."""


def report(
    names: Sequence[str],
    data: str | None = None,
    *,
    metrics: Sequence[str] = DEFAULT_METRICS,
    tokenizer: str = DEFAULT_TOKENIZER,
    over_references: OverReferences = "mean",
    cluster: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    most: int = WORST,
) -> Report:
    """The page of run folders and predictions files; the others are compared with the first.
    Scores, tests and plots are of all dialogues; of more than `most` the worst are shown.

    `metrics` are names for `load_metrics`; the first decides what is worst. `cluster`: the column
    of the dialogues' clusters, which the tests draw as a whole. Without references
    nothing is scored, and the dialogues with most remarks come first. The same
    runs give the same bytes. Raises NotComparable (a run that is not finished, other dialogues),
    and what reading and scoring raise.
    """
    loaded = [_loaded(name) for name in names]
    labels = distinct_labels([system.label for system in loaded], names)
    compared = [replace(system, label=label) for system, label in zip(loaded, labels, strict=True)]
    samples = samples_for(compared, data, cluster)
    comparison, units = None, None
    bare = [sample.id for sample in samples if not sample.references]
    if not bare:
        asked = load_metrics(metrics, tokenizer=tokenizer, over_references=over_references)
        comparison = compare(compared, samples, asked, resamples, seed)
        units = Units(load_tokenizer(tokenizer))
    shown = worst(ids_of(samples), compared, comparison, most)
    systems = [report_system(system, position, shown) for position, system in enumerate(compared)]
    interface = Interface()
    cards = _cards(samples, shown, systems, comparison, units, interface)
    html = _page(systems, samples, cards, comparison, interface)
    unattributed = [
        one.folder
        for one, system in zip(compared, systems, strict=True)
        if one.folder and not system.losses and _is_pivot(one)
    ]
    return Report(html, len(systems), len(samples), len(cards), bare, unattributed)


def _is_pivot(system: System) -> bool:
    """Whether the texts change their language on the way."""
    return system.record is not None and any(
        step.source != step.target for step in system.record.steps
    )


def _loaded(name: str) -> System:
    if not Path(name).exists():
        raise NotComparable(
            f"there is no run folder or predictions file {name}. Make one with `pivot-sum run`;"
            " `pivot-sum report RUN RUN` then shows them side by side"
        )
    return load_system(name)


def _cards(
    samples: Sequence[Sample],
    shown: Collection[str],
    systems: Sequence[ReportSystem],
    comparison: Comparison | None,
    units: Units | None,
    interface: Interface,
) -> list[Card]:
    scores = [row.deciding for row in comparison.systems] if comparison else []
    ordered = comparison.samples if comparison else samples
    places = {id: place for place, id in enumerate(ids_of(ordered)) if id in shown}
    made = [
        card(sample, position, systems, units, scores, places[sample.id], interface)
        for position, sample in enumerate(samples)
        if sample.id in shown
    ]
    return sorted_cards(made)


def _page(
    systems: Sequence[ReportSystem],
    samples: Sequence[Sample],
    cards: Sequence[Card],
    comparison: Comparison | None,
    interface: Interface,
) -> str:
    lengths = charts.lengths(interface, systems, samples)
    shown: dict[str, Any] = {"plots": [lengths], "scores": None, "differences": None}
    if comparison is not None:
        shown["plots"] = [
            charts.finals(interface, systems, comparison),
            lengths,
            *charts.scatters(interface, systems, cards, comparison),
        ]
        shown["scores"] = tables.scores(interface, systems, comparison)
        shown["differences"] = tables.differences(interface, systems, comparison)
        shown["disagreements"] = tables.disagreements(
            interface, systems, comparison, {card.id: card.anchor for card in cards}
        )
        shown["work"] = tables.work(interface, systems, comparison)
    stages = [plot for one in systems if one.record for plot in charts.stage_shares(interface, one)]
    sections = [
        *([("scores", "section-scores")] if comparison else []),
        ("distributions", "section-distributions"),
        *([("losses", "section-losses")] if comparison else []),
        *([("stages", "section-stages")] if stages else []),
        ("dialogues", "section-dialogues"),
        *([("origin", "section-origin")] if any(one.record for one in systems) else []),
    ]
    return render(
        "report",
        interface,
        " · ".join(one.label for one in systems),
        sections,
        systems=systems,
        samples=samples,
        references=sorted({len(sample.references) for sample in samples}),
        source=next((one.source for one in systems if one.source), ""),
        language=next(
            (one.record.recipe.data.reference_language for one in systems if one.record),
            "ko",
        ),
        cards=cards,
        remarks=remark_counts(cards),
        untouched=sum(not one.remarks for one in cards),
        comparison=comparison,
        tiles=tiles(systems, comparison) if comparison else [],
        cautions=cautions(systems, comparison) if comparison else [],
        signed=tables.signed,
        head=tables.head,
        deciding=next(iter(comparison.scores.values())) if comparison else None,
        rouge=comparison is not None
        and "whole" in comparison.scores
        and "raw" in comparison.scores,
        interval=tables.interval,
        losses=charts.losses(interface, systems),
        items=items.tables(interface, systems),
        stages=stages,
        **shown,
    )
