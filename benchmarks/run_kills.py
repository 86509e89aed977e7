"""Whole runs killed at random moments: `python benchmarks/run_kills.py [--kills N]`.

Runs the demo's pivot over a few dialogues once in peace, and then again and again: a process is
killed with SIGKILL at a random moment, the same command is typed again, killed again, until one
comes to its end. What it gives, the predictions and the texts of every step, has to be the bytes of
the undisturbed run; the cache has to verify, and nothing half-written may lie about. Every other
series begins with an empty cache, the others go on with what is there and kill runs that only read.
A moment is drawn from the time that such a run took when it last came to its end, so that most are
killed whatever else the machine does. Prints the figure last; exits with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = (sys.executable, "-m", "pivot_sum")
MOST_KILLS_OF_ONE = 12


class Project:
    """A working folder with data, and the command that is run in it, with `more` options."""

    def __init__(self, place: Path, dialogues: int, more: Sequence[str] = ()) -> None:
        from pivot_sum.data.files import DEMO_FILE

        self.place, self.more = place, more
        lines = DEMO_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
        (place / "data.jsonl").write_text("".join(lines[:dialogues]), encoding="utf-8")
        self.environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "PIVOT_SUM_MODELS": str(place / "models"),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, out: str, cache: str) -> subprocess.Popen[bytes]:
        """Begin a run."""
        words = ("run", "demo-pivot", "--data", "data.jsonl", "--out", out, "--cache", cache)
        return subprocess.Popen(
            [*PROGRAM, *words, *self.more],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def whole(self, out: str, cache: str) -> None:
        """A run that comes to its end. Raises RuntimeError where it does not."""
        process = self.start(out, cache)
        _, said = process.communicate()
        if process.returncode:
            raise RuntimeError(said.decode("utf-8", "replace"))

    def verify(self, cache: str) -> None:
        """Raises CalledProcessError where the cache does not verify."""
        subprocess.run(
            [*PROGRAM, "cache", "verify", "--cache", cache],
            cwd=self.place,
            env=self.environment,
            check=True,
            capture_output=True,
        )

    def result(self, out: str) -> dict[str, bytes]:
        """The bytes that every run has to give."""
        folder = self.place / out
        files = [folder / "predictions.csv", *sorted((folder / "steps").iterdir())]
        return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def killed(project: Project, out: str, cache: str, after: float) -> float | None:
    """Start a run and kill it after some seconds; None, or how many seconds it took where it had
    ended before."""
    began = time.monotonic()
    process = project.start(out, cache)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.communicate()
    return None if process.returncode == -signal.SIGKILL else time.monotonic() - began


def series(
    project: Project, number: int, cache: str, rng: random.Random, seconds: float, most: int
) -> tuple[int, list[str]]:
    """Kill a run some times, then let it end: how many were killed, and what differs then."""
    kills = 0
    for attempt in range(rng.randint(1, min(most, MOST_KILLS_OF_ONE))):
        out = f"killed-{number}-{attempt}"
        took = killed(project, out, cache, rng.uniform(0, seconds))
        if took is None:
            kills += 1
        else:  # all is in the cache by now, or the machine has less to do
            seconds = took
        shutil.rmtree(project.place / out, ignore_errors=True)
    out = f"whole-{number}"
    project.whole(out, cache)
    project.verify(cache)
    peace, found = project.result("peace"), project.result(out)
    different = sorted(
        {*peace, *found} - {name for name in peace if peace[name] == found.get(name)}
    )
    left = [path.name for path in (project.place / out).rglob(".*.tmp")]
    shutil.rmtree(project.place / out)
    return kills, different + left


def disturbed(kills: int, seed: int, dialogues: int, say: bool = True) -> tuple[int, int, int]:
    """Kill so many runs: how many were killed, how many came to their end, how many of these were
    not as the undisturbed one."""
    rng = random.Random(seed)
    done = ended = wrong = 0
    with tempfile.TemporaryDirectory() as place:
        project = Project(Path(place), dialogues)
        project.whole("warm", "warm.sqlite3")  # converts the models
        began = time.monotonic()
        project.whole("peace", "peace.sqlite3")
        seconds = time.monotonic() - began
        while done < kills:
            if ended % 2 == 0:
                (project.place / "cache.sqlite3").unlink(missing_ok=True)
            more, different = series(project, ended, "cache.sqlite3", rng, seconds, kills - done)
            done, ended, wrong = done + more, ended + 1, wrong + bool(different)
            if say and (different or ended % 10 == 0):
                print(f"{done} kills, {ended} runs: {different or 'equal'}", flush=True)
    return done, ended, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, compare, count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialogues", type=int, default=12)
    given = parser.parse_args(arguments)
    began = time.monotonic()
    done, ended, wrong = disturbed(given.kills, given.seed, given.dialogues)
    print(
        f"{done} runs killed in {time.monotonic() - began:,.0f} s; {ended - wrong} of {ended} runs"
        " behind them gave the bytes of the undisturbed one"
    )
    return 1 if wrong or done < given.kills else 0


if __name__ == "__main__":
    sys.exit(main())
