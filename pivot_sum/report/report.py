"""`pivot-sum report`: runs side by side in one page, from the figures down to every stage of every
dialogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pivot_sum.comparison.compare import Comparison, compare
from pivot_sum.comparison.significance import RESAMPLES, SEED
from pivot_sum.comparison.systems import Contender, contender, distinct_labels, samples_for
from pivot_sum.data.samples import Sample
from pivot_sum.errors import NotComparable
from pivot_sum.html.i18n import Interface
from pivot_sum.html.page import render
from pivot_sum.report import figures, tables
from pivot_sum.report.cards import Card, card, remark_counts, sorted_cards
from pivot_sum.report.headline import cautions, tiles
from pivot_sum.report.systems import System, system
from pivot_sum.scoring import DEFAULT_TOKENIZER, OverReferences, Scorer, load_tokenizer


@dataclass(frozen=True)
class Report:
    """A page, and what it holds."""

    html: str
    systems: int
    dialogues: int
    scored: bool
    unattributed: Sequence[Path]
    """Run folders in which nothing says what each stage lost."""


def report(
    names: Sequence[str],
    data: str | None = None,
    *,
    tokenizer: str = DEFAULT_TOKENIZER,
    over_references: OverReferences = "mean",
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Report:
    """The page of run folders and predictions files; the others are compared with the first.

    Without references nothing is scored, and the dialogues with most remarks come first. The same
    runs give the same bytes. Raises NotComparable (a run that is not finished, other dialogues),
    and what reading and scoring raise.
    """
    contenders = [_contender(name) for name in names]
    labels = distinct_labels([contender.label for contender in contenders], names)
    contenders = [
        replace(contender, label=label) for contender, label in zip(contenders, labels, strict=True)
    ]
    samples = samples_for(contenders, data)
    systems = [system(contender, position) for position, contender in enumerate(contenders)]
    comparison, scorer = None, None
    if all(sample.references for sample in samples):
        comparison = compare(contenders, samples, tokenizer, over_references, resamples, seed)
        scorer = Scorer(load_tokenizer(tokenizer), "whole", over_references)
    cards = _cards(samples, systems, comparison, scorer)
    html = _page(systems, samples, cards, comparison)
    unattributed = [
        one.folder
        for one, shown in zip(contenders, systems, strict=True)
        if one.folder and not shown.losses
    ]
    return Report(html, len(systems), len(samples), comparison is not None, unattributed)


def _contender(name: str) -> Contender:
    if not Path(name).exists():
        raise NotComparable(
            f"there is no run folder or predictions file {name}. Make one with `pivot-sum run`;"
            " `pivot-sum report RUN RUN` then shows them side by side"
        )
    return contender(name)


def _cards(
    samples: Sequence[Sample],
    systems: Sequence[System],
    comparison: Comparison | None,
    scorer: Scorer | None,
) -> list[Card]:
    scores = {}
    if comparison is not None:
        columns = [row.scores["whole"].rows for row in comparison.systems]
        scores = dict(
            zip(
                (sample.id for sample in comparison.samples),
                zip(*columns, strict=True),
                strict=True,
            )
        )
    made = [
        card(sample, position, systems, scorer, scores.get(sample.id, ()))
        for position, sample in enumerate(samples)
    ]
    return sorted_cards(made)


def _page(
    systems: Sequence[System],
    samples: Sequence[Sample],
    cards: Sequence[Card],
    comparison: Comparison | None,
) -> str:
    interface = Interface()
    lengths = figures.lengths(interface, systems, samples)
    shown: dict[str, Any] = {"plots": [lengths], "scores": None, "differences": None}
    if comparison is not None:
        shown["plots"] = [
            figures.finals(interface, systems, comparison),
            lengths,
            *figures.scatters(interface, systems, cards),
        ]
        shown["scores"] = tables.scores(interface, systems, comparison)
        shown["differences"] = tables.differences(interface, systems, comparison)
        shown["work"] = tables.work(interface, systems, comparison)
    stages = [
        plot for one in systems if one.record for plot in figures.stage_shares(interface, one)
    ]
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
        interval=tables.interval,
        losses=figures.losses(interface, systems),
        stages=stages,
        **shown,
    )
