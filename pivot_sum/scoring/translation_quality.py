"""COMET scores of every step of a run that translates: of the dialogues turn by turn, of what is
translated back as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pivot_sum.data.samples import Sample
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.reading import read_step
from pivot_sum.running.record import RunRecord
from pivot_sum.scoring.comet import Comet
from pivot_sum.stages.text.segmentation import split

Unit = tuple[str, str, str | None]
"""A source, its translation, and a reference where there is one."""


@dataclass(frozen=True)
class TranslationQuality:
    """What a COMET model says of the translations of one step."""

    comet: float
    """The mean over all units."""
    units: int
    """Turns, or whole texts behind the summary."""
    references: bool
    """Whether they were compared with the English originals too."""
    left_out: int
    """Dialogues whose turns are not as many in all the texts that are compared."""
    cut: int
    """Rows longer than the model reads, whose ends it did not see."""
    signature: str

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return asdict(self)


def quality_of(
    folder: Path, record: RunRecord, samples: Sequence[Sample], comet: Comet
) -> dict[str, TranslationQuality]:
    """The quality of each translating step of a run, by its name; without references where the data
    has no English originals, or what is translated is a summary. Raises RunFolderError, and
    ScoreRefused where the model can say nothing of any step."""
    before = {sample.id: sample.dialogue for sample in samples}
    summary, found = False, {}
    for step in record.steps:
        after = {line.id: line.text for line in read_step(folder, step)}
        if step.task == "translate":
            originals = {
                sample.id: sample.english_dialogue
                for sample in samples
                if sample.english_dialogue and step.target == "en" and not summary
            }
            references = bool(originals) and comet.reads_references
            if references or not comet.needs_references:
                per_dialogue = [
                    _whole(before[sample.id], after.get(sample.id, ""))
                    if summary
                    else _turns(
                        (before[sample.id], step.source),
                        (after.get(sample.id, ""), step.target),
                        (originals.get(sample.id, ""), "en") if references else None,
                    )
                    for sample in samples
                ]
                found[step.name] = _quality(per_dialogue, comet, references=references)
        summary = summary or step.task == "summarize"
        before |= after
    if not found:
        raise ScoreRefused(
            f"{comet.name} can say nothing of the steps of {folder}: "
            + (
                "it needs English originals (a column dialogue_en). For scores without references"
                " name another model, such as Unbabel/wmt22-cometkiwi-da"
                if any(step.task == "translate" for step in record.steps)
                else "none of them translates"
            )
        )
    return found


def _turns(
    source: tuple[str, str], translation: tuple[str, str], reference: tuple[str, str] | None
) -> list[Unit]:
    """The turns of a dialogue without heads, in step; none where they are not equally many."""
    texts = [split(text, "turn", language).units for text, language in (source, translation)]
    known = split(reference[0], "turn", reference[1]).units if reference else texts[0]
    if not len(texts[0]) == len(texts[1]) == len(known):
        return []
    return list(zip(*texts, known if reference else [None] * len(known), strict=True))


def _whole(source: str, translation: str) -> list[Unit]:
    return [(source, translation, None)] if source.strip() and translation.strip() else []


def _quality(
    per_dialogue: Sequence[Sequence[Unit]], comet: Comet, *, references: bool
) -> TranslationQuality:
    units = [unit for dialogue in per_dialogue for unit in dialogue]
    if not units:
        raise ScoreRefused(
            f"None of {len(per_dialogue):,} dialogues has as many turns as its translation"
            f"{' and its English original' if references else ''}: nothing for {comet.name} to"
            " compare"
        )
    before = comet.cut
    known = [reference for _, _, reference in units if reference is not None]
    scores = comet.score(
        [source for source, _, _ in units],
        [translation for _, translation, _ in units],
        known if references else None,
    )
    return TranslationQuality(
        math.fsum(scores) / len(scores),
        len(units),
        references,
        sum(not dialogue for dialogue in per_dialogue),
        comet.cut - before,
        comet.signature(references=references),
    )
