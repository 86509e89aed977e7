"""What a report says first: how each system stands against the first, and what to be careful
about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pivot_sum.comparison.compare import Comparison, Row
from pivot_sum.comparison.differences import Difference
from pivot_sum.comparison.significance import FEW, FEWEST
from pivot_sum.report.systems import ReportSystem
from pivot_sum.report.tables import LEVEL

_SOME = 0.005
"""The share of a run's texts that is rounded to 1 %."""


@dataclass(frozen=True)
class Tile:
    """How one system stands against the first, in large numbers; the first itself has no
    `difference`."""

    system: ReportSystem
    row: Row
    difference: Difference | None
    says: str
    """A key of the interface: the difference in words."""


class Caution(NamedTuple):
    """A key of the interface and its values."""

    key: str
    values: tuple[str, ...] = ()


def tiles(systems: Sequence[ReportSystem], comparison: Comparison) -> list[Tile]:
    """One tile a system."""
    differences: list[Difference | None] = [None, *comparison.differences]
    return [
        Tile(system, row, difference, _says(difference) if difference else "")
        for system, row, difference in zip(systems, comparison.systems, differences, strict=True)
    ]


def _says(difference: Difference) -> str:
    if not difference.wins and not difference.losses:
        return "says-same"
    final = difference.final
    if abs(final.delta) < LEVEL:
        return "says-level"
    strength = (
        "few"
        if difference.drawn <= FEWEST
        else "significant"
        if difference.significant
        else "insignificant"
    )
    return f"says-{strength}-{'above' if final.delta > 0 else 'below'}"


def cautions(systems: Sequence[ReportSystem], comparison: Comparison) -> list[Caution]:
    """What `pivot-sum compare` warns of in the terminal. The page has a place of its own for
    baselines left out."""
    number, drawn = len(comparison.samples), comparison.drawn
    few = "caution-fewest" if drawn <= FEWEST else "caution-few"
    unit = "" if comparison.clusters is None else "-clusters"
    found = [Caution(f"{few}{unit}", (f"{drawn:,}",))] if drawn < FEW else []
    for system, row in zip(systems, comparison.systems, strict=True):
        found += _of_system(system.letter, row, number)
    return found


def _of_system(letter: str, row: Row, dialogues: int) -> Iterator[Caution]:
    if empty := row.deciding.empty:
        yield Caution("caution-empty", (letter, f"{empty:,}"))
    if wrong := row.deciding.wrong_script:
        yield Caution("caution-script", (letter, f"{wrong:,}"))
    if row.run_samples not in (None, dialogues):
        yield Caution("caution-longer", (letter, f"{row.run_samples:,}"))
    if row.cached and row.cached >= _SOME:
        yield Caution("caution-cached", (letter, f"{row.cached:.0%}"))
