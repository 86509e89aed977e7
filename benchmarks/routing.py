"""What choosing gains where systems fail apart from each other: `python benchmarks/routing.py
[--cache FILE]`.

The shipped models hardly ever disagree, so there is next to nothing to choose on the demo. Here
five systems are made that do: the direct demo model, each time shown the held-out dialogues with
another 15 % of the turns left out. Prints the table of docs/routing.md in Markdown. About two
minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import shutil
import tempfile
from datetime import date
from pathlib import Path

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.routing import learn_route
from pivot_sum.running.execute import Request, execute

SYSTEMS = 5
LEFT_OUT = 0.15


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path)
    cache = parser.parse_args().cache
    print(
        f"Measured {date.today()} on {platform.machine()}, {platform.system()}, Python"
        f" {platform.python_version()}.\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [
            str(predictions(folder, number, cache or folder / "cache.sqlite3"))
            for number in range(1, SYSTEMS + 1)
        ]
        rule, evaluated = learn_route(files, str(DEMO_FILE))
    print("| | R1 | R2 | RL | final | gain | 95 % interval |\n|---|---|---|---|---|---|---|")
    for outcome in evaluated.outcomes:
        found = outcome.gain
        gain = f"{found.delta:+.2f} | {found.low:+.2f} to {found.high:+.2f}" if found else "– | –"
        points = " | ".join(f"{value:.2f}" for value in outcome.scores.values())
        print(f"| {outcome.label} | {points} | {gain} |")
    print(f"\nlearned from all: {rule}\n{evaluated.signature}; seed {evaluated.seed}")


def predictions(folder: Path, number: int, cache: Path) -> Path:
    """Summaries of the held-out dialogues by a model that did not see all of them."""
    draw = random.Random(number)
    lines = []
    for sample in read_samples(DEMO_FILE):
        turns = [turn for turn in sample.dialogue.split("\n") if draw.random() >= LEFT_OUT]
        lines.append(
            json.dumps({"fname": sample.id, "dialogue": "\n".join(turns)}, ensure_ascii=False)
            + "\n"
        )
    data = folder / f"data-{number}.jsonl"
    data.write_text("".join(lines), encoding="utf-8")
    run = execute(
        Request("demo-direct", data=str(data), cache=cache, out=folder / f"run-{number}")
    ).folder
    return Path(shutil.copy(run / "predictions.csv", folder / f"system-{number}.csv"))


if __name__ == "__main__":
    main()
