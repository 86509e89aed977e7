"""The stage `deepl`: translation by DeepL over the network, placeholders protected, characters
counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple

from annotated_types import Ge, Le, MaxLen, MinLen

from pivot_sum.stages.answer import CUT, PLAIN
from pivot_sum.stages.base import (
    Answer,
    Note,
    PlaceholderPolicy,
    Task,
    option,
    required,
)
from pivot_sum.stages.budget import CHARACTERS, Cost
from pivot_sum.stages.errors import ServiceRefused
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.finishing import LookUp, each_answered
from pivot_sum.stages.guards.checks import TranslationGuards
from pivot_sum.stages.guards.retry import merged_flags, merged_repairs
from pivot_sum.stages.guards.tokens import Kind
from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.placeholders.protection import Protection
from pivot_sum.stages.services import deepl_account as account
from pivot_sum.stages.services.asking import Asking, AsksService
from pivot_sum.stages.services.deepl_xml import KEPT, escaped, tagged, unescaped, untagged
from pivot_sum.stages.services.turns import Unit, units_of
from pivot_sum.stages.text.glossary import content_hash, read_terms
from pivot_sum.stages.text.segmentation import Over, join, split

if TYPE_CHECKING:
    from pivot_sum.stages.services.deepl_requests import Service

_TEXTS_PER_REQUEST = 50
_USUAL_THRESHOLD = 75


class Asked(NamedTuple):
    """What DeepL is asked: the turns around, which it reads along, and XML to translate."""

    context: str
    part: str


@dataclass(frozen=True, kw_only=True)
class DeepL(TranslationGuards, AsksService[Asked], CheckedFields):
    """Translates texts with DeepL, turn by turn. It needs a key in DEEPL_AUTH_KEY, sends your texts
    to DeepL, and is billed by the character: see `--dry-run` and `--budget`. DEEPL_SERVER_URL
    replaces the address.
    """

    name: ClassVar[str] = "deepl"
    version: ClassVar[int] = 2
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"
    units: ClassVar[tuple[str, ...]] = (CHARACTERS,)

    source: Literal["ko", "en"] = required("language of the texts it takes")
    target: Literal["ko", "en"] = required("language of the texts it gives")
    snapshot: Annotated[str, MinLen(1)] = required(
        "what you call today's DeepL, such as 2026-11: the model behind it has no version and"
        " changes; a new name asks anew"
    )
    variant: Literal["EN-US", "EN-GB"] = option(
        "EN-US", "which English, where the target is English"
    )
    formality: Literal["default", "more", "less", "prefer_more", "prefer_less"] = option(
        "default",
        "how formal; more and less are refused where DeepL cannot do it for the target, prefer_*"
        " are not",
    )
    model_type: Literal["quality_optimized", "prefer_quality_optimized", "latency_optimized"] = (
        option("quality_optimized", "whether DeepL's better or its faster models answer")
    )
    glossary: str = option(
        "",
        "CSV file of term pairs, one `source,target` a line; the identity holds its content; empty:"
        " none",
    )
    context: Annotated[int, Ge(0)] = option(
        0,
        "how many turns before and behind each one DeepL reads along (not billed); needs over:"
        " dialogue, one request a turn",
    )
    tag_handling_version: Literal["v1", "v2"] = option(
        "v2", "version of DeepL's XML handling; accounts differ in their default"
    )
    masks: tuple[Literal["as-is", "xml"], ...] = option(
        ("as-is", "xml"),
        "how placeholders are shown, tried in this order: as-is inside a tag DeepL leaves alone,"
        " xml as an empty tag; where all fail the text is cut at its placeholders",
    )

    protect: tuple[Kind, ...] = option(
        (),
        "what comes back exactly as it is: url, email, hashtag, code; shown to DeepL as"
        " placeholders are",
        identity="unless-default",
    )
    custom_instructions: Annotated[
        tuple[Annotated[str, MinLen(1), MaxLen(300)], ...], MaxLen(10)
    ] = option(
        (),
        "how to translate, in English or the target language, such as `Write short sentences.`",
        identity="unless-default",
    )
    style_rule: str = option(
        "",
        "id of a style rule list of your account, for the target language; empty: none",
        identity="unless-default",
    )
    translation_memory: str = option(
        "",
        "id of a translation memory of your account; empty: none",
        identity="unless-default",
    )
    translation_memory_threshold: Annotated[int, Ge(0), Le(100)] = option(
        _USUAL_THRESHOLD,
        "how similar, in percent, a text has to be to one of the memory; DeepL recommends 75 or"
        " more",
        identity="unless-default",
    )

    def conflicts(self) -> list[str]:
        """Fields that do not go together."""
        found = super().conflicts()
        if self.source == self.target:
            found.append(
                f"target: is {self.target}, as the source is; there is nothing to translate"
            )
        better = [name for name in ("custom_instructions", "style_rule") if getattr(self, name)]
        if better and self.model_type.startswith("latency"):
            found.append(
                f"model_type: DeepL's faster models take no {' and no '.join(better)}; write"
                " quality_optimized"
            )
        if self.translation_memory_threshold != _USUAL_THRESHOLD and not self.translation_memory:
            found.append("translation_memory_threshold: needs a translation_memory")
        return found

    def mistakes(self, over: Over) -> list[str]:
        """Fields that do not go with what it runs over."""
        if not self.context or over == "dialogue":
            return []
        return [
            f"context: a {over} has no turns around it; write over: dialogue (it is still"
            " translated turn by turn)"
        ]

    def resolve(self) -> dict[str, Any]:
        """The glossary by content, and the server where it is not DeepL."""
        glossary = content_hash(self._terms) if self.glossary else None
        return {"glossary": glossary, "server": account.foreign_server()}

    def cost(self, texts: Sequence[str]) -> Cost:
        """The characters DeepL bills for these texts where the first way to show placeholders
        works. Context is free."""
        asked = [set(units_of(split(text, "turn", self.source), self.context)) for text in texts]
        turns = [self._protection.hide(unit.turn).text for units in asked for unit in units]
        return {CHARACTERS: sum(len(escaped(turn)) for turn in turns)}

    def bill(self, note: Note) -> Cost:
        """The characters an answer was billed."""
        return {CHARACTERS: note.get("billed", 0)}

    def computed(self, text: str, look_up: LookUp[Asked], asking: Asking[Asked]) -> Answer:
        """The translation of a text, from the replies to its turns."""
        parts = split(text, "turn", self.source)
        units = units_of(parts, self.context)
        used: dict[Asked, int] = {}
        answers = each_answered(units, lambda unit: self._translated(unit, look_up, used))
        rungs = [PLAIN, *self.masks, CUT]
        note: Note = {
            "rung": max(
                (answer.note["rung"] for answer in answers), key=rungs.index, default=PLAIN
            ),
            "billed": sum(cost for reply, cost in used.items() if reply not in asking.counted),
        }
        asking.counted.update(used)
        if flags := merged_flags(answers):
            note["flags"] = flags
        if repairs := merged_repairs(answers):
            note["repairs"] = repairs
        return Answer(join(parts.frame, [answer.text for answer in answers]), note)

    def _translated(self, unit: Unit, look_up: LookUp[Asked], used: dict[Asked, int]) -> Answer:
        """One turn; `used` takes in which replies it is made of, and what they cost."""

        def ask(parts: Sequence[str]) -> list[str]:
            asked = [Asked(unit.context, part) for part in parts]
            replies = look_up(asked)
            used.update(
                {one: reply.note["billed"] for one, reply in zip(asked, replies, strict=True)}
            )
            return [untagged(reply.text) for reply in replies]

        hidden = self._protection.hide(unit.turn)
        (result,) = through_ladder([escaped(hidden.text)], ask, self.masks)
        note: Note = {"rung": result.rung}
        text = hidden.back(unescaped(result.text))
        # Flagged, and left at that: asking again would be billed again, and the answer be the same.
        if flags := self.flags_of(unit.turn, text, self.source, self.target):
            note["flags"] = flags
        return self.with_repairs(unit.turn, Answer(text, note), self.source, self.target)

    def jobs(self, questions: Sequence[Asked]) -> list[list[Asked]]:
        """Questions with one context, shared out so that all requests that may be in flight are,
        and none takes more texts than DeepL does."""
        by_context: dict[str, list[Asked]] = {}
        for question in questions:
            by_context.setdefault(question.context, []).append(question)
        return [
            same[start : start + size]
            for same in by_context.values()
            for size in [min(_TEXTS_PER_REQUEST, -(-len(same) // self.concurrency))]
            for start in range(0, len(same), size)
        ]

    def send(
        self, questions: Sequence[Asked], asking: Asking[Asked]
    ) -> Iterator[Mapping[Asked, Answer]]:
        """Ask about parts of turns that have one context."""
        texts = [tagged(question.part) for question in questions]
        open_ = list(questions)
        for replies in self._service.translate(
            texts, questions[0].context, self._options, asking.budget, asking.stopped
        ):
            answered, open_ = open_[: len(replies)], open_[len(replies) :]
            yield {
                question: Answer(reply.text, {"billed": reply.billed})
                for question, reply in zip(answered, replies, strict=True)
            }

    @cached_property
    def _protection(self) -> Protection:
        return Protection(self.protect, self.target)

    @cached_property
    def _terms(self) -> dict[str, str]:
        return read_terms(Path(self.glossary))

    @cached_property
    def _service(self) -> Service:
        from pivot_sum.stages.services.deepl_requests import Service

        return Service(
            account.key(),
            account.server(),
            timeout=self.timeout,
            attempts=self.attempts,
            pause=self.pause,
        )

    @cached_property
    def _options(self) -> dict[str, Any]:
        """What every request says, besides texts and context."""
        target = self.variant if self.target == "en" else self.target.upper()
        if self.formality in ("more", "less") and not self._service.allows_formality(target):
            raise ServiceRefused(
                f"DeepL knows no formality {self.formality!r} for {target}; use"
                f" prefer_{self.formality} (taken where it can be) or default"
            )
        options: dict[str, Any] = {
            "source_lang": self.source.upper(),
            "target_lang": target,
            "formality": self.formality,
            "model_type": self.model_type,
            "split_sentences": "nonewlines",
            "tag_handling": "xml",
            "tag_handling_version": self.tag_handling_version,
            "ignore_tags": [KEPT],
        }
        if self.custom_instructions:
            options["custom_instructions"] = list(self.custom_instructions)
        if self.style_rule:
            options["style_rule"] = self.style_rule
        if self.translation_memory:
            options["translation_memory"] = self.translation_memory
            options["translation_memory_threshold"] = self.translation_memory_threshold
        if self.glossary:
            name = f"pivot-sum {content_hash(self._terms)[:16]}"
            find = partial(self._service.glossary, name, self.source, self.target)
            options["glossary"] = find(self._terms)
        return options
