"""Whether more dialogues take more memory: `python benchmarks/scaling.py [--compute | --made |
--views] [SIZES ...]`.

Without an option: replays the demo pivot from a cache of made answers over 500, 2,500 and 12,457
dialogues (or SIZES), every turn different, without and with the score. `--compute`: the demo models
answer instead, from an empty cache, over 12, 24 and 48 dialogues (or SIZES): 12,457 take about an
hour on two cores. `--made`: 10,000 and 100,000 (or SIZES, up to a million) short made dialogues go
through `clean` and `polish`, computed into an empty cache and then replayed, without and with the
score; no model is needed. `--views`: what looks at finished runs, a direct one and a pivot, over
500, 2,500 and 12,457 of the demo's dialogues (or SIZES): show, score, compare and report.

Prints a table in Markdown: each peak also as a multiple of the first size's. Ends with 1 where that
is above 1.1 of a replay without the score (the goal for replays of up to 12,457 dialogues), or
where a replay of made dialogues needs more than 600 MB. Views have no goal.
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
from report_size import write_runs

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples

COMPUTE, MADE, VIEWS = "--compute", "--made", "--views"
REPLAYED, SCORED = "replayed", "replayed, scored"
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
        summary = f"#Person2#는 {number}번 버스가 {number % 60}분에 온다고 한다."
        row = {"id": f"m{number}", "dialogue": dialogue, "summary": summary}
        yield json.dumps(row, ensure_ascii=False) + "\n"


def demo(size: int, folder: Path, *, compute: bool) -> Iterator[tuple[str, Measured]]:
    """Runs of the demo pivot over so many dialogues."""
    prepare(folder, read_samples(DEMO_FILE, limit=DIALOGUES), size, different=True)
    words = [*replay(folder, "run"), "--no-score"]
    if compute:
        (folder / "cache.sqlite3").unlink()
        words.remove("--offline")
        yield "computed", measured(words)
    else:
        yield REPLAYED, measured(words)
        yield SCORED, measured(replay(folder, "scored"))


def cheap(size: int, folder: Path) -> Iterator[tuple[str, Measured]]:
    """Two runs of stages without a model over so many made dialogues."""
    folder.mkdir()
    recipe, data, cache = (folder / name for name in ("cheap.yaml", "data.jsonl", "cache.sqlite3"))
    recipe.write_text(CHEAP, encoding="utf-8")
    with data.open("w", encoding="utf-8") as file:
        file.writelines(made_rows(size))
    words = ["run", str(recipe), "--data", str(data), "--cache", str(cache), "--out"]
    yield "computed", measured([*words, str(folder / "first"), "--no-score"])
    words = [*words[:-1], "--offline", "--out"]
    yield REPLAYED, measured([*words, str(folder / "second"), "--no-score"])
    yield SCORED, measured([*words, str(folder / "third")])


def views(size: int, folder: Path) -> Iterator[tuple[str, Measured]]:
    """What looks at two finished runs over so many dialogues."""
    folder.mkdir()
    direct, pivot = map(str, write_runs(folder, size))
    page = folder / "report.html"
    for words in (
        ["show", pivot, "--id", f"b_{size - 1}"],
        ["show", pivot, "--remarks"],
        ["score", pivot],
        ["compare", direct, pivot],
        ["report", direct, pivot, "--out", str(page)],
    ):
        kept = [word for word in words if word.startswith("--") and word != "--out"]
        yield f"`{' '.join([words[0], *kept])}`", measured(words)
    print(f"the page of {size:,}: {page.stat().st_size / 1e6:.1f} MB", file=sys.stderr)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return
    compute, made, looked = (option in arguments for option in (COMPUTE, MADE, VIEWS))
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
            if made:
                runs = cheap(size, folder)
            elif looked:
                runs = views(size, folder)
            else:
                runs = demo(size, folder, compute=compute)
            for what, run in runs:
                assert run.peak is not None
                times = run.peak / first.setdefault(what, run.peak)
                print(
                    f"| {size:,} | {what} | {run.wall:.1f} | {run.processor:.1f} | {run.peak} |"
                    f" {times:.2f} |",
                    flush=True,
                )
                if made:
                    short |= what != "computed" and run.peak > MOST_MB
                else:
                    short |= what in ("computed", REPLAYED) and times > MOST_TIMES
    if not looked:
        print("\nshort of the goal" if short else "\nthe goal is met")
    sys.exit(int(short))


if __name__ == "__main__":
    main(sys.argv[1:])
