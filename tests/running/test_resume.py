"""A run that is killed in the middle goes on where it stopped, and ends as if nothing had
happened.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from commandline import CACHE, PIVOT, PROGRAM, environment, pivot_sum, rows_by_stage

from pivot_sum.cache import Cache
from pivot_sum.errors import RunFolderError
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.reading import RUN_FILE, read_run

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


class Interrupting:
    """Progress of a step that is interrupted at its first answers."""

    def __init__(self, label: str, cached: int, missing: int) -> None:
        self.missing = missing

    def __enter__(self) -> Interrupting:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def advance(self, texts: int) -> None:
        raise KeyboardInterrupt


def names(folder: Path) -> Iterable[str]:
    """The files of a run folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))


def test_the_same_command_goes_on_in_the_folder_of_a_run_that_came_to_no_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe, data, out = Path("clean.yaml"), Path("data.csv"), Path("out")
    recipe.write_text("steps: [{name: clean, stage: clean}]", encoding="utf-8")
    data.write_text("fname,dialogue\n1,#Person1#: 네.\n", encoding="utf-8")
    request = Request(recipe=str(recipe), data=str(data), cache=Path("c.sqlite3"), out=out)
    with pytest.raises(KeyboardInterrupt):
        execute(request, progress=Interrupting)
    assert read_run(out).status == "failed"
    (out / "steps" / "09-of-a-longer-recipe.jsonl").touch()

    (out / "notes.txt").touch()  # not ours to remove
    with pytest.raises(RunFolderError, match="never overwrites another"):
        execute(request)
    (out / "notes.txt").unlink()

    execute(request)
    assert read_run(out).status == "finished"
    assert read_run(out).steps[0].cached == 1
    assert names(out) == ["predictions.csv", "run.json", "steps/01-clean.jsonl"]
    with pytest.raises(RunFolderError, match="never overwrites another"):
        execute(request)


def test_a_run_that_may_still_be_going_on_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clean.yaml").write_text("steps: [{name: clean, stage: clean}]", encoding="utf-8")
    Path("data.csv").write_text("fname,dialogue\n1,#Person1#: 네.\n", encoding="utf-8")
    request = Request(recipe="clean.yaml", data="data.csv", cache=Path("c"), out=Path("out"))
    execute(request)
    record = json.loads((Path("out") / RUN_FILE).read_text(encoding="utf-8"))
    (Path("out") / "predictions.csv").unlink()
    begun = {**record, "status": "started", "steps": []}
    for known_at_the_end in ("predictions", "end", "finished"):
        begun.pop(known_at_the_end, None)
    (Path("out") / RUN_FILE).write_text(json.dumps(begun), encoding="utf-8")
    assert read_run(Path("out")).status == "started"
    with pytest.raises(RunFolderError, match="never overwrites another"):
        execute(request)
