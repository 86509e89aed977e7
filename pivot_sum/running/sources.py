"""The dialogues a run starts from: for steps that see them, and for the verdict at its end."""

from __future__ import annotations

from collections.abc import Sequence

from pivot_sum.recipes.recipe import Step
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.seen import Seen, sees
from pivot_sum.stages.text.segmentation import Split, split


class Sources:
    """Each sample's dialogue, as the data has it and as it was cleaned (None: not known yet)."""

    def __init__(self, dialogues: Sequence[str], cleaned: Sequence[str | None]) -> None:
        self.dialogues = dialogues
        self.cleaned = cleaned

    @classmethod
    def of(cls, dialogues: Sequence[str], steps: Sequence[Step]) -> Sources:
        """Those of samples that run through steps. Where none of these cleans them, a damaged
        placeholder was never to be kept."""
        return cls(dialogues, Clean()(dialogues) if cleaning(steps) is None else dialogues)

    def splits(self, step: Step, texts: Sequence[str | None]) -> list[Split | None]:
        """The texts cut into what the step's stage gets, one a sample; None where the text, or the
        dialogue that the stage sees, is not known."""
        cut = {
            text: split(text, step.over, step.stage.source)
            for text in dict.fromkeys(texts)
            if text is not None
        }
        found = [None if text is None else cut[text] for text in texts]
        if sees(step.stage) == "text":
            return found
        return [
            None if parts is None or cleaned is None else _packed(parts, dialogue, cleaned)
            for parts, dialogue, cleaned in zip(found, self.dialogues, self.cleaned, strict=True)
        ]


def _packed(parts: Split, dialogue: str, cleaned: str) -> Split:
    return parts._replace(
        units=tuple(Seen(dialogue, cleaned, unit).packed() for unit in parts.units)
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
