"""`pivot-sum run`."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pivot_sum.commands.options import (
    DEFAULT_RECIPE,
    ActorsOption,
    BudgetOption,
    CacheOption,
    DataOption,
    GpusOption,
    JsonOption,
    LimitOption,
    OfflineOption,
    OnOption,
    RecipeArgument,
    ReportToOption,
    SetOption,
    ShardOption,
    StagesOption,
)
from pivot_sum.commands.output import counts, print_json, print_table
from pivot_sum.commands.streams import result_printed
from pivot_sum.run_score import score_run, scoring_trouble
from pivot_sum.running.execute import Request, execute, explain
from pivot_sum.running.executor import LOCAL, Where
from pivot_sum.running.plan import StepPlan
from pivot_sum.running.reading import AT_END, lines_of_step
from pivot_sum.running.record import RecordedStep, RecordedTokens, RunRecord
from pivot_sum.running.run import Run
from pivot_sum.running.spending import total
from pivot_sum.stages.budget import TOKENS, cost_text
from pivot_sum.tracked_runs import track_run
from pivot_sum.tracking.tools import require_tools

log = logging.getLogger(__name__)

SUMMARIES_SHOWN = 8


def run(
    recipe: RecipeArgument = DEFAULT_RECIPE,
    data: DataOption = None,
    stages: StagesOption = None,
    set_: SetOption = None,
    limit: LimitOption = None,
    offline: OfflineOption = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be computed, and compute nothing.")
    ] = False,
    budget: BudgetOption = None,
    shard: ShardOption = None,
    on: OnOption = LOCAL,
    actors: ActorsOption = None,
    gpus_per_actor: GpusOption = None,
    cache: CacheOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The run folder; default: runs/RECIPE-TIME.")
    ] = None,
    no_score: Annotated[
        bool,
        typer.Option("--no-score", help="Leave out the score where the data has references."),
    ] = False,
    report_to: ReportToOption = None,
    json: JsonOption = False,
) -> None:
    """Run a recipe over a data file. Without arguments: the demo, from Korean through English and
    back.

    What is computed is kept: the same command again goes on where it stopped.
    """
    where = Where(on, actors, gpus_per_actor)
    request = Request(
        recipe, data, stages, set_ or (), limit, offline, cache, out, budget, shard, where
    )
    if dry_run:
        plans = explain(request)
        if json:
            print_json([step.as_json() for step in plans])
        else:
            print_plan(plans)
        return
    tools = require_tools(report_to or ())
    if not no_score and (trouble := scoring_trouble(request)):
        log.warning("this run will not be scored: %s", trouble)
    finished = execute(request)
    scored = None if no_score else score_run(finished)
    scores = scored if isinstance(scored, Mapping) else None
    if json:
        shown = {"scores": scores} if scores else {}
        print_json({"folder": str(finished.folder), **finished.record.as_json(), **shown})
    else:
        _print_finished(finished, request, scored)
    if tools:
        with result_printed():
            track_run(tools, finished, scores)


def print_plan(plans: list[StepPlan]) -> None:
    """The plan as a table, and beneath it why something is not cached."""
    numbers: tuple[str, ...] = ("unique", "cached", "to compute", "samples waiting")
    rows: list[tuple[object, ...]] = [
        (step.name, step.over, step.unique, step.cached, step.missing, step.waiting)
        for step in plans
    ]
    costs = [step.cost for step in plans if step.cost is not None]
    if costs:
        numbers += ("to bill",)
        rows = [(*row, _cost(step)) for row, step in zip(rows, plans, strict=True)]
    print_table("plan", ("step", "over", *numbers), rows, right=numbers)
    for step in plans:
        if step.advice:
            print(f"{step.name}: {step.advice}")
        if step.differences:
            fields = "; ".join(
                f"{item['field']} {item['stored']!r} -> {item['wanted']!r}"
                for item in step.differences
            )
            print(f"{step.name}: nothing is cached for these settings; nearest stored: {fields}")
        if step.unreachable:
            print(f"{step.name}: its model cannot be asked for here: {step.unreachable}")
    if costs:
        more = " and more" if any(step.waiting for step in plans if step.cost is not None) else ""
        print(f"to bill in all: {cost_text(total(*costs))}{more}")
    if any(TOKENS in cost for cost in costs):
        print(
            "tokens, and money for them, are estimates: how many there are is known only once the"
            " service has answered"
        )
    if any(step.waiting for step in plans):
        print("samples waiting: their texts are known only once the steps before have run")


def _cost(step: StepPlan) -> str:
    if step.cost is None:
        return "-"
    return cost_text(step.cost) + (" and more" if step.waiting else "")


REAL_MODELS: Final = {
    "pivot": ("pivot-nllb-bart", "real models: NLLB-200 and BART"),
    "direct": ("direct-kobart", "a real model: KoBART"),
}
"""What to run after the demo of each kind."""


def _print_finished(
    finished: Run, request: Request, scored: Mapping[str, Any] | str | None
) -> None:
    record = finished.record
    shown = list(islice(lines_of_step(finished.folder, record.steps[-1]), SUMMARIES_SHOWN))
    number = record.data.samples
    of_all = f"first {len(shown)} of {number:,}" if len(shown) < number else "all"
    print_table(
        f"{record.steps[-1].name} ({of_all})",
        ("id", "text"),
        [(line.id, line.text) for line in shown],
    )
    print()
    print_steps(record)
    if isinstance(scored, str):
        words = ["pivot-sum", "score", str(finished.folder)]
        print(f"\nnot scored: {scored}\n  later: {shlex.join(words)}")
    elif scored is not None:
        print()
        print_scores(scored)
    print(f"\nrun folder: {finished.folder}")
    if record.predictions:
        print(f"summaries:  {finished.folder / record.predictions}")
    print("\nnext:")
    words = ["pivot-sum", "show", str(finished.folder), "--id", shown[0].id]
    print(f"  {shlex.join(words)}    # every stage of one dialogue")
    if any(step.flags or step.verdicts.keys() - {"kept"} for step in record.steps):
        words = ["pivot-sum", "show", str(finished.folder), "--remarks"]
        print(f"  {shlex.join(words)}    # the dialogues with a flag or a placeholder not kept")
    if not request.offline:
        print(
            f"  {_typed_again(request)} --offline    # the same from the cache, without any model"
        )
    if record.uses_demo_models:
        pivots = any(step["stage"] == "translate" for step in record.recipe.steps)
        recipe, models = REAL_MODELS["pivot" if pivots else "direct"]
        # Other settings are of steps that another recipe need not have.
        columns = [setting for setting in request.settings if setting.startswith("data.")]
        real = Request(recipe, request.data or "YOUR.csv", settings=columns, cache=request.cache)
        print(f"  {_typed_again(real)}    # {models}, downloaded once")
        print("\nThe demo models are tiny and know nothing but the dialogues of the demo world.")


def print_scores(scores: Mapping[str, Any]) -> None:
    """The scores a run ended with, as a table of one row with their signature."""
    names = {"final": "final", "rouge1": "R1", "rouge2": "R2", "rougeL": "RL"}
    row = [f"{scores[name]:.2f}" for name in names]
    print_table("score (F1 × 100)", tuple(names.values()), [row], right=tuple(names.values()))
    print(f"signature: {scores['signature']}")


def _typed_again(request: Request) -> str:
    """The command line of a request, without --out: a run folder is never written twice."""
    words = ["pivot-sum", "run", request.recipe]
    options = {
        "--data": request.data,
        "--stages": request.stages,
        "--limit": request.limit,
        "--cache": request.cache,
    }
    words += [
        str(word)
        for option, value in options.items()
        if value is not None
        for word in (option, value)
    ]
    words += [word for setting in request.settings for word in ("--set", setting)]
    return shlex.join(words)


def print_steps(record: RunRecord) -> None:
    """The table of a run's steps: texts, where they came from, and what became of their
    placeholders."""
    steps = record.steps
    billed = any(step.billed is not None for step in steps)
    padded = any(step.tokens for step in steps)
    rows = [
        (
            step.name,
            step.texts,
            step.unique,
            step.cached,
            step.computed,
            *([_billed(step)] if billed else []),
            f"{step.seconds:.1f}",
            *([_padding(step.tokens)] if padded else []),
            counts(step.verdicts),
            counts(step.rungs),
            counts(
                {
                    **{f"by {way}": count for way, count in step.retries.items()},
                    **step.repairs,
                    **step.flags,
                }
            ),
        )
        for step in steps
    ]
    numbers = (
        "texts",
        "unique",
        "cached",
        "computed",
        *(["billed"] if billed else []),
        "s",
        *(["padding"] if padded else []),
    )
    print_table(
        "steps",
        ("step", *numbers, "placeholders", "rungs", "retries, repairs and flags"),
        rows,
        right=numbers,
    )
    if record.spent:
        print(f"billed in this run: {cost_text(record.spent)}")
    if record.end and record.end.verdicts:
        print(f"placeholders {AT_END}, against the dialogues: {counts(record.end.verdicts)}")


def _billed(step: RecordedStep) -> str:
    return "-" if step.billed is None else cost_text(step.billed)


def _padding(tokens: RecordedTokens | None) -> str:
    """`1.2% in, 0.0% out`: the share of padding in what the model read and wrote."""
    return (
        f"{tokens.read_padding_percent}% in, {tokens.written_padding_percent}% out"
        if tokens
        else "-"
    )
