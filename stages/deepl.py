"""The stage `deepl`: translation by DeepL over the network, placeholders protected, characters
counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le, MinLen

from pivot_sum.stages.base import (
    Annotating,
    Answer,
    Note,
    PlaceholderPolicy,
    Task,
    option,
    required,
)
from pivot_sum.stages.errors import ServiceRefused, StageError
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.guards.checks import TranslationGuards
from pivot_sum.stages.guards.retry import merged_flags
from pivot_sum.stages.placeholders.ladder import CUT, PLAIN, through_ladder
from pivot_sum.stages.services import deepl_account as account
from pivot_sum.stages.services.budget import Budget
from pivot_sum.stages.services.deepl_glossary import content_hash, read_terms
from pivot_sum.stages.services.deepl_units import Unit, units_of
from pivot_sum.stages.services.deepl_xml import KEPT, escaped, tagged, unescaped, untagged
from pivot_sum.stages.text.segmentation import Over, Split, join, split

if TYPE_CHECKING:
    from pivot_sum.stages.services.deepl_requests import Service, Translation

_TEXTS_PER_REQUEST = 50


@dataclass(frozen=True, kw_only=True)
class DeepL(TranslationGuards, Annotating, CheckedFields):
    """Translates texts with DeepL, turn by turn. It needs a key in DEEPL_AUTH_KEY, sends your texts
    to DeepL, and is billed by the character: see `--dry-run` and `--budget`. DEEPL_SERVER_URL
    replaces the address.
    """

    name: ClassVar[str] = "deepl"
    version: ClassVar[int] = 2
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

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
    batch_size: Annotated[int, Ge(1)] = option(
        100, "texts handed over, and stored, at once", identity=False
    )
    concurrency: Annotated[int, Ge(1), Le(10)] = option(
        4, "requests in flight at once", identity=False
    )
    timeout: Annotated[float, Gt(0)] = option(30.0, "seconds to wait for an answer", identity=False)
    attempts: Annotated[int, Ge(1)] = option(
        6, "how often a request is sent at most", identity=False
    )
    pause: Annotated[float, Ge(0)] = option(
        1.0,
        "seconds before a request is sent again; doubles each time, unless DeepL says how long",
        identity=False,
    )

    def mistakes(self, over: Over) -> list[str]:
        """Fields that do not go together."""
        found = []
        if self.source == self.target:
            found.append(
                f"target: is {self.target}, as the source is; there is nothing to translate"
            )
        if self.context and over != "dialogue":
            found.append(
                f"context: a {over} has no turns around it; write over: dialogue (it is still"
                " translated turn by turn)"
            )
        return found

    def resolve(self) -> dict[str, Any]:
        """The glossary by content, and the server where it is not DeepL."""
        glossary = content_hash(self._terms) if self.glossary else None
        return {"glossary": glossary, "server": account.foreign_server()}

    def cost(self, texts: Sequence[str]) -> int:
        """The characters DeepL bills for these texts where the first way to show placeholders
        works. Context is free."""
        asked = [set(units_of(split(text, "turn", self.source), self.context)) for text in texts]
        return sum(len(escaped(unit.turn)) for units in asked for unit in units)

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The translations, without a bound on what they cost."""
        return self.answers_within(texts, Budget())

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        """The translations, each with its rung, its flags and what it cost, counted against a
        budget. An error holds what was finished by then."""
        splits = {text: split(text, "turn", self.source) for text in texts if text.strip()}
        units = dict.fromkeys(
            unit for parts in splits.values() for unit in units_of(parts, self.context)
        )
        translated: dict[Unit, Answer] = {}
        try:
            if units:
                self._translate(units, budget, translated)
        except StageError as error:
            error.finished = self._joined(splits, translated)
            raise
        found = self._joined(splits, translated)
        return [found.get(text, Answer(text)) for text in texts]

    def _joined(
        self, splits: Mapping[str, Split], translated: Mapping[Unit, Answer]
    ) -> dict[str, Answer]:
        """The texts all turns of which are translated. What a turn cost is counted once, however
        often it occurs."""
        rungs = [PLAIN, *self.masks, CUT]
        counted: set[Unit] = set()
        found = {}
        for text, parts in splits.items():
            units = units_of(parts, self.context)
            if not all(unit in translated for unit in units):
                continue
            answers = [translated[unit] for unit in units]
            new = set(units) - counted
            counted |= new
            note: Note = {
                "rung": max(
                    (answer.note["rung"] for answer in answers), key=rungs.index, default=PLAIN
                ),
                "billed": sum(translated[unit].note["billed"] for unit in new),
            }
            if flags := merged_flags(answers):
                note["flags"] = flags
            found[text] = Answer(join(parts.frame, [answer.text for answer in answers]), note)
        return found

    def _translate(
        self, units: Iterable[Unit], budget: Budget, translated: dict[Unit, Answer]
    ) -> None:
        """Fill `translated`, several requests at a time. After a failure what is in flight is still
        waited for and kept."""
        service, options = self._service, self._options
        by_context: dict[str, list[str]] = {}
        for unit in units:
            by_context.setdefault(unit.context, []).append(unit.turn)
        jobs = [
            (context, part) for context, turns in by_context.items() for part in self._jobs(turns)
        ]
        stopped = Event()

        def work(context: str, turns: list[str]) -> dict[str, Answer]:
            answers: dict[str, Translation] = {}

            def ask(parts: Sequence[str]) -> list[str]:
                xml = [tagged(part) for part in parts]
                for part, answer in zip(
                    parts, service.translate(xml, context, options, budget, stopped), strict=True
                ):
                    answers[part] = answer._replace(text=untagged(answer.text))
                return [answers[part].text for part in parts]

            try:
                through_ladder([escaped(turn) for turn in turns], ask, self.masks)
            except BaseException as error:
                failures.append(
                    error
                )  # before the others hear of it, so that the first failure is the cause
                stopped.set()
            return self._finished(turns, answers)

        failures: list[BaseException] = []
        with ThreadPoolExecutor(self.concurrency) as pool:
            futures = [pool.submit(work, *job) for job in jobs]
            try:
                wait(futures)
            except BaseException:  # Ctrl-C: send nothing more
                stopped.set()
                raise
        for (context, _), future in zip(jobs, futures, strict=True):
            translated.update(
                {Unit(turn, context): answer for turn, answer in future.result().items()}
            )
        if failures:
            raise failures[0]

    def _jobs(self, turns: list[str]) -> list[list[str]]:
        """Turns shared out so that all requests that may be in flight are, and none takes more
        texts than DeepL does."""
        size = min(_TEXTS_PER_REQUEST, -(-len(turns) // self.concurrency))
        return [turns[start : start + size] for start in range(0, len(turns), size)]

    def _finished(
        self, turns: Iterable[str], answers: Mapping[str, Translation]
    ) -> dict[str, Answer]:
        """The turns for which every answer they need is there, each with what its answers cost. No
        answer counts twice."""
        counted: set[str] = set()
        finished = {}
        for turn in turns:
            asked: list[str] = []

            def look_up(parts: Sequence[str], asked: list[str] = asked) -> list[str]:
                asked += parts
                return [answers[part].text for part in parts]

            try:
                (result,) = through_ladder([escaped(turn)], look_up, self.masks)
            except KeyError:
                continue
            new = set(asked) - counted
            counted |= new
            note: Note = {"rung": result.rung, "billed": sum(answers[part].billed for part in new)}
            text = unescaped(result.text)
            # Flagged, and left at that: asking again would be billed again, and the answer be the
            # same.
            if flags := self.flags_of(turn, text, self.source, self.target):
                note["flags"] = flags
            finished[turn] = Answer(text, note)
        return finished

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
        if self.glossary:
            name = f"pivot-sum {content_hash(self._terms)[:16]}"
            find = partial(self._service.glossary, name, self.source.upper(), self.target.upper())
            options["glossary"] = find(self._terms)
        return options
