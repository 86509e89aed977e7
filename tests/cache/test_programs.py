"""The programs that try to break the cache, in short; docs/cache.md has figures of full runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def ran(program: str, *arguments: str) -> str:
    """The last line of a program that has to end well."""
    command = [sys.executable, str(BENCHMARKS / program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout.splitlines()[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_no_acknowledged_row_is_lost_when_writers_are_killed(tmp_path: Path) -> None:
    figure = ran("cache_kills.py", "--rounds", "6", "--folder", str(tmp_path))
    assert figure.startswith("6 rounds, 24 kills,") and figure.endswith("0 lost, 0 wrong")
    assert ", of 0 acknowledged" not in figure


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGALRM")
def test_no_damage_gives_a_wrong_text_a_traceback_or_a_hang(tmp_path: Path) -> None:
    figure = ran("cache_damage.py", "--damages", "64", "--folder", str(tmp_path))
    assert figure.startswith("64 damages") and ": 0 wrong texts" in figure
