"""Runs that are killed and typed again give the bytes of an undisturbed one. The long form is
benchmarks/run_kills.py."""

from __future__ import annotations

from run_kills import disturbed


def test_killed_runs_go_on_to_the_same_bytes() -> None:
    done, ended, wrong = disturbed(kills=4, seed=7, dialogues=3, say=False)
    assert (done, wrong) == (4, 0) and ended >= 1
