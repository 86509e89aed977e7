"""What becomes of a chat model's reply: an answer without its dressing, or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pivot_sum.stages.services.chat_dressing import Dressing, Question, undressed
from pivot_sum.stages.services.chat_refusals import instead_of_an_answer
from pivot_sum.stages.services.chat_uncorrected import uncorrected

Kind = Literal[
    "refusal",  # the model, or the server for it, will not answer
    "empty",  # nothing, or nothing but dressing
    "cut",  # it reached the limit of its length
    "filtered",  # the server's filter took the answer
    "tool call",  # it called a tool instead
    "thinking",  # it thought and gave no answer, or the thinking has no end
    "echo",  # nothing but the request
    "asks back",  # it asks for the text
    "alternatives",  # several answers to choose from
    "numbers",  # of several texts, not each has its answer
    "stopped",  # it ended for a reason that is none of these
]


class NotAnAnswer(Exception):
    """A reply that is no answer: to be asked for again, and never stored as a result."""

    def __init__(self, kind: Kind, said: str) -> None:
        super().__init__(f"{kind}: {said}" if said else kind)
        self.kind: Kind = kind
        """What it is instead."""
        self.said = said
        """How the reply began, or why the server says it ended."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """The parts of a chat completion's choice that decide."""

    content: str | None
    finish_reason: str | None = "stop"
    refusal: str | None = None
    tool_calls: bool = False
    reasoning: str | None = None


class Read(NamedTuple):
    """An answer, and what was taken off around it, outermost first. Where the model said that it
    corrects nothing, the answer is the summary it was given."""

    text: str
    stripped: tuple[Dressing | Literal["nothing to correct"], ...] = ()


_FINISHED = {"", "stop", "eos", "eos_token", "end_turn", "stop_sequence"}
_CUT = {"length", "max_tokens", "max_length", "model_length"}
_FILTERED = {"content_filter", "safety", "recitation", "blocklist", "prohibited_content", "spii"}
_TOOLS = {"tool_calls", "function_call", "tool_use"}
_LONGEST_SAID = 200


def read_reply(reply: Reply, question: Question) -> Read:
    """The answer in a reply. A plain answer comes back as it is, without whitespace around it.

    Raises `NotAnAnswer` where there is none.
    """
    ended = (reply.finish_reason or "").lower()
    content = (reply.content or "").strip()
    said = _shortened(content)
    if reply.refusal and reply.refusal.strip():
        raise NotAnAnswer("refusal", _shortened(reply.refusal))
    if ended in _FILTERED:
        raise NotAnAnswer("filtered", said)
    if reply.tool_calls or ended in _TOOLS:
        raise NotAnAnswer("tool call", said)
    if ended in _CUT:
        raise NotAnAnswer("cut", said)
    if ended not in _FINISHED:
        raise NotAnAnswer("stopped", _shortened(f"{reply.finish_reason} {content}"))
    if not content:
        thought = (reply.reasoning or "").strip()
        raise NotAnAnswer("thinking" if thought else "empty", _shortened(thought))
    text, stripped = undressed(content, question)
    if not text:
        raise NotAnAnswer("thinking" if "thinking" in stripped else "empty", said)
    if question.task == "rewrite" and (kept := uncorrected(text, question.source.strip())):
        return Read(kept, (*stripped, "nothing to correct"))
    if kind := instead_of_an_answer(text, question):
        raise NotAnAnswer(kind, _shortened(text))
    return Read(text, stripped)


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SAID else text[: _LONGEST_SAID - 1] + "…"
