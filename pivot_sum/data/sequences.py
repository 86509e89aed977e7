"""Sequences that stay in a file and are read whenever they are asked for: data and texts that are
larger than memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Generic, TypeVar, overload

T = TypeVar("T")
S = TypeVar("S")


class Sliced(Sequence[T], Generic[T]):
    """A sequence of which only slices are ever made; a single item is the slice of one."""

    @abstractmethod
    def part(self, start: int, stop: int) -> list[T]:
        """The items from `start` up to `stop`, which are both inside of the sequence."""

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            start, stop, stride = at.indices(len(self))
            if stride < 1:
                raise ValueError("these items can only be read forwards")
            return self.part(start, max(start, stop))[::stride]
        place = range(len(self))[at]  # IndexError, and places counted from the end
        return self.part(place, place + 1)[0]


class FileSequence(Sliced[T]):
    """Items read from a file. It is read from the beginning for each iteration; slices that follow
    one another read it once, and the last slice is kept, as several readers go side by side."""

    _reader: Iterator[T] | None = None
    _at = 0
    _kept: tuple[int, int, list[T]] = (0, 0, [])

    @abstractmethod
    def __iter__(self) -> Iterator[T]: ...

    def part(self, start: int, stop: int) -> list[T]:
        """As `Sliced.part`."""
        if (start, stop) != self._kept[:2]:
            if self._reader is None or start < self._at:
                self._reader, self._at = iter(self), 0
            items = list(islice(self._reader, start - self._at, stop - self._at))
            self._at = stop
            self._kept = (start, stop, items)
        return self._kept[2]


class Mapped(Sliced[T], Generic[S, T]):
    """What a function makes of the slices of another sequence, one item of each."""

    def __init__(self, of: Sequence[S], change: Callable[[Sequence[S]], list[T]]) -> None:
        self._of = of
        self._change = change

    def __len__(self) -> int:
        return len(self._of)

    def part(self, start: int, stop: int) -> list[T]:
        """As `Sliced.part`."""
        return self._change(self._of[start:stop])
