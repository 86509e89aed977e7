"""Chat stages as tests use them, and what a scripted server was asked."""

from __future__ import annotations

from typing import Any

from chatserver import MODEL, Asked, ChatServer
from deeplfaults import run

from pivot_sum.stages.chat import Chat

__all__ = ["chat", "request", "requests", "run", "summarizer"]

QUICK: dict[str, Any] = {"concurrency": 2, "timeout": 20.0, "attempts": 3, "pause": 0.002}


def chat(**settings: Any) -> Chat:
    """From Korean to English, unless something else is said."""
    usual = {"task": "translate", "source": "ko", "target": "en", "snapshot": "2026-11"}
    return Chat(**{**usual, "model": MODEL, **QUICK, **settings})


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
