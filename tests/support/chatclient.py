"""Asks a chat server with the official package alone."""

from __future__ import annotations

from functools import cache
from typing import Any

import openai
from chatserver import KEY, MODEL, ChatServer


def client(server: ChatServer, key: str = KEY) -> openai.OpenAI:
    return made(f"{server.url}/v1", key)


@cache
def made(address: str, key: str) -> openai.OpenAI:
    """Its certificates alone take a tenth of a second to read."""
    return openai.OpenAI(api_key=key, base_url=address, max_retries=0, timeout=20)


def ask(server: ChatServer, text: str = "안녕", **options: Any) -> Any:
    messages = [{"role": "system", "content": "Translate."}, {"role": "user", "content": text}]
    create: Any = client(server).chat.completions.create
    return create(**{"model": MODEL, "messages": messages, **options})


def content(answer: Any) -> Any:
    return answer.choices[0].message.content
