"""`pivot-sum attribute`."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.attribution import RESULT, TEXTS, Attribution, Combination, Estimate, StageLoss
from pivot_sum.attribution import attribute as take_apart
from pivot_sum.attribution.item_kinds import KINDS, Fate
from pivot_sum.commands.completion import run_folders
from pivot_sum.commands.options import BudgetOption, CacheOption, JsonOption, OfflineOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.commands.scoring_options import MetricOption, TokenizerOption
from pivot_sum.errors import OracleRefused
from pivot_sum.running.reading import latest_run
from pivot_sum.scoring import DEFAULT_METRICS, DEFAULT_TOKENIZER, load_metric
from pivot_sum.scoring.metrics import label
from pivot_sum.stages.budget import cost_text
from pivot_sum.wording import number


def attribute(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="A run folder; default: the newest below runs/.", autocompletion=run_folders
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help=(
                "A file with the same dialogues that has the English originals; default: the run's."
            ),
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Which column of that file holds what: data.columns.english_dialogue=NAME.",
        ),
    ] = None,
    metric: MetricOption = DEFAULT_METRICS[0],
    tokenizer: TokenizerOption = DEFAULT_TOKENIZER,
    offline: OfflineOption = False,
    budget: BudgetOption = None,
    cache: CacheOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Where the result goes; default: into the run folder."),
    ] = None,
    predictions: Annotated[Path | None, typer.Option("--predictions", hidden=True)] = None,
    json: JsonOption = False,
) -> None:
    """What did each stage lose? Put what the data knows in the place of each stage, and share the
    loss out among them.

    The texts go through the run's own stages and its cache: a second time costs nothing.
    """
    if predictions is not None:
        raise OracleRefused(
            f"--predictions {predictions}: these texts were made with the help of the references,"
            " which no system may see, so they are never written as predictions. To look at them,"
            f" see {TEXTS}; predictions come from `pivot-sum run`"
        )
    run = run or latest_run()
    found = take_apart(
        run,
        data,
        set_ or (),
        metric=load_metric(metric, tokenizer=tokenizer),
        offline=offline,
        cache=cache,
        budget=budget,
    )
    folder = out or run
    found.write(folder)
    if json:
        print_json({"folder": str(folder), **found.as_json()})
        return
    _print_combinations(found)
    _print_stages(found)
    _print_items(found)
    _print_diagnostics(found)
    for note in found.notes:
        print(f"note: {note}")
    over = "dialogues" if found.clusters is None else number(found.clusters, "cluster")
    print(
        f"\n{found.signature}; 95 % intervals: bootstrap over {over}, {found.resamples:,}"
        f" resamples, seed {found.seed}"
    )
    if found.billed:
        print(f"billed: {cost_text(found.billed)}")
    print(f"written: {folder / RESULT}; the texts, which are no predictions: {folder / TEXTS}")
    most = max(found.stages, key=lambda stage: stage.loss)
    words = ["pivot-sum", "show", str(run), "--id", most.worst]
    print(f"\nnext:\n  {shlex.join(words)}    # the dialogue that lost most in {most.name}")


def _print_combinations(found: Attribution) -> None:
    own = [
        combination
        for combination in found.combinations
        if combination.final and not combination.same_as
    ]
    parts = own[0].scores.means if own and own[0].scores else ()
    columns = ("oracle for", "text that is scored", *map(label, parts), "95 % interval")
    of_all = (
        "" if found.samples == found.run["samples"] else f" of the run's {found.run['samples']:,}"
    )
    title = f"oracles in the place of stages ({found.samples:,}{of_all} dialogues)"
    print_table(title, columns, [_row(combination) for combination in own], right=columns[2:])
    if same := [combination for combination in found.combinations if combination.same_as]:
        pairs = "; ".join(
            f"{_joined(item.oracles)} = {_joined(item.same_as or ())}" for item in same
        )
        print(f"equal by construction: {pairs} ({same[0].what})")
    if impossible := [
        combination for combination in found.combinations if combination.final is None
    ]:
        print(
            f"cannot be had: {'; '.join(_joined(item.oracles) for item in impossible)}"
            f" ({impossible[0].what})"
        )
    print()


def _row(combination: Combination) -> tuple[object, ...]:
    assert combination.scores is not None and combination.final is not None
    # The headline as the mean of the very values that the losses are made of.
    means = {**combination.scores.means, combination.scores.headline: combination.final.mean}
    points = [f"{value:.2f}" for value in means.values()]
    return (_joined(combination.oracles), combination.what, *points, _interval(combination.final))


def _print_stages(found: Attribution) -> None:
    whole = found.loss
    columns = (
        "stage",
        "its oracle",
        "loss",
        "95 % interval",
        "of the loss",
        "dialogues",
        "Shapley share",
        "95 % interval",
    )
    rows: list[tuple[object, ...]] = [
        (
            stage.name,
            stage.oracle,
            f"{stage.loss:.2f}",
            _interval(Estimate(stage.loss, stage.low, stage.high)),
            _percent(stage.loss, whole.mean),
            stage.dialogues,
            f"{stage.shapley.mean:.2f}",
            _interval(stage.shapley),
        )
        for stage in found.stages
    ]
    together = (f"{whole.mean:.2f}", _interval(whole))
    rows.append(("together", "", *together, _percent(whole.mean, whole.mean), "", *together))
    title = (
        f"points lost (ceiling {found.ceiling.mean:.2f} - run {found.actual.mean:.2f} ="
        f" {whole.mean:.2f})"
    )
    print_table(title, columns, rows, right=columns[2:])
    if len(found.stages) > 1:
        print(
            "loss: what a stage loses where those before it are perfect; dialogues: in how many it"
            " loses anything"
        )
        print(f"Shapley share: what its oracle adds on average over {_orders(found)}")
        print("in words:")
        for stage in found.stages:
            print(f"  {_in_words(stage)}")
    if tidy := [
        f"{', '.join(others)} with {stage.name}"
        for stage in found.stages
        if (others := _others(stage))
    ]:
        print(
            "steps without an oracle of their own are counted with the step beside them:"
            f" {'; '.join(tidy)}"
        )
    print()


def _print_items(found: Attribution) -> None:
    """What became of names, numbers and placeholders, and what that cost."""
    items = found.by_kind
    kinds = [f"{kind}s" for kind in KINDS]
    working = {part for stage in found.stages for part in stage.name.split("..")}
    rows: list[tuple[object, ...]] = [
        (step.name, *(_listed(step.counts[kind]) for kind in KINDS), step.dialogues)
        for step in items.steps
        if step.dialogues or step.name in working
    ]
    kept = [f"{items.kept[kind]:,} of {items.needed[kind]:,}" for kind in KINDS]
    rows.append(("kept to the end", *kept, ""))
    title = "names, numbers and placeholders: faults by step"
    print_table(title, ("step", *kinds, "dialogues"), rows, right=("dialogues",))
    print(
        "lost, changed: what the dialogue holds and every reference names; invented: what the"
        " summary names and neither holds\n"
    )
    points = [
        (stage.name, *parts.kinds.values(), parts.rest, stage.loss)
        for stage, parts in zip(found.stages, items.parts.values(), strict=True)
    ]
    sums = [math.fsum(column) for column in list(zip(*points, strict=True))[1:]]
    columns = ("stage", *kinds, "the rest", "loss")
    print_table(
        "points lost, by kind",
        columns,
        [(name, *(f"{value:.2f}" for value in values)) for name, *values in points]
        + [("together", *(f"{value:.2f}" for value in sums))],
        right=columns[1:],
    )
    print(
        "names, numbers, placeholders: what the score gains where the summaries have the right ones"
        " in place of those the stage changed"
    )
    faultless = ", ".join(f"{name} {parts.faultless:.2f}" for name, parts in items.parts.items())
    print(f"the rest, in dialogues in which the stage has no such fault: {faultless}\n")


def _listed(counts: Mapping[Fate, int]) -> str:
    """`2 lost, 1 changed`, or a dash."""
    return ", ".join(f"{count:,} {fate}" for fate, count in counts.items() if count) or "-"


def _in_words(stage: StageLoss) -> str:
    """Why a stage's loss and its share are what they are, beside each other."""
    loss, share = f"{stage.loss:.2f}", f"{stage.shapley.mean:.2f}"
    if stage.loss <= 0:
        said = f"{stage.name} loses nothing behind perfect steps ({loss})"
    else:
        said = f"{stage.name} loses {loss} points even behind perfect steps"
    if share == loss:
        return f"{said}; its share is the same: no other stage makes it larger or smaller"
    if stage.shapley.mean > stage.loss:
        return f"{said}; its share is {share}: its oracle also makes up for what others lost"
    return f"{said}; its share is {share}: the oracles of others make up for a part of it"


def _orders(found: Attribution) -> str:
    if len(found.orders) == 1:
        return "the only order in which the oracles can be put in, so the same"
    orders = "; ".join(", ".join(order) for order in found.orders)
    return f"the {len(found.orders)} orders in which the oracles can be put in: {orders}"


def _percent(part: float, whole: float) -> str:
    """`8 %`; a loss that is none cannot be divided."""
    return f"{100 * part / whole:.0f} %" if whole > 0 else "-"


def _others(stage: StageLoss) -> list[str]:
    return [step for step in stage.steps if step not in stage.name.split("..")]


def _print_diagnostics(found: Attribution) -> None:
    told, final = found.diagnostics, found.headline
    if round_trip := told["round_trip"]:
        print(
            "translation alone: the Korean reference after a round trip scores"
            f" {round_trip[final]:.2f}, {found.ceiling.mean - round_trip[final]:.2f}"
            " under the ceiling"
        )
    if to_english := told["to_english"]:
        print(
            f"the translation to English against the originals: chrF {to_english['chrf']:.2f}, BLEU"
            f" {to_english['bleu']:.2f} ({number(to_english['turns'], 'turn')} of"
            f" {number(to_english['dialogues'], 'dialogue')})"
        )
    if others := told["one_reference_against_the_others"]:
        print(
            f"for comparison: one reference against the others scores {others[final]:.2f}; that"
            " is how far references agree"
        )


def _joined(oracles: tuple[str, ...]) -> str:
    return " + ".join(oracles) or "-"


def _interval(estimate: Estimate) -> str:
    return f"[{estimate.low:.2f}, {estimate.high:.2f}]"
