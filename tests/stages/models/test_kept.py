"""Checkpoints that are made once and kept: whole or not there at all, by one process at a time,
whatever the clock says."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pivot_sum.stages.errors import DamagedModel
from pivot_sum.stages.models.kept import keep

AT_WORK = """
import sys, time
from pivot_sum.stages.models.kept import keep

def make(target):
    (target / "model.bin").write_text("whole")
    print("at work", flush=True)
    sys.stdin.readline()

keep("large", "making", make)
"""


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they are kept during a test."""
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def other(kept: Path) -> subprocess.Popen[str]:
    """Another process, which makes `large` until it is told to go on, and which a clock set forward
    shows as begun two days ago."""
    process = subprocess.Popen(
        [sys.executable, "-c", AT_WORK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "at work\n"
    then = time.time() - 48 * 3600
    os.utime(kept / "unfinished-large", (then, then))
    return process


def names(kept: Path) -> list[str]:
    return sorted(path.name for path in kept.iterdir())


def nothing(target: Path) -> None:
    pass


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DamagedModel("damaged")])
def test_what_stops_in_the_middle_leaves_nothing(error: BaseException, kept: Path) -> None:
    def make(target: Path) -> None:
        (target / "model.bin").write_bytes(b"half")
        raise error

    with pytest.raises(type(error)):
        keep("name", "converting", make)
    assert names(kept) == []


def test_what_another_process_makes_is_left_alone_whatever_the_clock_says(
    other: subprocess.Popen[str], kept: Path
) -> None:
    keep("small", "making", nothing)
    assert names(kept) == ["small", "unfinished-large", "unfinished-large.lock"]
    _, _ = other.communicate("go on\n", timeout=60)
    assert other.returncode == 0 and names(kept) == ["large", "small"]
    assert (kept / "large" / "model.bin").read_text() == "whole"


def test_who_wants_what_another_process_makes_waits_for_it(
    other: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def go_on(note: str, *_: object) -> None:
        assert other.stdin is not None
        said.append(note)
        other.stdin.write("go on\n")
        other.stdin.flush()

    monkeypatch.setattr("pivot_sum.stages.models.kept.log.warning", go_on)
    assert (keep("large", "making", nothing) / "model.bin").read_text() == "whole"
    assert said == ["another process makes %s; this one waits for it"]
    other.communicate(timeout=60)


@pytest.mark.parametrize("wanted", ["small", "large"])
def test_what_a_killed_process_left_is_cleared_away_at_once(
    wanted: str, other: subprocess.Popen[str], kept: Path
) -> None:
    other.send_signal(signal.SIGKILL)
    other.communicate(timeout=60)
    assert "unfinished-large" in names(kept)
    assert list(keep(wanted, "making", nothing).iterdir()) == []
    assert names(kept) == [wanted]


def test_what_makes_one_may_make_another_for_it(kept: Path) -> None:
    def outer(target: Path) -> None:
        (target / "of").write_text(keep("inner", "making", nothing).name)

    assert (keep("outer", "making", outer) / "of").read_text() == "inner"
    assert names(kept) == ["inner", "outer"]
