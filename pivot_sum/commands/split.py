"""`pivot-sum split`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.data_options import ColumnsOption, SplitSeedOption, ThresholdOption
from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.data.files import data_path
from pivot_sum.data.overlap import THRESHOLD
from pivot_sum.data.readers import read_table
from pivot_sum.data.samples import samples_of
from pivot_sum.data.splits import split_folds
from pivot_sum.data.tables import Table
from pivot_sum.data.writers import WRITERS, write_table
from pivot_sum.errors import DataUnwritable
from pivot_sum.recipes.settings import chosen_columns
from pivot_sum.wording import number


def split(
    data: Annotated[str, typer.Option("--data", help="CSV, TSV, JSONL or Parquet.")],
    out: Annotated[Path, typer.Option("--out", help="The folder to write; a new one.")],
    folds: Annotated[int, typer.Option("--folds", min=2, help="How many splits to make.")] = 5,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="COLUMN",
            help="Rows with one value in this column (a topic, a scene) stay together as well.",
        ),
    ] = None,
    set_: ColumnsOption = None,
    threshold: ThresholdOption = THRESHOLD,
    seed: SplitSeedOption = 0,
    json: JsonOption = False,
) -> None:
    """Split a data file for cross-validation: fold_1/train.csv and dev.csv, and so on.

    Dialogues that are alike are never on both sides, nor augmented ones and what they were made
    from; augmented rows are never in a dev file.
    """
    if out.exists():
        raise DataUnwritable(f"{out} exists, and nothing is ever replaced. Name a new folder")
    columns = chosen_columns(set_ or ())
    path = data_path(data)
    table = read_table(path)
    samples = samples_of(table, str(path), columns)
    splits = split_folds(table, samples, folds, by=by, seed=seed, threshold=threshold)
    ending = path.suffix.lower() if path.suffix.lower() in WRITERS else ".jsonl"
    rows = []
    for place, fold in enumerate(splits.folds, 1):
        folder = out / f"fold_{place}"
        try:
            folder.mkdir(parents=True)
        except OSError as error:
            raise DataUnwritable(
                f"{folder} cannot be made: {error.strerror}. Name another folder with --out"
            ) from error
        for name, places in (("train", fold.train), ("dev", fold.dev)):
            write_table(
                folder / f"{name}{ending}", Table(table.names, [table.rows[at] for at in places])
            )
        rows.append((str(folder), len(fold.train), len(fold.dev)))
    if json:
        print_json(
            {
                "data": data,
                "groups": splits.groups,
                "largest_group": splits.largest,
                "folds": [
                    {"folder": folder, "train": train, "dev": dev} for folder, train, dev in rows
                ],
            }
        )
        return
    print_table(data, ("", "train", "dev"), rows, right=("train", "dev"))
    print(
        f"{number(len(table.rows), 'row')} in {number(splits.groups, 'group')} that stay together;"
        f" the largest has {number(splits.largest, 'row')}"
    )
