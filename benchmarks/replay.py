"""Start-up and replay from the cache: `python benchmarks/replay.py [RUNS] [DATA]`.

Times whole processes, program start included: `pivot-sum --help`, and the demo pivot with
`--offline` over 499 and over 12,457 dialogues (the sizes of DialogSum's dev and training splits).
The dialogues are those of the shipped data file (or DATA) over and over with new ids; in the rows
marked `all different` every turn also gets a number of its own, so that nothing repeats. The cache
is filled beforehand with made answers, by way of the store itself: no model is loaded. Prints a
table in Markdown: of RUNS runs (5) the median and the spread of the wall clock, the processors'
time, and the peak memory; beside them an empty Python, the libraries that reading a recipe needs,
and what a notebook imports before it does anything.
"""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from compileall import compile_dir
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from zlib import crc32

from pivot_sum.cache import Cache
from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import Sample, read_samples
from pivot_sum.recipes.recipe import Step, load_recipe
from pivot_sum.stages.base import declared_identity
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.text.placeholders import PLACEHOLDER
from pivot_sum.stages.text.segmentation import join, split

ROOT = Path(__file__).parent.parent
RECIPE = "demo-pivot"
SIZES = (499, 12_457)
ROWS_PER_PUT = 5_000
LIBRARIES = "typer, pydantic.type_adapter, rich.console, yaml"
"""What a command that reads a recipe imports of others' at least."""
WORDS = {
    "ko": (
        "우리는",
        "내일",
        "세",
        "시에",
        "다시",
        "만나서",
        "그",
        "이야기를",
        "조금",
        "더",
        "하기로",
        "했어요",
    ),
    "en": (
        "we",
        "will",
        "meet",
        "again",
        "tomorrow",
        "at",
        "three",
        "and",
        "talk",
        "about",
        "it",
        "a",
        "little",
        "more",
        "then",
    ),
}
PROGRAM = """\
import sys, pathlib, re
from pivot_sum.commands.main import main
try:
    main()
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    print(re.search(r"VmHWM:\\s+(\\d+)", status)[1], file=sys.stderr)
"""
"""The program, which says at its end how much memory it needed at most; getrusage would count what
it was forked from."""


class Measured(NamedTuple):
    """What one process took: seconds of the wall clock and of the processors, and peak memory in MB
    (only of ours)."""

    wall: float
    processor: float
    peak: int | None


def measured(words: Sequence[str], *, ours: bool = True) -> Measured:
    """Run `pivot-sum WORDS`, or `python WORDS` where it is not `ours`. Raises CalledProcessError
    where it fails."""
    command = [sys.executable, *(("-c", PROGRAM) if ours else ()), *words]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(wall, processor, int(done.stderr.split()[-1]) // 1024 if ours else None)


def table_row(label: str, texts: str, runs: Sequence[Measured]) -> str:
    """Several runs of the same command as a row of the table."""
    wall = [run.wall for run in runs]
    peak = max((run.peak for run in runs if run.peak is not None), default="-")
    spread = f"{median(wall):.2f} ({min(wall):.2f} to {max(wall):.2f})"
    return (
        f"| {label} | {texts} | {spread} | {median(run.processor for run in runs):.2f} | {peak} |"
    )


def dialogues(
    source: Sequence[Sample], number: int, *, different: bool
) -> Iterator[dict[str, Any]]:
    """As many dialogues as wanted, renumbered; `different` makes every turn one of a kind."""
    for index, sample in enumerate(islice(cycle(source), number)):
        text = sample.dialogue
        if different:
            text = re.sub(r"(?m)[.!?]?[ \t]*$", f" {index}.", text)
        yield {"fname": f"made_{index}", "dialogue": text, "summary": sample.references[0]}


def made(text: str, language: str, longest: int) -> str:
    """An answer of as many words as the text has, up to `longest`; placeholders and numbers
    stay.
    """
    words = []
    for word in text.split()[:longest]:
        kept = PLACEHOLDER.findall(word) or re.findall(r"[0-9]+", word)
        words.append(
            kept[0] if kept else WORDS[language][crc32(word.encode()) % len(WORDS[language])]
        )
    return " ".join(words) + "."


def answers(step: Step, units: Sequence[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A row for each unit: the real answer of a stage without a model, a made one for the
    others.
    """
    if isinstance(step.stage, (Clean, Polish)):
        found = step.stage.answers(units)
        yield from (
            (unit, answer.text, dict(answer.note))
            for unit, answer in zip(units, found, strict=True)
        )
    elif step.stage.name == "summarize":
        yield from ((unit, made(unit, step.stage.target, 30), {}) for unit in units)
    else:
        yield from (
            (unit, made(unit, step.stage.target, len(unit)), {"rung": "as-is"}) for unit in units
        )


def fill(cache: Cache, steps: Sequence[Step], texts: Sequence[str]) -> int:
    """Store an answer for every text of every step; return how many there are."""
    rows = 0
    for step in steps:
        splits = [split(text, step.over, step.stage.source) for text in texts]
        identity = declared_identity(step.stage)
        ready = list(
            answers(step, list(dict.fromkeys(unit for parts in splits for unit in parts.units)))
        )
        ready.sort(key=lambda row: -len(row[0]))  # as a run stores them
        for start in range(0, len(ready), ROWS_PER_PUT):
            cache.put(identity, ready[start : start + ROWS_PER_PUT])
        cache.remember(identity, identity)
        outputs = {unit: output for unit, output, _ in ready}
        texts = [join(parts.frame, [outputs[unit] for unit in parts.units]) for parts in splits]
        rows += len(ready)
    return rows


def prepare(folder: Path, source: Sequence[Sample], size: int, *, different: bool) -> int:
    """Make a folder with a data file and a cache that holds every answer to it; return how many."""
    folder.mkdir()
    lines = [
        json.dumps(line, ensure_ascii=False)
        for line in dialogues(source, size, different=different)
    ]
    (folder / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with Cache(folder / "cache.sqlite3") as cache:
        texts = [sample.dialogue for sample in read_samples(folder / "data.jsonl")]
        return fill(cache, load_recipe(RECIPE).steps, texts)


def replay(folder: Path, out: str) -> list[str]:
    """The command line of a replay in such a folder."""
    files = [
        "--data",
        folder / "data.jsonl",
        "--cache",
        folder / "cache.sqlite3",
        "--out",
        folder / out,
    ]
    return ["run", RECIPE, "--offline", *map(str, files)]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    runs = int(arguments[0]) if arguments else 5
    for package in ("cache", "pivot_sum", "stages"):
        compile_dir(ROOT / package, quiet=1)  # as installing does
    source = read_samples(Path(arguments[1]) if arguments[1:] else DEMO_FILE)
    print(
        f"Measured {date.today()} on {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}.\n"
    )
    print(
        "| process | texts looked up | wall clock, s | processor, s | peak MB"
        " |\n|---|--:|--:|--:|--:|"
    )
    print(
        table_row(
            "`python -c pass`", "", [measured(["-c", "pass"], ours=False) for _ in range(runs)]
        )
    )
    libraries = [measured(["-c", f"import {LIBRARIES}"], ours=False) for _ in range(runs)]
    print(table_row(f"`import {LIBRARIES}`", "", libraries))
    print(
        table_row("`pivot-sum --help`", "", [measured(["--help"]) for _ in range(runs)]), flush=True
    )
    with tempfile.TemporaryDirectory() as name:
        for different in (False, True):
            for size in SIZES:
                folder = Path(name) / f"{size}-{different}"
                rows = prepare(folder, source, size, different=different)
                label = f"{size:,} dialogues, " + (
                    "all different" if different else f"{len(source)} over and over"
                )
                replays = [measured(replay(folder, f"run-{run}")) for run in range(runs)]
                print(table_row(label, f"{rows:,}", replays), flush=True)
    try:
        peers = [measured(["-c", "import torch, transformers"], ours=False) for _ in range(runs)]
    except subprocess.CalledProcessError:
        print("torch and transformers are not installed", file=sys.stderr)
    else:
        print(table_row("`import torch, transformers`", "", peers))


if __name__ == "__main__":
    main(sys.argv[1:])
