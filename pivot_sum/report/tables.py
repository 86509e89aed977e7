"""The tables of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from pivot_sum.comparison.compare import Comparison, Row
from pivot_sum.comparison.differences import Difference
from pivot_sum.comparison.disagreement import Disagreement
from pivot_sum.comparison.significance import Interval
from pivot_sum.html.i18n import Interface
from pivot_sum.report.systems import ReportSystem
from pivot_sum.scoring.rouge import FINAL
from pivot_sum.stages.budget import Cost, cost_text

LEVEL = 0.005
"""In points: what is rounded to 0.00."""


@dataclass(frozen=True)
class Line:
    """A row of a table that is about a system or a baseline."""

    system: ReportSystem | None
    name: str
    cells: Sequence[str | Markup]


def scores(
    interface: Interface, systems: Sequence[ReportSystem], comparison: Comparison
) -> dict[str, Any]:
    """Systems and baselines with their scores."""
    shown = comparison.columns
    heads = _heads(interface, comparison)

    def cells(row: Row) -> list[str]:
        return [f"{row.scores[key].means[part]:.2f}" for key, part in shown]

    lines = [
        Line(system, system.label, cells(row))
        for system, row in zip(systems, comparison.systems, strict=True)
    ]
    baselines = [
        Line(None, row.label, cells(row)) for row in comparison.rows if row.kind == "baseline"
    ]
    return {
        "heads": heads,
        "groups": [(None, lines), ("baselines", baselines)],
        "strong": _deciding(comparison),
    }


def differences(
    interface: Interface, systems: Sequence[ReportSystem], comparison: Comparison
) -> dict[str, Any]:
    """Each system against the first, and all against the strongest baseline, with the
    tests of the deciding score."""
    heads = [
        *_heads(interface, comparison),
        interface("interval"),
        interface("p-bootstrap"),
        interface("p-randomisation"),
        interface("detectable"),
        interface("wins"),
    ]

    def cells(difference: Difference) -> list[str | Markup]:
        final = difference.final
        tests = [
            interface("from-to", *interval(final)),
            _p_value(final.p_bootstrap, final.p_bootstrap_holm),
            _p_value(final.p_randomisation, final.p_randomisation_holm),
            f"{difference.effect.detectable:.2f}" if difference.effect else "–",
        ]
        return [
            *(
                signed(found.delta)
                for found in (*difference.by_metric.values(), *difference.others.values())
            ),
            *(
                tests if comparison.drawn > 1 else ["–"] * len(tests)
            ),  # nothing to draw from in a single dialogue
            f"{difference.wins:,} / {difference.ties:,} / {difference.losses:,}",
        ]

    ours = [
        Line(one, one.label, cells(found))
        for one, found in zip(systems[1:], comparison.differences, strict=True)
    ]
    over = [
        Line(one, one.label, cells(found))
        for one, found in zip(systems, comparison.over_baseline, strict=False)
    ]
    baseline = comparison.over_baseline[0].against if comparison.over_baseline else ""
    groups = [("against-first", ours), ("against-baseline", over)]
    return {
        "heads": heads,
        "groups": [group for group in groups if group[1]],
        "strong": _deciding(comparison),
        "baseline": baseline,
    }


def disagreements(
    interface: Interface,
    systems: Sequence[ReportSystem],
    comparison: Comparison,
    anchors: Mapping[str, str],
) -> dict[str, Any] | None:
    """Where another metric says otherwise than the deciding one; None where none does. `anchors`:
    where the page has those dialogues that it shows, by id."""
    by_label = {system.label: system for system in systems}

    def places(found: Disagreement) -> Markup:
        links = [
            Markup("{} ({} / {})").format(
                Markup('<a href="#{}">{}</a>').format(anchors[one.id], one.id)
                if one.id in anchors
                else one.id,
                signed(one.deciding),
                signed(one.other),
            )
            for one in found.strongest
        ]
        return Markup(", ").join(links) if links else Markup("–")

    lines = [
        Line(
            by_label[found.label],
            found.label,
            [
                by_label[found.against].letter,
                head(interface, found.metric, found.part),
                signed(found.deciding.delta),
                signed(found.other.delta),
                f"{found.contrary:,} / {found.told_apart:,}",
                places(found),
            ],
        )
        for found in comparison.disagreements
        if found.reversed or found.contrary
    ]
    keys = ("against", "other-metric", "by-deciding", "by-other", "contrary", "strongest")
    heads = [interface(key) for key in keys]
    return {"heads": heads, "groups": [(None, lines)], "strong": None} if lines else None


def work(
    interface: Interface, systems: Sequence[ReportSystem], comparison: Comparison
) -> dict[str, Any]:
    """What is not a score: lengths, placeholders, flags, time, what was billed."""
    rows = comparison.systems
    heads = [
        interface(key)
        for key in (
            "length",
            "verdict:kept",
            "verdict:lost",
            "verdict:invented",
            "flags",
            "seconds",
            "cached",
        )
    ]
    billed = any(row.billed is not None for row in rows)

    def cells(row: Row) -> list[str | Markup]:
        verdicts = [f"{row.verdicts.get(name, 0):,}" for name in ("kept", "lost", "invented")]
        return [
            f"{row.length:.0f}",
            *verdicts,
            listed(interface, "remark", row.flags),
            "–" if row.seconds is None else f"{row.seconds:,.0f}",
            "–" if row.cached is None else f"{row.cached:.0%}",
            *([_cost(interface, row.billed)] if billed else []),
        ]

    lines = [
        Line(system, system.label, cells(row)) for system, row in zip(systems, rows, strict=True)
    ]
    return {
        "heads": [*heads, *([interface("billed")] if billed else [])],
        "groups": [(None, lines)],
        "strong": None,
    }


def _heads(interface: Interface, comparison: Comparison) -> list[Markup]:
    """The heads of the scores' columns. Where another metric decides, ROUGE's final score stands
    alone, and its name has to say what it is of."""
    rouge_decides = comparison.rows[0].deciding.headline == FINAL
    return [
        head(interface, key, part if rouge_decides or part != FINAL else "rouge")
        for key, part in comparison.columns
    ]


def head(interface: Interface, key: str, part: str) -> Markup:
    """The head of a column: `R-1`, `Final, raw`; the name of a metric from outside as it is."""
    raw = {FINAL: "raw", "rouge": "rouge-raw"}
    return interface.word("metric", raw.get(part, part) if key == "raw" else part)


def _deciding(comparison: Comparison) -> int:
    """The place of the deciding score among the columns."""
    return comparison.columns.index(
        (next(iter(comparison.scores)), comparison.rows[0].deciding.headline)
    )


def listed(interface: Interface, group: str, counts: Mapping[str, int]) -> Markup:
    """`wrong script 3, split 1`, or a dash."""
    words = [
        Markup("{} {}").format(interface.word(group, name), f"{times:,}")
        for name, times in counts.items()
    ]
    return Markup(", ").join(words) if words else Markup("–")


def _cost(interface: Interface, cost: Cost | None) -> Markup:
    """`1,250 characters`, or a dash where nobody bills."""
    if cost is None:
        return Markup("–")
    amounts = [
        (cost_text({unit: amount}).removesuffix(f" {unit}"), interface.word("unit", unit))
        for unit, amount in cost.items()
    ]
    return Markup(", ").join(Markup("{} {}").format(*amount) for amount in amounts)


def signed(value: float) -> Markup:
    """`▲ +1.20`, `▼ −0.30` or `0.00`: colour never says it alone."""
    if abs(value) < LEVEL:
        return Markup("0.00")
    kind, arrow, sign = ("up", "▲", "+") if value > 0 else ("down", "▼", "−")
    return Markup('<span class="{}"><span aria-hidden="true">{}</span> {}{:.2f}</span>').format(
        Markup(kind), arrow, sign, abs(value)
    )


def _p_value(found: float, holm: float | None) -> str | Markup:
    """A p-value, and below it in brackets what the correction for several tests makes of it."""
    return f"{found:.3f}" if holm is None else Markup(f"{found:.3f}<br>({holm:.3f})")


def interval(found: Interval) -> tuple[str, str]:
    """Both ends of an interval, with signs."""
    low, high = (f"{value:+.2f}".replace("-", "−") for value in (found.low, found.high))
    return low, high
