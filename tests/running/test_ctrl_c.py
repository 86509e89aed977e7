"""Ctrl+C keeps what was finished, and says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import PROGRAM, environment

from pivot_sum.commands.main import main


def step_interrupted() -> None:
    raise KeyboardInterrupt("step 2 (to-english): 8 of 12 missing texts are kept")


def loading_interrupted() -> None:
    raise ImportError("initialization failed") from KeyboardInterrupt()  # as pybind11 does


@pytest.mark.parametrize(
    ("interrupted", "said"),
    [
        (
            step_interrupted,
            "interrupted in step 2 (to-english): 8 of 12 missing texts are kept\n",
        ),
        (
            loading_interrupted,
            "interrupted; what was computed is in the cache, the same command goes on from there\n",
        ),
    ],
)
def test_ctrl_c_says_what_is_kept_also_where_a_library_made_an_error_of_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    interrupted: Callable[[], None],
    said: str,
) -> None:
    monkeypatch.setattr("pivot_sum.commands.run.execute", lambda request: interrupted())
    monkeypatch.setattr("sys.argv", ["pivot-sum", "run"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == said


SLOW = """
import time
from dataclasses import dataclass
from typing import ClassVar
from pivot_sum.stages.base import Answer, Annotating
from pivot_sum.stages.finishing import keeper


@dataclass(frozen=True, kw_only=True)
class Slow(Annotating):
    name: ClassVar[str] = "slow"
    version: ClassVar[int] = 1
    task: ClassVar[str] = "rewrite"
    placeholders: ClassVar[str] = "keep"
    source: str = "ko"
    target: str = "ko"
    batch_size: int = 100

    def answers(self, texts, /):
        for place, text in enumerate(texts):
            if place == 3:
                open("waiting", "w").close()
                time.sleep(60)
            keeper().finished({text: Answer(text)})
        return [Answer(text) for text in texts]
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_real_signal_keeps_what_a_stage_of_somebody_else_had_finished(
    number: signal.Signals, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    (tmp_path / "r.yaml").write_text(
        "data: {reference_language: ko}\nsteps:\n  - {name: say, stage: 'slow:Slow', over:"
        " dialogue}\n",
        encoding="utf-8",
    )
    lines = [f"d{number},#Person1#: 말 {number}" for number in range(7)]
    (tmp_path / "d.csv").write_text("\n".join(["fname,dialogue", *lines]), encoding="utf-8")
    command = [*PROGRAM, "run", "r.yaml", "--data", "d.csv", "--out", "out"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # What a shell starts with `&` ignores it, and its children with it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while not (tmp_path / "waiting").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (
        "interrupted in step 1 (say): 3 of 7 missing texts are computed and kept; the same command"
        " goes on from there" in said
    )
    record = json.loads((tmp_path / "out/run.json").read_text(encoding="utf-8"))
    assert (record["status"], record["error"]) == ("failed", "interrupted")
