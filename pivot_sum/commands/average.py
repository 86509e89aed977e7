"""`pivot-sum average`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.errors import AverageRefused
from pivot_sum.training.averaging import average as averaged
from pivot_sum.training.selection import best_checkpoints, last_checkpoints


def average(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="FOLDER",
            help="Checkpoints of one model, or one training with --last or --best.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="The new folder of the result.")],
    last: Annotated[
        int | None, typer.Option("--last", min=2, help="The last N checkpoints of the training.")
    ] = None,
    best: Annotated[
        int | None,
        typer.Option("--best", min=2, help="The N best checkpoints of the training by dev score."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Average the weights of several checkpoints into one model, which any recipe can name.

    Members are the last or best checkpoints of one training, or trainings of one base model. The
    folder has a card with the content hash of each.
    """
    if last is not None or best is not None:
        if len(models) != 1 or None not in (last, best):
            raise AverageRefused(
                "--last and --best choose among the checkpoints of one training: name one folder,"
                " and one of the two"
            )
        training = Path(models[0])
        chosen = last_checkpoints(training, last) if last else best_checkpoints(training, best or 0)
        models = [str(folder) for folder in chosen]
    made = averaged(models, out)
    if json:
        print_json(made.as_json())
        return
    rows = [(name, sha256[:12]) for sha256, name in made.members.items()]
    print_table(f"{out}: the mean of {len(rows)} checkpoints", ("member", "SHA-256"), rows)
    print(f"\nuse it: --set STEP.model={out}")
