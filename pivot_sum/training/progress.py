"""Showing how far a training is: a bar on a terminal, a line now and then elsewhere. Always on
stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO

from pivot_sum.running.progress import Pace, terminal_bar


class Shown(Protocol):
    """Where progress is shown."""

    def step(self, done: int, total: int) -> None:
        """So many of the steps are done."""
        ...

    def line(self, text: str) -> None:
        """Something worth a line of its own."""
        ...


class _Lines:
    def __init__(self, label: str, stream: TextIO) -> None:
        self.label, self.stream = label, stream
        self.pace = Pace()

    def step(self, done: int, total: int) -> None:
        if (left := self.pace.left(done, total)) is not None:
            self.line(f"{done:,} of {total:,} steps, about {left:,.0f} s left")

    def line(self, text: str) -> None:
        print(f"{self.label}: {text}", file=self.stream, flush=True)


class _Silent:
    def step(self, done: int, total: int) -> None:
        pass

    def line(self, text: str) -> None:
        pass


@contextmanager
def no_training_progress(label: str) -> Iterator[Shown]:
    """Show nothing."""
    yield _Silent()


@contextmanager
def training_lines(label: str) -> Iterator[Shown]:
    """Show one training of several at once: a line now and then, also on a terminal."""
    yield _Lines(label, sys.stderr)


@contextmanager
def training_progress(label: str, stream: TextIO | None = None) -> Iterator[Shown]:
    """Show one training."""
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Lines(label, stream)
        return
    with terminal_bar(stream, "steps,") as bar:
        task = bar.add_task(label, total=None)

        class _Bar:
            def step(self, done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            def line(self, text: str) -> None:
                bar.console.print(f"{label}: {text}", markup=False, highlight=False)

        yield _Bar()
