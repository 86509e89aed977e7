"""`pivot-sum runs`: the list of run folders, and removing old ones."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commandline import pivot_sum, run_record

from pivot_sum.errors import RunFolderError
from pivot_sum.running.listing import list_runs, prunable, remove_run

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def made(folder: Path, name: str, days: int, **changes: object) -> Path:
    """A run folder of so many days ago."""
    path = folder / "runs" / name
    path.mkdir(parents=True)
    started = (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    record = run_record(**{"started": started, **changes})
    (path / "run.json").write_text(record, encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four runs, and three things below runs/ that are none."""
    made(tmp_path, "new", 1, data={"file": "C:\\\\data\\\\a.csv", "sha256": "", "samples": 1234})
    scored = made(tmp_path, "scored", 20)
    (scored / "scores.json").write_text('{"final": 41.237}', encoding="utf-8")
    made(tmp_path, "broken", 30, status="failed", error="out of ink")
    made(tmp_path, "old", 40)
    for name in ("notes", "damaged"):
        (tmp_path / "runs" / name).mkdir()
    (tmp_path / "runs" / "notes" / "todo.txt").write_text("keep me", encoding="utf-8")
    (tmp_path / "runs" / "damaged" / "run.json").write_text("{", encoding="utf-8")
    (tmp_path / "runs" / "loose.csv").write_text("", encoding="utf-8")
    return tmp_path


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "runs").iterdir())


OTHERS = ["damaged", "loose.csv", "notes"]


def test_runs_are_listed_newest_first_with_what_one_looks_for(project: Path) -> None:
    shown = pivot_sum(project, "runs").stdout.splitlines()
    assert shown[0] == "4 runs"
    assert [line.split()[0] for line in shown[2:]] == [
        f"runs/{name}" for name in ("new", "scored", "broken", "old")
    ]
    assert shown[2].split()[3:] == ["made", "a.csv", "1,234", "finished", "-"]
    assert shown[3].split()[-1] == "41.24" and "failed" in shown[4]


def test_a_program_gets_the_same_list_as_json(project: Path) -> None:
    found = json.loads(pivot_sum(project, "runs", "--json").stdout)
    assert [run["folder"] for run in found][:2] == ["runs/new", "runs/scored"]
    assert found[1] == {
        "folder": "runs/scored",
        "started": "2026-02-09T00:00:00Z",
        "recipe": "made",
        "data": "data.csv",
        "samples": 1,
        "status": "finished",
        "final": 41.237,
    }


def test_without_runs_it_says_how_to_make_one(tmp_path: Path) -> None:
    assert pivot_sum(tmp_path, "runs").stdout.startswith("there is no run in runs/ yet")
    assert json.loads(pivot_sum(tmp_path, "runs", "--json").stdout) == []
    assert pivot_sum(tmp_path, "runs", "prune", "--keep", 1).stdout == "no run is to be removed\n"


@pytest.mark.parametrize(
    ("options", "gone"),
    [
        (("--keep", 1), ["broken", "old", "scored"]),
        (("--failed",), ["broken"]),
        (("--keep", 3, "--failed"), []),
        (("--older-than", 35), ["old"]),
        (("--keep", 0), ["broken", "new", "old", "scored"]),
    ],
    ids=str,
)
def test_prune_removes_what_all_options_name_and_nothing_that_is_no_run(
    project: Path, options: tuple[object, ...], gone: list[str]
) -> None:
    if "--older-than" in options:  # the command asks the clock
        days = (datetime.now(UTC) - NOW).days
        options = ("--older-than", days + 35)
    before = left(project)
    shown = pivot_sum(project, "runs", "prune", *options, "--yes").stdout
    assert sorted(set(before) - set(left(project))) == gone
    assert all(f"runs/{name}" in shown for name in gone)
    assert set(OTHERS) <= set(left(project))
    assert (project / "runs/notes/todo.txt").read_text(encoding="utf-8") == "keep me"


def test_prune_asks_and_where_nobody_can_answer_removes_nothing(project: Path) -> None:
    before = left(project)
    ran = pivot_sum(project, "runs", "prune", "--keep", 1, code=50)
    assert "nothing was removed: there is nobody to ask. Add --yes" in ran.stderr
    assert "3 runs to remove" in ran.stdout and left(project) == before


@pytest.mark.parametrize(("answer", "number"), [("n\n", 4), ("y\n", 1)])
def test_prune_does_what_is_answered(
    project: Path, monkeypatch: pytest.MonkeyPatch, answer: str, number: int
) -> None:
    from typer.testing import CliRunner

    from pivot_sum.commands import runs

    monkeypatch.chdir(project)
    monkeypatch.setattr(runs, "_can_ask", lambda: True)
    result = CliRunner().invoke(runs.app, ["prune", "--keep", "1"], input=answer)
    assert result.exit_code == 0, result.output
    assert len(list_runs(Path("runs"))) == number


def test_prune_wants_to_be_told_what_may_go(project: Path) -> None:
    assert "say which runs may go" in pivot_sum(project, "runs", "prune", "--yes", code=50).message


def test_what_may_still_be_running_and_links_are_left(project: Path) -> None:
    made(project, "going", 0, status="started")
    made(project, "killed", 9, status="started")
    (project / "runs" / "link").symlink_to(project / "runs" / "old")
    found = [run.folder.name for run in prunable(list_runs(project / "runs"), now=NOW)]
    assert found == ["new", "killed", "scored", "broken", "old"]


def test_only_a_run_folder_is_ever_removed(project: Path) -> None:
    (project / "runs" / "link").symlink_to(project / "runs" / "old")
    for name in ("notes", "link"):
        with pytest.raises(RunFolderError, match="not a run folder"):
            remove_run(project / "runs" / name)
    shutil.rmtree(project / "runs" / "old")
    with pytest.raises(RunFolderError, match="not a run folder"):
        remove_run(project / "runs" / "old")
