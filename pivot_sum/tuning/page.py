"""The page of a search: the best settings, its history, what mattered, and every trial."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from pivot_sum.html import page, plots
from pivot_sum.html.i18n import Interface
from pivot_sum.html.page import Plot, Table
from pivot_sum.html.svg import INK, STRONG, SYSTEMS, Caption, draw_svg
from pivot_sum.training.page import value_text
from pivot_sum.tuning.result import TunedTrial, Tuning

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE: Final = "tuning.html"

_SECTIONS: Final = (
    ("course", "section-course"),
    ("trials", "section-trials"),
    ("best", "section-best"),
)


def write_page(tuning: Tuning, recipe: str | None) -> None:
    """Write the page into the folder of the search; `recipe` is the best one as YAML. Raises
    `PageUnwritable`."""
    page.write(tuning.folder / PAGE, tuning_page(tuning, recipe))


def tuning_page(tuning: Tuning, recipe: str | None) -> str:
    """The HTML of the page."""
    t = Interface()
    best = tuning.best_trial
    return page.render(
        "tuning",
        t,
        tuning.name,
        _SECTIONS,
        tuning=tuning,
        best=value_text(tuning.metric, best.value if best else None),
        states=[(state, len(group)) for state, group in _by_state(tuning.trials).items()],
        seconds=sum(trial.seconds or 0 for trial in tuning.trials),
        plots=_plots(t, tuning),
        trials=_table(t, tuning),
        recipe=recipe,
        notes=[(trial.number, trial.why) for trial in tuning.trials if trial.why],
    )


def _by_state(trials: Sequence[TunedTrial]) -> dict[str, list[TunedTrial]]:
    found: dict[str, list[TunedTrial]] = {}
    for trial in trials:
        found.setdefault(trial.state, []).append(trial)
    return found


def _plots(t: Interface, tuning: Tuning) -> list[Plot]:
    best = tuning.best_trial
    if best is None:
        return []
    caption = Caption(
        "history", "history-shows", (value_text(tuning.metric, best.value), best.number)
    )
    key = [("s1", t("trial-complete")), ("s2", t("trial-pruned")), ("line", t("best-so-far"))]
    found = [Plot(_history(t, caption, tuning), caption, key=key)]
    if tuning.importance:
        rows = sorted(tuning.importance.items(), key=lambda item: -item[1])
        shows = Caption("importance", "importance-shows", (rows[0][0],))
        drawn = plots.bars(
            t,
            "importance",
            shows,
            [(key.rpartition(".")[2], value, value, value) for key, value in rows],
            "axis-importance",
            place=2,
            scale=(0, 1),
        )
        found.append(Plot(drawn, shows, note="importance-note"))
    return found


def _history(t: Interface, caption: Caption, tuning: Tuning) -> Markup:
    """Each trial's value, and the best one so far."""
    from matplotlib.ticker import MaxNLocator

    groups = _by_state(tuning.trials)
    better = min if tuning.lower_is_better else max

    def draw(axes: Sequence[Axes]) -> None:
        (axis,) = axes
        for state, colour, marker in (("complete", 0, "o"), ("pruned", 1, "s")):
            there = [
                (one.number, one.value) for one in groups.get(state, ()) if one.value is not None
            ]
            axis.scatter(
                [x for x, _ in there],
                [y for _, y in there],
                s=26,
                color=SYSTEMS[colour],
                marker=marker,
                linewidths=0,
                zorder=3,
            )
        complete = [(one.number, one.value or 0.0) for one in groups.get("complete", ())]
        axis.step(
            [x for x, _ in complete],
            list(accumulate((y for _, y in complete), better)),
            where="post",
            color=STRONG,
            linewidth=1.3,
            zorder=2,
        )
        axis.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
        axis.yaxis.set_major_locator(MaxNLocator(nbins=5))
        axis.set_xlabel(t.english("axis-trial"), color=INK)
        axis.grid(linewidth=0.6)
        axis.set_axisbelow(True)

    return draw_svg(t, "history", caption, draw, height=2.8, words=("axis-trial",))


def _table(t: Interface, tuning: Tuning) -> Table:
    star = "\N{NO-BREAK SPACE}★"
    keys = list(dict.fromkeys(key for trial in tuning.trials for key in trial.params))
    rows: list[Sequence[str | Markup]] = [
        (
            f"{trial.number}{star if trial.number == tuning.best else ''}",
            value_text(tuning.metric, trial.value),
            t.word("trial", trial.state),
            "" if trial.pruned_at is None else str(trial.pruned_at),
            *(_short(trial.params.get(key)) for key in keys),
            "" if trial.seconds is None else f"{trial.seconds:,.0f}",
        )
        for trial in tuning.trials
    ]
    columns = [t("trial-column"), tuning.metric, t("state-column"), t("pruned-at-column")]
    return Table("trials-caption", [*columns, *keys, "s"], rows)


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
