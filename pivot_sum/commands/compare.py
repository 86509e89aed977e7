"""`pivot-sum compare`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from pivot_sum.commands.completion import systems
from pivot_sum.commands.options import (
    CacheOption,
    DataOption,
    JsonOption,
    LimitOption,
    OfflineOption,
)
from pivot_sum.commands.output import counts, options, print_json, print_table
from pivot_sum.comparison.compare import WAYS, Comparison, Difference, Row, points
from pivot_sum.comparison.compare import compare as compare_contenders
from pivot_sum.comparison.findings import conclusions
from pivot_sum.comparison.significance import RESAMPLES, SEED
from pivot_sum.comparison.systems import Contender, gather
from pivot_sum.errors import NotComparable
from pivot_sum.scoring import DEFAULT_TOKENIZER, TOKENIZERS, OverReferences
from pivot_sum.wording import number

DEMO = ["demo-direct", "demo-pivot"]
METRICS = {"rouge1": "R1", "rouge2": "R2", "rougeL": "RL", "final": "final"}


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help=(
                "Run folders, predictions files or recipes; the others are compared with the first."
            ),
            metavar="CONTENDER",
            autocompletion=systems,
        ),
    ] = None,
    data: DataOption = None,
    limit: LimitOption = None,
    tokenizer: Annotated[
        str, typer.Option("--tokenizer", help=f"What cuts the texts: {', '.join(TOKENIZERS)}.")
    ] = DEFAULT_TOKENIZER,
    over_references: Annotated[
        OverReferences,
        typer.Option(
            "--over-references",
            "--over",
            help="What becomes of the figures against several references.",
        ),
    ] = "mean",
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, help="How often each test draws.")
    ] = RESAMPLES,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Where the drawing starts.")] = SEED,
    offline: OfflineOption = False,
    cache: CacheOption = None,
    budget: Annotated[
        int | None,
        typer.Option(
            "--budget", min=0, help="Characters services may bill for all recipes together."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compare runs, predictions files or recipes: scores, differences with their chance, baselines.

    Without arguments: the demo, direct against pivot. Recipes are run first, from the cache where
    possible.
    """
    chosen = names or DEMO
    if len(chosen) < 2:
        raise NotComparable(
            f"there is only {chosen[0]}; name another to compare it with, or see `pivot-sum score"
            " --help`"
        )
    contenders, samples = gather(chosen, data, limit, offline=offline, cache=cache, budget=budget)
    comparison = compare_contenders(
        contenders, samples, tokenizer, over_references, resamples, seed
    )
    if json:
        folders = {
            contender.label: str(contender.folder) for contender in contenders if contender.folder
        }
        print_json(
            {**comparison.as_json(), "folders": folders, "conclusions": conclusions(comparison)}
        )
    else:
        _print(comparison)
        same = options(
            data=(data, None),
            tokenizer=(tokenizer, DEFAULT_TOKENIZER),
            over_references=(over_references, "mean"),
            resamples=(resamples, RESAMPLES),
            seed=(seed, SEED),
        )
        _print_next(comparison, chosen, same)


def _print(comparison: Comparison) -> None:
    headings = [
        f"{'raw ' if way == 'raw' else ''}{metric}" for way in WAYS for metric in METRICS.values()
    ]
    rows = [
        (
            _name(row),
            *(f"{points(row.scores[way].mean, metric):.2f}" for way in WAYS for metric in METRICS),
        )
        for row in comparison.rows
    ]
    title = (
        f"scores of {number(len(comparison.samples), 'dialogue')} (F1 × 100; placeholders whole,"
        " then raw)"
    )
    print_table(title, ("", *headings), rows, right=headings)
    for difference in comparison.differences:
        print()
        _print_difference(difference)
    print()
    _print_runs(comparison)
    print()
    for signature in comparison.signatures.values():
        print(f"signature: {signature}")
    print(f"tests: {comparison.resamples:,} resamples, seed {comparison.seed}")
    print()
    for sentence in conclusions(comparison):
        print(sentence)


def _print_next(comparison: Comparison, names: list[str], same: list[str]) -> None:
    """`same`: the options that the report has too."""
    runs = [contender for contender in comparison.contenders if contender.record]
    demo = any(run.record and run.record.uses_demo_models for run in runs)
    lines = []
    # The report takes all dialogues of all contenders, so there is none of a comparison over a part
    # of them.
    if runs and all(
        _dialogues(contender) == len(comparison.samples) for contender in comparison.contenders
    ):
        who = [
            str(contender.folder or name)
            for contender, name in zip(comparison.contenders, names, strict=True)
        ]
        words = ["pivot-sum", "report", *who, *same]
        lines.append(f"  {shlex.join(words)}    # a page with every stage of every dialogue")
    if demo:
        lines.append(
            "  pivot-sum compare direct-kobart pivot-nllb-bart --data YOUR.csv    # real models,"
            " downloaded once"
        )
    if lines:
        print("\nnext:", *lines, sep="\n")
    if demo:
        print(
            "\nThe demo models know nothing but the demo world: how they compare says nothing about"
            " real models."
        )


def _dialogues(contender: Contender) -> int:
    """How many its file or run folder answers; of a recipe that was run here, its texts are only
    those compared."""
    return contender.record.data.samples if contender.record else len(contender.texts)


def _print_difference(difference: Difference) -> None:
    intervals = {METRICS[name]: interval for name, interval in difference.by_metric.items()} | {
        "raw final": difference.raw
    }
    rows = [
        (
            name,
            f"{found.delta:+.2f}",
            *(
                (
                    f"{found.low:+.2f} to {found.high:+.2f}",
                    f"{found.p_bootstrap:.3f}",
                    f"{found.p_randomisation:.3f}",
                )
                if difference.dialogues
                > 1  # drawn again and again, one dialogue is always the same
                else ("-", "-", "-")
            ),
        )
        for name, found in intervals.items()
    ]
    title = (
        f"{difference.label} against {difference.against}: {number(difference.wins, 'win')},"
        f" {number(difference.ties, 'tie')}, {number(difference.losses, 'loss', 'losses')}"
    )
    numbers = ("difference", "95 % interval", "p (bootstrap)", "p (randomisation)")
    print_table(title, ("", *numbers), rows, right=numbers)


def _print_runs(comparison: Comparison) -> None:
    """Length and placeholders of all summaries, and what the runs cost."""
    billed = any(row.billed is not None for row in comparison.systems)
    numbers = ("characters", "s", "from cache", *(["billed"] if billed else []))
    rows = [
        (
            _name(row),
            f"{row.length:.1f}",
            "-" if row.seconds is None else f"{row.seconds:.1f}",
            "-" if row.cached is None else f"{row.cached:.0%}",
            *(["-" if row.billed is None else row.billed] if billed else []),
            counts(row.verdicts),
            counts(row.flags),
        )
        for row in comparison.rows
    ]
    print_table(
        "summaries, and their runs (s: as measured where the run was made)",
        ("", *numbers, "placeholders", "noticed in the steps"),
        rows,
        right=numbers,
    )


def _name(row: Row) -> str:
    return row.label if row.kind == "system" else f"baseline {row.label}"
