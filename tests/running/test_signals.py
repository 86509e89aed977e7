"""Commands that are interrupted at random moments. The long form is benchmarks/signals.py."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from signals import disturbed


def test_an_interrupted_command_leaves_nothing_half_done_and_can_be_typed_again() -> None:
    ends, wrong = disturbed(rounds=6, seed=3, dialogues=2, only=("report", "run", "export"))
    assert not wrong and ends.total() == 6


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_program_is_loaded_is_one_word(number: signal.Signals) -> None:
    code = (
        "import os, sys, types\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == 'pivot_sum.commands.main': os.kill(os.getpid(), {int(number)})\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from pivot_sum.__main__ import run\n"
        "run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert (done.returncode, done.stderr, done.stdout) == (130, "interrupted\n", "")
