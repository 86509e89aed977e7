"""One recipe in several regimes: a row each, in a process each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from commandline import PROGRAM, environment, pivot_sum
from trainings import TINY, with_files

from pivot_sum import PivotSumError
from pivot_sum.training.record import Point, RecordedFile, TrainingRecord
from pivot_sum.training.regimes import REGIMES, RegimesRequest, compare_regimes
from pivot_sum.training.regimes_page import cells, write_page
from pivot_sum.training.regimes_result import Regime, Regimes
from pivot_sum.training.train import Training
from pivot_sum.training.work import _peak_memory

PATIENCE = 120.0
"""Seconds until something that does not happen is taken for broken."""
WORDS = ("regimes", "mine.yaml", "--data", "train.csv", "--dev", "dev.csv", "--out", "out")


@pytest.fixture
def project(bart: Path, tmp_path: Path) -> Path:
    """A folder with a recipe of two steps and its data."""
    settings = {**TINY["settings"], "num_train_epochs": 2, "threads": 1}
    recipe = {**TINY, "model": str(bart), "settings": settings}
    with_files(tmp_path, train_rows=12, dev_rows=2)
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return tmp_path


def wait_until_finished(folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (folder / "training.json").exists() or not is_finished(folder):
        assert time.monotonic() < deadline, f"{folder} is not finished"
        time.sleep(0.01)


def is_finished(folder: Path) -> bool:
    return Training.load(folder).record.status == "finished"


def running_on(folder: Path) -> list[str]:
    """The processes whose command line names this folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"pivot_sum.training.beside" in words and str(folder).encode() in b" ".join(words):
            found.append(process.name)
    return found


@pytest.mark.slow
def test_five_regimes_killed_in_the_middle_train_only_the_rest(project: Path) -> None:
    out = project / "out"
    words = [*WORDS[:-1], str(out)]
    process = subprocess.Popen(
        [*PROGRAM, *words], cwd=project, env=environment(project), stderr=subprocess.DEVNULL
    )
    try:
        wait_until_finished(out / "scratch")
    finally:
        process.kill()
        process.wait()
    if sys.platform == "linux":
        deadline = time.monotonic() + PATIENCE
        while running_on(out):
            assert time.monotonic() < deadline, "the training outlives the command that began it"
            time.sleep(0.01)
    kept = {name: os.stat(out / name / "model.safetensors") for name in ("as-is", "scratch")}

    ran = pivot_sum(project, *words, "--json")
    assert "regime lora:" in ran.stderr and "regime scratch:" not in ran.stderr
    for name, before in kept.items():
        assert os.stat(out / name / "model.safetensors") == before
    made = json.loads(ran.stdout)
    assert made == json.loads((out / "regimes.json").read_text(encoding="utf-8"))
    rows = {row["regime"]: row for row in made["regimes"]}
    assert rows.keys() == REGIMES.keys()
    scores = [row["scores"]["final"] for row in made["regimes"]]
    assert scores == sorted(scores, reverse=True)
    assert made["best"] == made["regimes"][0]["regime"]
    assert {name: row["steps"] for name, row in rows.items()} == {
        name: 0 if name == "as-is" else 2 for name in REGIMES
    }
    assert rows["as-is"]["seconds_an_epoch"] is None and rows["full"]["seconds_an_epoch"] > 0
    learned = [rows[name]["trainable"] for name in ("as-is", "lora", "decoder", "full")]
    assert learned[0] == 0 and learned == sorted(learned)
    assert rows["full"]["trainable"] == rows["scratch"]["trainable"] == rows["full"]["parameters"]
    assert all(row["peak_memory"] > 0 and not row["error"] for row in rows.values())
    start = Training.load(out / "full").record.at_start
    assert rows["as-is"]["scores"] == start != Training.load(out / "scratch").record.at_start

    lines = pivot_sum(project, *words).stdout.splitlines()
    assert lines[0] == "regimes of mine, the best first by final"
    assert lines[2].startswith(f"{made['best']} *") and len(lines[2:7]) == 5
    again = pivot_sum(project, *words, "--set", "full:settings.seed=1", code=82)
    assert "out/full holds another training" in again.message.replace(f"{project}/", "")


@pytest.mark.slow
def test_a_regime_that_fails_is_a_row_with_its_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    request = RegimesRequest(
        recipe="mine.yaml",
        regimes=("lora", "as-is"),
        settings=("lora:lora.target_modules=[nothing]",),
        train_file="train.csv",
        dev_file="dev.csv",
        folder=Path("out"),
    )
    said: list[str] = []
    made = compare_regimes(request, said.append)
    assert [row.name for row in made.rows] == ["as-is", "lora"]
    assert made.best is made.rows[0]
    assert made.rows[1].error.startswith("lora.target_modules: ")
    assert any(line.startswith("regime lora ended with an error: ") for line in said)
    failed = made.to_pandas().set_index("regime").loc["lora"]
    assert failed["error"] == made.rows[1].error and failed["folder"] == "out/lora"
    ran = pivot_sum(project, *WORDS, "--regimes", "lora", "--set", request.settings[0], code=83)
    assert "lora: lora.target_modules: " in ran.stdout


def of_regime(name: str, scores: list[float], folder: Path, error: str = "") -> Regime:
    """A regime with a dev score at each step."""
    file = RecordedFile(file="dev.csv", sha256="0", rows=1, examples=1)
    record = TrainingRecord(
        name=name, key="k", recipe={}, base={}, train=file, dev=file, started="", versions={}
    )
    record.history = [
        Point(step=step, epoch=step, values={"eval_final": score, "eval_loss": 9 - score / 20})
        for step, score in enumerate(scores)
    ]
    record.best_step, record.scores = len(scores) - 1, {"final": scores[-1], "loss": 1.0}
    record.signatures = {"rouge": "rouge-f1|tok:mecab-ko"}
    return Regime(name, folder / name, record, error)


def test_the_page_has_the_table_and_a_curve_for_each_regime_with_a_result(tmp_path: Path) -> None:
    rows = (
        of_regime("full", [12.5, 30.25], tmp_path),
        of_regime("as-is", [12.5], tmp_path),
        of_regime("lora", [12.5], tmp_path, error="no such layers <here>"),
    )
    made = Regimes(tmp_path, "train-kobart", "final", rows)
    write_page(made)
    html = (tmp_path / "regimes.html").read_text(encoding="utf-8")
    assert html.count("<figure>") == 2 and html.count('href="full/training.html"') == 1
    assert "30.25" in html and "no such layers &lt;here&gt;" in html
    assert "lora/training.html" not in html and "rouge-f1|tok:mecab-ko" in html
    assert cells(made, rows[2]) == ["-"] * len(cells(made, rows[0]))


@pytest.mark.parametrize(
    ("chosen", "settings", "said"),
    [
        (
            ["full", "scrach"],
            [],
            "no regime 'scrach' (did you mean 'scratch'?); there are",
        ),
        (["full", "full"], [], "name each once"),
        ([], [], "at least one of as-is, scratch"),
        (["full"], ["lorra:lora.rank=1"], "there is no regime 'lorra'"),
        (["full"], ["full:settings.sed=1"], "settings.sed"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_trained(
    project: Path, chosen: list[str], settings: list[str], said: str
) -> None:
    with pytest.raises(PivotSumError) as refused:
        compare_regimes(RegimesRequest(str(project / "mine.yaml"), chosen, settings))
    assert said in str(refused.value)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_peak_of_memory_is_not_that_of_the_process_that_began_it() -> None:
    """Linux hands `ru_maxrss` on to what a process starts."""
    import torch

    big = b"x" * 1_500_000_000
    code = (
        "import torch\nfrom pivot_sum.training.work import _peak_memory\n"
        "print(_peak_memory(torch.device('cpu')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert _peak_memory(torch.device("cpu")) > len(big) > int(done.stdout)
