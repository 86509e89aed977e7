"""`pivot-sum show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import run_folders
from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.commands.run import print_steps
from pivot_sum.errors import RunFolderError
from pivot_sum.running.folder import latest_run, read_run, read_step


def show(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="A run folder; default: the newest below runs/.", autocompletion=run_folders
        ),
    ] = None,
    id: Annotated[
        list[str] | None,
        typer.Option("--id", help="Show every stage of this sample. May be repeated."),
    ] = None,
    remarks: Annotated[
        bool,
        typer.Option("--remarks", help="List the samples with remarks: lost placeholders, flags."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show a run: its steps and counts, and the stages of single dialogues side by side."""
    folder = run or latest_run()
    record = read_run(folder)
    if id:
        _show_samples(folder, record, id, json)
    elif json:
        print_json({"folder": str(folder), **record})
    else:
        _show_run(folder, record)
        if remarks:
            rows = [
                (
                    step["name"],
                    line["id"],
                    ", ".join(f"{name} {count}" for name, count in line["remarks"].items()),
                )
                for step in record["steps"]
                for line in read_step(folder, step)
                if "remarks" in line
            ]
            if rows:
                print_table("\nremarks", ("step", "id", "what"), rows)
            else:
                print("\nno remarks: nothing was lost, invented or flagged")


def _show_run(folder: Path, record: dict[str, object]) -> None:
    data = record["data"]
    recipe = record["recipe"]
    assert isinstance(data, dict) and isinstance(recipe, dict)
    print(f"run:    {folder} ({record['status']}; begun {record['started']})")
    print(f"recipe: {recipe['name']}")
    print(f"data:   {data['file']} ({data['samples']:,} samples)")
    if "error" in record:
        print(f"error:  {record['error']}")
    print()
    print_steps(record)


def _show_samples(folder: Path, record: dict[str, object], ids: list[str], json: bool) -> None:
    steps = record["steps"]
    assert isinstance(steps, list)
    shown: dict[str, list[dict[str, object]]] = {id_: [] for id_ in ids}
    for step in steps:
        for line in read_step(folder, step):
            if line["id"] in shown:
                shown[line["id"]].append({"step": step["name"], **line})
    unknown = [id_ for id_, lines in shown.items() if not lines]
    if unknown:
        raise RunFolderError(
            f"run {folder} has no sample {', '.join(unknown)}; see the ids in"
            f" {folder / 'predictions.csv'}"
        )
    if json:
        print_json(shown)
        return
    for id_, lines in shown.items():
        for line in lines:
            print(f"== {id_} · {line['step']}")
            print(line["text"])
            remarks = line.get("remarks")
            if isinstance(remarks, dict):
                print(
                    "   (" + ", ".join(f"{name} {count}" for name, count in remarks.items()) + ")"
                )
            print()
