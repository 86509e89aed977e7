"""The dialogues a run starts from: for steps that see them, and for the verdict at its end."""

from __future__ import annotations

from collections.abc import Sequence

from pivot_sum.data.sequences import Mapped
from pivot_sum.recipes.recipe import Step
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.seen import Seen, sees
from pivot_sum.stages.text.segmentation import Split, split


class Sources:
    """Each sample's dialogue: as the data has it, as it was cleaned, and as the first step that
    translates gave it; and what the last one took. None: not known yet."""

    def __init__(self, dialogues: Sequence[str], cleaned: Sequence[str | None]) -> None:
        self.dialogues = dialogues
        self.cleaned = cleaned
        self.translated: Sequence[str | None] | None = None
        self.pivot: Sequence[str | None] = [None] * len(dialogues)

    @classmethod
    def of(cls, dialogues: Sequence[str], steps: Sequence[Step]) -> Sources:
        """Those of samples that run through steps. Where none of these cleans them, a damaged
        placeholder was never to be kept."""
        if cleaning(steps) is not None:
            return cls(dialogues, dialogues)
        cleaned: Sequence[str] = Mapped(dialogues, Clean())
        return cls(dialogues, cleaned)

    def passed(self, step: Step, taken: Sequence[str | None], given: Sequence[str | None]) -> None:
        """Remember what a step that translates took and gave."""
        if step.translates:
            self.translated = given if self.translated is None else self.translated
            self.pivot = taken

    def splits(self, step: Step, texts: Sequence[str | None], start: int = 0) -> list[Split | None]:
        """The texts, those of the samples from `start` on, cut into what the step's stage gets, one
        a sample; None where the text, or something else that the stage sees, is not known."""
        cut = {
            text: split(text, step.over, step.stage.source)
            for text in dict.fromkeys(texts)
            if text is not None
        }
        found = [None if text is None else cut[text] for text in texts]
        beside: list[Sequence[str | None]] = []
        if sees(step.stage) in ("source", "pivot"):
            beside = [self.dialogues, self.cleaned]
        if sees(step.stage) == "pivot":
            beside += [self.translated or [None] * len(self.dialogues), self.pivot]
        if not beside:
            return found
        rows = zip(*(seen[start : start + len(texts)] for seen in beside), strict=True)
        return [_packed(parts, *seen) for parts, seen in zip(found, rows, strict=True)]


def _packed(parts: Split | None, *seen: str | None) -> Split | None:
    """The units, each packed with what is seen beside it; None where some of it is not known."""
    known = [text for text in seen if text is not None]
    if parts is None or len(known) < len(seen):
        return None
    dialogue, cleaned, *pivot = known
    return parts._replace(
        units=tuple(Seen(dialogue, cleaned, unit, *pivot).packed() for unit in parts.units)
    )


def cleaning(steps: Sequence[Step]) -> int | None:
    """The position of the step whose texts are the cleaned dialogues: the last one that may repair
    placeholders, before any that does something else than cleaning."""
    found = None
    for position, step in enumerate(steps):
        if step.stage.task != "clean":
            break
        if step.stage.placeholders == "repair":
            found = position
    return found
