"""A run that is killed in the middle goes on where it stopped, and ends as if nothing had
happened.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

from commandline import CACHE, PIVOT, PROGRAM, environment, pivot_sum, rows_by_stage

from pivot_sum.cache import Cache

PATIENCE = 120.0
"""Seconds until a run that stores nothing is taken for broken."""


def kill_in_the_middle(folder: Path, stage: str, rows: int) -> None:
    """Start the pivot and kill -9 it as soon as its cache holds some rows of a stage."""
    process = subprocess.Popen(
        [*PROGRAM, *PIVOT],
        cwd=folder,
        env=environment(folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while rows_by_stage(folder / CACHE).get(stage, 0) < rows:
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline, "the run stored nothing"
            time.sleep(0.005)
    finally:
        process.kill()
        process.wait()


def test_a_killed_run_goes_on_where_it_stopped_and_ends_with_the_same_bytes(
    pivot_run: Path, tmp_path: Path
) -> None:
    shutil.copytree(pivot_run / "models", tmp_path / "models")
    shutil.copy2(pivot_run / "data.csv", tmp_path)
    undisturbed = json.loads((pivot_run / "out/run.json").read_text(encoding="utf-8"))
    assert [step["cached"] for step in undisturbed["steps"]] == [0] * 5

    kill_in_the_middle(tmp_path, "translate", rows=14)
    # Looked at in a copy: the journal of the killed write has to be found and played back by the
    # next run itself.
    shutil.copytree((tmp_path / CACHE).parent, tmp_path / "copy")
    Cache(tmp_path / "copy" / CACHE.name).close()
    kept = rows_by_stage(tmp_path / "copy" / CACHE.name)
    [killed] = (tmp_path / "runs").iterdir()
    assert json.loads((killed / "run.json").read_text(encoding="utf-8"))["status"] == "started"
    assert not (killed / "predictions.csv").exists()
    assert kept["clean"] == 60
    assert 14 <= kept["translate"] < undisturbed["steps"][1]["unique"]

    ran = pivot_sum(tmp_path, *PIVOT, "--out", "out")
    missing = undisturbed["steps"][1]["unique"] - kept["translate"]
    assert f"step 2 (to-english): {kept['translate']} cached, {missing} to compute" in ran.stderr
    resumed = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    for before, after in zip(undisturbed["steps"], resumed["steps"], strict=True):
        assert after["cached"] + after["computed"] == after["unique"] == before["unique"]
        assert [
            after[count] for count in ("texts", "verdicts", "rungs", "retries", "repairs", "flags")
        ] == [
            before[count] for count in ("texts", "verdicts", "rungs", "retries", "repairs", "flags")
        ]
    assert [step["cached"] for step in resumed["steps"]] == [60, kept["translate"], 0, 0, 0]
    assert rows_by_stage(tmp_path / CACHE) == rows_by_stage(pivot_run / CACHE)
    names = ["predictions.csv", *(step["file"] for step in undisturbed["steps"])]
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (pivot_run / "out" / name).read_bytes(), (
            name
        )
    assert (
        len(set((pivot_run / "out/predictions.csv").read_text(encoding="utf-8").splitlines())) > 60
    )
