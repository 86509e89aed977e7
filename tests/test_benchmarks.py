"""Every benchmark starts: what it imports is there, and it says what it measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"
PROGRAMS = [
    path for path in sorted(FOLDER.glob("*.py")) if "__main__" in path.read_text(encoding="utf-8")
]


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_a_benchmark_says_what_it_measures(program: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, program, "--help"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert f"benchmarks/{program.name}" in done.stdout or "usage:" in done.stdout
