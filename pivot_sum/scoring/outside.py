"""Metrics from outside: registered by an installed package, or named as `package.module:Class`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring.metric import Metric
from pivot_sum.stages.outside import NotImportable, import_named, search_last
from pivot_sum.wording import nearest

GROUP: Final = "pivot_sum.metrics"
"""The entry points of installed packages: each a callable without arguments that gives a metric."""


def registered_names() -> list[str]:
    """The names that installed packages registered, sorted."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load_from_outside(name: str, known: Sequence[str]) -> Metric:
    """The metric that a package registered under this name, or that `package.module:Class` names.

    For the latter, modules of the working folder are found too, behind everything that is
    installed. `known` are the names to suggest. Raises MetricInvalid.
    """
    found = tuple(entry_points(group=GROUP, name=name))
    if len(found) > 1:
        places = ", ".join(sorted(f"{point.value} of {_package(point)}" for point in found))
        raise MetricInvalid(
            f"more than one installed package has a metric {name}: {places}. Name the one you mean"
            " as package.module:Class"
        )
    if found:
        return _made(name, _imported(name, found[0].value))
    module, colon, attribute = name.partition(":")
    if not (module and colon and attribute):
        near = nearest(name, known)
        raise MetricInvalid(
            f"there is no metric {name!r}{f'; did you mean {near}?' if near else '.'} Choose one"
            f" of {', '.join(known)}, or name your own as package.module:Class"
        )
    search_last([])
    return _made(name, _imported(name, name))


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "an unknown package"


def _imported(name: str, place: str) -> Any:
    try:
        return import_named(place)[0]
    except NotImportable as error:
        raise MetricInvalid(f"metric {name}: {error}") from error


def _made(name: str, factory: Any) -> Metric:
    try:
        metric = factory()
    except Exception as error:
        raise MetricInvalid(
            f"metric {name}: calling it without arguments failed with {type(error).__name__}:"
            f" {error}. It has to be a class or a function that gives a metric without being told"
            " anything"
        ) from error
    return require_metric(metric, name)


def require_metric(metric: Any, name: str) -> Metric:
    """The metric itself. Raises MetricInvalid, saying what it lacks, where it is none."""
    if isinstance(metric, type):
        raise MetricInvalid(
            f"{metric.__name__} is a class, not a metric. Give what calling it gives:"
            f" {metric.__name__}()"
        )
    lacking = [
        f"{field} (a text)"
        for field in ("name", "signature")
        if not isinstance(getattr(metric, field, None), str) or not getattr(metric, field)
    ]
    if not callable(getattr(metric, "score", None)):
        lacking.append("score(hypotheses, references, sources)")
    if lacking:
        raise MetricInvalid(
            f"metric {name}: {type(metric).__name__} is no metric, it lacks {', '.join(lacking)}."
            " See docs/how-to/add-a-metric.md"
        )
    made: Metric = metric
    return made
