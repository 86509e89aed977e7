"""`pivot-sum predict`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import measures, run_folders
from pivot_sum.commands.options import (
    BudgetOption,
    CacheOption,
    DataOption,
    JsonOption,
    OfflineOption,
    RecipeArgument,
    SetOption,
)
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.commands.scoring_options import CometOption, MetricOption, TokenizerOption
from pivot_sum.comparison.significance import SEED
from pivot_sum.prediction import (
    COMET,
    LEAST_SYSTEMS,
    MEASURES,
    SAMPLE,
    Expected,
    Prediction,
)
from pivot_sum.prediction import predict as predict_difference
from pivot_sum.running.execute import Request
from pivot_sum.scoring import DEFAULT_METRICS, DEFAULT_TOKENIZER, load_metric
from pivot_sum.stages.budget import cost_text
from pivot_sum.wording import number


def predict(
    recipe: RecipeArgument,
    data: DataOption = None,
    sample: Annotated[
        int, typer.Option("--sample", min=1, help="How many dialogues are translated.")
    ] = SAMPLE,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed draws the same dialogues.")
    ] = SEED,
    direct: Annotated[
        Path | None,
        typer.Option(
            "--direct",
            help=(
                "The direct run to compare with; default: the newest among --runs, over the same"
                " data where there is one."
            ),
            autocompletion=run_folders,
        ),
    ] = None,
    runs: Annotated[
        list[Path] | None,
        typer.Option(
            "--runs",
            help=(
                "Runs to learn from: a run folder, or a folder that holds some; default: runs/. May"
                " be repeated."
            ),
            autocompletion=run_folders,
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help=(
                f"The measure that predicts: {', '.join(MEASURES)}, {COMET} (with --comet);"
                " default: the one that predicts the runs best, each from the others."
            ),
            autocompletion=measures,
        ),
    ] = None,
    comet: CometOption = None,
    set_: SetOption = None,
    metric: MetricOption = DEFAULT_METRICS[0],
    tokenizer: TokenizerOption = DEFAULT_TOKENIZER,
    offline: OfflineOption = False,
    budget: BudgetOption = None,
    cache: CacheOption = None,
    json: JsonOption = False,
) -> None:
    """Is a pivot worth it? Translate a sample of dialogues, without summarising them, and expect of
    it what runs with translations of like quality came to."""
    found = predict_difference(
        Request(recipe, data, settings=set_ or (), offline=offline, cache=cache, budget=budget),
        runs=runs or (),
        direct=direct,
        sample=sample,
        seed=seed,
        by=by,
        metric=load_metric(metric, tokenizer=tokenizer),
        comet=comet,
    )
    if json:
        print_json(found.as_json())
        return
    _print_measures(found)
    _print_runs(found)
    for folder, why in found.left_out.items():
        print(f"left out: {folder}: {why}")
    for note in found.notes:
        print(f"note: {note}")
    if found.billed:
        print(f"billed: {cost_text(found.billed)}")
    print()
    if found.expected is None:
        _print_not_enough(found)
    else:
        _print_expected(found, found.expected)
    for folder, difference in found.own.items():
        print(f"this recipe has been run: {difference:+.2f} in {folder}, which is not learned from")
    if not found.own:
        words = ["pivot-sum", "run", recipe, *(["--data", data] if data else [])]
        words += [word for setting in set_ or () for word in ("--set", setting)]
        after = "what is translated already comes from the cache"
        print(f"\nnext:\n  {shlex.join(words)}    # {after}")


def _print_measures(found: Prediction) -> None:
    rows = []
    for name, meaning in found.meanings.items():
        theirs = [x for run in found.learned if (x := run.measures[name]) is not None]
        among = f"{min(theirs):.2f} to {max(theirs):.2f}" if theirs else "-"
        error = found.expected.errors.get(name) if found.expected else None
        rows.append((name, _value(found.measures[name]), among, _value(error), meaning))
    print_table(
        f"translations of {found.recipe}: {found.sampled:,} of"
        f" {number(found.dialogues, 'dialogue')} of {Path(found.data).name} (seed {found.seed})",
        ("measure", "this recipe", "runs at hand", "error", "what it is"),
        rows,
        right=("this recipe", "runs at hand", "error"),
    )
    if found.comet:
        print(f"signature: {found.comet}")
    if found.expected is not None:
        print("error: on runs left out, in points, by this measure alone (mean absolute error)")
    print()


def _print_runs(found: Prediction) -> None:
    if not found.learned:
        return
    by = found.expected.by if found.expected else next(iter(MEASURES))
    rows = [
        (
            run.folder,
            run.recipe,
            _value(run.measures[by]),
            *(_points(value) for value in (run.difference, run.expected, run.mean_of_others)),
        )
        for run in sorted(found.learned, key=lambda run: -run.difference)
    ]
    numbers = (by, "difference", "by the others", "their mean")
    print_table(
        f"runs learned from (difference of {found.headline} to {found.direct}; by the others: what"
        " they predict of it)",
        ("run", "recipe", *numbers),
        rows,
        right=numbers,
    )


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _value(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _print_expected(found: Prediction, expected: Expected) -> None:
    intervals = "; ".join(
        f"{100 * level:.0f} % interval {low:+.2f} to {high:+.2f}"
        for level, (low, high) in expected.intervals.items()
    )
    print(
        f"expected difference to {found.direct}: {expected.difference:+.2f} points of"
        f" {found.headline}, by {expected.by} ({intervals})"
    )
    print(_verdict(expected))
    if expected.outside:
        beyond = ", ".join(f"{name} {_value(found.measures[name])}" for name in expected.outside)
        print(f"beyond what any run has, so where nobody has looked: {beyond}")
    print(
        "left out one by one, the runs are predicted with a mean absolute error of"
        f" {expected.error:.2f} points; always expecting the mean of the others, of"
        f" {expected.error_of_mean:.2f}"
    )
    if not expected.helps:
        print(
            f"so the measures do not help here: expect the mean of the runs ({expected.mean:+.2f}),"
            " or run the recipe"
        )


def _verdict(expected: Expected) -> str:
    low, high = expected.intervals[max(expected.intervals)]
    if low > 0:
        return "in words: the pivot is expected to be better than the direct system"
    if high < 0:
        return "in words: the pivot is expected to be worse than the direct system"
    return "in words: undecided; the interval holds 0, so only a run can tell"


def _print_not_enough(found: Prediction) -> None:
    if found.direct is None:
        print(
            "not enough runs: there is no direct run that can be scored, with which pivots are"
            " compared. Run a direct recipe over data with references, or name a run with --direct"
        )
    elif found.missing:
        print(
            f"not enough runs: {number(len(found.learned), 'pivot system')} with references over"
            f" the dialogues of {found.direct}; a prediction takes {LEAST_SYSTEMS}, so"
            f" {found.missing} more"
        )
    else:
        print(
            "not enough measures: this one is not at hand for the recipe, or not for"
            f" {LEAST_SYSTEMS} runs"
        )
