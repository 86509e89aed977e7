"""The stage `summarize`: a local summariser, English in a pivot, Korean directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

from pivot_sum.stages.base import (
    Annotating,
    Answer,
    Note,
    OneLanguage,
    PlaceholderPolicy,
    Task,
    option,
    required,
)
from pivot_sum.stages.engines.base import Search
from pivot_sum.stages.engines.local_model import Asked, LocalModel
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.finishing import LookUp
from pivot_sum.stages.guards.checks import SummaryGuards
from pivot_sum.stages.guards.retry import FIRST, Attempt, escalated, merged_flags
from pivot_sum.stages.models.architectures import summary_prompt
from pivot_sum.stages.models.trained import trained
from pivot_sum.stages.placeholders.damaged import DAMAGED, repaired
from pivot_sum.stages.text.placeholders import find
from pivot_sum.stages.text.speakers import Speakers, with_labels, without_labels

Ask = Callable[[Sequence[str]], list[Answer]]


@dataclass(frozen=True, kw_only=True)
class Summarize(OneLanguage, LocalModel, SummaryGuards, Annotating, CheckedFields):
    """Summarises whole dialogues with BART (KoBART), T5 (FLAN-T5, mT5), Pegasus or mBART-50.

    A summary may leave placeholders out but never damage or invent one: damaged forms of the
    dialogue's own placeholders are repaired, and the runner's verdict names the rest. A dialogue
    longer than the model reads is split at turns, and the summaries of its parts are joined.
    """

    name: ClassVar[str] = "summarize"
    version: ClassVar[int] = 2
    task: ClassVar[Task] = "summarize"
    placeholders: ClassVar[PlaceholderPolicy] = "select"

    language: Literal["ko", "en"] = required("language of the dialogues and of their summaries")
    prefix: str = option(
        "",
        "text in front of every dialogue, as T5 models were taught: 'summarize: '; BART takes none;"
        " empty: what a model trained here was trained with",
    )
    speakers: Speakers = option(
        "placeholder",
        "how the model sees speakers: placeholder (#Person1#, as in DialogSum), name (first names,"
        " as in SAMSum) or letter (Speaker A); turned back afterwards; placeholder is also what a"
        " model trained here was trained with",
    )
    retries: tuple[Literal["halves", "beams"], ...] = option(
        ("halves", "beams"),
        "what a summary the guards flag is tried with, in this order: the dialogue in two halves, a"
        " wider search without loops",
    )

    @property
    def _speakers(self) -> Speakers:
        """How the model sees speakers: as this says, or by default as it was trained."""
        as_names = trained(self.model, self.revision).placeholders == "names"
        return "name" if as_names and self.speakers == "placeholder" else self.speakers

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The summaries, each with its repairs, its flags, and the retry that gave it."""
        dialogues = list(dict.fromkeys(text for text in texts if text.strip()))
        if not dialogues:
            return [Answer(text) for text in texts]
        engine = self.load()
        prefix = self.prefix or trained(self.model, self.revision).prefix
        prompt = summary_prompt(engine, self.named, self.language, prefix)
        found = self.answered(dialogues, self._computed, self.language, prompt)
        return [found.get(text, Answer(text)) for text in texts]

    def _computed(self, dialogue: str, look_up: LookUp[Asked]) -> Answer:
        """The summary of a dialogue, from the model's answers to its parts."""

        def ask(parts: Sequence[str], search: Search = self.search) -> list[Answer]:
            return look_up([Asked(search, part) for part in parts])

        wider = partial(ask, search=self.widened().search)
        ways: dict[str, Attempt] = {
            FIRST: lambda waiting: self._summarized(waiting, ask),
            "halves": lambda waiting: self._by_halves(waiting, ask),
            "beams": lambda waiting: self._summarized(waiting, wider),
        }
        attempts = {name: ways[name] for name in (FIRST, *self.retries)}
        return escalated(
            [dialogue],
            attempts,
            lambda dialogue, summary: self.flags_of(dialogue, summary, self.language),
        )[dialogue]

    def _summarized(self, dialogues: Sequence[str], ask: Ask) -> dict[str, Answer]:
        """Summaries in the dialogues' own placeholders."""
        form = self._speakers
        labelled = [with_labels(dialogue, form, self.language) for dialogue in dialogues]
        answers = ask([dialogue.text for dialogue in labelled])
        return {
            dialogue: repaired(
                dialogue,
                Answer(
                    without_labels(answer.text, labels, self.language), self._note(answer, labels)
                ),
            )
            for dialogue, (_, labels), answer in zip(dialogues, labelled, answers, strict=True)
        }

    def _note(self, answer: Answer, labels: Mapping[str, str]) -> Note:
        """The answer's note, flagged where it names a placeholder that the model was shown a label
        for: it cannot know whose."""
        if "invented placeholder" not in self.guards or labels.keys().isdisjoint(find(answer.text)):
            return answer.note
        return {**answer.note, "flags": [*answer.note.get("flags", []), "invented placeholder"]}

    def _by_halves(self, dialogues: Sequence[str], ask: Ask) -> dict[str, Answer]:
        """The dialogues of at least four turns, summarised in two halves."""
        halves = {dialogue: parts for dialogue in dialogues if (parts := _halves(dialogue))}
        if not halves:
            return {}
        summaries = self._summarized(
            list(dict.fromkeys(half for parts in halves.values() for half in parts)), ask
        )
        found = {}
        for dialogue, parts in halves.items():
            answers = [summaries[half] for half in parts]
            flags = merged_flags(answers)
            text = " ".join(answer.text for answer in answers if answer.text)
            joined = repaired(dialogue, Answer(text, {"flags": flags} if flags else {}))
            times = sum(
                answer.note.get("repairs", {}).get(DAMAGED, 0) for answer in (*answers, joined)
            )
            found[dialogue] = (
                Answer(joined.text, {**joined.note, "repairs": {DAMAGED: times}})
                if times
                else joined
            )
        return found


def _halves(dialogue: str) -> tuple[str, ...]:
    turns = [line for line in dialogue.split("\n") if line.strip()]
    middle = len(turns) // 2
    return (
        ("\n".join(turns[:middle]), "\n".join(turns[middle:]))
        if len(turns) >= _FEWEST_TURNS
        else ()
    )


_FEWEST_TURNS = 4
