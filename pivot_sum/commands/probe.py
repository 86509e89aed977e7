"""`pivot-sum probe`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import step_names
from pivot_sum.commands.options import (
    DEFAULT_RECIPE,
    BudgetOption,
    CacheOption,
    DataOption,
    JsonOption,
    LimitOption,
    OfflineOption,
    RecipeArgument,
    SetOption,
)
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.probe import StepProbe, Survival, Tally
from pivot_sum.probe import probe as run_probe
from pivot_sum.recipes.edit import require_writable, write_with_masks
from pivot_sum.running.execute import Request
from pivot_sum.stages.placeholders.masks import mask_from_name

_EXAMPLE = "#Person1#"


def probe(
    recipe: RecipeArgument = DEFAULT_RECIPE,
    step: Annotated[
        str | None,
        typer.Option(
            "--step",
            help="Only this step; default: every translate step.",
            autocompletion=step_names,
        ),
    ] = None,
    data: DataOption = None,
    set_: SetOption = None,
    limit: LimitOption = None,
    offline: OfflineOption = False,
    budget: BudgetOption = None,
    cache: CacheOption = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write the recipe with the best order of masks to this file."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure which way of writing placeholders a translation model gives back unharmed, in each
    direction."""
    if write is not None:
        require_writable(recipe, write)
    probes = run_probe(
        Request(recipe, data, None, set_ or (), limit, offline, cache, budget=budget), step
    )
    if write is not None:
        write_with_masks(recipe, {found.step: found.order for found in probes}, write)
    if json:
        print_json(
            {
                "steps": [found.as_json() for found in probes],
                "written": None if write is None else str(write),
            }
        )
        return
    for found in probes:
        _print_step(found)
    if write is not None:
        print(f"written: {write}" + (" (what --set changed is not in it)" if set_ else ""))
        print(
            "\nnext:\n "
            f" {shlex.join(['pivot-sum', 'run', str(write), *(['--data', data] if data else [])])}"
        )


def _print_step(found: StepProbe) -> None:
    rows = [_row(survival) for survival in found.masks]
    columns = ("mask", "shown as", "texts", "came back", "rate", "95 % interval", "natural", "made")
    title = f"{found.step}: {found.source} -> {found.target}, {found.model}, over {found.over}"
    print_table(title, columns, rows, right=columns[2:])
    print(
        f"texts: {found.natural:,} as they stand in the data, {found.made:,} made by putting"
        " placeholders into others"
    )
    print(f"masks: [{', '.join(found.order)}]\n")


def _row(survival: Survival) -> tuple[object, ...]:
    total = survival.all
    low, high = total.interval
    rate = f"{total.survived / total.texts:.1%}" if total.texts else "-"
    shown = mask_from_name(survival.mask).mask(_EXAMPLE)
    figures = (
        total.texts,
        total.survived,
        rate,
        f"{low:.1%} - {high:.1%}",
        _short(survival.natural),
        _short(survival.made),
    )
    return (survival.mask, shown, *figures)


def _short(tally: Tally) -> str:
    return f"{tally.survived:,} of {tally.texts:,}" if tally.texts else "-"
