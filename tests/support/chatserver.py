"""A stand-in for a chat-completions server: a real HTTP server on this machine that can be told to
fail, and remembers what it was asked and what that cost.

It answers text by text: the text to work on is the last paragraph of the last message, without a
heading that ends in a colon; lines `[1] …` are so many texts and are answered line by line. Unless
told otherwise it says `faulttexts.right(text)`, so that a test knows the right answer to each.

    with chatserver.running() as server:
        server.say = {"안녕": "Hello"}.__getitem__          # text -> text
        server.answer = lambda messages, body: "whole content"   # or all of it
        server.fail("429 with Retry-After", "안녕", times=2)
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chatanswers import ANSWER_FAULTS, Messages, Tokens, faulty, items, numbered, tokens, whole
from chatbatches import Batches
from chaterrors import NAMED, REFUSALS, error_body
from faulthttp import WIRE_FAULTS, FaultHandler, Faults, listening
from faulttexts import right

KEY = "sk-secret-0123-4567-89ab"
MODEL = "scripted-1"
CHAT = "/v1/chat/completions"

FAULTS = (*REFUSALS, *WIRE_FAULTS, *ANSWER_FAULTS)
"""Everything that can go wrong with one request. A fault of the answer that is about numbers leaves
a request with a single text as it is."""
USABLE = frozenset({"200", "no usage", "absurd usage", "negative usage", "reordered"})
"""Outcomes whose answer holds every text."""


class Asked(NamedTuple):
    """A request for a completion: when it came (seconds), what it said, how it was answered (200,
    or the fault), the texts in it, and what it cost."""

    moment: float
    body: dict[str, Any]
    outcome: str
    texts: list[str]
    cost: Tokens


@dataclass
class ChatServer(Faults):
    """Start it with `running()`."""

    say: Callable[[str], str] = right
    """The answer to one text."""
    answer: Callable[[Messages, Mapping[str, Any]], str] | None = None
    """The answer to all messages, in place of `say`."""
    key: str | None = KEY
    """None: it wants no key, as servers on one's own machine."""
    models: list[str] = field(default_factory=lambda: [MODEL])
    maker: str = "openai"
    """Whose error messages it writes: a name in `chaterrors.MAKERS`."""
    answers_as: str = ""
    """The model its answers name, where it is not the one asked for (a dated snapshot)."""
    refuses: tuple[str, ...] = ()
    """Fields a request must not have: temperature, max_tokens, seed …"""
    context: int = 10**6
    """Tokens the model reads and writes at most."""
    asked: list[Asked] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)
    """Requests that are not for completions: method and path with query."""
    batches: Batches = field(init=False)

    def __post_init__(self) -> None:
        self.batches = Batches(self)

    @property
    def answered(self) -> Counter[str]:
        """How often each text was answered as it should be."""
        return Counter(
            text for asked in self.asked if asked.outcome in USABLE for text in asked.texts
        )

    @property
    def billed(self) -> Tokens:
        """What the maker would ask money for, faulty answers included. Batches are not in it: see
        `batches.billed`."""
        return Tokens.total(asked.cost for asked in self.asked)

    def known_faults(self) -> tuple[str, ...]:
        return FAULTS

    def main_path(self) -> str:
        return CHAT

    def error(self, fault: str, model: str = "") -> dict[str, Any]:
        """The body of a refusal; it quotes the key."""
        return error_body(self.maker, fault, model, self.key or "")

    def refusal(self, body: Mapping[str, Any], authorization: str | None) -> str | None:
        """What a server would refuse, as a name in `REFUSALS`."""
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages or body.get("stream"):
            return "400"
        if any(not isinstance(message.get("content"), str) for message in messages):
            return "400"
        if self.key is not None and authorization != f"Bearer {self.key}":
            return "401"
        if body.get("model") not in self.models:
            return "404"
        if self.refuses and set(body) & set(self.refuses):
            return "unsupported parameter"
        read = sum(tokens(message["content"]) for message in messages)
        return "context too long" if read > self.context else None

    def completion(self, body: dict[str, Any], fault: str | None) -> tuple[Any, Asked]:
        """The answer to a request that nothing is wrong with, or with a fault in it."""
        messages = body["messages"]
        found = items(messages)
        content = (
            self.answer(messages, body)
            if self.answer
            else "\n".join(numbered(number, self.say(text)) for number, text in found)
        )
        read = sum(tokens(message["content"]) for message in messages)
        limit = body.get("max_completion_tokens") or body.get("max_tokens") or self.context
        answer = whole(self.answers_as or body["model"], content, read, int(limit))
        cost = Tokens(read, answer["usage"]["completion_tokens"])
        if fault in ANSWER_FAULTS:
            answer, has_changed = faulty(fault, answer)
            fault = fault if has_changed else None
        elif answer["choices"][0]["finish_reason"] == "length":
            fault = fault or "length"
        asked = Asked(time.monotonic(), body, fault or "200", [text for _, text in found], cost)
        return answer, asked


def running() -> AbstractContextManager[ChatServer]:
    """A chat server on a free port. The `base_url` of a client is `server.url + "/v1"`."""
    return listening(_Handler, ChatServer)


class _Handler(FaultHandler):
    faults: ChatServer

    def serve(self, path: str, raw: bytes, body: dict[str, Any]) -> None:
        server = self.faults
        if path == CHAT and self.command == "POST":
            with server.counted():
                self._complete(body)
            return
        server.others.append((self.command, self.path))
        fault = server.trouble_with(f"{self.command} {path}")
        if server.key is not None and self.headers.get("Authorization") != f"Bearer {server.key}":
            self.send(401, server.error("401"))
        elif fault in REFUSALS:
            self._refuse(fault)
        elif path == "/v1/models":
            self._give(fault, 200, {"object": "list", "data": [*map(_model, server.models)]})
        else:
            kind = self.headers.get("Content-Type") or ""
            self._give(fault, *server.batches.serve(self.command, self.path, kind, raw, body))

    def _give(self, fault: str | None, status: int, value: Any) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        if fault:
            self.play(fault, content)
        else:
            self.send_bytes(status, content)

    def _complete(self, body: dict[str, Any]) -> None:
        server, moment = self.faults, time.monotonic()
        refusal = server.refusal(body, self.headers.get("Authorization"))
        texts = [] if refusal == "400" else [text for _, text in items(body["messages"])]
        fault = refusal or server.trouble_with(CHAT, texts)
        if fault in REFUSALS:
            server.asked.append(Asked(moment, body, fault, texts, Tokens(0, 0)))
            self._refuse(fault, str(body.get("model")))
            return
        answer, asked = server.completion(body, fault)
        if fault not in WIRE_FAULTS:
            server.over.wait(server.delay)
        server.asked.append(asked._replace(moment=moment))
        self._give(fault if fault in WIRE_FAULTS else None, 200, answer)

    def _refuse(self, fault: str, model: str = "") -> None:
        self._model = model
        if fault in NAMED:
            self.send(NAMED[fault], self.faults.error(fault, model))
        else:
            self.play(fault, b"")

    def error(self, status: int) -> Any:
        return self.faults.error(str(status), self._model)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "scripted"}
