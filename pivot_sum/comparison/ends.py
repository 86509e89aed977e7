"""What became of the placeholders of each dialogue by the end of a system: as its run recorded it,
else judged from the summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pivot_sum.comparison.systems import System
from pivot_sum.data.samples import Sample, dialogues_of
from pivot_sum.data.sequences import Mapped, OnDisk
from pivot_sum.running.reading import OfStep, StepLine, of_step
from pivot_sum.running.verdicts import Verdict, verdict
from pivot_sum.stages.clean import Clean

T = TypeVar("T")


def cleaned_dialogues(system: System, samples: Sequence[Sample]) -> Sequence[str]:
    """The dialogues as the system's run cleaned them; without such a run, as `clean` does it: a
    damaged placeholder was never to be kept. Raises RunFolderError."""
    end = system.record.end if system.record else None
    if end is None or end.against is None:
        return cleaned(dialogues_of(samples))
    texts = _of_step(system, end.against, lambda line: line.text)
    return [texts[sample.id] for sample in samples]


def cleaned(dialogues: Sequence[str]) -> Sequence[str]:
    """The dialogues as `clean` leaves them."""
    return OnDisk(Mapped(dialogues, lambda part: Clean()(part)))


def ends(system: System, samples: Sequence[Sample]) -> list[Verdict | None]:
    """The verdict on each sample's summary; None where there are no placeholders. A run knows which
    of them became names on purpose. Raises RunFolderError."""
    if system.record and system.record.end:
        found = _of_step(system, system.record.end.step, lambda line: line.end)
        return [found[sample.id] for sample in samples]
    dialogues = cleaned_dialogues(system, samples)
    return judged(dialogues, (system.texts[sample.id] for sample in samples))


def judged(dialogues: Iterable[str], summaries: Iterable[str]) -> list[Verdict | None]:
    """The verdict on each summary of a cleaned dialogue, where nothing else is known of it."""
    pairs = zip(dialogues, summaries, strict=True)
    return [verdict("select", dialogue, summary, {}) for dialogue, summary in pairs]


def _of_step(system: System, name: str, what: Callable[[StepLine], T]) -> OfStep[T]:
    assert system.folder is not None and system.record is not None
    [step] = [step for step in system.record.steps if step.name == name]
    return of_step(system.folder, step, what)
