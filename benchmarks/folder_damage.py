"""Run folders damaged at random, and every view of them: `python benchmarks/folder_damage.py`.

Makes two finished runs with the demo's models, a pivot that was attributed and a direct one. Each
round copies the pivot's folder, damages it (bits, bytes and blocks of a file; a JSON value replaced
by one of another type, size or meaning, removed or moved; a file removed, emptied, cut, put in the
place of another, made a folder, a link or a pipe), and runs every command that reads a run folder
on it, in a process of its own with a time limit. A command has to give a result, strict JSON where
it prints JSON, or one error message with its exit code. The last line counts what gave a
traceback, a hang or JSON that is none; the program exits with 1 where there is any.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from damaging_files import damaged

SECONDS = 60.0
"""A command that takes longer hangs: undamaged, none takes two seconds."""

Views = Sequence[Sequence[str]]
"""Commands, without the program's name."""


def views(run: Path, other: Path, data: Path, cache: Path, place: Path) -> Views:
    """The commands that read the run folder `run`. `other` is an undamaged one, `place` where
    pages go."""
    name, page = str(run), str(place / "page.html")
    return (
        ("show", name),
        ("show", name, "--json"),
        ("show", name, "--remarks"),
        ("show", name, "--id", "demo_0", "--json"),
        ("runs", "--below", str(run.parent), "--json"),
        ("score", name, "--json"),
        ("submit", name, "--test", str(data), "--json"),
        ("compare", str(other), name, "--resamples", "100", "--json"),
        ("report", name, str(other), "--resamples", "100", "--out", page),
        ("route", name, str(other), "--json"),
        ("attribute", name, "--offline", "--cache", str(cache), "--json"),
        (
            *("predict", "demo-pivot", "--runs", name, "--runs", str(other), "--sample", "2"),
            *("--offline", "--cache", str(cache), "--json"),
        ),
    )


@dataclass(frozen=True)
class Outcome:
    """What a command came to: `result`, `refused` or a fault, and what there is to say about it."""

    kind: str
    detail: str = ""


def outcome(words: Sequence[str]) -> Outcome:
    """Run one command in this process. `json` is among the faults: what is printed is none."""
    from pivot_sum.commands.main import main

    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        sys.argv = ["pivot-sum", *words]
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            return Outcome("traceback", traceback.format_exc())
        out.flush()
        err.flush()
    said = _text(err)
    if "Traceback" in said:
        return Outcome("traceback", said)
    if "--json" in words and (code == 0 or _text(out)):
        try:
            json.loads(_text(out), parse_constant=_no_json)
        except ValueError as error:
            return Outcome("no JSON", f"{error}: {_text(out)[:300]}")
    if code and "rror: " not in said:
        return Outcome("no message", f"exit code {code}: {said}")
    return Outcome("refused" if code else "result", said)


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8", "replace")


def _no_json(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def outcomes(commands: Views, folder: Path, seconds: float = SECONDS) -> list[Outcome]:
    """Run commands one after the other in a forked process that works in `folder`; behind one that
    hangs or dies another process goes on."""
    notes = folder / "outcomes.jsonl"
    notes.write_bytes(b"")
    found: list[Outcome] = []
    while len(found) < len(commands):
        child = os.fork()
        if child == 0:
            try:
                _note(commands[len(found) :], folder, notes, seconds)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        noted = notes.read_text(encoding="utf-8").splitlines()
        found += [Outcome(*json.loads(line)) for line in noted]
        if len(found) < len(commands):
            why = "hang" if os.WTERMSIG(status) == signal.SIGALRM else f"killed by {status}"
            found.append(Outcome(why, " ".join(commands[len(found)])))
    return found


def _note(commands: Views, folder: Path, notes: Path, seconds: float) -> None:
    os.chdir(folder)
    with notes.open("w", encoding="utf-8") as stream:
        for words in commands:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            found = outcome(words)
            signal.setitimer(signal.ITIMER_REAL, 0)
            stream.write(json.dumps([found.kind, found.detail[-6000:]]) + "\n")
            stream.flush()


@dataclass(frozen=True)
class Project:
    """A folder with finished runs, their data and their cache."""

    place: Path
    pivot: Path
    direct: Path
    data: Path
    cache: Path

    def look(self, place: Path) -> None:
        """Run every command once in this process: those that are forked then need not make again
        what is made once, patterns and templates. Raises RuntimeError where one fails."""
        for words in views(self.pivot, self.direct, self.data, self.cache, place):
            if (found := outcome(words)).kind != "result":
                raise RuntimeError(f"{words} of an undamaged run: {found}")

    def round(self, number: int, seed: int) -> tuple[str, Views, list[Outcome]]:
        """Damage a copy of the pivot's folder, and look at it with every command."""
        with tempfile.TemporaryDirectory(dir=self.place) as place:
            run = Path(shutil.copytree(self.pivot, Path(place) / "runs" / "pivot"))
            done = damaged(run, random.Random(f"{seed} {number}"))
            commands = views(run, self.direct, self.data, self.cache, Path(place))
            return done, commands, outcomes(commands, Path(place))


def make_project(place: Path, dialogues: int = 4) -> Project:
    """Run the demo's two recipes over some dialogues, and attribute the pivot."""
    from pivot_sum.data.files import DEMO_FILE

    data = place / "data.jsonl"
    lines = DEMO_FILE.read_text(encoding="utf-8").splitlines(keepends=True)
    data.write_text("".join(lines[:dialogues]), encoding="utf-8")
    project = Project(place, place / "pivot", place / "direct", data, place / "cache.sqlite3")
    cache = ("--cache", str(project.cache))
    made = outcomes(
        [
            ("run", "demo-pivot", "--data", str(data), "--out", str(project.pivot), *cache),
            ("run", "demo-direct", "--data", str(data), "--out", str(project.direct), *cache),
            ("attribute", str(project.pivot), *cache),
            (
                *("predict", "demo-pivot", "--runs", str(project.pivot), "--sample", "2"),
                *("--runs", str(project.direct), *cache),
            ),
        ],
        place,
        600,
    )
    if any(one.kind != "result" for one in made):
        raise RuntimeError(f"the undamaged runs cannot be made: {made}")
    return project


def main() -> int:
    """Damage, look, count."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the round to begin with")
    arguments = parser.parse_args()
    import_views()
    counts: Counter[str] = Counter()
    faults: dict[str, tuple[str, Outcome]] = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        project = make_project(Path(place))
        project.look(Path(place))
        for number in range(arguments.first, arguments.first + arguments.rounds):
            done, commands, found = project.round(number, arguments.seed)
            for words, one in zip(commands, found, strict=True):
                counts[one.kind] += 1
                if one.kind not in ("result", "refused"):
                    last = one.detail.strip().splitlines()[-1:] or [""]
                    where = f"{words[0]}: {one.kind}: {last[0][:150]}"
                    if where not in faults:
                        print(f"round {number}: {done}\n  {where}\n{one.detail}", flush=True)
                    faults.setdefault(where, (done, one))
    for where in faults:
        print(f"  {where}")
    bad = sum(times for kind, times in counts.items() if kind not in ("result", "refused"))
    print(
        f"{arguments.rounds:,} damaged run folders, {counts.total():,} commands in"
        f" {time.monotonic() - began:,.0f} s: {counts['result']:,} gave a result,"
        f" {counts['refused']:,} one message, {bad} anything else"
    )
    return 1 if bad else 0


def import_views() -> None:
    """Import once, before processes are forked, what every one of them needs."""
    from importlib import import_module

    for name in ("show", "runs", "score", "submit", "compare", "report", "route", "attribute"):
        import_module(f"pivot_sum.commands.{name}")
    for name in ("predict", "run"):
        import_module(f"pivot_sum.commands.{name}")
    import_module("pivot_sum.report.report")


if __name__ == "__main__":
    sys.exit(main())
