"""Data that is read row by row: files again and again, folders of Parquet files, streams once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pivot_sum.data.memory import data_file, read_data
from pivot_sum.data.samples import Columns, SampleFile, dialogues_of, file_sha256, read_samples
from pivot_sum.errors import ColumnMissing, DataUnreadable, DuplicateIds

ROWS = [
    {"fname": str(number), "dialogue": f"#Person1#: {number}\u2028\r\n가", "summary": "나"}
    for number in range(7)
]


def save(path: Path, rows: list[dict[str, Any]]) -> Path:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]  # pyarrow ships no types
    from pyarrow import parquet

    path.parent.mkdir(exist_ok=True)
    match path.suffix:
        case ".parquet":
            parquet.write_table(pyarrow.Table.from_pylist(rows), path)
        case ".csv":
            cells = [["fname", "dialogue", "summary"], *(list(row.values()) for row in rows)]
            text = "".join(",".join(f'"{cell}"' for cell in line) + "\r\n" for line in cells)
            path.write_bytes(text.encode())
        case _:
            path.write_text(
                "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
                encoding="utf-8",
            )
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_a_file_read_in_parts_holds_what_it_holds_as_a_whole(tmp_path: Path, name: str) -> None:
    path = save(tmp_path / name, ROWS)
    whole, parts = read_samples(path), SampleFile(path)
    assert list(parts) == whole and len(parts) == len(whole) == 7
    assert [parts[start : start + 3] for start in (0, 3, 6)] == [whole[:3], whole[3:6], whole[6:]]
    assert (parts[2:4], parts[0:2], parts[-1]) == (whole[2:4], whole[:2], whole[-1])
    assert (parts[1::3], parts[5:2]) == (whole[1::3], [])
    assert list(SampleFile(path, limit=2)) == whole[:2]
    dialogues = dialogues_of(parts)
    assert dialogues[4:6] == [sample.dialogue for sample in whole[4:6]]
    with pytest.raises(IndexError):
        parts[7]


def test_columns_that_only_later_rows_have_are_columns_too(tmp_path: Path) -> None:
    rows = [*ROWS, {"fname": "x", "dialogue": "다", "dialogue_en": "c", "said": "d"}]
    path = save(tmp_path / "a.jsonl", rows)
    columns = Columns(english_summary="said")
    assert list(SampleFile(path, columns)) == read_samples(path, columns)
    assert SampleFile(path, columns)[7].english_dialogue == "c"
    with pytest.raises(ColumnMissing, match="no column said"):
        SampleFile(path, columns, limit=7)


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "train"
    save(folder / "part-1.parquet", ROWS[4:])
    save(folder / "part-0.parquet", ROWS[:4])
    (folder / "README.md").write_text("about", encoding="utf-8")
    assert read_samples(folder) == list(SampleFile(folder)) == read_data(ROWS)
    known = file_sha256(folder)
    (folder / "README.md").unlink()
    assert file_sha256(folder) == known
    save(folder / "part-2.parquet", ROWS[:1])
    assert file_sha256(folder) != known
    with pytest.raises(DuplicateIds, match="the id \\('fname'\\) 0"):
        SampleFile(folder)
    (folder / "part-2.parquet").write_bytes(b"no")
    with pytest.raises(DataUnreadable, match=r"part-2\.parquet is not a Parquet file"):
        SampleFile(folder)


class Stream:
    """What is used of a `datasets.IterableDataset`; it can be read once."""

    column_names = None

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> Iterator[dict[str, str]]:
        for row in ROWS:
            self.read += 1
            yield row


def test_a_stream_is_written_once_beside_the_cache(tmp_path: Path) -> None:
    stream = Stream()
    path = Path(data_file(stream, tmp_path))
    assert path.name.startswith("Stream-of-7-rows-") and stream.read == 7
    assert read_samples(path) == read_data(ROWS) == read_data(iter(ROWS))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_stream_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, str]]:
        yield ROWS[0]
        raise ConnectionError("the server went away")

    with pytest.raises(DataUnreadable, match="the server went away"):
        data_file(broken(), tmp_path)
    assert not list((tmp_path / "data").iterdir())
