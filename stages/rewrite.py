"""The stage `rewrite`: a local model sees a dialogue and its summary, and corrects the summary."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from pivot_sum.stages.base import (
    Annotating,
    Answer,
    OneLanguage,
    PlaceholderPolicy,
    Task,
    option,
    required,
)
from pivot_sum.stages.engines.base import Engine, Search
from pivot_sum.stages.engines.local_model import Asked, LocalModel
from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.fields import CheckedFields
from pivot_sum.stages.finishing import LookUp
from pivot_sum.stages.guards.checks import SummaryGuards
from pivot_sum.stages.guards.retry import FIRST, Attempt, escalated
from pivot_sum.stages.models.architectures import summary_prompt
from pivot_sum.stages.placeholders.damaged import repaired
from pivot_sum.stages.seen import Seen, Sees
from pivot_sum.stages.text.chunking import split_to_fit
from pivot_sum.stages.text.segmentation import Over

CUT = "cut"
"""The flag of a summary whose dialogue the model read only the beginning of."""

_VARIABLE = re.compile(r"\{([A-Za-z_]*)\}")


def _checked_template(template: str) -> str:
    """Raises a `ValueError` for one that does not say where summary and dialogue go."""
    used = _VARIABLE.findall(template)
    said = ""
    for name, meaning in (("text", "the summary"), ("original", "the dialogue")):
        if used.count(name) != 1:
            said = f"{{{name}}} has to stand in it once; it is where {meaning} goes"
    if unknown := [name for name in used if name not in ("text", "original")]:
        said = f"{{{unknown[0]}}} stands for nothing; known are {{text}} and {{original}}"
    if said:
        raise PydanticCustomError("template", said)
    return template


@dataclass(frozen=True, kw_only=True)
class Rewrite(OneLanguage, LocalModel, SummaryGuards, Annotating, CheckedFields):
    """Corrects summaries by their dialogues with BART (KoBART), T5 or another model that was
    fine-tuned to read both and write the right summary; one that was not writes anything.

    Where both are longer than the model reads, the dialogue is cut at its end, at turns, and the
    answer flagged `cut`; the summary never is.
    """

    name: ClassVar[str] = "rewrite"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "rewrite"
    placeholders: ClassVar[PlaceholderPolicy] = "select"
    sees: ClassVar[Sees] = "source"

    language: Literal["ko", "en"] = required("language of the dialogues and of their summaries")
    template: Annotated[str, AfterValidator(_checked_template)] = option(
        "summary: {text} dialogue: {original}",
        "what the model reads, as it was fine-tuned to: {text} is the summary, {original} the"
        " dialogue",
    )
    too_long: Literal["cut", "report"] = option(  # type: ignore[assignment]  # not split, but cut
        "cut", "longer input: cut the dialogue at its end, or stop and say so"
    )
    retries: tuple[Literal["beams"], ...] = option(
        ("beams",),
        "what a summary the guards flag is tried with: a wider search without loops",
    )

    def mistakes(self, over: Over) -> list[str]:
        """What does not fit to what it runs over."""
        if over == "dialogue":
            return []
        return [
            f"over: a {over} of a summary cannot be compared with a whole dialogue; write over:"
            " dialogue"
        ]

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The corrected summaries, each with its repairs, its flags, and the retry that gave it."""
        seen = {text: Seen.unpacked(text) for text in texts if text.strip()}
        wanted = [text for text, pair in seen.items() if pair.text.strip()]
        if not wanted:
            return [Answer(seen[text].text if text in seen else text) for text in texts]
        engine = self.load()
        prompt = summary_prompt(engine, self.named, self.language, "")
        inputs = dict(
            zip(wanted, self._inputs([seen[text] for text in wanted], engine), strict=True)
        )

        def computed(text: str, look_up: LookUp[Asked]) -> Answer:
            return self._corrected(seen[text], inputs[text], look_up)

        found = self.answered(wanted, computed, self.language, prompt)
        return [
            found.get(text, Answer(seen[text].text if text in seen else text)) for text in texts
        ]

    def _corrected(self, seen: Seen, given: str, look_up: LookUp[Asked]) -> Answer:
        def ask(search: Search) -> dict[str, Answer]:
            (answer,) = look_up([Asked(search, given)])
            return {seen.cleaned: repaired(seen.cleaned, answer)}

        ways: dict[str, Attempt] = {
            FIRST: lambda _: ask(self.search),
            "beams": lambda _: ask(self.widened().search),
        }
        answer = escalated(
            [seen.cleaned],
            {name: ways[name] for name in (FIRST, *self.retries)},
            lambda dialogue, summary: self.flags_of(dialogue, summary, self.language),
        )[seen.cleaned]
        if given == self._filled(seen):
            return answer
        return Answer(answer.text, {**answer.note, "flags": [CUT, *answer.note.get("flags", [])]})

    def _filled(self, seen: Seen) -> str:
        """The template with both in their places. What stands in them is never read as template."""
        values = {"text": seen.text, "original": seen.cleaned}
        return _VARIABLE.sub(lambda match: values[match[1]], self.template)

    def _inputs(self, seen: Sequence[Seen], engine: Engine) -> list[str]:
        """What the model is given; of a dialogue it cannot read beside its summary, the beginning.

        Raises `TextTooLong` where the summary alone is too long, or the stage was told to report.
        """
        limit = min(self.max_source_tokens, engine.max_positions)
        whole = [self._filled(one) for one in seen]
        return [
            text if len(tokens) <= limit else self._cut(one, limit, len(tokens), engine)
            for one, text, tokens in zip(seen, whole, engine.encode(whole), strict=True)
        ]

    def _cut(self, seen: Seen, limit: int, whole: int, engine: Engine) -> str:
        def length(dialogue: str) -> int:
            (tokens,) = engine.encode([self._filled(seen._replace(cleaned=dialogue))])
            return len(tokens)

        if self.too_long == "report":
            raise TextTooLong(
                f"a summary and its dialogue are {whole} tokens, and the model reads {limit}:"
                f" {seen.cleaned[:60]!r}...; use a model that reads more, or let the dialogue be"
                " cut at its end (too_long: cut)"
            )
        if length("") < limit:
            beginning, _ = split_to_fit(seen.cleaned, limit, length, self.language)[0]
            if length(beginning) <= limit:
                return self._filled(seen._replace(cleaned=beginning))
        raise TextTooLong(
            f"a summary leaves no room for its dialogue within the {limit} tokens the model reads:"
            f" {seen.text[:60]!r}...; use a model that reads more, or let the step"
            " before write shorter ones (max_new_tokens)"
        )
