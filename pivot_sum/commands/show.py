"""`pivot-sum show`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum import PivotSumError
from pivot_sum.commands.completion import run_folders
from pivot_sum.commands.options import JsonOption
from pivot_sum.commands.output import print_json, print_table
from pivot_sum.commands.run import print_steps
from pivot_sum.commands.streams import shown
from pivot_sum.data.samples import Sample
from pivot_sum.errors import RunFolderError
from pivot_sum.running.reading import (
    StepLine,
    latest_run,
    lines_beside,
    lines_of_step,
    read_run,
)
from pivot_sum.running.record import RecordedStep, RunRecord
from pivot_sum.running.run import Run
from pivot_sum.running.verdicts import doubtful_remarks

log = logging.getLogger(__name__)


def show(
    run: Annotated[
        Path | None,
        typer.Argument(
            help="A run folder; default: the newest below runs/.", autocompletion=run_folders
        ),
    ] = None,
    id: Annotated[
        list[str] | None,
        typer.Option(
            "--id", help="Show every stage of this sample, and its references. May be repeated."
        ),
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
        return
    found = _remarks(folder, record) if remarks else []
    if json:
        listed = [{"step": step, "id": line.id, "remarks": line.noticed} for step, line in found]
        print_json(
            {"folder": str(folder), **record.as_json(), **({"remarks": listed} if remarks else {})}
        )
    else:
        _show_run(folder, record)
        if remarks:
            rows = [(step, line.id, _noted(line)) for step, line in found]
            if rows:
                print_table("\nremarks", ("step", "id", "what"), rows)
            else:
                print("\nno remarks: nothing was lost, invented or flagged")


def _remarks(folder: Path, record: RunRecord) -> list[tuple[str, StepLine]]:
    """Every remark of a run: the dialogues in the order of the data, each with its steps in
    theirs."""
    found = [
        (place, step.name, line)
        for step in record.steps
        for place, line in enumerate(_lines(folder, record, step))
        if line.noticed
    ]
    found.sort(key=lambda one: one[0])  # keeps the order of the steps
    return [(step, line) for _, step, line in found]


def _lines(folder: Path, record: RunRecord, step: RecordedStep) -> Iterator[StepLine]:
    """What a step gave, with what is doubtful in the summaries of a whole run."""
    samples: Sequence[Sample] = []
    if record.predictions is not None and step == record.steps[-1]:
        samples = _samples(folder, record, "unsupported numbers and swapped speakers")
    if not samples:
        return lines_of_step(folder, step)
    return (_doubted(line, sample) for sample, line in lines_beside(folder, step, samples))


def _doubted(line: StepLine, sample: Sample) -> StepLine:
    doubts = doubtful_remarks(line.text, sample.dialogue)
    return replace(line, remarks={**line.remarks, **doubts}) if doubts else line


def _show_run(folder: Path, record: RunRecord) -> None:
    print(shown(f"run:    {folder} ({record.status}; begun {record.started})"))
    print(shown(f"recipe: {record.recipe.name}"))
    print(shown(f"data:   {record.data.file} ({record.data.samples:,} samples)"))
    if record.error:
        print(shown(f"error:  {record.error}"))
    print()
    print_steps(record)


def _show_samples(folder: Path, record: RunRecord, ids: list[str], json: bool) -> None:
    found: dict[str, list[tuple[str, StepLine]]] = {id_: [] for id_ in ids}
    for step in record.steps:
        for line in lines_of_step(folder, step):
            if line.id in found:
                found[line.id].append((step.name, line))
    unknown = [id_ for id_, lines in found.items() if not lines]
    if unknown:
        raise RunFolderError(
            f"run {folder} has no sample {', '.join(unknown)}; see the ids in"
            f" {folder / 'predictions.csv'}"
        )
    wanted = "the references, unsupported numbers and swapped speakers"
    for sample in _samples(folder, record, wanted):
        if lines := found.get(sample.id):
            if record.predictions is not None:
                name, line = lines[-1]
                lines[-1] = name, _doubted(line, sample)
            lines += [  # called so that no step can be
                (f"reference {number}", StepLine(sample.id, text))
                for number, text in enumerate(sample.references, 1)
            ]
    if json:
        print_json(
            {
                id_: [{"step": step, **line.as_json()} for step, line in lines]
                for id_, lines in found.items()
            }
        )
        return
    for id_, lines in found.items():
        for name, line in lines:
            print(shown(f"== {id_} · {name}"))
            print(shown(line.text))
            if line.noticed:
                print(f"   ({_noted(line)})")
            print()


def _samples(folder: Path, record: RunRecord, wanted: str) -> Sequence[Sample]:
    """The samples of a run, for what is `wanted`; none, and a note, where its data cannot be read
    any more."""
    try:
        return Run(folder, record).samples
    except PivotSumError as error:
        log.warning("%s are not shown: %s", wanted, error)
        return []


def _noted(line: StepLine) -> str:
    return ", ".join(
        name if count == 1 else f"{name} (×{count})" for name, count in line.noticed.items()
    )
