"""Writing predictions as the competition reads them."""

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivot_sum.data.predictions import write_predictions
from pivot_sum.errors import RunFolderError

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def test_predictions_have_the_competitions_form(tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    write_predictions(path, [("test_0", "#Person1#은 간다."), ("test_1", 'a, "b"\nc'), ("NA", "")])
    assert (
        path.read_bytes().decode()
        == 'fname,summary\ntest_0,#Person1#은 간다.\ntest_1,"a, ""b""\nc"\nNA,\n'
    )


@settings(max_examples=50)
@given(st.lists(st.tuples(texts, texts), max_size=5))
def test_any_predictions_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "p.csv"
    write_predictions(path, rows)
    with path.open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file, strict=True)] == [
            ("fname", "summary"),
            *rows,
        ]


def test_failed_writing_leaves_the_old_predictions_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    write_predictions(path, [("1", "old")])

    def failing() -> Any:
        yield "1", "new"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_predictions(path, failing())
    with pytest.raises(RunFolderError):
        write_predictions(tmp_path / "missing" / "p.csv", [("1", "a")])
    assert [entry.read_text() for entry in tmp_path.iterdir()] == ["fname,summary\n1,old\n"]
