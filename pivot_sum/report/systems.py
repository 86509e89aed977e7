"""What a report shows of each run: its stages' texts and remarks by dialogue, read from the run
folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from pydantic import TypeAdapter

from pivot_sum.attribution.by_kind import ByKind, by_kind_from
from pivot_sum.attribution.items import Item
from pivot_sum.attribution.result import RESULT, TEXTS
from pivot_sum.comparison.systems import System
from pivot_sum.errors import RunFolderError
from pivot_sum.files import parse_json, read_text
from pivot_sum.running.reading import step_lines
from pivot_sum.running.record import RunRecord

LETTERS = "ABCDEFGHIJKLMNOPQSTUVWXYZ"
"""Without R, which stands for the references."""

SHAPES = 6
"""Colours and shapes for systems; the seventh looks like the first, its letter does not."""


@dataclass(frozen=True)
class StageTexts:
    """What one step of a run gave: texts and remarks (verdicts other than kept, flags, the verdict
    at the end) by id."""

    name: str
    language: str
    texts: Mapping[str, str]
    remarks: Mapping[str, Mapping[str, int]]
    summarises: bool
    """Whether it says what it gets in other words: its changes are not marked."""


@dataclass(frozen=True)
class StageLost:
    """What `pivot-sum attribute` found of one stage, in points (0 to 100)."""

    name: str
    loss: float
    low: float
    high: float
    shapley: float
    dialogues: int
    worst: str


@dataclass(frozen=True)
class Losses:
    """What `pivot-sum attribute` left in a run folder."""

    stages: tuple[StageLost, ...]
    total: float
    actual: float
    ceiling: float
    notes: tuple[str, ...]
    metric: str
    """The name of the metric whose points these are."""
    signature: str
    by_dialogue: Mapping[str, Mapping[str, float]]
    """Points lost by id and stage."""
    by_kind: ByKind | None
    """The loss by step and kind of item; None where an earlier version worked it out."""


@dataclass(frozen=True)
class ReportSystem:
    """A system as a report shows it, called by a letter wherever its label would be too long."""

    position: int
    label: str
    texts: Mapping[str, str]
    """The final summary of each dialogue."""
    stages: tuple[StageTexts, ...] = ()
    """None for predictions that came from elsewhere."""
    record: RunRecord | None = None
    losses: Losses | None = None

    @property
    def letter(self) -> str:
        """What it is called in plots and on small screens."""
        return LETTERS[self.position % len(LETTERS)] + "'" * (self.position // len(LETTERS))

    @property
    def shape(self) -> int:
        """The number of its colour and shape."""
        return self.position % SHAPES + 1

    @property
    def source(self) -> str:
        """The name of the data file its run was made from; "" without a run."""
        return (
            PureWindowsPath(self.record.data.file).name if self.record else ""
        )  # reads both kinds of slashes

    def items(self, id: str) -> tuple[Item, ...]:
        """What became of the names, numbers and placeholders of a dialogue; none where `attribute`
        did not look at it."""
        by_kind = self.losses.by_kind if self.losses else None
        return by_kind.dialogues.get(id, ()) if by_kind else ()

    def remarks(self, id: str) -> dict[str, int]:
        """All remarks on a dialogue, over the stages."""
        found: dict[str, int] = {}
        for stage in self.stages:
            for remark, times in stage.remarks.get(id, {}).items():
                found[remark] = found.get(remark, 0) + times
        return found


def report_system(system: System, position: int, ids: Collection[str]) -> ReportSystem:
    """What a report shows of a system, read from its run folder, with the stages of these
    dialogues. Raises RunFolderError where a file of it is missing or damaged."""
    folder, record = system.folder, system.record
    if folder is None or record is None:
        return ReportSystem(position, system.label, system.texts)
    stages = []
    for step in record.steps:
        lines = step_lines(folder, step, ids)
        stages.append(
            StageTexts(
                step.name,
                step.target,
                {id: lines[id].text for id in ids},
                {id: noticed for id, line in lines.items() if (noticed := line.noticed)},
                step.task == "summarize",
            )
        )
    return ReportSystem(
        position, system.label, system.texts, tuple(stages), record, _losses(folder, len(stages))
    )


def _losses(folder: Path, steps: int) -> Losses | None:
    """None where the run was never attributed. Raises RunFolderError where the files are not what
    `attribute` writes."""
    if not (folder / RESULT).exists():
        return None
    try:
        found = parse_json(read_text(folder / RESULT))
        texts = read_text(folder / TEXTS).split("\n")
        lines = [parse_json(line) for line in texts if line.strip()]
        losses = TypeAdapter(Losses).validate_python(
            {
                "stages": [
                    {**stage, "shapley": stage["shapley"]["mean"]} for stage in found["stages"]
                ],
                **{name: found[name]["mean"] for name in ("actual", "ceiling")},
                "total": found["loss"]["mean"],
                "notes": found["notes"],
                "metric": found.get("metric", "rouge"),  # version 0.1.0 had no other
                "signature": found.get("signature", ""),
                "by_dialogue": {line["id"]: line["loss"] for line in lines},
                "by_kind": by_kind_from(found["by_kind"], lines) if "by_kind" in found else None,
            }
        )
        if any(
            {len(item.chain), len(item.wrong_chain)} != {1 + steps}
            for items in (losses.by_kind.dialogues.values() if losses.by_kind else ())
            for item in items
        ):
            raise ValueError("an item was not followed through every step")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunFolderError(
            f"{folder / RESULT} or {TEXTS} beside it is missing, damaged or of another version; run"
            f" `pivot-sum attribute {folder}` again, or remove {RESULT}"
        ) from error
    return losses
