"""The page of a training: curves of loss and score."""

from __future__ import annotations

from pathlib import Path

from pivot_sum.training.record import TrainingRecord


def write_page(record: TrainingRecord, folder: Path) -> None:
    """Write the page."""
