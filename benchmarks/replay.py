"""Start-up and replay from the cache: `python benchmarks/replay.py [RUNS] [DATA]`.

Times whole processes, program start included: `pivot-sum --help`, and the demo pivot with `--offline` over 499 and over 12,457
dialogues (the sizes of DialogSum's dev and training splits). The dialogues are those of the shipped data file (or DATA) over and
over with new ids; in the rows marked `all different` every turn also gets a number of its own, so that nothing repeats. The cache
is filled beforehand with made answers, by way of the store itself: no model is loaded. Prints a table in Markdown: of RUNS
runs (5) the median and the spread of the wall clock, the processor's time, and the peak memory; beside them an empty Python and
a notebook imports before it does anything.
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
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any
from zlib import crc32

from cache import Cache
from pivot_sum.application import DEMO_FILE
from pivot_sum.data import Sample, read_samples
from pivot_sum.recipes import Step, load_recipe
from stages.base import declared_identity
from stages.clean import Clean
from stages.placeholders import PLACEHOLDER
from stages.polish import Polish
from stages.units import join, split

ROOT = Path(__file__).parent.parent
RECIPE = "demo-pivot"
SIZES = (499, 12_457)
ROWS_PER_PUT = 5_000
WORDS = {
    "ko": ["우리는", "내일", "세", "시에", "다시", "만나서", "그", "이야기를", "조금", "더", "하기로", "했어요"],
    "en": ["we", "will", "meet", "again", "tomorrow", "at", "three", "and", "talk", "about", "it", "a", "little", "more", "then"],
}
PROGRAM = """\
import sys, pathlib, re
from pivot_sum.commands.main import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""
"""The program, which says at its end how much memory it needed at most; getrusage would count what it was forked from."""


def table_row(label: str, texts: str, commands: Sequence[Sequence[str]], *, ours: bool = True) -> str:
    """Run `python COMMAND` for each command and describe them together as a row of the table. A command of `ours` is one of
    `pivot-sum`. Raises CalledProcessError where one fails.
    """
    wall, processor, peak = [], [], ["-"]
    for command in commands:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            [sys.executable, *(("-c", PROGRAM) if ours else ()), *command],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        wall.append(time.monotonic() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        if ours:
            peak.append(str(int(done.stderr.split()[-1]) // 1024))
    spread = f"{median(wall):.2f} ({min(wall):.2f} to {max(wall):.2f})"
    return f"| {label} | {texts} | {spread} | {median(processor):.2f} | {peak[-1]} |"


def dialogues(source: Sequence[Sample], number: int, *, different: bool) -> Iterator[dict[str, Any]]:
    """As many dialogues as wanted, renumbered; `different` makes every turn one of a kind."""
    for index, sample in enumerate(islice(cycle(source), number)):
        text = sample.dialogue
        if different:
            text = re.sub(r"(?m)[.!?]?[ \t]*$", f" {index}.", text)
        yield {"fname": f"made_{index}", "dialogue": text, "summary": sample.references[0]}


def made(text: str, language: str, longest: int) -> str:
    """An answer of as many words as the text has, up to `longest`; placeholders and numbers stay."""
    words = []
    for word in text.split()[:longest]:
        kept = PLACEHOLDER.findall(word) or re.findall(r"[0-9]+", word)
        words.append(kept[0] if kept else WORDS[language][crc32(word.encode()) % len(WORDS[language])])
    return " ".join(words) + "."


def answers(step: Step, units: Sequence[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A row for each unit: the real answer of a stage without a model, a made one for the others."""
    if isinstance(step.stage, (Clean, Polish)):
        outputs = step.stage(units)
        yield from ((unit, str(out), dict(getattr(out, "note", {}))) for unit, out in zip(units, outputs, strict=True))
    elif step.stage.name == "summarize":
        yield from ((unit, made(unit, step.stage.target, 30), {}) for unit in units)
    else:
        yield from ((unit, made(unit, step.stage.target, len(unit)), {"rung": "as-is"}) for unit in units)


def fill(cache: Cache, steps: Sequence[Step], texts: Sequence[str]) -> int:
    """Store an answer for every text of every step; return how many there are."""
    rows = 0
    for step in steps:
        splits = [split(text, step.over, step.stage.source) for text in texts]
        identity = declared_identity(step.stage)
        ready = list(answers(step, list(dict.fromkeys(unit for parts in splits for unit in parts.units))))
        for start in range(0, len(ready), ROWS_PER_PUT):
            cache.put(identity, ready[start : start + ROWS_PER_PUT])
        cache.remember(identity, identity)
        outputs = {unit: output for unit, output, _ in ready}
        texts = [join(parts.frame, [outputs[unit] for unit in parts.units]) for parts in splits]
        rows += len(ready)
    return rows


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    runs = int(arguments[0]) if arguments else 5
    source = read_samples(Path(arguments[1]) if arguments[1:] else DEMO_FILE)
    print(f"Measured {date.today()} on {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.\n")
    print("| process | texts looked up | wall clock, s | processor, s | peak MB |\n|---|--:|--:|--:|--:|")
    print(table_row("`python -c pass`", "", [["-c", "pass"]] * runs, ours=False))
    print(table_row("`pivot-sum --help`", "", [["--help"]] * runs), flush=True)
    with tempfile.TemporaryDirectory() as name:
        for different in (False, True):
            for size in SIZES:
                folder = Path(name) / f"{size}-{different}"
                folder.mkdir()
                data, store = folder / "data.jsonl", folder / "cache.sqlite3"
                lines = [json.dumps(line, ensure_ascii=False) for line in dialogues(source, size, different=different)]
                data.write_text("\n".join(lines), encoding="utf-8")
                with Cache(store) as cache:
                    rows = fill(cache, load_recipe(RECIPE).steps, [sample.dialogue for sample in read_samples(data)])
                replay = ["run", RECIPE, "--offline", "--data", str(data), "--cache", str(store), "--out"]
                label = f"{size:,} dialogues, " + ("all different" if different else f"{len(source)} over and over")
                print(table_row(label, f"{rows:,}", [[*replay, str(folder / f"{run}")] for run in range(runs)]), flush=True)
    try:
        print(table_row("`import torch, transformers`", "", [["-c", "import torch, transformers"]] * runs, ours=False))
    except subprocess.CalledProcessError:
        print("torch and transformers are not installed", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
