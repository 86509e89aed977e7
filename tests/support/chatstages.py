"""Chat stages as tests use them, and what a scripted server was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatanswers import Messages, items, numbered
from chatserver import MODEL, Asked, ChatServer
from faultmatrix import run
from faulttexts import right

from pivot_sum.stages.chat import Chat

__all__ = ["QUICK", "USUAL", "chat", "request", "requests", "run", "said_by_model", "summarizer"]

USUAL: dict[str, Any] = {
    "task": "translate",
    "source": "ko",
    "target": "en",
    "model": MODEL,
    "snapshot": "2026-11",
}
QUICK: dict[str, Any] = {"concurrency": 2, "timeout": 20.0, "attempts": 3, "pause": 0.002}


def chat(**settings: Any) -> Chat:
    """From Korean to English, unless something else is said."""
    return Chat(**{**USUAL, **QUICK, **settings})


def summarizer(**settings: Any) -> Chat:
    """A Korean summary of a Korean dialogue, unless something else is said."""
    return chat(**{"task": "summarize", "target": "ko", **settings})


def request(asked: Asked) -> str:
    """The last message."""
    content: str = asked.body["messages"][-1]["content"]
    return content


def requests(server: ChatServer) -> list[str]:
    """The last message of each request, in order."""
    return [request(asked) for asked in server.asked]


def said_by_model(messages: Messages, body: Mapping[str, Any]) -> str:
    """The right translation of what was asked, the same where it is asked once more; the model
    `to-ko` answers in Korean, others in English."""
    request = [
        message
        for message in messages
        if message["role"] == "user" and not message["content"].startswith("That was not right")
    ][-1]
    target = "KO" if body["model"] == "to-ko" else "EN"
    return "\n".join(numbered(number, right(text, target)) for number, text in items([request]))
