"""Showing how far a run is: a bar on a terminal, a line now and then elsewhere. Always on
stderr.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress


class StepProgress(Protocol):
    """Progress of one step."""

    def advance(self, texts: int) -> None:
        """`texts` more are computed and stored."""
        ...


SECONDS_BETWEEN_LINES = 10.0


class Pace:
    """How fast something goes, told every few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._first: tuple[int, float] | None = None
        """How many were the first to be done, and when: until then a model was loaded."""

    def left(self, done: int, total: int) -> float | None:
        """The seconds that are left, where it is time for a line on them."""
        now = time.monotonic()
        if self._first is None:
            self._first = done, now
        elif now - self._last >= SECONDS_BETWEEN_LINES and done < total:
            self._last = now
            return (now - self._first[1]) / (done - self._first[0]) * (total - done)
        return None


class _Lines:
    def __init__(self, label: str, missing: int, stream: TextIO) -> None:
        self.label, self.missing, self.stream = label, missing, stream
        self.done = 0
        self.pace = Pace()

    def advance(self, texts: int) -> None:
        self.done += texts
        if (left := self.pace.left(self.done, self.missing)) is not None:
            print(
                f"{self.label}: {self.done:,} of {self.missing:,} computed, about {left:,.0f} s"
                " left",
                file=self.stream,
            )


class _Silent:
    def advance(self, texts: int) -> None:
        pass


@contextmanager
def no_progress(label: str, cached: int, missing: int) -> Iterator[StepProgress]:
    """Show nothing."""
    yield _Silent()


def terminal_bar(stream: TextIO, what: str) -> Progress:
    """A progress bar on a terminal: how many of how many, `what` they are, and the time left."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(what),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    return Progress(*columns, console=Console(file=stream))


@contextmanager
def step_progress(
    label: str, cached: int, missing: int, stream: TextIO | None = None
) -> Iterator[StepProgress]:
    """Show one step: `label`, how many texts came from the cache, how many have to be computed."""
    stream = stream or sys.stderr
    if not (missing and stream.isatty()):
        print(f"{label}: {cached:,} cached, {missing:,} to compute", file=stream)
        yield _Lines(label, missing, stream)
        return
    with terminal_bar(stream, f"computed, {cached:,} cached,") as bar:
        task = bar.add_task(label, total=missing)

        class _Bar:
            def advance(self, texts: int) -> None:
                bar.advance(task, texts)

        yield _Bar()
