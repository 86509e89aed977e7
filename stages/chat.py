"""The stage `chat`: a language model behind a chat-completions server translates, summarises, or
corrects a summary by its dialogue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from pivot_sum.stages.answer import CUT, PLAIN
from pivot_sum.stages.base import Answer, Note, PlaceholderPolicy, option
from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.finishing import LookUp, each_answered
from pivot_sum.stages.guards.checks import GuardName, Guards, SummaryGuards, TranslationGuards
from pivot_sum.stages.guards.retry import (
    FIRST,
    Attempt,
    escalated,
    merged_flags,
    merged_repairs,
)
from pivot_sum.stages.guards.support import support
from pivot_sum.stages.guards.tokens import lost_tokens
from pivot_sum.stages.placeholders.damaged import repaired
from pivot_sum.stages.placeholders.ladder import through_ladder
from pivot_sum.stages.seen import Seen, Sees
from pivot_sum.stages.services.asking import Asking
from pivot_sum.stages.services.chat_batches import ChatBatches
from pivot_sum.stages.services.chat_complaints import complaint_about
from pivot_sum.stages.services.chat_fields import Asked
from pivot_sum.stages.services.chat_requests import TOO_LONG
from pivot_sum.stages.services.chat_tokens import estimated
from pivot_sum.stages.services.turns import Unit, units_of
from pivot_sum.stages.text.chunking import split_to_fit
from pivot_sum.stages.text.segmentation import Over, join, split

_SPLIT = "split"
_SHORTEST = 40
"""Characters. A text as short as this is not split once more because the server finds it too
long."""


@dataclass(frozen=True, kw_only=True)
class Chat(ChatBatches, Guards):
    """Asks a language model by the chat-completions protocol: OpenAI, a service compatible with it,
    or a server of your own (vLLM, Ollama, llama.cpp, transformers serve). It sends your texts
    there; see `--dry-run` and `--budget` for what it costs.
    """

    name: ClassVar[str] = "chat"
    version: ClassVar[int] = 1

    context: Annotated[int, Ge(0)] = option(
        0,
        "translate: how many turns before and behind each one the model reads along (they are"
        " billed); needs over: dialogue, which is still translated turn by turn",
    )
    masks: tuple[Literal["as-is", "xml", "bracket", "word"], ...] = option(
        ("as-is", "xml"),
        "translate: how placeholders are shown, tried in this order; where all fail the text is cut"
        " at its placeholders",
    )
    retries: tuple[Literal["again"], ...] = option(
        ("again",),
        "what an answer the guards flag is tried with: again tells the model what is wrong with it",
    )

    @property
    def placeholders(self) -> PlaceholderPolicy:
        """What it may do to placeholders."""
        return "keep" if self.task == "translate" else "select"

    @property
    def _never_raised(self) -> tuple[GuardName, ...]:
        for_summaries: tuple[GuardName, ...] = ("unsupported number", "swapped speakers")
        return for_summaries if self.task == "translate" else ("changed number",)

    @property
    def sees(self) -> Sees:
        """What it gets: a rewriting model sees the dialogue beside the summary."""
        return "source" if self.task == "rewrite" else "text"

    @property
    def usual_prompt(self) -> str:
        """The shipped prompt for the task."""
        if self.task == "translate":
            return "translate" if self.texts_per_request == 1 else "translate-numbered"
        if self.task == "summarize":
            return "summarize-ko" if self.target == "ko" else "summarize"
        return "rewrite-ko"

    def conflicts(self) -> list[str]:
        """Fields that do not go together."""
        found = super().conflicts()
        if self.context and self.task != "translate":
            found.append("context: needs task: translate and over: dialogue")
        elif self.context and not self.prompt_shows("context"):
            found.append("context: the prompt has no {context}, so no turn around would be seen")
        if self.texts_per_request > 1 and (self.task != "translate" or self.context):
            found.append("texts_per_request: several need task: translate, and context: 0")
        if self.texts_per_request > 1 and self.batch_api:
            found.append("texts_per_request: is 1 where batch_api is true")
        return found

    def mistakes(self, over: Over) -> list[str]:
        """Fields that do not go with what it runs over."""
        if self.task != "translate" and over != "dialogue":
            return [f"over: to {self.task} takes whole dialogues; write over: dialogue"]
        if self.context and over != "dialogue":
            return ["context: needs task: translate and over: dialogue"]
        return []

    def first_questions(self, texts: Sequence[str]) -> dict[Asked, int]:
        """What is asked at first, and about how many tokens each answer has."""
        asked: dict[Asked, int] = {}
        for text in texts:
            if self.task == "translate":
                names = self.names_in(text)
                for unit in self._units(text):
                    question = Asked(unit.turn, unit.context, names=names)
                    asked[question] = estimated(unit.turn)
            else:
                question = self._about(text)[1]
                rewrites = self.task == "rewrite"
                asked[question] = estimated(question.part) // (1 if rewrites else 4)
        return asked

    def computed(self, text: str, look_up: LookUp[Asked], asking: Asking[Asked]) -> Answer:
        """The answer to a text, from the replies to its parts."""
        used: dict[Asked, Note] = {}

        def ask(questions: Sequence[Asked]) -> list[Answer]:
            replies = look_up(questions)
            used.update({one: reply.note for one, reply in zip(questions, replies, strict=True)})
            return replies

        if self.task == "translate":
            answer = self._translated(text, ask)
        else:
            answer = self._checked(*self._about(text), ask)
        new = [note for one, note in used.items() if one not in asking.counted]
        asking.counted.update(used)
        note: Note = {
            **answer.note,
            "billed": sum(note.get("billed", 0) for note in new),
            "written": sum(note.get("written", 0) for note in new),
        }
        return Answer(answer.text, note)

    def _about(self, text: str) -> tuple[str, Asked]:
        """The dialogue behind a text that is summarised or rewritten, and what is asked."""
        if self.task == "summarize":
            return text, Asked(text, names=self.names_in(text))
        seen = Seen.unpacked(text)
        names = self.names_in(seen.cleaned)
        return seen.cleaned, Asked(seen.text, "", seen.cleaned, names=names)

    def _units(self, text: str) -> list[Unit]:
        parts = split(text, "turn", self.source)
        return units_of(parts, self.context, place="(…)", bare=False)

    def _translated(self, text: str, ask: LookUp[Asked]) -> Answer:
        parts = split(text, "turn", self.source)
        names = self.names_in(text)
        answers = each_answered(self._units(text), lambda unit: self._turn(unit, names, ask))
        rungs = [PLAIN, *self.masks, CUT]
        note = _merged(answers)
        note["rung"] = max((one.note["rung"] for one in answers), key=rungs.index, default=PLAIN)
        if retries := [one.note["retry"] for one in answers if "retry" in one.note]:
            note["retry"] = retries[0]
        return Answer(join(parts.frame, [one.text for one in answers]), note)

    def _turn(self, unit: Unit, names: str, ask: LookUp[Asked]) -> Answer:
        """One turn of a dialogue with these names through the ladder; where the guards flag it,
        once more with what is wrong."""
        guards = TranslationGuards(
            guards=self.guards, max_copied=self.max_copied, max_repeated=self.max_repeated
        )

        def flags_of(text: str, output: str) -> list[str]:
            return guards.flags_of(text, output, self.source, self.target)

        def through(complaint: Callable[[], str]) -> dict[str, Answer]:
            replies: dict[str, Answer] = {}

            def translate(shown: Sequence[str]) -> list[str]:
                questions = [Asked(part, unit.context, names=names) for part in shown]
                if said := complaint():
                    before = ask(questions)
                    questions = [
                        one._replace(previous=reply.text, complaint=said)
                        for one, reply in zip(questions, before, strict=True)
                    ]
                found = each_answered(questions, lambda one: self._whole(one, ask))
                replies.update(zip(shown, found, strict=True))
                return [reply.text for reply in found]

            (result,) = through_ladder([unit.turn], translate, self.masks)
            text = result.text
            if (hidden := self.protection.hide(unit.turn)).lost(text):
                (result,) = through_ladder([hidden.text], translate, self.masks)
                text = hidden.back(result.text)
            note: Note = {**_merged(replies[part] for part in result.parts), "rung": result.rung}
            return {unit.turn: Answer(text, note)}

        first: dict[str, Answer] = {}

        def at_first(_: Sequence[str]) -> dict[str, Answer]:
            first.update(through(lambda: ""))
            return first

        attempts: dict[str, Attempt] = {FIRST: at_first}
        for name in self.retries:
            attempts[name] = lambda _: through(
                lambda: complaint_about(flags_of(unit.turn, first[unit.turn].text), self.target)
            )
        return escalated([unit.turn], attempts, flags_of, lost_tokens)[unit.turn]

    def _checked(self, dialogue: str, asked: Asked, ask: LookUp[Asked]) -> Answer:
        """A summary, or a corrected one; where the guards flag it, once more with what is wrong.

        A correction that keeps nothing of its summary, where that is of the dialogue, is flagged.
        """
        guards = SummaryGuards(
            guards=self.guards, max_copied=self.max_copied, max_repeated=self.max_repeated
        )

        def flags_of(text: str, output: str) -> list[str]:
            flags = guards.flags_of(text, output, self.target)
            if keeps_nothing(text, output) and "no counterpart" not in flags:
                flags.append("no counterpart")
            return flags

        def keeps_nothing(text: str, output: str) -> bool:
            return (
                self.task == "rewrite"
                and "no counterpart" in self.guards
                and support(asked.part, output, self.target)
                < guards.min_support
                <= support(asked.part, text, self.target)
            )

        first: dict[str, Answer] = {}

        def on_one_line(reply: Answer) -> Answer:
            return Answer(" ".join(reply.text.split()), reply.note)

        def at_first(_: Sequence[str]) -> dict[str, Answer]:
            first[dialogue] = repaired(dialogue, on_one_line(self._whole(asked, ask)))
            return first

        def again(_: Sequence[str]) -> dict[str, Answer]:
            before = first[dialogue].text
            said = complaint_about(flags_of(dialogue, before), self.target)
            reply = self._whole(asked._replace(previous=before, complaint=said), ask)
            return {dialogue: repaired(dialogue, on_one_line(reply))}

        attempts: dict[str, Attempt] = {FIRST: at_first}
        attempts |= dict.fromkeys(self.retries, again)
        return escalated([dialogue], attempts, flags_of, keeps_nothing)[dialogue]

    def _whole(self, asked: Asked, ask: LookUp[Asked], limit: int = 0) -> Answer:
        """The answer to one question, of its halves where it is longer than the model reads."""
        limit = limit or self.max_source_characters or len(asked.part)
        if len(asked.part) <= limit:
            (reply,) = ask([asked])
            if TOO_LONG not in reply.note.get("flags", []):
                return Answer(reply.text, _without_bill(reply.note))
            if len(asked.part) <= _SHORTEST:
                raise TextTooLong(
                    f"{self.model} does not even read a text of {len(asked.part)} characters with"
                    f" its prompt ({asked.part!r}); use a model with a longer context, or a shorter"
                    " prompt or less context"
                )
            limit = -(-len(asked.part) // 2)
        pieces = split_to_fit(asked.part, limit, len, self.source)
        found = each_answered(
            [asked._replace(part=piece) for piece, _ in pieces],
            lambda one: self._whole(one, ask, limit),
        )
        between = "\n" if self.task == "translate" else " "
        text = ""
        for (_, separator), answer in zip(pieces, found, strict=True):
            text += answer.text + (between if separator == "\n" else separator)
        note = _merged(found)
        return Answer(text.strip(), {**note, "flags": sorted({_SPLIT, *note.get("flags", [])})})


def _without_bill(note: Note) -> Note:
    """What a reply's note says about the text."""
    kept: Note = {}
    if repairs := note.get("repairs"):
        kept["repairs"] = repairs
    return kept


def _merged(answers: Iterable[Answer]) -> Note:
    """The flags and repairs of the answers a text is made of."""
    answers = list(answers)
    note: Note = {}
    if flags := merged_flags(answers):
        note["flags"] = flags
    if repairs := merged_repairs(answers):
        note["repairs"] = repairs
    return note
