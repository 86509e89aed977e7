"""The stage `summarize`: a local summariser, English on the pivot road, Korean on the direct one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from stages.base import Note, Output, PlaceholderPolicy, option, required
from stages.families import summary_prompt
from stages.local_model import LocalModel
from stages.placeholders import find, mend


@dataclass(frozen=True, kw_only=True)
class Summarize(LocalModel):
    """Summarises whole dialogues with BART (KoBART), T5 (FLAN-T5, mT5), Pegasus or mBART-50.

    A summary may leave placeholders out but never damage or invent one: damaged spellings of the dialogue's own
    placeholders are put right, and the runner's verdict names the rest. A dialogue longer than the model reads is split
    at turns, and the summaries of its parts are joined.
    """

    name: ClassVar[str] = "summarize"
    version: ClassVar[int] = 1
    placeholders: ClassVar[PlaceholderPolicy] = "select"

    language: Literal["ko", "en"] = required("language of the dialogues and of their summaries")
    prefix: str = option("", "text in front of every dialogue, as T5 models were taught: 'summarize: '; BART takes none")

    @property
    def source(self) -> str:
        """The language it takes."""
        return self.language

    @property
    def target(self) -> str:
        """The language it gives: the same."""
        return self.language

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        dialogues = list(dict.fromkeys(text for text in texts if text.strip()))
        if not dialogues:
            return list(texts)
        prompt = summary_prompt(self.load(), self.model, self.language, self.prefix)
        answers = self.answer(dialogues, self.language, prompt)
        outputs = {dialogue: _mended(dialogue, answer) for dialogue, answer in zip(dialogues, answers, strict=True)}
        return [outputs.get(text, text) for text in texts]


def _mended(dialogue: str, summary: Output) -> Output:
    text, repaired = mend(summary, set(find(dialogue)))
    note: Note = {**summary.note}
    if repaired:
        note["repairs"] = {"damaged placeholder": repaired}
    return Output(text, note)
