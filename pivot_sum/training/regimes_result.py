"""What came of a comparison of regimes: one row each, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pivot_sum.training.record import TrainingRecord

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Regime:
    """One regime and what came of it."""

    name: str
    folder: Path
    """its training, a model that recipes can name"""
    record: TrainingRecord | None
    """None where it never began"""
    error: str = ""
    """why it has no result; empty where it has one"""

    @property
    def seconds_an_epoch(self) -> float | None:
        """Of its steps, without evaluations; None where it made no step."""
        record = self.record
        return record.step_seconds / record.epochs if record and record.epochs else None

    def as_json(self) -> dict[str, Any]:
        """The row of the table; `peak_memory` in bytes."""
        record = None if self.error else self.record
        return {
            "regime": self.name,
            "scores": record.scores if record else {},
            "trainable": record.trainable if record else None,
            "parameters": record.parameters if record else None,
            "seconds_an_epoch": self.seconds_an_epoch if record else None,
            "peak_memory": record.peak_memory if record else None,
            "device": record.device if record else None,
            "steps": record.steps if record else None,
            "best_step": record.best_step if record else None,
            "folder": str(self.folder),
            "error": self.error,
        }


@dataclass(frozen=True)
class Regimes:
    """Regimes, the best first by `metric`; those that ended with an error last."""

    folder: Path
    name: str
    metric: str
    rows: tuple[Regime, ...]

    @property
    def best(self) -> Regime | None:
        """The best one, None where none has a result."""
        return next((row for row in self.rows if not row.error), None)

    @property
    def signatures(self) -> dict[str, str]:
        """How the scores were made."""
        return self.best.record.signatures if self.best and self.best.record else {}

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return {
            "folder": str(self.folder),
            "name": self.name,
            "metric": self.metric,
            "best": self.best.name if self.best else None,
            "signatures": self.signatures,
            "regimes": [row.as_json() for row in self.rows],
        }

    def to_pandas(self) -> pandas.DataFrame:
        """One row a regime, one column a score."""
        import pandas

        rows = [row.as_json() for row in self.rows]
        return pandas.DataFrame([{**row, **row.pop("scores")} for row in rows])
