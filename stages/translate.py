"""The stage `translate`: a local model, placeholders protected, target language forced."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar, Literal

from pivot_sum.stages.answer import CUT, PLAIN
from pivot_sum.stages.base import (
    Annotating,
    Answer,
    Note,
    PlaceholderPolicy,
    Task,
    option,
    required,
)
from pivot_sum.stages.engines.base import Search
from pivot_sum.stages.engines.local_model import Asked, LocalModel
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.finishing import LookUp
from pivot_sum.stages.guards.checks import TranslationGuards
from pivot_sum.stages.guards.retry import FIRST, Attempt, escalated, merged_flags
from pivot_sum.stages.guards.tokens import Kind, lost_tokens
from pivot_sum.stages.models.architectures import translation_prompt
from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.placeholders.protection import Protection
from pivot_sum.stages.text.glossary import content_hash, read_terms
from pivot_sum.stages.text.segmentation import join, split

Language = Literal["ko", "en"]
Ask = Callable[[Sequence[str]], list[Answer]]
MaskName = Literal["as-is", "word", "name", "xml", "bracket", "underscore", "number"]


@dataclass(frozen=True, kw_only=True)
class Translate(LocalModel, TranslationGuards, Annotating, CheckedFields):
    """Translates texts with NLLB-200, mBART-50, M2M-100, MADLAD-400 or OPUS-MT (Marian, one pair a
    model). Run it over turns or sentences, never whole dialogues: a sentence model forgets the
    later sentences of a long text.
    """

    name: ClassVar[str] = "translate"
    version: ClassVar[int] = 2
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    source: Language = required("language of the texts it takes")
    target: Language = required("language of the texts it gives")
    masks: tuple[MaskName, ...] = option(
        ("as-is", "word", "xml", "bracket"),
        "how placeholders are shown to the model, tried in this order; where all fail the text is"
        " cut at its placeholders",
    )
    protect: tuple[Kind, ...] = option(
        (),
        "what comes back exactly as it is: url, email, hashtag, code; shown to the model as"
        " placeholders are",
        identity="unless-default",
    )
    glossary: str = option(
        "",
        "CSV file of term pairs, one `source,target` a line: a term is shown to the model as a"
        " placeholder and its translation put there; the identity holds the content; empty: none",
        identity="unless-default",
    )
    retries: tuple[Literal["sentences", "beams"], ...] = option(
        ("sentences", "beams"),
        "what a translation the guards flag is tried with, in this order: sentence by sentence, a"
        " wider search without loops",
    )

    def conflicts(self) -> list[str]:
        """Fields that do not go together, each as `field: what is wrong`."""
        same = f"target: translates from {self.source} into {self.target}"
        return super().conflicts() + (
            [f"{same}; set source and target to two languages"]
            if self.source == self.target
            else []
        )

    def resolve(self) -> dict[str, Any]:
        """What a local model resolves, and the glossary by content."""
        resolved = super().resolve()
        return resolved | {"glossary": content_hash(self._terms)} if self.glossary else resolved

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The translations, each with its rung, its flags, and the retry that gave it."""
        wanted = list(dict.fromkeys(text for text in texts if text.strip()))
        if not wanted:
            return [Answer(text) for text in texts]
        prompt = translation_prompt(self.load(), self.named, self.source, self.target)
        found = self.answered(wanted, self._computed, self.source, prompt)
        return [found.get(text, Answer(text)) for text in texts]

    def _computed(self, text: str, look_up: LookUp[Asked]) -> Answer:
        """The translation of a text, from the model's answers to its parts."""

        def ask(parts: Sequence[str], search: Search = self.search) -> list[Answer]:
            return look_up([Asked(search, part) for part in parts])

        wider = partial(ask, search=self.widened().search)
        ways: dict[str, Attempt] = {
            FIRST: lambda waiting: self._translated(waiting, ask),
            "sentences": lambda waiting: self._by_sentence(waiting, ask),
            "beams": lambda waiting: self._translated(waiting, wider),
        }
        attempts = {name: ways[name] for name in (FIRST, *self.retries)}
        hidden = self._protection.hide(text)
        answer = escalated(
            [hidden.text],
            attempts,
            lambda _, output: self.flags_of(text, hidden.back(output), self.source, self.target),
            lambda _, output: lost_tokens(text, hidden.back(output)),
        )[hidden.text]
        return self.with_repairs(
            text, Answer(hidden.back(answer.text), answer.note), self.source, self.target
        )

    @cached_property
    def _terms(self) -> dict[str, str]:
        return read_terms(Path(self.glossary)) if self.glossary else {}

    @cached_property
    def _protection(self) -> Protection:
        return Protection(self.protect, self.target, self._terms)

    def _translated(self, texts: Sequence[str], ask: Ask) -> dict[str, Answer]:
        """Translations with exactly their source's placeholders, each with the rung that gave
        it.
        """

        answers: dict[str, Answer] = {}

        def translate(parts: Sequence[str]) -> list[str]:
            answers.update(zip(parts, ask(parts), strict=True))
            return [answers[part].text for part in parts]

        found = {}
        for text, result in zip(texts, through_ladder(texts, translate, self.masks), strict=True):
            note: Note = {"rung": result.rung}
            if flags := merged_flags(answers[part] for part in result.parts):
                note["flags"] = flags
            found[text] = Answer(result.text, note)
        return found

    def _by_sentence(self, texts: Sequence[str], ask: Ask) -> dict[str, Answer]:
        """The texts of several sentences, each sentence translated alone."""
        splits = {
            text: parts
            for text in texts
            if len((parts := split(text, "sentence", self.source)).units) > 1
        }
        translated = self._translated(
            list(dict.fromkeys(unit for parts in splits.values() for unit in parts.units)), ask
        )
        rungs = [PLAIN, *self.masks, CUT]
        found = {}
        for text, parts in splits.items():
            answers = [translated[unit] for unit in parts.units]
            note: Note = {"rung": max((answer.note["rung"] for answer in answers), key=rungs.index)}
            if flags := merged_flags(answers):
                note["flags"] = flags
            found[text] = Answer(join(parts.frame, [answer.text for answer in answers]), note)
        return found
