"""Reading data files as people really keep them."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pivot_sum.data.samples import Columns, Sample, clusters_of, file_sha256, read_samples
from pivot_sum.errors import (
    ColumnMissing,
    DataEmpty,
    DataFileMissing,
    DataUnreadable,
    DialogueEmpty,
    DuplicateIds,
)

ROOT = Path(__file__).parents[2]
DIALOGUE = "#Person1#: 점심 먹었어요?\n#Person2#: 아직이요, 같이 가요."


def save(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def save_jsonl(path: Path, *rows: Any) -> Path:
    return save(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def save_parquet(path: Path, columns: dict[str, list[Any]]) -> Path:
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    from pyarrow import parquet

    parquet.write_table(pyarrow.table(columns), path)
    return path


def test_the_same_samples_are_read_from_each_kind_of_file(tmp_path: Path) -> None:
    expected = [Sample("007", DIALOGUE, ("점심을 먹는다.",), None, None)]
    columns = {
        "fname": ["007"],
        "dialogue": [DIALOGUE],
        "summary": ["점심을 먹는다."],
        "topic": ["점심"],
    }
    row = {name: values[0] for name, values in columns.items()}
    quoted = [f'"{value}"' for value in row.values()]
    for path in (
        save(tmp_path / "a.csv", f"{','.join(row)}\n{','.join(quoted)}\n"),
        save(tmp_path / "a.TSV", "\t".join(row) + "\n" + "\t".join(quoted) + "\n"),
        save_jsonl(tmp_path / "a.jsonl", row),
        save_parquet(tmp_path / "a.parquet", columns),
    ):
        assert read_samples(path) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_utf8_with_and_without_a_byte_order_mark_and_cp949_are_read(
    tmp_path: Path, encoding: str
) -> None:
    path = save(tmp_path / "a.csv", f'fname,dialogue\n1,"{DIALOGUE}"\n', encoding)
    assert read_samples(path)[0].dialogue == DIALOGUE


def test_line_ends_and_quotes_inside_cells_stay_as_they_are(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.csv", 'fname,dialogue\r\n1,"a\r\nb\n\nc\u2028 ""d"" \ufeff"\r\n2, e \r\n'
    )
    assert [sample.dialogue for sample in read_samples(path)] == [
        'a\r\nb\n\nc\u2028 "d" \ufeff',
        " e ",
    ]


@pytest.mark.parametrize("word", ["NA", "None", "null", "nan", "007", "1.50", "TRUE"])
def test_words_that_look_like_missing_values_or_numbers_are_text(tmp_path: Path, word: str) -> None:
    path = save(tmp_path / "a.csv", f"fname,dialogue,summary\n{word},{word},{word}\n")
    assert read_samples(path) == [Sample(word, word, (word,), None, None)]


def test_numbers_in_jsonl_are_read_as_they_are_written(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.jsonl",
        '{"fname": 1.50, "dialogue": 12345678901234567890}\n\n{"fname": 2, "dialogue": "b"}',
    )
    assert [(sample.id, sample.dialogue) for sample in read_samples(path)] == [
        ("1.50", "12345678901234567890"),
        ("2", "b"),
    ]


def test_a_mark_or_spaces_around_column_names_do_not_hide_them(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", "\ufeff\ufefffname , dialogue\n1,a\n")
    assert read_samples(path) == [Sample("1", "a", (), None, None)]


def test_numbered_references_come_in_numeric_order_and_blank_ones_are_left_out(
    tmp_path: Path,
) -> None:
    path = save(
        tmp_path / "a.csv",
        "fname,dialogue,summary10,summary2,summary1,summary_note\n1,a,j,b,a,x\n2,b,, ,c,x\n",
    )
    assert [sample.references for sample in read_samples(path)] == [("a", "b", "j"), ("c",)]


def test_english_originals_are_read_where_there_are_any(tmp_path: Path) -> None:
    path = save_jsonl(
        tmp_path / "a.jsonl",
        {"fname": "1", "dialogue": "가", "dialogue_en": "A", "summaries_en": ["first", "second"]},
        {"fname": "2", "dialogue": "나", "dialogue_en": " ", "summaries_en": []},
        {"fname": "3", "dialogue": "다", "dialogue_en": None},
    )
    assert [(sample.english_dialogue, sample.english_summary) for sample in read_samples(path)] == [
        ("A", "first"),
        (None, None),
        (None, None),
    ]


def test_columns_can_be_called_anything(tmp_path: Path) -> None:
    row = {
        "no": 1,
        "ko": "가",
        "gold": ["하나", "둘"],
        "more": "셋",
        "en": "A",
        "en_sum": "S",
        "summary": "not this",
    }
    columns = Columns("no", "ko", ("gold", "more"), english_dialogue="en", english_summary="en_sum")
    expected = [Sample("1", "가", ("하나", "둘", "셋"), "A", "S")]
    assert read_samples(save_jsonl(tmp_path / "a.jsonl", row), columns) == expected
    parquet = save_parquet(tmp_path / "a.parquet", {name: [value] for name, value in row.items()})
    assert read_samples(parquet, columns) == expected


def test_a_limit_takes_the_first_rows(tmp_path: Path) -> None:
    rows = [(str(number), "text") for number in range(5)]
    paths = [
        save(
            tmp_path / "a.csv", "fname,dialogue\n" + "".join(f"{id},{text}\n" for id, text in rows)
        ),
        save_jsonl(tmp_path / "a.jsonl", *({"fname": id, "dialogue": text} for id, text in rows)),
        save_parquet(
            tmp_path / "a.parquet",
            {"fname": [id for id, _ in rows], "dialogue": [text for _, text in rows]},
        ),
    ]
    for path in paths:
        assert [sample.id for sample in read_samples(path, limit=2)] == ["0", "1"]


def test_a_cell_may_be_longer_than_the_csv_modules_limit(tmp_path: Path) -> None:
    assert (
        len(
            read_samples(save(tmp_path / "a.csv", f"fname,dialogue\n1,{'가' * 200_000}\n"))[
                0
            ].dialogue
        )
        == 200_000
    )


def test_a_missing_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "dev.csv").touch()
    for read in (read_samples, file_sha256):
        with pytest.raises(DataFileMissing, match=r"Did you mean dev\.csv"):
            read(tmp_path / "dve.csv")
    with pytest.raises(DataFileMissing):
        read_samples(tmp_path / "no" / "folder.csv")


def test_a_missing_column_is_named_with_the_nearest_and_all_there_are(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", "fname,dialog,topic\n1,a,b\n")
    with pytest.raises(
        ColumnMissing, match=r"no column dialogue\. Did you mean dialog\?.*fname, dialog, topic"
    ):
        read_samples(path)
    with pytest.raises(ColumnMissing, match="gold, en"):
        read_samples(path, Columns(dialogue="dialog", references=("gold",), english_dialogue="en"))


def test_repeated_ids_are_counted_and_the_first_five_named(tmp_path: Path) -> None:
    path = save(
        tmp_path / "a.csv",
        "fname,dialogue\n" + "".join(f"id{number},a\n" for number in range(7)) * 2,
    )
    with pytest.raises(DuplicateIds, match="id0, id1, id2, id3, id4 and 2 more"):
        read_samples(path)


def test_empty_dialogues_are_named_by_id(tmp_path: Path) -> None:
    with pytest.raises(DialogueEmpty, match="in b, c"):
        read_samples(save(tmp_path / "a.csv", 'fname,dialogue\na,text\nb,\nc," \n "\n'))
    with pytest.raises(DialogueEmpty, match="in b"):
        read_samples(
            save_jsonl(tmp_path / "a.jsonl", {"fname": "a", "dialogue": "x"}, {"fname": "b"})
        )


def test_a_row_without_an_id_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(DialogueEmpty, match="in row 2"):
        read_samples(save(tmp_path / "a.csv", "fname,dialogue\na,x\n,y\n"))


@pytest.mark.parametrize("text", ["", "fname,dialogue\n", "\n\n"])
def test_a_file_without_rows_is_reported(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataEmpty):
        read_samples(save(tmp_path / "a.csv", text))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.dat", b"PK", r"'\.dat' is none of \.csv, \.tsv, \.jsonl, \.parquet"),
        ("a", b"fname,dialogue\n1,a\n", "Save it as CSV"),
        ("a.csv", "fname,dialogue\n1,a\n".encode("utf-16"), "NUL"),
        ("a.csv", b"fname,dialogue\n1,\xff\xff\xff\n", "line 2: neither UTF-8 nor CP949"),
        ("a.csv", b'fname,dialogue\n1,a\n2,"never closed\n3,b\n', "row 2 .*double quote"),
        ("a.csv", b"fname,dialogue\n1,a\n2,b,c\n", "row 2 .*3 cells under 2"),
        ("a.csv", b"fname,fname,dialogue\n1,2,a\n", "more than one column named fname"),
        ("a.jsonl", b'{"fname": "1", "dialogue": "a"}\n{"fname": \n', "line 2 is not JSON"),
        ("a.jsonl", b'["1", "a"]\n', "line 1 is not a JSON object"),
        ("a.jsonl", b'{"fname": "1", "dialogue": ["a"]}\n', "row 1: 'dialogue' holds list"),
        (
            "a.jsonl",
            b'{"fname": "1", "dialogue": "a\\ud83d"}\n',
            "row 1: 'dialogue' holds half a character",
        ),
        ("a.jsonl", b'{"fname": "1", "dialogue": "a\\u0000"}\n', "holds a NUL character"),
        ("a.parquet", b"not parquet", "not a Parquet file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_file_and_place(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataUnreadable, match=message) as caught:
        read_samples(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataUnreadable, match="folder"):
        read_samples(tmp_path)


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = save(tmp_path / "a.csv", "가\r\n")
    assert file_sha256(path) == hashlib.sha256("가\r\n".encode()).hexdigest()


def test_reading_text_files_loads_neither_pandas_nor_pyarrow() -> None:
    code = (
        "import sys, pivot_sum.data.samples; print(*sorted({'pandas', 'pyarrow', 'torch'} &"
        " set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert done.stdout == "\n"


def test_clusters_are_numbered_by_their_first_samples_and_a_blank_stands_alone(
    tmp_path: Path,
) -> None:
    scenes = ["병원", "", "식당", "병원", ""]
    rows = [
        {"fname": str(at), "dialogue": DIALOGUE, "scene": scene} for at, scene in enumerate(scenes)
    ]
    path = save_jsonl(tmp_path / "data.jsonl", *rows)
    assert clusters_of(read_samples(path, Columns(cluster="scene"))) == [0, 1, 2, 0, 3]
    assert clusters_of(read_samples(path)) is None


def test_a_column_of_clusters_that_is_not_there_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = save_jsonl(tmp_path / "data.jsonl", {"fname": "1", "dialogue": "a", "scene": "병원"})
    with pytest.raises(ColumnMissing, match=r"no column scenes, .* Did you mean scene.*--cluster"):
        read_samples(path, Columns(cluster="scenes"))
