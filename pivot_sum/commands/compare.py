"""`pivot-sum compare`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from pivot_sum.commands.completion import systems
from pivot_sum.commands.options import (
    BudgetOption,
    CacheOption,
    DataOption,
    JsonOption,
    LimitOption,
    OfflineOption,
    ReportToOption,
)
from pivot_sum.commands.output import counts, options, print_json, print_table
from pivot_sum.commands.scoring_options import (
    ClusterOption,
    MetricsOption,
    OverReferencesOption,
    ResamplesOption,
    SeedOption,
    TokenizerOption,
)
from pivot_sum.commands.streams import result_printed
from pivot_sum.comparison.compare import Comparison, Row
from pivot_sum.comparison.compare import compare as compare_systems
from pivot_sum.comparison.differences import Difference
from pivot_sum.comparison.findings import detectable, drawn, findings
from pivot_sum.comparison.significance import RESAMPLES, SEED, Interval
from pivot_sum.comparison.systems import System, load_systems, require_system
from pivot_sum.errors import NotComparable
from pivot_sum.scoring import DEFAULT_METRICS, DEFAULT_TOKENIZER, load_metrics
from pivot_sum.scoring.metrics import columns, label
from pivot_sum.stages.budget import cost_text
from pivot_sum.tracked_runs import track_comparison
from pivot_sum.tracking.tools import require_tools
from pivot_sum.wording import number

DEMO = ["demo-direct", "demo-pivot"]


def compare(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help=(
                "Run folders, predictions files or recipes; the others are compared with the first."
            ),
            metavar="SYSTEM",
            autocompletion=systems,
        ),
    ] = None,
    data: DataOption = None,
    limit: LimitOption = None,
    metric: MetricsOption = None,
    tokenizer: TokenizerOption = DEFAULT_TOKENIZER,
    over_references: OverReferencesOption = "mean",
    cluster: ClusterOption = None,
    resamples: ResamplesOption = RESAMPLES,
    seed: SeedOption = SEED,
    offline: OfflineOption = False,
    cache: CacheOption = None,
    budget: BudgetOption = None,
    report_to: ReportToOption = None,
    json: JsonOption = False,
) -> None:
    """Compare runs, predictions files or recipes: scores, differences with their p-values,
    baselines.

    Without arguments: the demo, direct against pivot. Recipes are run first, from the cache where
    possible; `--budget` is for all of them together.
    """
    chosen = names or DEMO
    if len(chosen) < 2:
        require_system(chosen[0])
        raise NotComparable(
            f"there is only {chosen[0]}; name another to compare it with, or see `pivot-sum score"
            " --help`"
        )
    metrics = load_metrics(
        metric or DEFAULT_METRICS, tokenizer=tokenizer, over_references=over_references
    )
    tools = require_tools(report_to or ())
    systems, samples = load_systems(
        chosen, data, limit, cluster=cluster, offline=offline, cache=cache, budget=budget
    )
    comparison = compare_systems(systems, samples, metrics, resamples, seed)
    if json:
        folders = {system.label: str(system.folder) for system in systems if system.folder}
        print_json(
            {**comparison.as_json(), "folders": folders, "conclusions": findings(comparison)}
        )
    else:
        _print(comparison)
        same = options(
            data=(data, None),
            metric=(metric or [], []),
            tokenizer=(tokenizer, DEFAULT_TOKENIZER),
            over_references=(over_references, "mean"),
            cluster=(cluster, None),
            resamples=(resamples, RESAMPLES),
            seed=(seed, SEED),
        )
        _print_next(comparison, chosen, same)
    if tools:
        with result_printed():
            track_comparison(tools, comparison)


def _print(comparison: Comparison) -> None:
    shown = columns(comparison.scores, every=("whole", "raw"))
    headings = [label(part, key) for key, part in shown]
    rows = [
        (_name(row), *(f"{row.scores[key].means[part]:.2f}" for key, part in shown))
        for row in comparison.rows
    ]
    dialogues = number(len(comparison.samples), "dialogue")
    title = f"scores of {dialogues} ({_scale(comparison)})"
    print_table(title, ("", *headings), rows, right=headings)
    for difference in comparison.differences:
        print()
        _print_difference(comparison, difference)
    print()
    _print_runs(comparison)
    print()
    for signature in comparison.signatures.values():
        print(f"signature: {signature}")
    clusters = "" if comparison.clusters is None else f" of {drawn(comparison)}"
    tests = len(comparison.differences)
    several = f"; Holm: p-values corrected for {tests} tests" if tests > 1 else ""
    print(f"tests: {comparison.resamples:,} resamples{clusters}, seed {comparison.seed}{several}")
    print()
    for sentence in findings(comparison):
        print(sentence)


def _scale(comparison: Comparison) -> str:
    """What the values are, for the title of their table."""
    rouge = "F1 × 100; placeholders whole, then raw"
    if list(comparison.scores) == ["whole", "raw"]:
        return rouge
    return f"0 to 100{f'; ROUGE: {rouge}' if 'whole' in comparison.scores else ''}"


def _print_next(comparison: Comparison, names: list[str], same: list[str]) -> None:
    """`same`: the options that the report has too."""
    runs = [system for system in comparison.compared if system.record]
    demo = any(run.record and run.record.uses_demo_models for run in runs)
    lines = []
    # The report takes all dialogues of all systems, so there is none of a comparison over a part
    # of them.
    if runs and all(
        _dialogues(system) == len(comparison.samples) for system in comparison.compared
    ):
        who = [
            str(system.folder or name)
            for system, name in zip(comparison.compared, names, strict=True)
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


def _dialogues(system: System) -> int:
    """How many its file or run folder answers."""
    return system.record.data.samples if system.record else len(system.texts)


def _print_difference(comparison: Comparison, difference: Difference) -> None:
    intervals: dict[str, Interval] = {
        label(part): found for part, found in difference.by_metric.items()
    }
    for key, found in difference.others.items():
        intervals[label(comparison.scores[key].headline, key)] = found
    numbers = ["difference", "95 % interval", "p (bootstrap)", "p (randomisation)"]
    if difference.final.p_bootstrap_holm is not None:
        numbers = [*numbers[:3], "Holm", numbers[3], "Holm"]
    rows = [
        (
            name,
            f"{found.delta:+.2f}",
            # drawn again and again, one dialogue is always the same
            *(_tests(found) if difference.drawn > 1 else ["-"] * (len(numbers) - 1)),
        )
        for name, found in intervals.items()
    ]
    title = (
        f"{difference.label} against {difference.against}: {number(difference.wins, 'win')},"
        f" {number(difference.ties, 'tie')}, {number(difference.losses, 'loss', 'losses')}"
    )
    print_table(title, ("", *numbers), rows, right=numbers)
    for sentence in detectable(comparison, difference):
        print(sentence)


def _tests(found: Interval) -> list[str]:
    p_values = (
        found.p_bootstrap,
        found.p_bootstrap_holm,
        found.p_randomisation,
        found.p_randomisation_holm,
    )
    return [
        f"{found.low:+.2f} to {found.high:+.2f}",
        *(f"{p:.3f}" for p in p_values if p is not None),
    ]


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
            *(["-" if row.billed is None else cost_text(row.billed)] if billed else []),
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
