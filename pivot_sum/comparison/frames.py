"""A comparison as a table: a pandas DataFrame, and HTML for a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pivot_sum.comparison.differences import Difference
from pivot_sum.html.notebook import heading, table

if TYPE_CHECKING:
    import pandas


class Compared(Protocol):
    """What is read of a `Comparison` (which imports this module)."""

    @property
    def rows(self) -> Sequence[Any]: ...
    @property
    def differences(self) -> Sequence[Difference]: ...
    @property
    def samples(self) -> Sequence[Any]: ...
    @property
    def signatures(self) -> Mapping[Any, str]: ...


def to_rows(comparison: Compared) -> list[dict[str, Any]]:
    """One row a system, then one a baseline; scores in points, each system's difference from the
    first with its 95 % CI, p-value (corrected by Holm's method where several systems are tested),
    effect size (Cohen's d_z) and the smallest difference that so many dialogues can show (None for
    the first and for baselines)."""
    apart = {one.label: one for one in comparison.differences}
    rows = []
    for row in comparison.rows:
        deciding = row.deciding
        parts = {deciding.headline: deciding.final, **deciding.means}
        others = {key: scores.final for key, scores in row.scores.items() if scores is not deciding}
        one = apart.get(row.label) if row.kind == "system" else None
        interval, effect = one and one.final, one and one.effect
        rows.append(
            {
                "system": row.label,
                "kind": row.kind,
                **parts,
                **others,
                "difference": interval and interval.delta,
                "low": interval and interval.low,
                "high": interval and interval.high,
                "p-value": interval and interval.p_bootstrap,
                "p-value (Holm)": interval and interval.p_bootstrap_holm,
                "effect size": effect and effect.d_z,
                "detectable": effect and effect.detectable,
            }
        )
    return rows


def to_pandas(comparison: Compared) -> pandas.DataFrame:
    """`to_rows` as a DataFrame."""
    import pandas

    return pandas.DataFrame(to_rows(comparison))


def to_html(comparison: Compared) -> str:
    """`to_rows` as a table, every text escaped."""
    rows = to_rows(comparison)
    cells = [["" if cell is None else cell for cell in row.values()] for row in rows]
    number = len(comparison.samples)
    return heading("Comparison", f"of {number:,} dialogues (scores 0 to 100)") + table(
        " · ".join(comparison.signatures.values()), list(rows[0]), cells
    )
