"""The pivot with DeepL through the command line, Korean to English and back, against a server that
can fail."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commandline import CACHE, WATCHED, dialogues, environment, pivot_project, pivot_sum, write_csv
from faultserver import KEY, FaultServer, running

ROWS = dialogues(20)
RUN = [
    "run",
    "pivot-deepl-bart",
    "--data",
    "data.csv",
    "--set",
    "to-english.pause=0.01",
    "--set",
    "to-english.attempts=2",
]
FIRST_HALF = [*RUN, "--stages", "clean..to-english"]
"""No model is needed for it, so it is quick."""
WHOLE = [
    *RUN,
    "--set",
    "summarize.model=models/bart",
    "--set",
    "summarize.max_new_tokens=8",
    "--set",
    "summarize.num_beams=1",
]
WHOLE += [
    "--set",
    "summarize.batch_size=7",
    "--set",
    "to-korean.batch_size=7",
]  # too few to be judged by their language


def service(server: FaultServer, key: str = KEY) -> dict[str, str]:
    return {"DEEPL_SERVER_URL": server.url, "DEEPL_AUTH_KEY": key, "NO_PROXY": "127.0.0.1"}


def record(folder: Path) -> Any:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with data and nothing else."""
    write_csv(tmp_path / "data.csv", ROWS)
    return tmp_path


@pytest.fixture(scope="module")
def finished(
    nllb: Path, bart: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, FaultServer]]:
    """A folder in which the whole recipe ran once. Nothing may be changed in it."""
    folder = pivot_project(tmp_path_factory.mktemp("deepl") / "project", nllb, bart, ROWS)
    with running() as server:
        server.fail("503", times=2)
        server.fail("one too few", times=1)
        pivot_sum(folder, *WHOLE, "--out", "out", env=service(server))
        yield folder, server


def test_the_whole_recipe_runs_and_records_what_was_billed(
    finished: tuple[Path, FaultServer],
) -> None:
    folder, server = finished
    run = record(folder / "out")
    billed = {step["name"]: step.get("billed") for step in run["steps"]}
    assert billed["clean"] is billed["summarize"] is billed["polish"] is None
    assert billed["to-english"]["characters"] + billed["to-korean"]["characters"] == server.billed
    assert (
        run["spent"]["characters"] >= server.billed
    )  # the answer with one too few may have been billed
    assert run["versions"]["deepl"]
    assert all(
        set(step["verdicts"]) <= {"kept"} for step in run["steps"] if step["name"].startswith("to-")
    )
    with (folder / "out/predictions.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == [name for name, _ in ROWS]
    shown = pivot_sum(folder, "show", "out").stdout
    assert f"{billed['to-english']['characters']:,} characters" in shown
    assert f"billed in this run: {run['spent']['characters']:,} characters" in shown
    assert "billed" in shown


def test_the_key_is_in_no_file_and_in_nothing_printed(finished: tuple[Path, FaultServer]) -> None:
    folder, server = finished
    ran = pivot_sum(folder, *WHOLE, "--json", env=service(server))
    assert KEY not in ran.stdout + ran.stderr
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {"run.json", "cache.sqlite3"} <= {path.name for path in files}
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_run_again_it_asks_for_nothing(finished: tuple[Path, FaultServer]) -> None:
    folder, server = finished
    before = len(server.asked)
    run = json.loads(
        pivot_sum(folder, *WHOLE, "--budget", "0", "--json", env=service(server)).stdout
    )
    assert len(server.asked) == before
    assert [step["billed"] for step in run["steps"] if "billed" in step] == [{"characters": 0}] * 2
    assert "spent" not in run


def test_offline_it_needs_no_key_no_network_and_no_package(
    finished: tuple[Path, FaultServer],
) -> None:
    folder, _ = finished
    program = WATCHED.replace('"torch", ', '"torch", "deepl", "requests", "tenacity", ')
    done = subprocess.run(
        [sys.executable, "-c", program, *WHOLE, "--offline", "--out", "replay"],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, "imported: []"), done.stderr
    assert (folder / "replay/predictions.csv").read_bytes() == (
        folder / "out/predictions.csv"
    ).read_bytes()


def test_a_dry_run_says_what_would_be_billed_without_key_or_request(
    project: Path, deepl_server: FaultServer
) -> None:
    environment = {"DEEPL_SERVER_URL": deepl_server.url}
    ran = pivot_sum(project, *FIRST_HALF, "--dry-run", env=environment)
    assert "to bill" in ran.stdout
    plans = json.loads(
        pivot_sum(project, *FIRST_HALF, "--dry-run", "--json", env=environment).stdout
    )
    assert plans[0]["cost"] is None
    assert plans[1]["cost"]["characters"] > 0
    assert f"to bill in all: {plans[1]['cost']['characters']:,} characters\n" in ran.stdout
    assert "estimate" not in ran.stdout
    assert deepl_server.asked == []
    whole = pivot_sum(project, *RUN, "--dry-run", "--offline", env=environment)
    assert "0 characters and more" in whole.stdout, "what the summaries will cost is not known yet"

    pivot_sum(project, *FIRST_HALF, "--out", "out", env=service(deepl_server))
    assert (
        record(project / "out")["steps"][1]["billed"]
        == plans[1]["cost"]
        == {"characters": deepl_server.billed}
    )
    plans = json.loads(
        pivot_sum(project, *FIRST_HALF, "--dry-run", "--json", env=environment).stdout
    )
    assert plans[1]["cost"] == {"characters": 0}


def test_a_budget_stops_the_run_and_the_next_one_goes_on(
    project: Path, deepl_server: FaultServer
) -> None:
    env = service(deepl_server)
    ran = pivot_sum(project, *FIRST_HALF, "--budget", "400", "--out", "first", env=env, code=62)
    assert "step 2 (to-english): the next request may be billed" in ran.message
    assert "of the budget of 400 characters are spent" in ran.message
    run = record(project / "first")
    assert (run["status"], run["options"]["budget"]) == ("failed", "400")
    assert run["spent"] == {"characters": deepl_server.billed} and deepl_server.billed <= 400
    complete = {turn for turn, times in deepl_server.answered.items() if "번이에요" not in turn}
    pivot_sum(project, *FIRST_HALF, "--budget", "5000", env=env)
    assert complete
    assert deepl_server.billed <= 5000


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("403", 60, "does not accept the key"),
        ("456", 61, "quota"),
        ("503", 63, "in 2 tries"),
        ("400", 64, "refused a request"),
    ],
)
def test_a_failure_has_its_exit_code_and_the_same_command_goes_on(
    fault: str, code: int, said: str, project: Path, deepl_server: FaultServer
) -> None:
    """Turn by turn, so that every answer is a row of its own."""
    words = [*FIRST_HALF, "--set", "to-english.over=turn", "--set", "to-english.context=0"]
    deepl_server.fail(fault, "좋아요", times=10)  # the shortest text goes last
    ran = pivot_sum(project, *words, "--out", "first", env=service(deepl_server), code=code)
    assert ran.message.startswith("step 2 (to-english): DeepL")
    assert said in ran.message
    assert KEY not in ran.stdout + ran.stderr
    assert record(project / "first")["error"] in ran.message.strip()
    before = set(deepl_server.answered)

    deepl_server.stop_failing()
    pivot_sum(project, *words, "--out", "second", env=service(deepl_server))
    assert all(deepl_server.answered[turn] == 1 for turn in before)
    assert set(deepl_server.answered.values()) == {1}
    run = record(project / "second")
    assert run["steps"][1]["cached"] == len(before) > 0
    assert KEY.encode() not in (project / CACHE).read_bytes()


def test_without_a_key_it_says_how_to_set_one(project: Path) -> None:
    ran = pivot_sum(project, *FIRST_HALF, code=60)
    assert ran.message.startswith(
        "step 2 (to-english): DeepL needs a key: set the environment variable DEEPL_AUTH_KEY"
    )


def test_a_recipe_whose_fields_do_not_go_together_is_refused_with_every_mistake(
    project: Path,
) -> None:
    ran = pivot_sum(
        project,
        *RUN,
        "--set",
        "to-english.over=turn",
        "--set",
        "to-english.formality=rude",
        code=20,
    )
    assert "steps[1] (to-english).formality: " in ran.message
    ran = pivot_sum(
        project, *RUN, "--set", "to-english.over=turn", "--set", "to-korean.snapshot=", code=20
    )
    assert (
        "steps[1] (to-english).context: a turn has no turns around it; write over: dialogue"
        in ran.message
    )
    assert "steps[3] (to-korean).snapshot: " in ran.message
