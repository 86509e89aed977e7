"""Parquet files and folders of them, read batch by batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pivot_sum.data.tables import Row, RowReader, Rows, bare
from pivot_sum.errors import DataUnreadable

BATCH: Final = 500
"""Rows in memory."""


def files(folder: Path) -> list[Path]:
    """The Parquet files directly in a folder, by name."""
    return sorted(path for path in folder.glob("*.parquet") if not path.name.startswith((".", "_")))


def file(path: Path) -> RowReader:
    """What reads a Parquet file."""
    return lambda: _rows([path])


def folder(path: Path) -> RowReader:
    """What reads the Parquet files in a folder, one after another."""
    return lambda: _rows(files(path))


def _rows(paths: Sequence[Path]) -> Rows:
    """The rows of Parquet files one after another, read by `BATCH`."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]  # pyarrow ships no types
    from pyarrow import parquet

    @contextmanager
    def sound(path: Path) -> Iterator[None]:
        try:
            yield
        except pyarrow.ArrowException as error:
            raise DataUnreadable(
                f"{path} is not a Parquet file, or is damaged: {error}. Save it again."
            ) from error

    def rows() -> Iterator[Row]:
        for path in paths:
            with sound(path), parquet.ParquetFile(path, pre_buffer=False) as opened:
                names = [bare(name) for name in opened.schema_arrow.names]
                for batch in opened.iter_batches(BATCH):
                    yield from batch.rename_columns(names).to_pylist()

    names: dict[str, None] = {}
    for path in paths:
        with sound(path):
            names.update(dict.fromkeys(map(bare, parquet.read_schema(path).names)))
    return Rows(names, rows())
