"""Tracking tools: what is asked of them before anything is computed, and runs and comparisons in
them."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import wandbfile
from commandline import pivot_sum

from pivot_sum.errors import TrackingRefused
from pivot_sum.tracking import tools
from pivot_sum.tracking.tools import Asked, require_tools, tracked


@pytest.fixture
def no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which nobody has logged in to Weights & Biases."""
    import wandb

    for name in ("WANDB_MODE", "WANDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.chdir(tmp_path)
    wandb.teardown()
    yield
    wandb.teardown()


def test_a_key_that_is_missing_is_said_and_never_asked_for(
    no_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda *_: pytest.fail("asked"))
    monkeypatch.setattr("getpass.getpass", lambda *_: pytest.fail("asked"))
    with pytest.raises(TrackingRefused, match=r"has no key here.*WANDB_MODE=offline"):
        require_tools(["wandb"])


def test_offline_needs_no_key(no_key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert require_tools(["tensorboard", "wandb", "wandb"]) == ["tensorboard", "wandb"]


def test_a_missing_package_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "find_spec", lambda name: None)
    with pytest.raises(TrackingRefused, match=r"pip install 'pivot-sum\[tracking\]'"):
        require_tools(["mlflow"])


def test_an_unknown_tool_is_refused_before_anything_is_run(tmp_path: Path) -> None:
    ran = pivot_sum(tmp_path, "run", "--limit", 1, "--report-to", "wanb", code=84)
    assert "did you mean 'wandb'?" in ran.message
    assert not (tmp_path / "runs").exists()


def test_every_tool_is_ended_and_errors_of_one_are_told_in_one_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[tuple[str, bool]] = []

    class Broken:
        def __init__(self, asked: Asked) -> None:
            pass

        def log(self, values: Mapping[str, float]) -> None:
            raise ConnectionError("no route")

        def close(self, failed: bool) -> None:
            ended.append((type(self).__name__, failed))
            raise OSError("disk full")

    class Other(Broken):
        pass

    monkeypatch.setattr(tools, "_OPEN", {"tensorboard": Broken, "mlflow": Other})
    both = ["tensorboard", "mlflow"]
    with (
        pytest.raises(TrackingRefused, match="cannot log a run: no route"),
        tracked(both, Asked("run", {})) as runs,
    ):
        runs[0].log({"final": 1.0})
    assert ended == [("Other", True), ("Broken", True)] and "disk full" in caplog.text
    ended.clear()
    with (
        pytest.raises(TrackingRefused, match="tensorboard cannot end a run: disk full"),
        tracked(both, Asked("run", {})),
    ):
        pass
    assert ended == [("Other", False), ("Broken", False)]


def test_a_result_is_printed_although_it_cannot_be_logged(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    words = ["run", "demo-direct", "--limit", 1, "--report-to", "tensorboard", "--out", "direct"]
    env = {"TENSORBOARD_LOGGING_DIR": str(tmp_path / "file")}
    ran = pivot_sum(tmp_path, *words, env=env, code=84)
    assert "run folder: direct" in ran.stdout
    assert "tensorboard cannot begin a run" in ran.stderr
    assert ran.stderr.rstrip().endswith("The run itself is finished, in direct")

    words[-1] = "again"
    ran = pivot_sum(tmp_path, *words, "--json", env=env, code=84)
    found = json.loads(ran.stdout)
    assert (found["folder"], found["status"]) == ("again", "finished") and found["scores"]
    assert "tensorboard cannot begin a run" in ran.stderr

    words = ["compare", "direct", "again", "--limit", 1, "--report-to", "tensorboard", "--json"]
    ran = pivot_sum(tmp_path, *words, env=env, code=84)
    assert len(json.loads(ran.stdout)["differences"]) == 1
    assert "tensorboard cannot begin a run" in ran.stderr


OFFLINE = {"WANDB_MODE": "offline", "WANDB_BASE_URL": "http://127.0.0.1:9"}


def test_a_run_and_a_comparison_are_logged_without_a_text_of_the_data(tmp_path: Path) -> None:
    report_to = ["--report-to", "wandb", "--report-to", "tensorboard"]
    words = ["run", "demo-direct", "--limit", 2, "--out", "direct", *report_to, "--json"]
    direct = json.loads(pivot_sum(tmp_path, *words, env=OFFLINE).stdout)
    [file] = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
    run, _, config, summary = wandbfile.logged(file)
    assert run.display_name == "direct"
    assert summary["final"] == direct["scores"]["final"]
    assert config["signature"] == direct["scores"]["signature"]
    assert config["recipe"]["name"] == "demo-direct" and config["folder"] == "direct"

    shutil.copyfile(tmp_path / "direct" / "predictions.csv", tmp_path / "same.csv")
    compared = json.loads(
        pivot_sum(
            tmp_path,
            "compare",
            "direct",
            "same.csv",
            "--limit",
            2,
            *report_to,
            "--json",
            env=OFFLINE,
        ).stdout
    )
    [newest] = set((tmp_path / "wandb").glob("offline-run-*/*.wandb")) - {file}
    run, _, config, summary = wandbfile.logged(newest)
    assert run.display_name == "compare-demo-direct-same"
    assert config["signatures"] == compared["signatures"]
    assert summary["same/difference"] == 0.0
    assert summary["demo-direct/final"] == compared["rows"][0]["scores"]["whole"]["final"]

    with (tmp_path / "direct" / "predictions.csv").open(encoding="utf-8", newline="") as rows:
        texts = [row["summary"].encode() for row in csv.DictReader(rows)]
    written = [
        path.read_bytes()
        for folder in ("wandb", "tensorboard")
        for path in (tmp_path / folder).rglob("*")
        if path.is_file()
    ]
    assert len(texts) == 2 and written
    assert not [text for text in texts if any(text in content for content in written)]
