"""Whether more dialogues take more memory: `python benchmarks/scaling.py [--compute | --made]
[SIZES ...]`.

Without an option: replays the demo pivot from a cache of made answers over 500, 2,500 and 12,457
dialogues (or SIZES), every turn different. `--compute`: the demo models answer instead, from an
empty cache, over 12, 24 and 48 dialogues (or SIZES): 12,457 take about an hour on two cores.
`--made`: 10,000 and 100,000 (or SIZES, up to a million) short made dialogues go through `clean`
and `polish`, computed into an empty cache and then replayed; no model is needed. Runs are not
scored.

Prints a table in Markdown: each peak also as a multiple of the first size's. Ends with 1 where that
is above 1.1 (the goal for replays of up to 12,457 dialogues), or where a replay of made dialogues
needs more than 600 MB.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from replay import Measured, measured, prepare, replay

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples

COMPUTE, MADE = "--compute", "--made"
DIALOGUES = 12
MOST_TIMES = 1.1
MOST_MB = 600
CHEAP = """\
data: {columns: {id: id}}
steps:
  - {name: clean, stage: clean}
  - {name: polish, stage: polish}
"""


def made_rows(size: int) -> Iterator[str]:
    """So many short dialogues, no two alike, as JSON Lines."""
    for number in range(size):
        dialogue = f"#Person1#: {number}번 버스 와요?\n#Person2#: 네, {number % 60}분에 와요."
        yield json.dumps({"id": f"m{number}", "dialogue": dialogue}, ensure_ascii=False) + "\n"


def demo(size: int, folder: Path, *, compute: bool) -> Iterator[tuple[str, Measured]]:
    """One run of the demo pivot over so many dialogues."""
    prepare(folder, read_samples(DEMO_FILE, limit=DIALOGUES), size, different=True)
    words = [*replay(folder, "run"), "--no-score"]
    if compute:
        (folder / "cache.sqlite3").unlink()
        words.remove("--offline")
    yield ("computed" if compute else "replayed"), measured(words)


def cheap(size: int, folder: Path) -> Iterator[tuple[str, Measured]]:
    """Two runs of stages without a model over so many made dialogues."""
    folder.mkdir()
    recipe, data, cache = (folder / name for name in ("cheap.yaml", "data.jsonl", "cache.sqlite3"))
    recipe.write_text(CHEAP, encoding="utf-8")
    with data.open("w", encoding="utf-8") as file:
        file.writelines(made_rows(size))
    words = ["run", str(recipe), "--data", str(data), "--cache", str(cache), "--no-score", "--out"]
    yield "computed", measured([*words, str(folder / "first")])
    yield "replayed", measured([*words, str(folder / "second"), "--offline"])


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    compute, made = COMPUTE in arguments, MADE in arguments
    usual = [12, 24, 48] if compute else [10_000, 100_000] if made else [500, 2_500, 12_457]
    sizes = [int(word) for word in arguments if not word.startswith("--")] or usual
    print(
        f"Measured {date.today()} on {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}.\n\n"
        "| dialogues | | wall clock, s | processors, s | peak MB | times the first |\n"
        "|--:|---|--:|--:|--:|--:|"
    )
    first: dict[str, int] = {}
    short = False
    with tempfile.TemporaryDirectory() as name:
        for size in sizes:
            folder = Path(name) / str(size)
            for what, run in cheap(size, folder) if made else demo(size, folder, compute=compute):
                assert run.peak is not None
                times = run.peak / first.setdefault(what, run.peak)
                print(
                    f"| {size:,} | {what} | {run.wall:.1f} | {run.processor:.1f} | {run.peak} |"
                    f" {times:.2f} |",
                    flush=True,
                )
                short |= run.peak > MOST_MB and what == "replayed" if made else times > MOST_TIMES
    print("\nshort of the goal" if short else "\nthe goal is met")
    sys.exit(int(short))


if __name__ == "__main__":
    main(sys.argv[1:])
