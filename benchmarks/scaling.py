"""Whether more dialogues take more time and memory each: `python benchmarks/scaling.py [--compute]
[SIZES ...]`.

Replays the demo pivot from a cache of made answers over 500, 2,500 and 12,457 dialogues (or SIZES),
every turn different; with `--compute` the demo models answer instead, from an empty cache, over 12,
24 and 48 dialogues (or SIZES): 12,457 take about an hour on two cores. The dialogues are twelve of
the shipped ones over and over with a number in each turn, so that those of every size are equally
long. Prints a table in Markdown. What starting costs, and loading the models, is taken out by the
last columns: milliseconds and memory for each dialogue beyond the size before.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from replay import Measured, measured, prepare, replay

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples

COMPUTE = "--compute"
DIALOGUES = 12
RUNS = 3


def run(size: int, folder: Path, *, compute: bool) -> Measured:
    """The fastest of a few replays of so many dialogues, or one run that computes them."""
    prepare(folder, read_samples(DEMO_FILE, limit=DIALOGUES), size, different=True)
    if not compute:
        return min(measured(replay(folder, f"run-{number}")) for number in range(RUNS))
    (folder / "cache.sqlite3").unlink()
    return measured([word for word in replay(folder, "run") if word != "--offline"])


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    compute = COMPUTE in arguments
    given = [int(word) for word in arguments if word != COMPUTE]
    sizes = given or ([12, 24, 48] if compute else [500, 2_500, 12_457])
    print(
        f"Measured {date.today()} on {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}.\n"
    )
    print(
        "| dialogues | wall clock, s | processors, s | peak MB | ms each more | ms of the"
        " processors | kB each more |"
    )
    print("|--:|--:|--:|--:|--:|--:|--:|")
    before: tuple[int, Measured] | None = None
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            now = run(size, Path(name) / str(size), compute=compute)
            assert now.peak is not None
            more = "| | |"
            if before and before[1].peak is not None:
                number, then = size - before[0], before[1]
                wall, processor = (
                    (now.wall - then.wall) / number,
                    (now.processor - then.processor) / number,
                )
                memory = (now.peak - before[1].peak) * 1024 / number
                more = f"{wall * 1e3:.2f} | {processor * 1e3:.2f} | {memory:.1f} |"
            print(
                f"| {size:,} | {now.wall:.2f} | {now.processor:.2f} | {now.peak} | {more}",
                flush=True,
            )
            before = size, now


if __name__ == "__main__":
    main(sys.argv[1:])
