"""Sequences that stay in a file and are read whenever they are asked for: data and texts that are
larger than memory."""

from __future__ import annotations

import marshal
import tempfile
from abc import abstractmethod
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, pairwise
from typing import Any, Final, Generic, TypeVar, cast, overload

from pivot_sum.errors import DataUnwritable

T = TypeVar("T")
S = TypeVar("S")

AT_ONCE: Final = 500
"""Items that are read together where a sequence is gone over."""
IN_MEMORY: Final = 4_000_000
"""Bytes up to which a temporary file stays in memory."""


class Sliced(Sequence[T], Generic[T]):
    """A sequence of which only slices are ever made; a single item is the slice of one."""

    @abstractmethod
    def part(self, start: int, stop: int) -> list[T]:
        """The items from `start` up to `stop`, which are both inside of the sequence."""

    def __iter__(self) -> Iterator[T]:
        for start in range(0, len(self), AT_ONCE):
            yield from self.part(start, min(start + AT_ONCE, len(self)))

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


class Picked(Sliced[T]):
    """The items of another sequence at these places."""

    def __init__(self, of: Sequence[T], places: Sequence[int]) -> None:
        self._of = of
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def part(self, start: int, stop: int) -> list[T]:
        """As `Sliced.part`."""
        return [self._of[place] for place in self._places[start:stop]]


class OnDisk(Sliced[T]):
    """Texts, or tuples of texts, in a temporary file that has no name and goes with them. Any of
    them is read in microseconds, whatever was asked for before."""

    def __init__(self, items: Iterable[T]) -> None:
        """Goes over the items once. Raises DataUnwritable where there is no room for them."""
        self._starts = array("q", [0])
        with _room():
            self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # open as long as we are
        for item in items:
            # marshal is unsafe for what others wrote; nobody else can write here.
            written = marshal.dumps(cast("str | tuple[Any, ...]", item))
            with _room():
                self._file.write(written)
            self._starts.append(self._starts[-1] + len(written))
        with _room():
            self._file.flush()

    def __len__(self) -> int:
        return len(self._starts) - 1

    def part(self, start: int, stop: int) -> list[T]:
        """As `Sliced.part`."""
        begin = self._starts[start]
        self._file.seek(begin)
        read = memoryview(self._file.read(self._starts[stop] - begin))
        ends = [place - begin for place in self._starts[start : stop + 1]]
        return [marshal.loads(read[first:behind]) for first, behind in pairwise(ends)]


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataUnwritable(
            f"texts cannot be kept in the temporary folder {tempfile.gettempdir()}:"
            f" {error.strerror or error}. Make room there, or let TMPDIR name another folder"
        ) from error


class TextsById(Mapping[str, str]):
    """A text for each id, in order. The texts are on disk, the ids in memory. Of an id that comes
    twice the last text counts, as in a dict."""

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._places: dict[str, int] = {}
        self.repeated: set[str] = set()
        """The ids that came more than once."""
        self._texts = OnDisk(self._placed(rows))

    def _placed(self, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
        for place, (id, text) in enumerate(rows):
            if id in self._places:
                self.repeated.add(id)
            self._places[id] = place
            yield text

    def __getitem__(self, id: str) -> str:
        return self._texts[self._places[id]]

    def __contains__(self, id: object) -> bool:
        return id in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def texts_of(ids: Sequence[str], texts: Mapping[str, str]) -> Sequence[str]:
    """The texts of some ids, in their order."""
    return Mapped(ids, lambda part: [texts[id] for id in part])
