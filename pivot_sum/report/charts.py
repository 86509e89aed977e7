"""The plots of a report, each with its numbers as a table."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from statistics import mean, median

from markupsafe import Markup

from pivot_sum.comparison.compare import Comparison
from pivot_sum.data.samples import Sample, ids_of
from pivot_sum.data.sequences import texts_of
from pivot_sum.html import plots
from pivot_sum.html.i18n import Interface
from pivot_sum.html.page import Plot, Table
from pivot_sum.html.plots import Point, quartiles
from pivot_sum.html.svg import REFERENCE, Caption
from pivot_sum.report.cards import Card
from pivot_sum.report.systems import Losses, ReportSystem
from pivot_sum.scoring.rouge import FINAL

VERDICTS = {"kept": 1, "repaired": 2, "lost": 3, "invented": 4}
"""The colour of each verdict."""
RUNGS = {"plain": 6, "as-is": 5, "cut": 2}
"""The colour of rungs that every ladder has; masks between them get what is left."""
REFERENCES = "R"


def finals(interface: Interface, systems: Sequence[ReportSystem], comparison: Comparison) -> Plot:
    """The deciding score of each dialogue, by system."""
    rows = {
        system.letter: row.deciding.finals
        for system, row in zip(systems, comparison.systems, strict=True)
    }
    rouge = comparison.rows[0].deciding.headline == FINAL
    title, axis = ("plot-finals", "final-score") if rouge else ("plot-scores", "score")
    caption = Caption(title, "plot-spread-shows", (spread(rows),))
    svg = plots.histograms(interface, "finals", caption, rows, axis, step=5)
    return Plot(
        svg,
        caption,
        "plot-dashed-mean",
        _key(systems),
        summary(interface, title, rows, _names(systems)),
    )


def lengths(
    interface: Interface, systems: Sequence[ReportSystem], samples: Sequence[Sample]
) -> Plot:
    """The length of each summary in characters, by system, and that of the references."""
    ids = ids_of(samples)
    rows: dict[str, Sequence[float]] = {
        system.letter: array("q", map(len, texts_of(ids, system.texts))) for system in systems
    }
    names = _names(systems)
    key = _key(systems)
    if references := array("q", (len(text) for one in samples for text in one.references)):
        rows[REFERENCES] = references
        names[REFERENCES] = interface("references")
        key = [*key, (f"s{REFERENCE}", Markup("R {}").format(interface("references")))]
    caption = Caption("plot-lengths", "plot-spread-shows", (spread(rows),))
    svg = plots.histograms(interface, "lengths", caption, rows, "characters")
    return Plot(
        svg, caption, "plot-dashed-mean", key, summary(interface, "plot-lengths", rows, names)
    )


def scatters(
    interface: Interface,
    systems: Sequence[ReportSystem],
    cards: Sequence[Card],
    comparison: Comparison,
) -> list[Plot]:
    """Each other system against the first, dialogue by dialogue: those on the page as points that
    lead to them, the others where they are, to a whole point of the score."""
    made = []
    finals = [row.deciding.finals for row in comparison.systems]
    for place, system in enumerate(systems[1:], 1):
        letters = (systems[0].letter, system.letter)
        points = [
            Point(
                one.finals[0],
                one.finals[place],
                one.anchor,
                f"{one.id}: {letters[0]} {one.finals[0]:.2f}, {letters[1]} {one.finals[place]:.2f}",
            )
            for one in sorted(cards, key=lambda one: int(one.anchor[1:]))
        ]
        pairs = list(zip(finals[0], finals[place], strict=True))
        above = sum(ours > theirs for theirs, ours in pairs)
        below = sum(ours < theirs for theirs, ours in pairs)
        caption = Caption(
            "plot-scatter",
            "plot-scatter-shows",
            (*letters, above, below, len(pairs) - above - below),
        )
        whole = len(points) == len(pairs)
        rest = set() if whole else {(round(x), round(y)) for x, y in pairs}
        name = f"scatter{place}"
        svg = plots.scatter(interface, name, caption, letters, points, sorted(rest), place)
        note = "plot-scatter-note" if whole else "plot-scatter-some"
        made.append(Plot(svg, caption, note, _key([systems[0], system])))
    return made


def losses(interface: Interface, systems: Sequence[ReportSystem]) -> list[Plot]:
    """The points each stage of a run lost, as `pivot-sum attribute` found them; for the runs it was
    asked about."""
    found = [(system, system.losses) for system in systems if system.losses]
    ends = [
        end
        for _, lost in found
        for stage in lost.stages
        for end in (stage.low, stage.high, stage.loss)
    ]
    return [_loss(interface, system, lost, (min(ends), max(ends))) for system, lost in found]


def _loss(
    interface: Interface, system: ReportSystem, losses: Losses, scale: tuple[float, float]
) -> Plot:
    rows = [(stage.name, stage.loss, stage.low, stage.high) for stage in losses.stages]
    told = "; ".join(
        f"{name} {value:.2f} ({low:.2f} – {high:.2f})" for name, value, low, high in rows
    )
    caption = Caption("plot-loss", "plot-loss-shows", (told,))
    svg = plots.bars(
        interface,
        f"loss{system.position}",
        caption,
        rows,
        "points-lost",
        place=system.position,
        scale=scale,
    )
    table = Table(
        "plot-loss",
        [
            interface(key)
            for key in (
                "stage",
                "points-lost",
                "interval",
                "shapley",
                "dialogues-column",
                "worst-dialogue",
            )
        ],
        [
            (
                stage.name,
                f"{stage.loss:.2f}",
                f"{stage.low:.2f} – {stage.high:.2f}",
                f"{stage.shapley:.2f}",
                f"{stage.dialogues:,}",
                stage.worst,
            )
            for stage in losses.stages
        ],
    )
    return Plot(svg, caption, None, (), table, system)


def stage_shares(interface: Interface, system: ReportSystem) -> list[Plot]:
    """For each step of a run, what became of the placeholders, and which rung of the ladder
    served.
    """
    assert system.record
    made = []
    for kind in ("verdicts", "rungs"):
        counts = [
            (step.name, step.verdicts if kind == "verdicts" else step.rungs)
            for step in system.record.steps
        ]
        rows = [(name, counted) for name, counted in counts if counted]
        if rows:
            made.append(
                _shares(
                    interface, system, kind, rows, VERDICTS if kind == "verdicts" else _rungs(rows)
                )
            )
    return made


def _rungs(rows: Sequence[tuple[str, Mapping[str, int]]]) -> dict[str, int]:
    """The rungs that served, from the first to the last, each with its colour."""
    found = dict.fromkeys(name for _, counts in rows for name in counts)
    masks = [name for name in found if name not in RUNGS]
    ordered = [
        *(name for name in ("plain", "as-is") if name in found),
        *masks,
        *(["cut"] if "cut" in found else []),
    ]
    return {
        name: RUNGS.get(name, (1, 4, 3)[masks.index(name) % 3] if name in masks else 6)
        for name in ordered
    }


def _shares(
    interface: Interface,
    system: ReportSystem,
    kind: str,
    rows: Sequence[tuple[str, Mapping[str, int]]],
    parts: Mapping[str, int],
) -> Plot:
    group = kind.removesuffix("s")
    told = "; ".join(
        f"{step}: " + ", ".join(f"{part} {counts[part]}" for part in parts if counts.get(part))
        for step, counts in rows
    )
    caption = Caption(f"plot-{kind}", "plot-shares-shows", (told,))
    svg = plots.shares(
        interface, f"{kind}{system.position}", caption, rows, parts, "percent-of-texts"
    )
    key = [(f"part{number}", interface.word(group, part)) for part, number in parts.items()]
    table = Table(
        f"plot-{kind}",
        [interface("stage"), *(interface.word(group, part) for part in parts)],
        [(step, *(f"{counts.get(part, 0):,}" for part in parts)) for step, counts in rows],
    )
    return Plot(svg, caption, f"plot-{kind}-note", key, table, system)


def spread(rows: Mapping[str, Sequence[float]]) -> str:
    """Means and quartiles in words: what a reader who cannot see the plot should know."""
    return "; ".join(
        f"{name}: {mean(row):.1f} ({q[0]:.1f} – {q[2]:.1f})"
        for name, row in rows.items()
        if (q := quartiles(row))
    )


def summary(
    interface: Interface,
    caption: str,
    rows: Mapping[str, Sequence[float]],
    names: Mapping[str, str | Markup],
) -> Table:
    """The rows of a histogram in numbers."""
    heads = ["", *(interface(key) for key in ("minimum", "quartile", "median", "mean", "maximum"))]
    lines = []
    for letter, row in rows.items():
        low, _, _ = quartiles(row)
        numbers = (min(row), low, median(row), mean(row), max(row))
        lines.append(
            (Markup("{} {}").format(letter, names[letter]), *(f"{value:,.1f}" for value in numbers))
        )
    return Table(caption, heads, lines)


def _names(systems: Sequence[ReportSystem]) -> dict[str, str | Markup]:
    return {system.letter: system.label for system in systems}


def _key(systems: Sequence[ReportSystem]) -> list[tuple[str, str | Markup]]:
    return [(f"s{system.shape}", f"{system.letter} {system.label}") for system in systems]
