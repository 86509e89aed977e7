"""The stage `chat` through the Batch API: what is submitted, answered, paid, and said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chatserver import ChatServer
from chatstages import chat, run, summarizer
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import (
    BudgetExceeded,
    FieldsInvalid,
    ServiceRefused,
    ServiceUnavailable,
    Unanswered,
)

TEXTS = [f"{number}번 손님이 와요" for number in range(8)]
RIGHT = [right(text) for text in TEXTS]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


def batched(**settings: Any) -> Any:
    return chat(batch_api=True, guards=(), **settings)


def sizes(server: ChatServer) -> list[int]:
    """How many requests each batch had."""
    files = server.batches.files
    return [
        len(files[one.shown["input_file_id"]].splitlines()) for one in server.batches.made.values()
    ]


def test_all_texts_go_into_one_batch_and_get_the_same_answers_under_the_same_key(
    chat_server: ChatServer, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    result = run(batched(), TEXTS, cache)
    assert result.texts == RIGHT
    assert sizes(chat_server) == [8] and chat_server.asked == []
    billed = sum(chat_server.batches.billed)
    assert result.billed == {"tokens": billed}
    assert "batch_0 with 8 requests is submitted" in caplog.text
    assert "batch_0 is completed: 8 of 8 requests are done" in caplog.text
    # One after the other, everything is there already.
    assert run(chat(guards=()), TEXTS, cache).texts == RIGHT
    assert chat_server.asked == []
