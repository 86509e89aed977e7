"""Predictions files as they come: ours, pandas', Excel's, JSON lines; and what is said where one
cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import run_record

from pivot_sum.data.predictions import write_predictions
from pivot_sum.errors import PredictionsUnreadable
from pivot_sum.running.reading import read_predictions

ROWS = {"test_1": "민수는 책을 산다.", "test_0": "지영은 간다, 그리고 온다."}
CSV = 'fname,summary\ntest_1,민수는 책을 산다.\ntest_0,"지영은 간다, 그리고 온다."\n'


def saved(tmp_path: Path, content: str | bytes, name: str = "p.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_what_was_written_is_read_back_in_order(tmp_path: Path) -> None:
    write_predictions(tmp_path / "p.csv", ROWS.items())
    assert list(read_predictions(tmp_path / "p.csv").items()) == list(ROWS.items())


@pytest.mark.parametrize(
    "content",
    [
        CSV.encode("utf-8-sig"),
        CSV.encode("cp949"),
        CSV.replace("\n", "\r\n"),
        CSV.replace("fname,summary", "id,text"),
        ',fname,summary\n0,test_1,민수는 책을 산다.\n1,test_0,"지영은 간다, 그리고 온다."\n',
        (
            "\ufeffUnnamed: 0,fname,dialogue,summary\n0,test_1,네,민수는 책을"
            ' 산다.\n1,test_0,네,"지영은 간다, 그리고 온다."\n'
        ),
    ],
    ids=[
        "byte order mark",
        "cp949",
        "windows line ends",
        "other names",
        "index column",
        "more columns",
    ],
)
def test_csv_of_other_programs_is_read(tmp_path: Path, content: str | bytes) -> None:
    assert read_predictions(saved(tmp_path, content)) == ROWS


@pytest.mark.parametrize("names", [("fname", "summary"), ("id", "text")])
def test_json_lines_are_read(tmp_path: Path, names: tuple[str, str]) -> None:
    lines = "\n".join(
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in ROWS.items()
    )
    assert read_predictions(saved(tmp_path, lines, "p.jsonl")) == ROWS


def test_words_that_look_like_nothing_stay_words_and_nothing_is_empty(tmp_path: Path) -> None:
    assert read_predictions(saved(tmp_path, "fname,summary\na,None\nb,NaN\n007,\n")) == {
        "a": "None",
        "b": "NaN",
        "007": "",
    }
    assert read_predictions(saved(tmp_path, '{"id": 7, "text": null}\n', "p.jsonl")) == {"7": ""}


def test_a_run_folder_stands_for_its_predictions(tmp_path: Path) -> None:
    saved(tmp_path, CSV, "predictions.csv")
    saved(tmp_path, run_record(predictions="predictions.csv"), "run.json")
    assert read_predictions(tmp_path) == ROWS


def test_a_run_without_predictions_is_refused(tmp_path: Path) -> None:
    saved(tmp_path, run_record(status="failed"), "run.json")
    with pytest.raises(
        PredictionsUnreadable, match="has no predictions: it is failed, or ran only a part"
    ):
        read_predictions(tmp_path)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PredictionsUnreadable, match=r"is a folder, but no run"):
        read_predictions(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.csv", None, r"There is no file .*p\.csv. Name a predictions file"),
        ("p.txt", CSV, r"the ending '.txt' is none of .csv, .tsv, .jsonl, .parquet"),
        ("p.csv", "", r"no column of ids \(fname or id\); it has nothing"),
        ("p.csv", "fname,summary\n", "holds no rows"),
        (
            "p.csv",
            "test_1,민수는 책을 산다.\n",
            r"no column of ids .*it has 'test_1', '민수는.*Put fname,summary into",
        ),
        (
            "p.csv",
            "fname,prediction\na,가\n",
            r"no column of summaries \(summary or text\); it has 'fname', 'prediction'",
        ),
        (
            "p.csv",
            "fname,summary\na,가, 나\n",
            r"row 1 \(ending on line 2\): 3 cells under 2 column names",
        ),
        ("p.csv", 'fname,summary\na,"가\n', r"row 1 .*double quote"),
        (
            "p.csv",
            "fname,summary\na,가\nb,나\na,다\n",
            "more than one row with the id a. Keep one of each",
        ),
        ("p.csv", "fname,summary\n,가\n", "no id in row 1"),
        ("p.csv", b"fname,summary\n\xff\xfe\xff\n", "neither UTF-8 nor CP949"),
        ("p.csv", b"PK\x03\x04\0\0", "NUL bytes"),
        ("p.jsonl", '{"id": "a"', "line 1 is not JSON"),
        ("p.jsonl", '{"id": "a", "text": ["가"]}', r"row 1: \"\['가'\]\" is not a text"),
        ("p.jsonl", '{"id": "a", "text": "\\ud800"}', r"row 1: '\\ud800' is not a text"),
        ("p.jsonl", '{"id": "a", "text": "\\u0000"}', r"row 1: '\\x00' is not a text"),
        ("p.parquet", "no", "is not a Parquet file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: str | bytes | None, message: str
) -> None:
    path = tmp_path / name if content is None else saved(tmp_path, content, name)
    with pytest.raises(PredictionsUnreadable, match=message):
        read_predictions(path)
