"""`pivot-sum submit`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from commandline import everything_in, pivot_sum, run_record, write_csv
from submissions import (
    IDS,
    ROWS,
    SAMPLES,
    file,
)

from pivot_sum.errors import OracleRefused
from pivot_sum.submission import KINDS, check_file


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_csv(tmp_path / "test.csv", [(sample.id, sample.dialogue) for sample in SAMPLES])
    (tmp_path / "p.csv").write_bytes(file())
    return tmp_path


def test_everything_that_is_wrong_is_said_at_once_with_row_id_and_advice(project: Path) -> None:
    rows = [*ROWS[:1], (IDS[1], "None"), (IDS[2], "#Person9#은 간다고 한다."), *ROWS[4:2:-1]]
    (project / "p.csv").write_bytes(b"\xef\xbb\xbf" + file(rows))
    before = everything_in(project)
    ran = pivot_sum(project, "submit", "p.csv", "--test", "test.csv", code=54)
    groups = [
        line.partition(" (")[0]
        for line in ran.stdout.splitlines()
        if not line.startswith("  ") and "(" in line
    ]
    errors = ["bom", "missing id", "order", "not a value"]
    assert groups == [*(f"error: {kind}" for kind in errors), "warning: unknown placeholder"]
    assert (
        "row 3, test_2: #Person9# (the dialogue has #Person1#, #Person2#, #PhoneNumber#)"
        in ran.stdout
    )
    assert ran.stdout.count("what to do: ") == len(groups)
    assert "4 errors" in ran.stderr and "1 warning" in ran.stdout
    assert (
        "2 can be put right, the others are for you: pivot-sum submit p.csv --test test.csv"
        " --fix FIXED.csv" in ran.stderr
    )
    assert everything_in(project) == before


def test_predictions_of_a_run_with_limit_are_checked_with_the_same_limit(project: Path) -> None:
    (project / "p.csv").write_bytes(file(ROWS[:2]))
    words = ("submit", "p.csv", "--test", "test.csv")
    assert "missing id" in pivot_sum(project, *words, code=54).stdout
    assert "2 rows for 2 dialogues" in pivot_sum(project, *words, "--limit", "2").stdout


def test_fix_writes_a_new_file_and_lists_every_change(project: Path) -> None:
    raw = file(
        list(reversed([(id_, summary.replace("#Person1#", "#person1#")) for id_, summary in ROWS]))
    )
    (project / "p.csv").write_bytes(raw)
    report = pivot_sum(project, "submit", "p.csv", "--test", "test.csv", code=54)
    assert (
        "All can be put right: pivot-sum submit p.csv --test test.csv --fix" in report.stderr
        and "and 1 more" in report.stdout
    )
    fixed = pivot_sum(project, "submit", "p.csv", "--test", "test.csv", "--fix", "fixed.csv")
    assert fixed.stdout.count("damaged placeholder") == 1 and fixed.stdout.count(
        "'#Person1#과"
    ) == len(ROWS)
    assert "written: fixed.csv (7 changes, all listed above)" in fixed.stdout
    assert (project / "fixed.csv").read_bytes() == file() and (
        project / "p.csv"
    ).read_bytes() == raw
    assert (
        "nothing is wrong" in pivot_sum(project, "submit", "fixed.csv", "--test", "test.csv").stdout
    )


@pytest.mark.parametrize(
    ("target", "said"),
    [("p.csv", "exists"), ("test.csv", "exists"), ("no/f.csv", "cannot be written")],
)
def test_fix_replaces_no_file_and_says_where_it_cannot_write(
    project: Path, target: str, said: str
) -> None:
    before = everything_in(project)
    refused = pivot_sum(project, "submit", "p.csv", "--test", "test.csv", "--fix", target, code=54)
    assert f"{target} {said}" in refused.stderr and everything_in(project) == before


def test_json_lists_all_and_ends_with_the_same_code(project: Path) -> None:
    (project / "p.csv").write_bytes(file([(id_, "None") for id_ in IDS]))
    ran = pivot_sum(project, "submit", "p.csv", "--test", "test.csv", "--json", code=54)
    told = json.loads(ran.stdout)
    assert (
        told["errors"] == told["uncertain"] == len(told["problems"]) == len(IDS)
        and told["written"] is None
    )


def test_a_missing_file_is_named(project: Path) -> None:
    assert (
        "There is no file q.csv"
        in pivot_sum(project, "submit", "q.csv", "--test", "test.csv", code=51).message
    )
    assert (
        "tost.csv" in pivot_sum(project, "submit", "p.csv", "--test", "tost.csv", code=10).message
    )


def test_what_comes_from_a_run_with_an_oracle_is_refused(project: Path) -> None:
    run = project / "run"
    run.mkdir()
    shutil.copy(project / "p.csv", run / "predictions.csv")
    (run / "run.json").write_text(run_record(predictions="predictions.csv"), encoding="utf-8")
    assert check_file(run, SAMPLES).problems == ()
    (run / "run.json").write_text(
        run_record(predictions="predictions.csv", oracles=["summarize"]), encoding="utf-8"
    )
    (project / "texts.jsonl").write_text(
        '{"id": "test_0", "oracle": true, "combinations": []}\n', encoding="utf-8"
    )
    for path in (run, run / "predictions.csv", project / "texts.jsonl"):
        with pytest.raises(OracleRefused, match="no system may know"):
            check_file(path, SAMPLES)


def test_every_kind_says_what_to_do() -> None:
    assert all(kind.advice and kind.level in ("error", "warning") for kind in KINDS.values())
