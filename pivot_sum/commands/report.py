"""`pivot-sum report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import answers
from pivot_sum.commands.options import DataOption
from pivot_sum.commands.scoring_options import (
    ClusterOption,
    MetricsOption,
    OverReferencesOption,
    ResamplesOption,
    SeedOption,
    TokenizerOption,
)
from pivot_sum.comparison.significance import RESAMPLES, SEED
from pivot_sum.html import page
from pivot_sum.report.report import report as report_of
from pivot_sum.report.worst import WORST
from pivot_sum.running.reading import latest_run
from pivot_sum.scoring import DEFAULT_METRICS, DEFAULT_TOKENIZER
from pivot_sum.wording import counted


def report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            help=(
                "Run folders or predictions files; the others are compared with the first. Default:"
                " the newest run."
            ),
            autocompletion=answers,
            metavar="RUN …",
        ),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The page to write.")] = Path("report.html"),
    data: DataOption = None,
    metric: MetricsOption = None,
    tokenizer: TokenizerOption = DEFAULT_TOKENIZER,
    over_references: OverReferencesOption = "mean",
    cluster: ClusterOption = None,
    resamples: ResamplesOption = RESAMPLES,
    seed: SeedOption = SEED,
    most: Annotated[
        int,
        typer.Option(
            "--most",
            min=1,
            help="Show so many dialogues, the worst; scores and plots are of all.",
        ),
    ] = WORST,
) -> None:
    """Write one HTML page: scores, plots, and every stage of every dialogue side by side. It needs
    no server and no network."""
    names = runs or [str(latest_run())]
    made = report_of(
        names,
        data,
        metrics=metric or DEFAULT_METRICS,
        tokenizer=tokenizer,
        over_references=over_references,
        cluster=cluster,
        resamples=resamples,
        seed=seed,
        most=most,
    )
    page.write(out, made.html)
    several = f"{made.systems} systems over " if made.systems > 1 else ""
    print(f"{out}: {several}{made.dialogues:,} dialogues, {len(made.html.encode()) / 1e6:,.1f} MB")
    if made.shown < made.dialogues:
        print(
            f"every stage of the {made.shown:,} worst of them; more with --most N, any one with"
            " `pivot-sum show RUN --id ID`"
        )
    if made.bare:
        which = "no dialogue has a reference summary"
        if len(made.bare) < made.dialogues:
            which = f"no reference summary for {counted(made.bare)} of {made.dialogues:,} dialogues"
        print(f"not scored: {which}; those with most remarks come first")
    elif unattributed := [str(folder) for folder in made.unattributed]:
        print(
            f"\nnext: pivot-sum attribute {unattributed[0]}    # what each stage lost; then make"
            " the report again"
        )
