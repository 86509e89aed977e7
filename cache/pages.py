"""The records that lie in the pages of a SQLite file, read without SQLite.

SQLite finds rows through pages that point at each other, and refuses where one of these is hurt.
Here every page is looked at by itself (https://www.sqlite.org/fileformat2.html), so that a hurt
page costs only what lay in it. Whoever reads has to check what comes: hurt pages give anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from pivot_sum.cache.sqlite_errors import LONGEST_TEXT

Value = int | bytes | None
Record = tuple[int, list[Value]]
"""The number of a row, 0 where it has none, and its values; texts as bytes."""

PAGE_SIZE: Final = 4096
"""SQLite's own default, with which we make our files."""
LEAF, INDEX_LEAF, INDEX_INTERIOR = 0x0D, 0x0A, 0x02
INTEGER_BYTES: Final = (0, 1, 2, 3, 4, 6, 8)
"""Of the types 0 to 6 of a value, 0 of which is none. Then come types that our tables do not have
(7, 10, 11), but for the numbers 0 and 1; 12 and more are texts."""
ZERO, ONE = 8, 9
MOST_COLUMNS: Final = 8


class Pages:
    """The pages of one file, of `size` bytes; of their records, those with so many `columns`."""

    def __init__(self, file: BinaryIO, size: int, columns: int) -> None:
        self._file = file
        self._size = size
        self._columns = columns
        self._count = os.fstat(file.fileno()).st_size // size

    def records(self) -> Iterator[Record]:
        """All records that can be made out, but those in free pages, which were deleted."""
        free = self._free()
        for number in range(1, self._count + 1):
            if number not in free:
                yield from self._records_of(self._page(number), 100 if number == 1 else 0)

    def _page(self, number: int) -> bytes:
        return os.pread(self._file.fileno(), self._size, (number - 1) * self._size)

    def _free(self) -> set[int]:
        """The pages that hold nothing any more but what was deleted, as far as they are listed."""
        found: set[int] = set()
        trunk = _integer(self._page(1)[32:36])
        while 0 < trunk <= self._count and trunk not in found:
            page = self._page(trunk)
            found.add(trunk)
            leaves = min(_integer(page[4:8]), self._size // 4 - 2)
            found.update(_integer(page[8 + 4 * n : 12 + 4 * n]) for n in range(leaves))
            trunk = _integer(page[:4])
        return found

    def _records_of(self, page: bytes, start: int) -> Iterator[Record]:
        kind = page[start] if len(page) == self._size else 0
        if kind not in (LEAF, INDEX_LEAF, INDEX_INTERIOR):
            return
        cells = _integer(page[start + 3 : start + 5])
        first = start + (12 if kind == INDEX_INTERIOR else 8)
        for offset in range(first, min(first + 2 * cells, self._size - 1), 2):
            try:
                record = self._record(page, _integer(page[offset : offset + 2]), kind)
            except (IndexError, ValueError):  # it points outside of the page, or at no record
                continue
            if record is not None:
                yield record

    def _record(self, page: bytes, at: int, kind: int) -> Record | None:
        if kind == INDEX_INTERIOR:
            at += 4
        length, at = _varint(page, at)
        number = 0
        if kind == LEAF:
            number, at = _varint(page, at)
        if length > LONGEST_TEXT:
            return None
        start, types = _header(page, at)
        if len(types) != self._columns:
            return None
        return number, _values(self._payload(page, at, length, kind)[start:], types)

    def _payload(self, page: bytes, at: int, length: int, kind: int) -> bytes:
        least = (self._size - 12) * 32 // 255 - 23
        most = self._size - 35 if kind == LEAF else (self._size - 12) * 64 // 255 - 23
        if length <= most:
            return page[at : at + length]
        local = least + (length - least) % (self._size - 4)
        if local > most:
            local = least
        parts = [page[at : at + local]]
        overflow, missing = _integer(page[at + local : at + local + 4]), length - local
        while missing > 0 and 0 < overflow <= self._count:
            more = self._page(overflow)
            parts.append(more[4 : 4 + missing])
            overflow, missing = _integer(more[:4]), missing - (self._size - 4)
        return b"".join(parts)


def records_in(file: BinaryIO, columns: int) -> Iterator[Record]:
    """Every record with so many columns in the pages of a file; one may come twice."""
    said = _integer(os.pread(file.fileno(), 2, 16))
    # What the header says may be what is hurt; then the pages make no sense, and give nothing.
    sizes = {PAGE_SIZE, said} if said >= 512 and said & (said - 1) == 0 else {PAGE_SIZE}
    for size in sorted(sizes):
        yield from Pages(file, size, columns).records()


def _header(page: bytes, at: int) -> tuple[int, list[int]]:
    """How long the header of a record is, and the types of its values."""
    length, here = _varint(page, at)
    end = at + length
    types: list[int] = []
    while here < end and len(types) <= MOST_COLUMNS:
        kind, here = _varint(page, here)
        types.append(kind)
    return length, types


def _values(payload: bytes, types: list[int]) -> list[Value]:
    at = 0
    values: list[Value] = []
    for kind in types:
        size = INTEGER_BYTES[kind] if kind < len(INTEGER_BYTES) else max(kind - 12, 0) // 2
        raw = payload[at : at + size]
        at += size
        if len(raw) < size:
            raise ValueError("the record ends before its values do")
        if kind in (ZERO, ONE):
            values.append(kind - ZERO)
        elif kind >= len(INTEGER_BYTES):
            values.append(raw)
        else:
            values.append(int.from_bytes(raw, signed=True) if kind else None)
    return values


def _integer(raw: bytes) -> int:
    return int.from_bytes(raw)


def _varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of one to nine bytes, and where the next begins."""
    value = 0
    for n in range(8):
        byte = page[at + n]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + n + 1
    return value << 8 | page[at + 8], at + 9
