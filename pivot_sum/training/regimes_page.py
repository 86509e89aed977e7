"""The page of a comparison of regimes: its table, and the curves of all trainings in one plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from pivot_sum.html import page, plots
from pivot_sum.html.i18n import Interface
from pivot_sum.html.page import Plot, Table
from pivot_sum.html.plots import Curve
from pivot_sum.html.svg import Caption
from pivot_sum.training.page import curve, value_text
from pivot_sum.training.regimes_result import Regime, Regimes

PAGE: Final = "regimes.html"

_SECTIONS: Final = (("table", "section-regimes"), ("curves", "section-curves"))


def write_page(made: Regimes) -> None:
    """Write the page into the folder of the regimes. Raises `PageUnwritable`."""
    page.write(made.folder / PAGE, regimes_page(made))


def regimes_page(made: Regimes) -> str:
    """The HTML of the page."""
    t = Interface()
    return page.render(
        "regimes",
        t,
        made.name,
        _SECTIONS,
        made=made,
        table=_table(t, made),
        plots=[_plot(t, made, value) for value in dict.fromkeys((made.metric, "loss"))],
    )


def score_names(made: Regimes) -> list[str]:
    """The scores that the table shows, the one that decides first."""
    scores = made.best.record.scores if made.best and made.best.record else {}
    return [made.metric, *(name for name in scores if name != made.metric)]


def cells(made: Regimes, row: Regime) -> list[str]:
    """What the table shows of a regime behind its name: its scores, weights that learned, all
    weights, seconds an epoch, peak memory in MB, best step; nothing where it failed."""
    record, names = row.record, score_names(made)
    if record is None or row.error:
        return ["-"] * (len(names) + 5)
    seconds = row.seconds_an_epoch
    return [
        *(value_text(name, record.scores.get(name)) for name in names),
        f"{record.trainable:,}",
        f"{record.parameters:,}",
        "-" if seconds is None else f"{seconds:,.1f}",
        f"{record.peak_memory / 1e6:,.0f}",
        "-" if record.best_step is None else f"{record.best_step:,}",
    ]


def _table(t: Interface, made: Regimes) -> Table:
    measured = ("trained-column", "of-column", "epoch-seconds-column", "peak-column", "best-column")
    star = "\N{NO-BREAK SPACE}★"
    rows: list[Sequence[str | Markup]] = [
        (f"{row.name}{star if row is made.best else ''}", *cells(made, row)) for row in made.rows
    ]
    columns = [t("regime-column"), *score_names(made), *map(t, measured)]
    return Table("regimes-caption", columns, rows)


def _plot(t: Interface, made: Regimes, value: str) -> Plot:
    """One value of the dev file by step, a line for each regime."""
    shown = [(row.name, row.record) for row in made.rows if row.record and not row.error]
    shows = Caption(f"regimes-{'loss' if value == 'loss' else 'score'}", "regimes-shows", (value,))
    lines = [
        Curve(curve(record, f"eval_{value}"), colour) for colour, (_, record) in enumerate(shown, 1)
    ]
    drawn = plots.curves(t, f"regimes-{value}", shows, lines, "axis-step")
    key = [(f"s{colour}", Markup.escape(name)) for colour, (name, _) in enumerate(shown, 1)]
    return Plot(drawn, shows, key=key)
