"""`submit --fix`: what is certain is put right whatever else is wrong, and what is left is said."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import pivot_sum, write_csv
from submissions import GOOD, IDS, ROWS, SAMPLES, checked, file, found

from pivot_sum.submission import KINDS, write_fixed

CHECK = ("submit", "p.csv", "--test", "test.csv")
FIX = (*CHECK, "--fix", "fixed.csv")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_csv(tmp_path / "test.csv", [(sample.id, sample.dialogue) for sample in SAMPLES])
    return tmp_path


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))[1:]


def test_errors_are_what_the_competition_refuses() -> None:
    about_the_file = {"encoding", "bom", "delimiter", "header", "index", "extra column", "cells"}
    about_ids = {"missing id", "unknown id", "counted ids", "duplicate id", "id spelling", "order"}
    read_as_empty = {"empty", "not a value"}
    errors = {name for name, kind in KINDS.items() if kind.level == "error"}
    assert errors == about_the_file | about_ids | read_as_empty


def test_an_unknown_placeholder_stops_no_repair(project: Path) -> None:
    named = (IDS[2], "#Person9#은 도서관에 간다고 한다.")
    (project / "p.csv").write_bytes(
        b"\xef\xbb\xbf" + file([*ROWS[:2], named, *reversed(ROWS[3:])], ("id", "summary"))
    )
    ran = pivot_sum(project, *FIX)
    assert rows_of(project / "fixed.csv") == [list(row) for row in [*ROWS[:2], named, *ROWS[3:]]]
    assert "written: fixed.csv (3 changes, all listed above)" in ran.stdout
    assert "left as it was: unknown placeholder 1" in ran.stdout
    again = pivot_sum(project, "submit", "fixed.csv", "--test", "test.csv")
    assert "no errors, 1 warning" in again.stdout


def test_a_fixed_file_with_an_error_left_is_written_and_ends_with_the_code_of_errors(
    project: Path,
) -> None:
    (project / "p.csv").write_bytes(file([*reversed(ROWS[2:]), (IDS[0], "None")]))
    ran = pivot_sum(project, *FIX, code=54)
    assert "fixed.csv: 2 errors left for you (missing id 1, not a value 1)" in ran.stderr
    fixed = [[IDS[0], "None"], *map(list, ROWS[2:])]
    assert rows_of(project / "fixed.csv") == fixed
    told = json.loads(pivot_sum(project, *FIX[:-1], "f2.csv", "--json", code=54).stdout)
    assert told["written"] == "f2.csv" and told["errors"] == 3 and told["uncertain"] == 2


def test_rows_that_are_for_the_author_stay_in_the_file(tmp_path: Path) -> None:
    other = (IDS[0], "#Person1#은 다른 말을 한다고 한다.")
    named_otherwise = ("tset_6", ROWS[5][1])
    report = checked(file([ROWS[1], named_otherwise, ROWS[0], other, ROWS[0], *ROWS[2:5]]))
    assert {("missing id", False), ("unknown id", False), ("duplicate id", False)} < found(report)
    write_fixed(report, tmp_path / "fixed.csv")
    fixed = [ROWS[0], other, *ROWS[1:5], named_otherwise]
    assert rows_of(tmp_path / "fixed.csv") == [list(row) for row in fixed]


def test_cells_that_nobody_named_stay_cells_of_their_own(tmp_path: Path) -> None:
    raw = file().replace(GOOD.format("남").encode(), '"도서관에 간다.","일곱 시"'.encode())
    report = checked(raw.replace(b"fname,", b"id,"))
    assert found(report) == {("header", True), ("cells", False)}
    write_fixed(report, tmp_path / "fixed.csv")
    assert rows_of(tmp_path / "fixed.csv")[2] == [IDS[2], "도서관에 간다.", "일곱 시"]
    assert found(checked((tmp_path / "fixed.csv").read_bytes())) == {("cells", False)}


def test_a_row_without_its_last_cell_is_written_as_an_empty_summary(tmp_path: Path) -> None:
    report = checked(file().replace(f",{ROWS[4][1]}\n".encode(), b"\n"))
    assert found(report) == {("cells", False), ("empty", False)}
    write_fixed(report, tmp_path / "fixed.csv")
    assert found(checked((tmp_path / "fixed.csv").read_bytes())) == {("empty", False)}


def test_problems_of_one_wording_are_one_line_with_their_count(project: Path) -> None:
    ids = [f"test_{number}" for number in range(499)]
    write_csv(
        project / "test.csv",
        [(id_, f"#Person1#: {id_}번 자리에서 볼까요?\n#Person2#: 네.") for id_ in ids],
    )
    summary = "#Person1#과 #Person2#는 {}번 자리에서 만나기로 한다.</s>"
    (project / "p.csv").write_bytes(file([(id_, summary.format(id_)) for id_ in ids]))
    ran = pivot_sum(project, *CHECK)
    lines = [line for line in ran.stdout.splitlines() if "</s>" in line]
    assert lines == ["    499 × </s>: test_0, test_1, test_2, test_3, test_4 and 494 more"]
    assert "warning: model token (499)" in ran.stdout
    told = json.loads(pivot_sum(project, *CHECK, "--json").stdout)
    assert sum(problem["kind"] == "model token" for problem in told["problems"]) == 499
