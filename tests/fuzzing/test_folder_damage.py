"""Damaged run folders: one message or a result, never anything else. The long form is
benchmarks/folder_damage.py."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest
import reportruns
from damaging_files import damaged

from pivot_sum import PivotSumError
from pivot_sum.comparison.ends import cleaned_dialogues, ends
from pivot_sum.comparison.systems import load_system
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import PredictionsUnreadable, RunFolderError
from pivot_sum.report.systems import report_system
from pivot_sum.running.reading import (
    predictions_file,
    read_predictions,
    read_run,
    read_scores,
    read_step,
    step_lines,
)

ROUNDS = 150


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sound")
    return reportruns.pivot_run(place / "run", reportruns.write_data(place))


@pytest.fixture
def run(sound: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(sound, tmp_path / "run"))


def test_random_damage_is_one_message_or_none(sound: Path, tmp_path: Path) -> None:
    samples = read_samples(sound.parent / "data.jsonl")
    refused = 0
    for number in range(ROUNDS):
        run = Path(shutil.copytree(sound, tmp_path / str(number)))
        done = damaged(run, random.Random(number))
        try:
            system = load_system(str(run))
            report_system(system, 0, {*system.texts})
            if set(system.texts) == {sample.id for sample in samples}:
                ends(system, samples)
                cleaned_dialogues(system, samples)
            json.dumps(read_run(run).as_json(), allow_nan=False).encode()
            read_scores(run)
        except PivotSumError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"round {number}: {done}") from error
    assert ROUNDS / 4 < refused < ROUNDS


def _changed(run: Path, **values: object) -> None:
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(json.dumps(record | values), encoding="utf-8")


@pytest.mark.parametrize("name", ["../data.jsonl", "/etc/passwd", "steps/../../x", "a\\..\\..\\b"])
def test_a_record_names_no_file_outside_its_folder(run: Path, name: str) -> None:
    _changed(run, predictions=name)
    with pytest.raises(RunFolderError):
        read_run(run)
    with pytest.raises(PredictionsUnreadable):
        predictions_file(run)
    steps = json.loads((run / "run.json").read_text(encoding="utf-8"))["steps"]
    _changed(run, predictions=None, steps=[{**steps[0], "file": name}])
    with pytest.raises(RunFolderError):
        read_run(run)


def test_a_link_out_of_the_folder_is_not_followed(run: Path) -> None:
    outside = run.parent / "outside.csv"
    outside.write_text("fname,summary\nr_0,secret\n", encoding="utf-8")
    (run / "predictions.csv").unlink()
    (run / "predictions.csv").symlink_to(outside)
    with pytest.raises(PredictionsUnreadable, match="outside"):
        read_predictions(run)
    step = read_run(run).steps[0]
    (run / step.file).unlink()
    (run / step.file).symlink_to(outside)
    with pytest.raises(RunFolderError, match="damaged"):
        read_step(run, step)


def test_a_pipe_in_place_of_a_file_is_not_waited_for(run: Path) -> None:
    step = read_run(run).steps[0]
    for name in (step.file, "predictions.csv", "run.json"):
        (run / name).unlink()
        os.mkfifo(run / name)
        if name == "predictions.csv":
            with pytest.raises(PredictionsUnreadable, match="no file"):
                predictions_file(run)
    with pytest.raises(RunFolderError):
        read_step(run, step)
    with pytest.raises(RunFolderError):
        read_run(run)


@pytest.mark.parametrize(
    "line",
    [
        '{"id": ["r_0"], "text": "x"}',
        '{"id": "r_0", "text": 5}',
        '{"id": "r_0", "text": "\\ud800"}',
        '{"id": "r_0", "text": "x", "remarks": true}',
        '{"id": "r_0", "text": "x", "end": "odd"}',
        "[" * 5000,
    ],
)
def test_a_line_of_a_step_is_what_a_run_writes(run: Path, line: str) -> None:
    step = read_run(run).steps[0]
    (run / step.file).write_text(line + "\n", encoding="utf-8")
    with pytest.raises(RunFolderError, match="missing or damaged"):
        read_step(run, step)


def test_a_sample_that_a_step_lacks_is_named(run: Path) -> None:
    step = read_run(run).steps[0]
    lines = (run / step.file).read_text(encoding="utf-8").splitlines(keepends=True)
    (run / step.file).write_text("".join(lines[1:]), encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"no line of r_0; run the recipe again"):
        step_lines(run, step)["r_0"]
