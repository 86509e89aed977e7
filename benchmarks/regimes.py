"""The regimes of training on a small task: the demo's summariser learns to write its summaries in
the other words of `summary2`, from 64 of the demo's dialogues, and is scored on the other 32. The
trainings are kept in FOLDER and go on when interrupted: `python benchmarks/regimes.py FOLDER`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pivot_sum
from pivot_sum.commands.regimes import print_regimes

SCORED = 3
"""One dialogue in so many is scored on."""
SETTINGS = {
    "data.columns.target": ["summary2"],
    "search.num_beams": 1,
    "settings.threads": 1,
    "settings.max_steps": 48,
    "settings.eval_strategy": "steps",
    "settings.eval_steps": 48,
    "settings.eval_on_start": False,
    "lora:settings.learning_rate": 3e-3,
}


def main(folder: Path) -> None:
    """Print the table."""
    rows = [
        {"fname": one.id, "dialogue": one.dialogue, "summary2": one.references[1]}
        for one in pivot_sum.read_samples()
    ]
    learned = [row for index, row in enumerate(rows) if index % SCORED]
    made = pivot_sum.regimes("train-demo", learned, rows[::SCORED], settings=SETTINGS, out=folder)
    print_regimes(made)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the trainings are kept")
    main(parser.parse_args().folder)
