"""Commands interrupted at random moments: `python benchmarks/signals.py [--rounds N]`.

Ctrl-C (SIGINT) and SIGTERM in turn, to every command that works on data, runs or caches, between
its first line of Python and the time that it took when it last came to its end, just before: the
program measures it once, and again whenever it types an interrupted command a second time, so most
signals find it at work whatever else the machine does. It has to end with 130 and one message, or
with 0 where it was done before; no traceback, no draft and no unfinished folder may be left,
every file that it writes has to be as it was or whole, and the same command typed again has to come
to its end. Prints the figure last; exits with 1 where anything falls short.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
SIGNALS = (signal.SIGINT, signal.SIGTERM)
BEGIN = """
import signal, sys
class Begun:
    def find_spec(self, name, *_):
        if name == "pivot_sum.commands.main":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
sys.meta_path.insert(0, Begun())
sys.argv[0] = "pivot-sum"
from pivot_sum.__main__ import run
run()
"""
"""Python itself, while it starts, says in its own way that it was interrupted: until the program
begins to load its commands, a signal waits."""
COMMANDS: Mapping[str, Sequence[str]] = {
    "run": ("run", "demo-pivot", "--data", "data.jsonl", "--out", "new", "--cache", "new.sqlite3"),
    "replay": ("run", "demo-pivot", "--data", "data.jsonl", "--out", "again", "--offline"),
    "show": ("show", "done", "--id", "demo_0", "--json"),
    "score": ("score", "done", "--json"),
    "compare": ("compare", "done", "other", "--resamples", "100", "--json"),
    "report": ("report", "done", "other", "--resamples", "100", "--out", "page.html"),
    "eda": ("eda", "data.jsonl", "--out", "eda.html"),
    "attribute": ("attribute", "done", "--out", "attribution.json"),
    "route": ("route", "done", "other", "--out", "chosen.csv"),
    "submit": ("submit", "done", "--test", "data.jsonl", "--fix", "fixed.csv"),
    "augment": ("augment", "--data", "data.jsonl", "--swap", "--out", "more.jsonl"),
    "split": ("split", "--data", "data.jsonl", "--folds", "2", "--out", "folds"),
    "overlap": ("overlap", "data.jsonl", "data.jsonl", "--write", "left.jsonl"),
    "explain": ("cache", "explain", "demo-pivot", "--data", "data.jsonl"),
    "export": ("cache", "export", "export.sqlite3"),
    "import": ("cache", "import", "whole.sqlite3", "--cache", "imported.sqlite3"),
    "verify": ("cache", "verify"),
    "doctor": ("doctor",),
}
MADE = (
    *("new", "again", "fixed.csv", "more.jsonl", "folds", "export.sqlite3", "chosen.csv"),
    *("chosen.csv.json", "chosen.json", "left.jsonl", "new.sqlite3", "imported.sqlite3"),
)
"""What a command would not write a second time: removed before each round."""
WHOLE: Mapping[str, Callable[[Path], bool]] = {
    ".html": lambda path: path.read_text(encoding="utf-8").rstrip().endswith("</html>"),
    ".json": lambda path: json.loads(path.read_text(encoding="utf-8")) is not None,
    ".jsonl": lambda path: all(map(json.loads, path.read_text(encoding="utf-8").splitlines())),
    ".csv": lambda path: path.read_bytes().endswith(b"\n") and bool(
        list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    ),
}  # fmt: skip


class Project:
    """A folder with data, two finished runs, their cache and an export of it."""

    def __init__(self, place: Path, dialogues: int) -> None:
        from pivot_sum.data.files import DEMO_FILE

        self.place = place
        lines = DEMO_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
        (place / "data.jsonl").write_text("".join(lines[:dialogues]), encoding="utf-8")
        self.environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        self.environment |= {"PIVOT_SUM_MODELS": str(place / "models"), "MPLBACKEND": "Agg"}
        for recipe, out in (("demo-pivot", "done"), ("demo-direct", "other")):
            self.whole(("run", recipe, "--data", "data.jsonl", "--out", out))
        self.whole(("cache", "export", "whole.sqlite3"))

    def start(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Begin a command, in which signals wait until Python has started."""
        return subprocess.Popen(
            [sys.executable, "-c", BEGIN, *words],
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: (
                signal.signal(signal.SIGINT, signal.default_int_handler),
                signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS),
            ),
        )

    def whole(self, words: Sequence[str]) -> float:
        """Run a command to its end: how many seconds it took. Raises RuntimeError where it
        fails."""
        began = time.monotonic()
        process = self.start(words)
        _, said = process.communicate()
        if process.returncode not in ((0, 17) if words[0] == "overlap" else (0,)):
            raise RuntimeError(f"{words}: {process.returncode} {said.decode()[-2000:]}")
        return time.monotonic() - began

    def clear(self) -> None:
        """Remove what commands made."""
        for name in MADE:
            path = self.place / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def faults(self) -> list[str]:
        """What lies about that should not."""
        found = [
            f"left {path.name}"
            for path in self.place.rglob("*")
            if path.name.endswith(".tmp") or path.name.startswith("unfinished")
        ]
        for path in self.place.rglob("*"):
            is_whole = WHOLE.get(path.suffix)
            if path.is_file() and is_whole and path.name not in ("data.jsonl",):
                try:
                    fine = is_whole(path)
                except ValueError:
                    fine = False
                found += [] if fine else [f"half-written {path.name}"]
        return found


def interrupted(
    project: Project, words: Sequence[str], number: signal.Signals, after: float
) -> tuple[str, list[str], float]:
    """Interrupt a command after some seconds: how it ended, what was wrong, and how many seconds it
    took where it came to its end, then or typed again."""
    project.clear()
    began = time.monotonic()
    process = project.start(words)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    _, raw = process.communicate(timeout=120)
    took = time.monotonic() - began
    said = raw.decode("utf-8", "replace")
    wrong = project.faults()
    if "Traceback" in said or "Exception ignored" in said:
        wrong.append(f"a traceback: {said[-1500:]}")
    ended = {0: "done", 17: "done", 130: "interrupted"}.get(process.returncode)
    if ended is None:
        wrong.append(f"exit code {process.returncode}: {said[-600:]}")
    elif ended == "interrupted" and "interrupted" not in said:
        wrong.append(f"no message: {said[-300:]}")
    shutil.rmtree(project.place / "new", ignore_errors=True)  # named with --out: used once
    shutil.rmtree(project.place / "again", ignore_errors=True)
    if ended != "done":
        try:
            took = project.whole(words)
        except RuntimeError as error:
            wrong.append(f"typed again: {error}")
    return ended or "otherwise", wrong, took


def disturbed(
    rounds: int, seed: int, dialogues: int, only: Sequence[str] = ()
) -> tuple[Counter[str], list[str]]:
    """Interrupt so many commands: how they ended, and what was wrong."""
    rng = random.Random(seed)
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    commands = {name: COMMANDS[name] for name in only or COMMANDS}
    with tempfile.TemporaryDirectory() as place:
        project = Project(Path(place), dialogues)
        seconds: dict[str, float] = {}
        for number in range(rounds):
            name = list(commands)[number * len(commands) // rounds]
            if name not in seconds:
                project.clear()
                seconds[name] = project.whole(commands[name])
            sent, after = SIGNALS[number % 2], rng.uniform(0, seconds[name])
            ended, more, seconds[name] = interrupted(project, commands[name], sent, after)
            ends[ended] += 1
            if (number + 1) % 10 == 0:
                print(f"{number + 1} rounds, {len(wrong)} faults", flush=True)
            wrong += [f"{name}, {sent.name}: {what}" for what in more]
            for what in more:
                print(f"{name}, {sent.name}: {what}", flush=True)
    return ends, wrong


def main() -> int:
    """Interrupt and count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--dialogues", type=int, default=4)
    parser.add_argument("--only", action="append", default=[], help="a command by its name")
    given = parser.parse_args()
    began = time.monotonic()
    ends, wrong = disturbed(given.rounds, given.seed, given.dialogues, given.only)
    print(
        f"{ends.total()} commands of {len(given.only or COMMANDS)} kinds in"
        f" {time.monotonic() - began:,.0f} s: {ends['interrupted']} interrupted,"
        f" {ends['done']} done before, {len(wrong)} faults"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
