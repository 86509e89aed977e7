"""`pivot-sum submit`."""

from __future__ import annotations

import shlex
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import print_json
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import SubmissionRefused
from pivot_sum.submission import KINDS, Problem, Report, check_file, write_fixed

SHOWN = 5
"""Problems of one kind that are listed on screen; `--json` has them all."""


def submit(
    predictions: Annotated[
        Path, typer.Argument(help="The predictions file to check (CSV), or a run folder.")
    ],
    test: Annotated[
        Path, typer.Option("--test", help="The test file: ids in their order, and the dialogues.")
    ],
    fix: Annotated[
        Path | None,
        typer.Option("--fix", help="Write it here with all put right, if that is certain."),
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

    Exit code 0 where nothing is wrong (or the fixed file was written), 54 where errors remain.
    """
    if fix is not None and fix.exists():
        raise SubmissionRefused(
            f"{fix} exists, and no file is ever replaced; name a new one with --fix."
        )
    samples = read_samples(test)
    report = check_file(predictions, samples, index_column)
    written = fix if not report.uncertain else None
    if json:
        paths = {"predictions": predictions, "test": test, "written": written}
        print_json({name: path and str(path) for name, path in paths.items()} | report.as_json())
    else:
        _print(report, every_change=written is not None)
    if fix is not None:
        write_fixed(report, fix, samples)
        if not json:
            print(
                f"written: {fix} ({_number(len(report.changes), 'change')}; all are listed above)"
            )
    elif report.errors:
        certain = len(report.errors) - len(report.uncertain)
        words = ["pivot-sum", "submit", str(predictions), "--test", str(test), "--fix", "FIXED.csv"]
        raise SubmissionRefused(
            f"{predictions}: {_number(len(report.errors), 'error')} in {report.rows:,} rows. "
            + (
                f"All can be put right: {shlex.join(words)}"
                if not report.uncertain
                else "Correct the rows named above"
            )
            + (
                f"; the other {certain:,} --fix can put right then"
                if certain and report.uncertain
                else ""
            )
        )


def _print(report: Report, *, every_change: bool) -> None:
    for kind, problems in groupby(report.problems, lambda problem: problem.kind):
        group = list(problems)
        certain = all(problem.certain for problem in group)
        print(f"{KINDS[kind].level}: {kind} ({len(group):,})")
        shown = group if every_change and certain else group[:SHOWN]
        for problem in shown:
            print(f"    {_where(problem)}{problem.detail}")
        if len(group) > len(shown):
            print(f"    and {len(group) - len(shown):,} more (--json lists all)")
        print(f"    what to do: {KINDS[kind].advice}" + ("; --fix does it" if certain else ""))
    warnings = len(report.problems) - len(report.errors)
    found = (
        f"{_number(len(report.errors), 'error')}, {_number(warnings, 'warning')}"
        if report.problems
        else "nothing is wrong"
    )
    print(f"{_number(report.rows, 'row')} for {_number(report.samples, 'dialogue')}: {found}")


def _where(problem: Problem) -> str:
    row = "" if problem.row is None else f"row {problem.row:,}"
    return f"{', '.join(part for part in (row, problem.id) if part)}: " if row or problem.id else ""


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}" if count else f"no {what}s"
