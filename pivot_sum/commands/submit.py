"""`pivot-sum submit`."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import JsonOption, LimitOption
from pivot_sum.commands.output import options, print_json
from pivot_sum.commands.streams import Reported
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import SubmissionRefused
from pivot_sum.submission import KINDS, Problem, Report, check_file, write_fixed
from pivot_sum.wording import number, some

SHOWN = 5
"""Lines of one kind that are shown; `--json` has them all."""


def submit(
    predictions: Annotated[
        Path, typer.Argument(help="The predictions file to check (CSV), or a run folder.")
    ],
    test: Annotated[
        Path, typer.Option("--test", help="The test file: ids in their order, and the dialogues.")
    ],
    limit: LimitOption = None,
    fix: Annotated[
        Path | None,
        typer.Option("--fix", help="Write it here with all put right that is certain."),
    ] = None,
    index_column: Annotated[
        bool | None,
        typer.Option(
            "--index-column/--no-index-column",
            help="Whether rows are numbered in a column in front; default: either.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a predictions file against its test set before it is submitted: everything that is
    wrong, and what to do.

    Errors are what the competition refuses; warnings are worth a look. Exit code 0 where no error
    is left, in the file or in the one that `--fix` writes; 54 otherwise.
    """
    samples = read_samples(test, limit=limit)
    report = check_file(predictions, samples, index_column)
    if fix is not None:
        write_fixed(report, fix)
    left = report.errors if fix is None else report.uncertain
    refused = left and SubmissionRefused(_refusal(report, predictions, test, fix, limit))
    if json:
        paths = {"predictions": predictions, "test": test, "written": fix}
        print_json({name: path and str(path) for name, path in paths.items()} | report.as_json())
        if refused:
            raise Reported(refused)
        return
    _print(report, every_change=fix is not None)
    if fix is not None:
        print(f"written: {fix} ({number(len(report.changes), 'change')}, all listed above)")
        print(f"left as it was: {_by_kind(report.left) or 'nothing'}")
    if refused:
        raise refused


def _refusal(
    report: Report, predictions: Path, test: Path, fix: Path | None, limit: int | None
) -> str:
    """Why the file, or the one that `--fix` wrote, would be refused, and what to do next."""
    if fix is not None:
        return (
            f"{fix}: {number(len(report.uncertain), 'error')} left for you"
            f" ({_by_kind(report.uncertain)}). Correct what is named above and check again"
        )
    refusal = f"{predictions}: {number(len(report.errors), 'error')} in {report.rows:,} rows. "
    certain = len(report.errors) - len(report.uncertain)
    if not certain:
        return refusal + "Correct what is named above and check again"
    same = options(test=(test, None), limit=(limit, None), fix=("FIXED.csv", None))
    words = ["pivot-sum", "submit", str(predictions), *same]
    if not report.uncertain:
        return refusal + f"All can be put right: {shlex.join(words)}"
    return refusal + f"{certain:,} can be put right, the others are for you: {shlex.join(words)}"


def _print(report: Report, *, every_change: bool) -> None:
    for kind, problems in groupby(report.problems, lambda problem: problem.kind):
        group = list(problems)
        certain = all(problem.certain for problem in group)
        print(f"{KINDS[kind].level}: {kind} ({len(group):,})")
        alike: dict[str, list[Problem]] = {}
        for problem in group:
            alike.setdefault(problem.detail, []).append(problem)
        lines = [_line(detail, same) for detail, same in alike.items()]
        shown = (
            lines if every_change and any(problem.certain for problem in group) else lines[:SHOWN]
        )
        for line in shown:
            print(f"    {line}")
        if len(lines) > len(shown):
            print(f"    and {len(lines) - len(shown):,} more (--json lists all)")
        print(f"    what to do: {KINDS[kind].advice}" + ("; --fix does it" if certain else ""))
    warnings = len(report.problems) - len(report.errors)
    found = (
        f"{_count(len(report.errors), 'error')}, {_count(warnings, 'warning')}"
        if report.problems
        else "nothing is wrong"
    )
    print(f"{_count(report.rows, 'row')} for {_count(report.samples, 'dialogue')}: {found}")


def _line(detail: str, alike: list[Problem]) -> str:
    """One line for all problems of one detail: where they are, and what it is."""
    if len(alike) > 1:
        where = [problem.id or f"row {problem.row}" for problem in alike]
        return f"{len(alike):,} × {detail}: {some(where)}"
    return f"{_where(alike[0])}{detail}"


def _by_kind(problems: Sequence[Problem]) -> str:
    """`missing id 2, turns 1`."""
    counted = Counter(problem.kind for problem in problems)
    return ", ".join(f"{kind} {count:,}" for kind, count in counted.items())


def _where(problem: Problem) -> str:
    row = "" if problem.row is None else f"row {problem.row:,}"
    return f"{', '.join(part for part in (row, problem.id) if part)}: " if row or problem.id else ""


def _count(count: int, what: str) -> str:
    return number(count, what) if count else f"no {what}s"
