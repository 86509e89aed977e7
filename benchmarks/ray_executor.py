"""Ray beside one process: `python benchmarks/ray_executor.py [--data FILE]`.

First the time: the demo pivot over some dialogues (of FILE), from an empty cache, in one process,
on one actor of Ray with all cores, and on two that share them, in turn; whole commands, with the
start of Ray and of the actors. Then kills: runs on Ray, of which a worker is killed with SIGKILL at
a random moment, or in every third the driver, whose command is then typed again. Whatever is
killed, what a run gives in the end has to be the bytes of the local run, and the cache has to
verify.

Prints the figures last; exits with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from run_kills import Project

WAYS: dict[str, tuple[str, ...]] = {
    "one process": (),
    "Ray, 1 actor": ("--on", "ray", "--actors", "1"),
    "Ray, 2 actors": ("--on", "ray", "--actors", "2"),
}
WORKER = b"ray::RemoteStage"
"""How Ray calls the processes of actors."""


def descendants(parent: int) -> list[int]:
    """The processes below one, now."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    below: dict[int, list[int]] = {}
    for line in listed.splitlines():
        child, of = map(int, line.split())
        below.setdefault(of, []).append(child)
    found, waiting = [], [parent]
    while waiting:
        children = below.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def workers(driver: int) -> list[int]:
    """The processes of a driver's actors."""
    found = []
    for process in descendants(driver):
        with suppress(OSError):  # it may have ended
            if Path(f"/proc/{process}/cmdline").read_bytes().startswith(WORKER):
                found.append(process)
    return found


def timed(project: Project, rounds: int, data: Sequence[str]) -> dict[str, list[float]]:
    """The seconds of whole runs over some data, in each way."""
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for way, more in WAYS.items():
            project.more = (*more, *data)
            began = time.monotonic()
            project.whole(f"timed-{number}-{way}", f"timed-{number}-{way}.sqlite3")
            seconds[way].append(time.monotonic() - began)
            print(f"round {number + 1}, {way}: {seconds[way][-1]:.1f} s", flush=True)
    return seconds


def killed(project: Project, cache: str, out: str, rng: random.Random, driver: bool) -> bool:
    """One run of which a worker, or the driver, is killed some moments after a worker began, typed
    again where it was the driver; whether anything was killed."""
    process = project.start(out, cache)
    deadline = time.monotonic() + 120
    while not (found := workers(process.pid)) and process.poll() is None:
        if time.monotonic() > deadline:
            raise RuntimeError("no worker was started")
        time.sleep(0.1)
    time.sleep(rng.uniform(0, 8))
    found = workers(process.pid)
    done = False
    with suppress(ProcessLookupError, IndexError):
        os.kill(process.pid if driver else rng.choice(found), signal.SIGKILL)
        done = True
    _, said = process.communicate()
    if driver and process.returncode == -signal.SIGKILL:
        shutil.rmtree(project.place / out, ignore_errors=True)
        project.whole(out, cache)
    elif process.returncode:
        raise RuntimeError(said.decode("utf-8", "replace"))
    return done and (not driver or process.returncode == -signal.SIGKILL)


def disturbed(project: Project, kills: int, rng: random.Random) -> tuple[int, int, int]:
    """Kill so often: the workers and drivers killed, and how many runs differ in the end."""
    of_workers = of_drivers = wrong = number = 0
    while of_workers + of_drivers < kills:
        number += 1
        out, cache, driver = f"killed-{number}", f"killed-{number}.sqlite3", number % 3 == 0
        done = killed(project, cache, out, rng, driver)
        of_workers, of_drivers = of_workers + (done and not driver), of_drivers + (done and driver)
        project.verify(cache)
        same = project.result(out) == project.result("peace")
        wrong += not same
        print(f"{of_workers + of_drivers} kills: {'equal' if same else out}", flush=True)
    return of_workers, of_drivers, wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, kill, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="for the times; default: the demo's dialogues")
    parser.add_argument("--dialogues", type=int, default=96, help="for the times")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    lines = []
    with tempfile.TemporaryDirectory() as place:
        project = Project(Path(place), given.dialogues)
        project.environment.pop("OMP_NUM_THREADS")  # all cores
        project.whole("warm", "warm.sqlite3")  # converts the models
        data = ["--data", str(given.data.resolve())] if given.data else []
        seconds = timed(
            project, given.rounds, [*data, "--limit", str(given.dialogues), "--no-score"]
        )
        for way, found in seconds.items():
            ratios = [one / own for one, own in zip(found, seconds["one process"], strict=True)]
            lines.append(
                f"| {way} | {statistics.median(found):.1f} | {statistics.median(ratios):.2f} |"
                f" {min(ratios):.2f} to {max(ratios):.2f} |"
            )
    with tempfile.TemporaryDirectory() as place:
        project = Project(Path(place), 12)
        project.environment.pop("OMP_NUM_THREADS")
        project.whole("peace", "peace.sqlite3")
        project.more = WAYS["Ray, 2 actors"]
        of_workers, of_drivers, wrong = disturbed(project, given.kills, random.Random(given.seed))
    print(
        f"{given.dialogues} dialogues, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" {date.today()}, load {os.getloadavg()[0]:.0f}"
    )
    print("| | s, median | times one process | spread |", "|---|--:|--:|--:|", *lines, sep="\n")
    print(
        f"{of_workers} workers and {of_drivers} drivers killed; {wrong} runs gave other bytes than"
        " the local run"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
