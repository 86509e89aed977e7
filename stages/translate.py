"""The stage `translate`: a local model, placeholders protected, target language forced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from stages.base import Note, Output, PlaceholderPolicy, option, required
from stages.families import translation_prompt
from stages.ladder import through_ladder
from stages.local_model import LocalModel

Language = Literal["ko", "en"]
MaskName = Literal["as-is", "word", "name", "xml", "bracket", "underscore", "number"]


@dataclass(frozen=True, kw_only=True)
class Translate(LocalModel):
    """Translates texts with NLLB-200, mBART-50, M2M-100, MADLAD-400 or OPUS-MT (Marian, one pair a model). Run it over turns
    or sentences, never whole dialogues: a sentence model forgets the later sentences of a long text.
    """

    name: ClassVar[str] = "translate"
    version: ClassVar[int] = 1
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    source: Language = required("language of the texts it takes")
    target: Language = required("language of the texts it gives")
    masks: tuple[MaskName, ...] = option(
        ("as-is", "word", "xml", "bracket"),
        "how placeholders are shown to the model, tried in this order; where all fail the text is cut at its placeholders",
    )

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        spoken = list(dict.fromkeys(text for text in texts if text.strip()))
        if not spoken:
            return list(texts)
        prompt = translation_prompt(self.load(), self.model, self.source, self.target)

        def translate(parts: Sequence[str]) -> list[str]:
            return list(self.answer(list(parts), self.source, prompt))

        protected = through_ladder(spoken, translate, self.masks)
        outputs: dict[str, str] = {}
        for text, result in zip(spoken, protected, strict=True):
            flags = sorted({flag for part in result.parts if isinstance(part, Output) for flag in part.note.get("flags", [])})
            note: Note = {"rung": result.rung}
            if flags:
                note["flags"] = flags
            outputs[text] = Output(result.text, note)
        return [outputs.get(text, text) for text in texts]
