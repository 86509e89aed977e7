"""Records read from pages without SQLite: those that SQLite wrote, and pages that are hurt."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pivot_sum.cache.pages import INDEX_INTERIOR, INDEX_LEAF, LEAF, PAGE_SIZE, Record, records_in
from pivot_sum.cache.sqlite_errors import LONGEST_TEXT

ROWS = [
    (-1, b"of a negative number", "", 255),
    (1, b"one", "", 0),
    (127, b"", "short", 1),
    (128, b"\0" * 200, "가나다", None),
    (2**31, b"x" * 5_000, "over " * 1_000, -1),
    (2**40, b"y", "z" * 30_000, 2**40),
    (2**62, b"z" * 60, "", -(2**62)),
]
A_TEXT = 12 + 2 * 1 + 1
"""The type of a text of one byte."""


def written(path: Path, size: int = PAGE_SIZE, key: str = "a BLOB", more: str = "") -> Path:
    """A table that SQLite made, with `ROWS` in it."""
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA page_size = {size}")
    connection.execute(f"CREATE TABLE t ({key}, b TEXT, c INTEGER){more}")
    columns, values = ("a, b, c", "?2, ?3, ?4") if more else ("rowid, a, b, c", "?1, ?2, ?3, ?4")
    with connection:
        connection.executemany(f"INSERT INTO t ({columns}) VALUES ({values})", ROWS)
    connection.close()
    return path


def found(path: Path, columns: int = 3) -> list[Record]:
    with path.open("rb") as file:
        return list(records_in(file, columns))


def page(kind: int, cells: dict[int, bytes], count: int | None = None, start: int = 0) -> bytes:
    """A page with these cells, each at its place; `count` is how many it says there are."""
    pointers = b"".join(place.to_bytes(2) for place in cells)
    head = bytes([kind, 0, 0]) + (len(cells) if count is None else count).to_bytes(2) + bytes(3)
    head += bytes(4) if kind == INDEX_INTERIOR else b""
    content = bytearray(PAGE_SIZE)
    content[start : start + len(head) + len(pointers)] = head + pointers
    for place, cell in cells.items():
        content[place : place + len(cell)] = cell[: PAGE_SIZE - place]
    return bytes(content)


def file_of(path: Path, *pages: bytes, free: int = 0) -> Path:
    """A file of these pages behind a first one, which says where its free pages begin."""
    first = bytearray(PAGE_SIZE)
    first[16:18], first[32:36] = PAGE_SIZE.to_bytes(2), free.to_bytes(4)
    path.write_bytes(bytes(first) + b"".join(pages))
    return path


def cell(number: int, text: bytes = b"a") -> bytes:
    """One row with one text of one byte."""
    return bytes([3, number, 2, A_TEXT]) + text


@pytest.mark.parametrize("size", [512, 1_024, PAGE_SIZE, 32_768])
def test_rows_that_sqlite_wrote_are_read_whatever_the_size_of_its_pages(
    tmp_path: Path, size: int
) -> None:
    wanted = [(number % 2**64, [blob, text.encode(), value]) for number, blob, text, value in ROWS]
    read = found(written(tmp_path / "t", size))
    # One may come twice: the pages are looked at by SQLite's own size too.
    assert {str(record) for record in read if record[1][0] != b"table"} == set(map(str, wanted))


@pytest.mark.parametrize("size", [512, 1_024, PAGE_SIZE])
def test_entries_of_an_index_are_read_without_a_number(tmp_path: Path, size: int) -> None:
    read = found(written(tmp_path / "t", size, "a BLOB PRIMARY KEY", " WITHOUT ROWID"))
    wanted = [(0, [blob, text.encode(), value]) for _, blob, text, value in ROWS]
    assert sorted(read, key=str) == sorted(wanted, key=str)


def test_records_with_another_number_of_columns_are_left_out(tmp_path: Path) -> None:
    assert found(written(tmp_path / "t"), 4) == []
    assert [values[1] for _, values in found(written(tmp_path / "t2"), 5)] == [b"t"]  # its schema


@pytest.mark.parametrize("said", [0, 1, 256, 1_000, 4_095, 65_535])
def test_a_header_that_says_no_size_of_a_page_does_not_matter(tmp_path: Path, said: int) -> None:
    path = written(tmp_path / "t")
    whole = found(path)
    content = path.read_bytes()
    path.write_bytes(content[:16] + said.to_bytes(2) + content[18:])
    assert found(path) == whole


def test_a_cell_that_is_hurt_costs_itself_alone(tmp_path: Path) -> None:
    cells = {
        100: cell(1),
        PAGE_SIZE - 2: bytes([3, 2]),  # ends with the page
        200: bytes([3, 3, 4, A_TEXT, A_TEXT]),  # says two columns
        300: bytes([3, 4, 2, A_TEXT + 20]) + b"a",  # ends before its text does
        400: cell(5, b"b"),
    }
    path = file_of(tmp_path / "t", page(LEAF, cells))
    assert found(path, 1) == [(1, [b"a"]), (5, [b"b"])]


def test_more_cells_than_a_page_can_hold_are_not_looked_for(tmp_path: Path) -> None:
    path = file_of(tmp_path / "t", page(LEAF, {4_000: cell(1)}, count=65_535))
    assert (1, [b"a"]) in found(path, 1)


def test_a_record_that_says_it_is_longer_than_any_of_ours_is_not_put_together(
    tmp_path: Path,
) -> None:
    def claims(length: int) -> Path:
        varint = [length >> shift & 0x7F | 0x80 for shift in (21, 14, 7)] + [length & 0x7F]
        return file_of(tmp_path / "t", page(LEAF, {100: bytes([*varint, 1, 2, A_TEXT]) + b"a"}))

    assert found(claims(LONGEST_TEXT), 1) == [(1, [b"a"])]
    assert found(claims(LONGEST_TEXT + 1), 1) == []


def test_a_page_that_is_cut_or_of_no_kind_gives_nothing(tmp_path: Path) -> None:
    whole = page(LEAF, {100: cell(1)})
    assert found(file_of(tmp_path / "t", whole[:-1]), 1) == []
    assert found(file_of(tmp_path / "t", page(7, {100: cell(1)})), 1) == []
    assert found(file_of(tmp_path / "t", whole), 1) == [(1, [b"a"])]


def test_an_entry_of_an_index_stands_behind_the_page_it_leads_to(tmp_path: Path) -> None:
    inner, leaf = bytes(4) + bytes([3, 2, A_TEXT]) + b"a", bytes([3, 2, A_TEXT]) + b"b"
    pages = page(INDEX_INTERIOR, {100: inner}), page(INDEX_LEAF, {100: leaf})
    assert found(file_of(tmp_path / "t", *pages), 1) == [(0, [b"a"]), (0, [b"b"])]


def trunk(following: int, count: int, *leaves: int) -> bytes:
    """A page of SQLite's list of free pages."""
    return b"".join(number.to_bytes(4) for number in (following, count, *leaves)).ljust(
        PAGE_SIZE, b"\0"
    )


def test_what_lies_in_free_pages_was_deleted(tmp_path: Path) -> None:
    pages = [page(LEAF, {100: cell(number)}) for number in range(2, 6)]
    listed = [*pages, trunk(7, 2, 2, 4), trunk(6, 1, 5)]  # pages 6 and 7, which lead in a circle
    assert found(file_of(tmp_path / "t", *listed, free=6), 1) == [(3, [b"a"])]
    assert len(found(file_of(tmp_path / "t", *listed, free=8), 1)) == 4  # there is no page 8


def test_a_list_of_free_pages_longer_than_its_page_ends_with_it(tmp_path: Path) -> None:
    most = PAGE_SIZE // 4 - 2
    listed = trunk(0, 2**32 - 1, *[9] * (most - 1), 2)
    pages = page(LEAF, {100: cell(2)}), page(LEAF, {100: cell(3)}), listed
    assert found(file_of(tmp_path / "t", *pages, free=4), 1) == [(3, [b"a"])]


def test_numbers_of_up_to_nine_bytes_are_read(tmp_path: Path) -> None:
    nine = bytes([0xFF] * 8 + [0x7F])
    path = file_of(tmp_path / "t", page(LEAF, {100: bytes([3]) + nine + bytes([2, A_TEXT]) + b"a"}))
    assert found(path, 1) == [(2**64 - 129, [b"a"])]
