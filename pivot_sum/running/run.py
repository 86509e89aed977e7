"""A run as a value: its record, its samples and its texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pivot_sum.data.samples import Sample, SampleFile
from pivot_sum.errors import RunFolderError
from pivot_sum.running.reading import (
    SCORES,
    StepLine,
    data_of_run,
    lost_data,
    read_predictions,
    read_run,
    read_scores,
    read_step,
)
from pivot_sum.running.record import RunRecord

if TYPE_CHECKING:
    import pandas

SHOWN = 10
"""Dialogues in the table that a notebook shows."""


@dataclass(frozen=True)
class Run:
    """One run and its folder. Texts and samples are read when they are asked for."""

    folder: Path
    record: RunRecord
    known: Sequence[Sample] | None = field(default=None, repr=False, compare=False)
    """The samples, where they are in memory already."""

    @classmethod
    def load(cls, folder: str | Path) -> Run:
        """The run of a folder. Raises RunFolderError where it holds none."""
        return cls(Path(folder), read_run(Path(folder)))

    @cached_property
    def samples(self) -> Sequence[Sample]:
        """The dialogues of the run in their order, with their references.

        Raises RunFolderError where the data file is not as it was, and what reading it raises.
        """
        if self.known is not None:
            return self.known
        path = data_of_run(self.folder, self.record)
        if path is None:
            lost = lost_data(self.folder, self.record)
            raise RunFolderError(
                f"the data of {self.folder}, {lost.file}, {lost.what}{lost.looked}. Put it back, or"
                " run the recipe again"
            )
        return SampleFile(path, self.record.recipe.columns, self.record.data.samples)

    @cached_property
    def lines(self) -> Mapping[str, Sequence[StepLine]]:
        """What each step gave, with remarks, in the order of the samples, by the step's name."""
        return {step.name: read_step(self.folder, step) for step in self.record.steps}

    @property
    def steps(self) -> dict[str, dict[str, str]]:
        """The text each step gave for each sample: by the step's name, then by the sample's id."""
        return {name: {line.id: line.text for line in lines} for name, lines in self.lines.items()}

    @cached_property
    def summaries(self) -> Mapping[str, str]:
        """The final summary of each sample by its id; empty where the recipe did not run to its
        end. Raises PredictionsUnreadable."""
        if self.record.predictions is None:
            return {}
        return dict(read_predictions(self.folder))

    @property
    def scores(self) -> Mapping[str, Any] | None:
        """The scores kept in the run folder (`final`, `rouge1`, ... in points, and the signature);
        None where it was not scored."""
        return read_scores(self.folder)

    def to_pandas(self) -> pandas.DataFrame:
        """One row a dialogue: `id`, `dialogue`, `reference1` ..., the English originals where the
        data has them, and a column for each step."""
        import pandas

        samples = self.samples
        most = max((len(sample.references) for sample in samples), default=0)
        columns: dict[str, list[str | None]] = {
            "id": [sample.id for sample in samples],
            "dialogue": [sample.dialogue for sample in samples],
        }
        for place in range(most):
            columns[f"reference{place + 1}"] = [
                sample.references[place] if place < len(sample.references) else None
                for sample in samples
            ]
        for name in ("english_dialogue", "english_summary"):
            values = [getattr(sample, name) for sample in samples]
            if any(values):
                columns[name] = values
        for name, texts in self.steps.items():
            column = f"step {name}" if name in columns else name
            columns[column] = [texts.get(sample.id) for sample in samples]
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        return f"<Run {self.folder}: {self.record.recipe.name}, {self.record.status}>"

    def _repr_html_(self) -> str:
        from pivot_sum.html.notebook import heading, table

        record = self.record
        parts = [heading(f"{record.recipe.name}, {record.status}", str(self.folder))]
        if self.scores:
            names = ("final", "rouge1", "rouge2", "rougeL")
            row = [self.scores.get(name, "-") for name in names]
            parts.append(table(str(self.scores.get("signature", "")), names, [row]))
        counts = ("texts", "unique", "cached", "computed", "seconds")
        rows = [
            [step.name, *(getattr(step, name) for name in counts), _counted(step.verdicts)]
            for step in record.steps
        ]
        parts.append(table("steps", ("step", *counts, "placeholders"), rows))
        if record.steps:
            last = record.steps[-1].name
            shown = [(line.id, line.text) for line in self.lines[last][:SHOWN]]
            title = f"{last} (first {len(shown)} of {record.data.samples:,})"
            parts.append(table(title, ("id", "text"), shown))
        return "".join(parts)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())


def write_scores(folder: Path, scores: Mapping[str, Any]) -> None:
    """Keep a run's scores in its folder. Raises RunFolderError."""
    try:
        text = json.dumps(scores, ensure_ascii=False, indent=2) + "\n"
        (folder / SCORES).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunFolderError(f"{folder / SCORES} cannot be written: {error.strerror}") from error
