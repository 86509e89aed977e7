"""`pivot-sum runs`."""

from __future__ import annotations

import sys
from pathlib import Path, PureWindowsPath
from typing import Annotated

import typer

from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.errors import RunFolderError
from pivot_sum.running.listing import ListedRun, list_runs, prunable, remove_run
from pivot_sum.running.reading import RUNS
from pivot_sum.wording import number

app = typer.Typer(
    help="List run folders, newest first, and remove old ones.",
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

FolderOption = Annotated[
    Path, typer.Option("--below", help="The folder the run folders are in.", show_default=True)
]


@app.callback(invoke_without_command=True)
def runs(context: typer.Context, below: FolderOption = RUNS, json: JsonOption = False) -> None:
    """List the run folders below runs/, newest first: date, recipe, data, status, score."""
    if context.invoked_subcommand is not None:
        return
    found = list_runs(below)
    if json:
        print_json([run.as_json() for run in found])
    elif found:
        _print(number(len(found), "run"), found)
    else:
        print(f"there is no run in {below}/ yet; `pivot-sum run` makes one")


@app.command()
def prune(
    keep: Annotated[int | None, typer.Option("--keep", min=0, help="Leave the newest N.")] = None,
    older_than: Annotated[
        int | None,
        typer.Option("--older-than", min=0, help="Only what was started DAYS days ago or before."),
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only runs that failed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    below: FolderOption = RUNS,
) -> None:
    """Remove run folders: those that all the given options name. Shows them and asks before.

    Nothing is lost from the cache: the same run from there takes seconds.
    """
    if keep is None and older_than is None and not failed:
        raise RunFolderError(
            "say which runs may go: --keep N (all but the newest N), --older-than DAYS, --failed"
        )
    chosen = prunable(
        list_runs(below), keep=keep or 0, older_than_days=older_than or 0, failed=failed
    )
    if not chosen:
        print("no run is to be removed")
        return
    _print(f"{number(len(chosen), 'run')} to remove", chosen)
    if not yes:
        if not _can_ask():
            raise RunFolderError(
                "nothing was removed: there is nobody to ask. Add --yes to remove these folders"
            )
        if not typer.confirm("Remove these folders?"):
            print("nothing was removed")
            return
    for run in chosen:
        remove_run(run.folder)
    print(f"removed {number(len(chosen), 'run folder')}")


def _can_ask() -> bool:
    return sys.stdin.isatty()


def _print(title: str, found: list[ListedRun]) -> None:
    rows = [
        (
            run.folder,
            run.record.started.replace("T", " ").removesuffix("Z"),
            run.record.recipe.name,
            PureWindowsPath(run.record.data.file).name,
            run.record.data.samples,
            run.record.status,
            "-" if run.final is None else f"{run.final:.2f}",
        )
        for run in found
    ]
    columns = ("run folder", "started (UTC)", "recipe", "data", "samples", "status", "score")
    print_table(title, columns, rows, right=("samples", "score"), whole=("run folder",))
