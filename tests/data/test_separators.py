"""Files that are not separated as their ending says, and files that are no text at all."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from commandline import pivot_sum

from pivot_sum.data.predictions import read_predictions_file
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import DataUnreadable, PredictionsUnreadable

TABLES = {
    "semicolons.csv": ("fname;dialogue\na;안녕, 네\n", "semicolons"),
    "tabs.csv": ("fname\tdialogue\na\t안녕, 네\n", "tabs"),
    "commas.tsv": ('fname,dialogue\na,"안녕, 네"\n', "commas"),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_separator_is_that_of_the_header_and_a_note_says_so_once(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text, separator = TABLES[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            [sample] = read_samples(path)
            assert (sample.id, sample.dialogue) == ("a", "안녕, 네")
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} is separated by {separator}, and read so"
    ]


def test_predictions_are_read_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("fname;summary\na;간다, 온다.\n", encoding="utf-8")
    assert read_predictions_file(path) == {"a": "간다, 온다."}


def test_a_header_with_commas_is_never_read_otherwise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "d.csv"
    path.write_text('fname,dialogue,"a;b;c;d"\na,안녕; 네,x\n', encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert read_samples(path)[0].dialogue == "안녕; 네"
    assert not caplog.records


@pytest.mark.parametrize("name", ["team.xlsx", "team.XLS"])
def test_a_spreadsheet_is_refused_with_two_ways_that_work(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04")
    way = rf"as CSV UTF-8, or with pandas .*read_excel\('.*{name}', dtype=str.*to_csv\('.*team.csv'"
    with pytest.raises(DataUnreadable, match=way):
        read_samples(path)
    with pytest.raises(PredictionsUnreadable, match=way):
        read_predictions_file(path)


def test_data_in_the_place_of_a_recipe_is_called_data(tmp_path: Path) -> None:
    (tmp_path / "team.csv").write_text("fname,dialogue\na,안녕\n", encoding="utf-8")
    message = pivot_sum(tmp_path, "run", "team.csv", code=22).message
    assert "team.csv is no recipe but data" in message and "--data team.csv" in message
    assert "--data team.xlsx" in pivot_sum(tmp_path, "run", "team.xlsx", code=22).message
