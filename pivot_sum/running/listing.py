"""The run folders below a folder, and which of them may go."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pivot_sum.errors import RunFolderError
from pivot_sum.running.reading import RUN_FILE, read_scores, runs_below
from pivot_sum.running.record import RunRecord

LONGEST_RUN = timedelta(days=7)
"""A run that says `started` for longer than this was killed."""


@dataclass(frozen=True)
class ListedRun:
    """A run folder in a list. `final`: the score in points, None where it was not scored."""

    folder: Path
    record: RunRecord
    final: float | None

    def as_json(self) -> dict[str, Any]:
        """What a list says of it, as JSON values."""
        return {
            "folder": str(self.folder),
            "started": self.record.started,
            "recipe": self.record.recipe.name,
            "data": self.record.data.file,
            "samples": self.record.data.samples,
            "status": self.record.status,
            "final": self.final,
        }


def list_runs(folder: Path) -> list[ListedRun]:
    """The runs directly below a folder, newest first. What is damaged or no run is left out."""
    found = [ListedRun(path, record, _final(path)) for path, record in runs_below(folder)]
    return sorted(found, key=lambda run: (run.record.started, run.folder.name), reverse=True)


def prunable(
    runs: Sequence[ListedRun],
    *,
    keep: int = 0,
    older_than_days: int = 0,
    failed: bool = False,
    now: datetime | None = None,
) -> list[ListedRun]:
    """Those of the runs (newest first) that all conditions name: not among the newest `keep`,
    started at least so many days ago, failed. Links are left out, and what may still be running.
    """
    limit = (now or datetime.now(UTC)) - timedelta(days=older_than_days)
    running = (now or datetime.now(UTC)) - LONGEST_RUN
    return [
        run
        for run in runs[keep:]
        if _started(run) <= limit
        and not (failed and run.record.status != "failed")
        and not (run.record.status == "started" and _started(run) > running)
        and not run.folder.is_symlink()
    ]


def remove_run(folder: Path) -> None:
    """Remove a run folder. Raises RunFolderError where it is none, is a link, or cannot be
    removed."""
    if folder.is_symlink() or not (folder / RUN_FILE).is_file():
        raise RunFolderError(f"{folder} is not a run folder, so it is left as it is")
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise RunFolderError(
            f"{folder} cannot be removed: {error.strerror or error}. Check its permissions"
        ) from error


def _started(run: ListedRun) -> datetime:
    try:
        return datetime.fromisoformat(run.record.started).astimezone(UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)  # what has no date is never old


def _final(folder: Path) -> float | None:
    try:
        final = (read_scores(folder) or {}).get("final")
    except RunFolderError:
        return None
    return float(final) if isinstance(final, int | float) else None
