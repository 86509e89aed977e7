"""What became of the placeholders of each dialogue by the end of a system: as its run recorded it,
else judged from the summaries."""

from __future__ import annotations

from collections.abc import Sequence

from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample
from pivot_sum.running.reading import StepLines, step_lines
from pivot_sum.running.verdicts import Verdict, verdict
from pivot_sum.stages.clean import Clean


def cleaned_dialogues(system: System, samples: Sequence[Sample]) -> list[str]:
    """The dialogues as the system's run cleaned them; without such a run, as `clean` does it: a
    damaged placeholder was never to be kept. Raises RunFolderError."""
    end = system.record.end if system.record else None
    if end is None or end.against is None:
        return Clean()([sample.dialogue for sample in samples])
    lines = _lines(system, end.against)
    return [lines[sample.id].text for sample in samples]


def ends(system: System, samples: Sequence[Sample]) -> list[Verdict | None]:
    """The verdict on each sample's summary; None where there are no placeholders. A run knows which
    of them became names on purpose. Raises RunFolderError."""
    if system.record and system.record.end:
        lines = _lines(system, system.record.end.step)
        return [lines[sample.id].end for sample in samples]
    dialogues = cleaned_dialogues(system, samples)
    return [
        verdict("select", dialogue, system.texts[sample.id], {})
        for dialogue, sample in zip(dialogues, samples, strict=True)
    ]


def _lines(system: System, name: str) -> StepLines:
    assert system.folder is not None and system.record is not None
    [step] = [step for step in system.record.steps if step.name == name]
    return step_lines(system.folder, step)
