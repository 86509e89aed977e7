"""Runs and comparisons in tracking tools: scores with their signatures, the recipe and where the
run folder is; no text of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pivot_sum.errors import TrackingRefused
from pivot_sum.running.run import Run
from pivot_sum.tracking.tools import Asked, tracked

if TYPE_CHECKING:
    from pivot_sum.comparison.compare import Comparison


def track_run(tools: Sequence[str], run: Run, scores: Mapping[str, Any] | None) -> None:
    """Log one run; `scores` as `scores.json` has them, None where it was not scored. Raises
    `TrackingRefused`."""
    record = run.record
    signature = {"signature": scores["signature"]} if scores else {}
    config = {
        "recipe": record.recipe.model_dump(),
        "data": record.data.model_dump(),
        "folder": str(run.folder),
        **signature,
    }
    values = {name: value for name, value in (scores or {}).items() if isinstance(value, float)}
    values |= {f"seconds/{step.name}": float(step.seconds) for step in record.steps}
    try:
        with tracked(tools, Asked(run.folder.name, config)) as runs:
            for one in runs:
                one.log(values)
    except TrackingRefused as error:
        raise TrackingRefused(f"{error}. The run itself is finished, in {run.folder}") from error


def track_comparison(tools: Sequence[str], comparison: Comparison) -> None:
    """Log one comparison: each system's scores below its label, and how far it is from the first.
    Raises `TrackingRefused`."""
    values = {
        f"{row.label}/{part if key == 'whole' else f'{key}-{part}'}": value
        for row in comparison.rows
        for key, scores in row.scores.items()
        for part, value in scores.means.items()
    }
    for difference in comparison.differences:
        values[f"{difference.label}/difference"] = difference.final.delta
        values[f"{difference.label}/p"] = difference.final.p_bootstrap
        if (holm := difference.final.p_bootstrap_holm) is not None:
            values[f"{difference.label}/p-holm"] = holm
    systems = {
        system.label: str(system.folder) if system.folder else "predictions"
        for system in comparison.compared
    }
    config = {
        "systems": systems,
        "signatures": comparison.signatures,
        "dialogues": len(comparison.samples),
        "against": comparison.systems[0].label,
        "resamples": comparison.resamples,
        "seed": comparison.seed,
        "clusters": comparison.clusters,
    }
    name = "compare-" + "-".join(row.label for row in comparison.systems)
    with tracked(tools, Asked(name, config)) as runs:
        for one in runs:
            one.log(values)
