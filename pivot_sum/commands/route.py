"""`pivot-sum route`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import counts, options, print_json, print_table
from pivot_sum.commands.scoring_options import MetricOption, SeedOption, TokenizerOption
from pivot_sum.comparison.significance import SEED
from pivot_sum.errors import RuleRefused
from pivot_sum.routing import Evaluated, Method, learn_route, save_rule, write_routed
from pivot_sum.routing import route as route_candidates
from pivot_sum.routing.measuring import FOLDS, ORACLE, Outcome
from pivot_sum.routing.routes import require_new
from pivot_sum.scoring import DEFAULT_METRICS, DEFAULT_TOKENIZER
from pivot_sum.scoring.metrics import label
from pivot_sum.wording import number


def route(
    names: Annotated[
        list[str],
        typer.Argument(
            help="Run folders or predictions files over the same dialogues, the best first.",
            metavar="A B …",
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            help="The dialogues (CSV, TSV, JSONL, Parquet); default: the file of the runs.",
        ),
    ] = None,
    method: Annotated[
        Method, typer.Option("--method", help="How to choose, where no rule is given.")
    ] = "mbr",
    rule: Annotated[
        Path | None, typer.Option("--rule", help="Choose by a rule that --learn made.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="Write the chosen summaries here (CSV), and why beside them (.json)."
        ),
    ] = None,
    learn: Annotated[
        str | None,
        typer.Option(
            "--learn",
            help="Learn a rule from this data with references, and measure what it gains.",
        ),
    ] = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write the learned rule to this file.")
    ] = None,
    folds: Annotated[
        int, typer.Option("--folds", min=2, help="Parts of the cross-validation.")
    ] = FOLDS,
    metric: MetricOption = DEFAULT_METRICS[0],
    tokenizer: TokenizerOption = DEFAULT_TOKENIZER,
    seed: SeedOption = SEED,
    json: JsonOption = False,
) -> None:
    """Choose among several summaries of each dialogue, without references, and measure the gain
    where there are some."""
    if learn is not None:
        if data or rule or out:
            raise typer.BadParameter(
                "--learn takes no --data, --rule or --out: learn first, then route the others with"
                " --rule"
            )
        _learn(names, learn, save, folds, tokenizer, metric, seed, json)
        return
    if save is not None:
        raise typer.BadParameter("--save writes what --learn learned; add --learn DEV.csv")
    record = None if out is None else require_new(out)
    routed = route_candidates(names, data, method, rule, tokenizer, metric, seed)
    if out is not None:
        write_routed(routed, out)
    if json:
        print_json({"written": None if out is None else str(out), **routed.as_json()})
        return
    if routed.evaluated is not None:
        _print_evaluated(routed.evaluated, routed.labels)
        if routed.flattered:
            print("the rule was learned from these very dialogues: what it gains here flatters it")
        print()
    print(
        f"{routed.method}{f': {routed.rule}' if routed.rule else ''}"
        f" ({routed.tokenizer or routed.metric})"
    )
    print(f"served: {counts(routed.served)}")
    print(f"decided by: {counts(routed.reasons)}")
    # A rule brings its own metric and tokenizer, and chooses in place of a method.
    chosen_by = (
        options(rule=(rule, None))
        if rule
        else options(
            method=(method, "mbr"),
            metric=(metric, DEFAULT_METRICS[0]),
            tokenizer=(tokenizer, DEFAULT_TOKENIZER),
        )
    )
    again = [
        "pivot-sum",
        "route",
        *names,
        *options(data=(data, None)),
        *chosen_by,
        *options(seed=(seed, SEED)),
    ]
    _print_next(again, out, record, data)


def _learn(
    names: list[str],
    data: str,
    save: Path | None,
    folds: int,
    tokenizer: str,
    metric: str,
    seed: int,
    json: bool,
) -> None:
    if save is not None and save.exists():
        raise RuleRefused(
            f"{save} exists, and no file is ever replaced; name a new one with --save."
        )
    rule, evaluated = learn_route(names, data, tokenizer, metric, folds, seed)
    if save is not None:
        save_rule(rule, save, evaluated.as_json())
    if json:
        print_json({"rule": str(rule), "written": save and str(save), **evaluated.as_json()})
        return
    _print_evaluated(evaluated, list(rule.candidates))
    print(f"\nlearned from all {number(rule.dialogues, 'dialogue')}: {rule}")
    if rule.instead is None:
        print("no threshold gained significantly: the best candidate alone serves")
    elif not evaluated.shows_gain:
        print(
            "cross-validation shows no significant gain on dialogues it did not"
            f" learn from: {evaluated.best} alone is safer"
        )
    if save is not None:
        print(
            f"written: {save}\n\nnext:\n  pivot-sum route A B --data TEST.csv --rule"
            f" {shlex.quote(str(save))} --out routed.csv"
        )


def _print_evaluated(evaluated: Evaluated, labels: list[str]) -> None:
    parts = evaluated.outcomes[0].scores
    numbers = (*map(label, parts), "gain", "95 % interval", "p (randomisation)")
    rows = [
        (
            outcome.label,
            *(f"{value:.2f}" for value in outcome.scores.values()),
            *_gain(outcome),
            " / ".join(f"{number:,}" for number in outcome.served),
        )
        for outcome in evaluated.outcomes
    ]
    scale = "F1 × 100" if "rougeL" in parts else "0 to 100"
    dialogues = sum(evaluated.outcomes[0].served)
    title = (
        f"{number(dialogues, 'dialogue')} with references ({scale}; gain over {evaluated.best},"
        " which is best alone)"
    )
    print_table(title, ("", *numbers, "served"), rows, right=numbers)
    print(
        f"served: dialogues by {' / '.join(labels)}; where several say the same, the first of them"
    )
    print(
        f"{ORACLE}: the best candidate for each dialogue by its references; an upper bound, never"
        " written as predictions"
    )
    print(f"signature: {evaluated.signature}; seed {evaluated.seed}")


def _gain(outcome: Outcome) -> tuple[str, str, str]:
    gain = outcome.gain
    if gain is None:
        return "-", "-", "-"
    if sum(outcome.served) == 1:  # drawn again and again, one dialogue is always the same
        return f"{gain.delta:+.2f}", "-", "-"
    p = "-" if outcome.kind == "bound" else f"{gain.p_randomisation:.3f}"
    return f"{gain.delta:+.2f}", f"{gain.low:+.2f} to {gain.high:+.2f}", p


def _print_next(again: list[str], out: Path | None, record: Path | None, data: str | None) -> None:
    if out is None:
        print(f"\nnext:\n  {shlex.join(again)} --out routed.csv")
    else:
        print(f"written: {out}, and who serves which dialogue, and why: {record}")
        print(
            "\nnext:\n "
            f" {shlex.join(['pivot-sum', 'submit', str(out), '--test', data or 'TEST.csv'])}"
        )
