"""What a chat-completions server says: the texts in a request, a whole answer, and the ways in
which an answer with status 200 can be none."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

Messages = Sequence[dict[str, Any]]

ANSWER_FAULTS = (
    "no choices",
    "no message",
    "no content",
    "empty",
    "half a character",
    "one too few",
    "one too many",
    "reordered",
    "wrong numbers",
    "length",
    "content filter",
    "tool calls",
    "refusal",
    "no usage",
    "absurd usage",
    "negative usage",
)
"""Faults with status 200: the model has written something, and it is billed."""

_LINE = re.compile(r"\[(\d+)\] ?(.*)")
_TOKEN = re.compile(r"\w+|[^\w\s]")


class Tokens(NamedTuple):
    """Tokens read and written."""

    read: int
    written: int

    @staticmethod
    def total(costs: Iterable[Tokens]) -> Tokens:
        """The sum."""
        costs = list(costs)
        return Tokens(sum(cost.read for cost in costs), sum(cost.written for cost in costs))


def tokens(text: str) -> int:
    """How many tokens a text has here: words and signs."""
    return len(_TOKEN.findall(text))


def last_text(messages: Messages) -> str:
    """What is to be worked on: the last paragraph of the last message, without a heading that ends
    in a colon."""
    paragraph = str(messages[-1].get("content")).strip().split("\n\n")[-1]
    first, _, rest = paragraph.partition("\n")
    return rest if rest and first.endswith(":") else paragraph


def items(messages: Messages) -> list[tuple[int | None, str]]:
    """The texts in a request, each with its number; None where it has none."""
    text = last_text(messages)
    found = [_LINE.fullmatch(line) for line in text.split("\n")]
    if all(found):
        return [(int(match[1]), match[2]) for match in found if match]
    return [(None, text)]


def numbered(number: int | None, text: str) -> str:
    """A line of an answer."""
    return text if number is None else f"[{number}] {text}"


def whole(model: str, content: str, read: int, limit: int) -> dict[str, Any]:
    """An answer as it should be; cut where it is longer than `limit` tokens."""
    ends = [match.end() for match in _TOKEN.finditer(content)]
    is_cut = len(ends) > limit
    written = min(len(ends), limit)
    return {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": model,
        "system_fingerprint": "fp_scripted",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": content[: ends[limit - 1]] if is_cut else content,
                    "refusal": None,
                },
                "logprobs": None,
                "finish_reason": "length" if is_cut else "stop",
            }
        ],
        "usage": _usage(read, written),
    }


def _usage(read: int, written: int) -> dict[str, int]:
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def faulty(fault: str, answer: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The answer with one of `ANSWER_FAULTS`, and whether that is another answer."""
    spoilt = copy.deepcopy(answer)
    choice = spoilt["choices"][0]
    message = choice["message"]
    lines = message["content"].split("\n")
    is_numbered = len(lines) > 1 and all(map(_LINE.fullmatch, lines))
    match fault:
        case "no choices":
            spoilt["choices"] = []
        case "no message":
            del choice["message"]
        case "no content":
            message["content"] = None
        case "empty":
            message["content"] = ""
        case "half a character":
            message["content"] += "\ud83d"
        case "one too few" if is_numbered:
            message["content"] = "\n".join(lines[:-1])
        case "one too many" if is_numbered:
            message["content"] += f"\n[{len(lines) + 1}] One more."
        case "reordered" if is_numbered:
            message["content"] = "\n".join(reversed(lines))
        case "wrong numbers" if is_numbered:
            message["content"] = "\n".join(re.sub(r"^\[\d+\]", "[1]", line) for line in lines)
        case "length":
            message["content"] = message["content"][: len(message["content"]) // 2]
            choice["finish_reason"] = "length"
        case "content filter":
            message["content"] = ""
            choice["finish_reason"] = "content_filter"
        case "tool calls":
            message["content"] = None
            call = {"name": "translate", "arguments": "{}"}
            message["tool_calls"] = [{"id": "call_0", "type": "function", "function": call}]
            choice["finish_reason"] = "tool_calls"
        case "refusal":
            message["content"] = None
            message["refusal"] = "I'm sorry, but I can't help with that."
        case "no usage":
            del spoilt["usage"]
        case "absurd usage":
            spoilt["usage"] = _usage(10**12, 10**12)
        case "negative usage":
            spoilt["usage"] = _usage(-5, -7)
    return spoilt, spoilt != answer
