"""The run record: format 2 is written, format 1 is read, a later one is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.errors import PredictionsUnreadable, RunFolderError
from pivot_sum.running.reading import data_of_run, predictions_file, read_run, read_step
from pivot_sum.running.record import FORMAT, RunRecord, parse_record

GOLDEN = Path(__file__).parents[1] / "golden"
OLD_RUNS = [GOLDEN / "run-format-1", *sorted((GOLDEN / "v0.1" / "runs").iterdir())]
NEW = """{"format": 2, "status": "started", "started": "2026-01-01T00:00:00Z",
"recipe": {"name": "made", "data": {}, "steps": []},
"data": {"file": "data.csv", "sha256": "", "samples": 1}, "steps": []}"""


@pytest.mark.parametrize("folder", OLD_RUNS, ids=lambda folder: folder.name)
def test_format_1_is_read_whole(folder: Path) -> None:
    raw = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert "format" not in raw
    record = read_run(folder)
    new = record.as_json()
    assert {key: new[key] for key in raw.keys() - {"steps"}} == {
        key: value for key, value in raw.items() if key != "steps"
    }
    for old, step in zip(raw["steps"], new["steps"], strict=True):
        assert old.items() <= step.items()
    for made in record.steps:
        assert len(read_step(folder, made)) == record.data.samples


def test_format_1_says_of_each_step_what_it_was() -> None:
    record = read_run(GOLDEN / "v0.1" / "runs" / "pivot")
    assert [(step.stage, step.task, step.source, step.target) for step in record.steps] == [
        ("clean", "clean", "ko", "ko"),
        ("translate", "translate", "ko", "en"),
        ("summarize", "summarize", "en", "en"),
        ("translate", "translate", "en", "ko"),
        ("polish", "polish", "ko", "ko"),
    ]


def test_format_1_with_a_stage_that_nobody_knows_any_more_is_read() -> None:
    record = read_run(GOLDEN / "run-format-1")
    assert [step.task for step in record.steps] == ["clean", "", "", "polish"]


def test_what_is_written_is_read_again() -> None:
    record = parse_record(NEW)
    assert record.format == FORMAT == 2
    assert parse_record(json.dumps(record.as_json())) == record
    assert not {"finished", "error", "predictions", "oracles"} & record.as_json().keys()


def test_a_field_that_a_later_version_added_is_no_problem() -> None:
    assert isinstance(parse_record(NEW.replace("{", '{"added": 1, ', 1)), RunRecord)


def test_a_later_format_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(NEW.replace("2", "3", 1), encoding="utf-8")
    message = r"later version of pivot-sum: its format is 3.*up to 2\. Update pivot-sum"
    with pytest.raises(RunFolderError, match=message):
        read_run(tmp_path)
    with pytest.raises(PredictionsUnreadable, match=message):
        predictions_file(tmp_path)


@pytest.mark.parametrize("change", [{"steps": [{"name": "a"}]}, {"status": "odd"}, {"data": []}])
def test_a_damaged_record_is_one_error_of_ours(tmp_path: Path, change: dict[str, Any]) -> None:
    (tmp_path / "run.json").write_text(json.dumps(json.loads(NEW) | change), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"run\.json is missing or damaged"):
        read_run(tmp_path)


def test_a_step_line_of_another_shape_is_damage(tmp_path: Path) -> None:
    folder = shutil.copytree(GOLDEN / "run-format-1", tmp_path / "run")
    step = read_run(folder).steps[0]
    (folder / step.file).write_text('{"id": "7"}\n', encoding="utf-8")
    with pytest.raises(RunFolderError, match="damaged"):
        read_step(folder, step)


def test_the_data_of_a_run_is_found_where_it_was_or_where_the_demo_is(tmp_path: Path) -> None:
    record = read_run(GOLDEN / "v0.1" / "runs" / "pivot")
    assert data_of_run(tmp_path, record) == DEMO_FILE
    copy = Path(shutil.copy(DEMO_FILE, tmp_path / "copy.jsonl"))
    moved = record.model_copy(deep=True)
    moved.data.file = str(copy)
    assert data_of_run(tmp_path, moved) == copy
    moved.data.sha256 = "another"
    assert data_of_run(tmp_path, moved) is None


def test_reading_a_record_imports_nothing_heavy() -> None:
    code = (
        "import sys, pathlib; from pivot_sum.running.reading import read_run;"
        f"read_run(pathlib.Path({str(GOLDEN / 'run-format-1')!r}));"
        "print(sorted({'torch', 'transformers', 'numpy', 'pandas', 'pyarrow'} & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.returncode, result.stdout.strip()) == (0, "[]"), result.stderr
