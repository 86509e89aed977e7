"""`pivot-sum report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import systems
from pivot_sum.commands.options import DataOption
from pivot_sum.comparison.significance import RESAMPLES, SEED
from pivot_sum.html import page
from pivot_sum.report.report import report as report_of
from pivot_sum.running.reading import latest_run
from pivot_sum.scoring import DEFAULT_TOKENIZER, OverReferences


def report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            help=(
                "Run folders or predictions files; the others are compared with the first. Default:"
                " the newest run."
            ),
            autocompletion=systems,
            metavar="RUN …",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
    data: DataOption = None,
    tokenizer: Annotated[
        str, typer.Option("--tokenizer", help="What cuts the summaries into units.")
    ] = DEFAULT_TOKENIZER,
    over_references: Annotated[
        OverReferences,
        typer.Option(
            "--over-references", help="What becomes of the scores against several references."
        ),
    ] = "mean",
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, help="How often each test draws.")
    ] = RESAMPLES,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Where the drawing starts.")] = SEED,
) -> None:
    """Write one HTML page: scores, plots, and every stage of every dialogue side by side. It needs
    no server and no network."""
    names = runs or [str(latest_run())]
    made = report_of(
        names,
        data,
        tokenizer=tokenizer,
        over_references=over_references,
        resamples=resamples,
        seed=seed,
    )
    page.write(out, made.html)
    several = f"{made.systems} systems over " if made.systems > 1 else ""
    print(f"{out}: {several}{made.dialogues:,} dialogues, {len(made.html.encode()) / 1e6:,.1f} MB")
    if not made.scored:
        print(
            "not scored: not every dialogue has a reference summary; those with most remarks come"
            " first"
        )
    elif unattributed := [str(folder) for folder in made.unattributed]:
        print(
            f"\nnext: pivot-sum attribute {unattributed[0]}    # what each stage lost; then make"
            " the report again"
        )
