"""The page of a training: curves of loss and score, every evaluation, data and settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml
from markupsafe import Markup

from pivot_sum.html import page, plots
from pivot_sum.html.i18n import Interface
from pivot_sum.html.page import Plot, Table
from pivot_sum.html.plots import Curve
from pivot_sum.html.svg import Caption
from pivot_sum.training.record import TrainingRecord

PAGE: Final = "training.html"

_SECTIONS: Final = (
    ("curves", "section-curves"),
    ("evaluations", "section-evaluations"),
    ("trained-on", "section-trained-on"),
)


def write_page(record: TrainingRecord, folder: Path) -> None:
    """Write the page into the training's folder. Raises `PageUnwritable`."""
    page.write(folder / PAGE, training_page(record))


def training_page(record: TrainingRecord) -> str:
    """The HTML of the page."""
    t = Interface()
    return page.render(
        "training",
        t,
        record.name,
        _SECTIONS,
        record=record,
        recipe=record.recipe,
        best=value_text(record.best_by, record.scores.get(record.best_by)),
        no_better=(values := _no_better(record)) and t("no-better", *values),
        at_start=value_text(record.best_by, record.at_start.get(record.best_by)),
        plots=_plots(t, record),
        evaluations=_evaluations(t, record),
        files=_files(t, record),
        settings=yaml.safe_dump(record.recipe, allow_unicode=True, sort_keys=False),
    )


def value_text(name: str, value: float | None) -> str:
    """A loss with four digits behind the point, other values with two; `-` for none."""
    if value is None:
        return "-"
    return f"{value:,.{4 if name.removeprefix('eval_') == 'loss' else 2}f}"


def no_better(record: TrainingRecord) -> str | None:
    """Says so where the best checkpoint is no better than the model before the first step."""
    values = _no_better(record)
    return Interface().english("no-better", *values) if values else None


def _no_better(record: TrainingRecord) -> tuple[object, ...]:
    if record.better_than_start is not False:
        return ()
    name, step = record.best_by, record.best_step
    best, start = (value_text(name, one.get(name)) for one in (record.scores, record.at_start))
    return name, best, step, start


def curve(record: TrainingRecord, value: str) -> list[tuple[float, float]]:
    """A value of the history by step: `loss` is that of training, `eval_loss` that of the dev
    file."""
    return [(point.step, point.values[value]) for point in record.history if value in point.values]


def _plots(t: Interface, record: TrainingRecord) -> list[Plot]:
    best = None if record.best_step is None else float(record.best_step)
    losses = Caption(
        "curve-loss", "curve-loss-shows", (value_text("loss", record.scores.get("loss")),)
    )
    found = [
        Plot(
            plots.curves(
                t,
                "loss",
                losses,
                [Curve(curve(record, "loss"), 1), Curve(curve(record, "eval_loss"), 2)],
                "axis-step",
                mark=best,
            ),
            losses,
            key=[("s1", t("loss-of-training")), ("s2", t("loss-of-dev"))],
        )
    ]
    if record.best_by != "loss":
        score = Caption(
            "curve-score",
            "curve-score-shows",
            (value_text(record.best_by, record.scores.get(record.best_by)), record.best_step),
        )
        line = Curve(curve(record, f"eval_{record.best_by}"), 3)
        drawn = plots.curves(t, "score", score, [line], "axis-step", mark=best)
        found.append(Plot(drawn, score, key=[("s3", Markup.escape(record.best_by))]))
    return found


def _evaluations(t: Interface, record: TrainingRecord) -> Table:
    points = [point for point in record.history if "eval_loss" in point.values]
    names = list(points[0].values) if points else []
    rows: list[Sequence[str]] = [
        (
            f"{point.step:,}",
            f"{point.epoch:.2f}",
            *(value_text(name, point.values.get(name)) for name in names),
        )
        for point in points
    ]
    columns = [name.removeprefix("eval_") for name in names]
    return Table("evaluations-caption", [t("step-column"), t("epoch-column"), *columns], rows)


def _files(t: Interface, record: TrainingRecord) -> Table:
    rows: list[Sequence[str | Markup]] = [
        (
            t(key),
            file.file,
            f"{file.rows:,}",
            f"{file.counts.get('pairs', 0):,}",
            f"{file.counts.get('too long', 0):,}",
            f"{file.counts.get('dropped', 0):,}",
            file.sha256,
        )
        for key, file in (("training-file", record.train), ("dev-file", record.dev))
    ]
    names = ("file-column", "rows-column", "pairs-column", "too-long-column", "dropped-column")
    return Table("files-caption", ["", *map(t, names), "SHA-256"], rows)
