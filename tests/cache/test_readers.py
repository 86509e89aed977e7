"""Readers beside writers on one file. The long form is benchmarks/cache_readers.py."""

from __future__ import annotations

from pathlib import Path

from cache_readers import beside


def test_readers_get_rows_as_they_were_written_or_none_and_lose_none(tmp_path: Path) -> None:
    asked, found, wrong = beside(tmp_path, writers=2, readers=2, rows=100)
    assert not wrong and 0 < found <= asked
