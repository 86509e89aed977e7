"""`pivot-sum train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import BudgetOption, CacheOption, JsonOption, TrainRecipeArgument
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.stages.budget import cost_text
from pivot_sum.stages.models.hub import DEMO_PREFIX
from pivot_sum.training.page import no_better, value_text
from pivot_sum.training.recipe import load_train_recipe, recipe_name
from pivot_sum.training.record import TrainingRecord, TrainPlan
from pivot_sum.training.train import Training, TrainRequest, look
from pivot_sum.training.train import train as train_model


def train(
    recipe: TrainRecipeArgument,
    data: Annotated[
        str | None,
        typer.Option("--data", help="What it learns from: CSV, TSV, JSONL or Parquet."),
    ] = None,
    dev: Annotated[
        str | None,
        typer.Option(
            "--dev",
            metavar="FILE",
            help="What it is scored on at each evaluation, in the same form.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY.KEY=VALUE",
            help="Change one value: settings.learning_rate=1e-5. May be repeated.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder of the result; default: trainings/RECIPE-KEY."),
    ] = None,
    cache: CacheOption = None,
    budget: BudgetOption = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Say what would be trained on what, and for how long; train nothing."
        ),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Train a summariser or translator. The result is a folder that any recipe can name as its
    model.

    The same command again goes on from the last checkpoint of a training that was interrupted.
    """
    request = TrainRequest(
        name=recipe_name(recipe),
        recipe=load_train_recipe(recipe, set_ or ()),
        train_file=data,
        dev_file=dev,
        folder=out,
        cache=cache,
        budget=budget,
    )
    if dry_run:
        plan = look(request)
        if json:
            print_json(plan.model_dump())
        else:
            _print_plan(plan)
        return
    made = train_model(request)
    if json:
        print_json({"folder": str(made.folder), **made.record.model_dump()})
    else:
        print_training(made)


def _print_plan(plan: TrainPlan) -> None:
    names = ("pairs", "too long", "split", "parts", "dropped", "source tokens", "target tokens")
    print_table(
        "what would be learned from",
        ("file", *names),
        [
            (use, *(counts.get(name, 0) for name in names))
            for use, counts in (("training", plan.train), ("dev", plan.dev))
        ],
        right=names,
    )
    print(f"{plan.steps_an_epoch:,} steps an epoch, {plan.steps:,} in all")
    print(f"{plan.trainable:,} of {plan.parameters:,} weights would be trained")


def print_training(made: Training) -> None:
    """The scores, what they were made with, and what to type next."""
    record = made.record
    print_table(
        f"dev scores of {record.name} (best by {record.best_by}: step {record.best_step:,} of"
        f" {record.steps:,})",
        ("value", "at the start", "best"),
        [
            (name, value_text(name, record.at_start.get(name)), value_text(name, value))
            for name, value in record.scores.items()
        ],
        right=("at the start", "best"),
    )
    if said := no_better(record):
        print(said)
    for name, signature in record.signatures.items():
        print(f"signature: {name}|{signature}")
    print(
        f"\n{record.trainable:,} of {record.parameters:,} weights trained, {record.epochs:g}"
        f" epochs, {record.seconds:,.0f} s, {record.precision} on {record.device}, peak memory"
        f" {record.peak_memory / 1e6:,.0f} MB"
    )
    if record.spent:
        print(f"billed for data.pipeline: {cost_text(record.spent)}")
    print(f"training folder: {made.folder}")
    print("\nnext:")
    for line in _next(record, made.folder):
        print(f"  {line}")


def _next(record: TrainingRecord, folder: Path) -> list[str]:
    """The command lines that use the model."""
    recipe = record.recipe
    if pipeline := recipe["data"]["pipeline"]:
        step = pipeline["step"] or "summarize"
        name = pipeline["recipe"]
        data = "" if name.startswith("demo-") else " --data TEST.csv"
        return [
            f"pivot-sum run {name}{data} --set {step}.model={folder} --out mine",
            f"pivot-sum compare mine {name}{data}",
        ]
    if recipe["task"] == "translate":
        step = "to-english" if recipe["source"] == "ko" else "to-korean"
        return [f"pivot-sum run pivot-nllb-bart --data TEST.csv --set {step}.model={folder}"]
    of_demo = record.base["name"].startswith(DEMO_PREFIX)
    direct = recipe["target"] == "ko"
    name = {
        (True, True): "demo-direct",
        (True, False): "demo-pivot",
        (False, True): "direct-kobart",
        (False, False): "pivot-nllb-bart",
    }[of_demo, direct]
    data = "" if of_demo else " --data TEST.csv"
    return [
        f"pivot-sum run {name}{data} --set summarize.model={folder} --out mine",
        f"pivot-sum compare mine {name}{data}",
    ]
