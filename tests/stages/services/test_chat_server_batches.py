"""The Batch API of the stand-in for chat servers."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from chatclient import client
from chatserver import MODEL, ChatServer
from faulttexts import right


def submit(chat_server: ChatServer, *texts: str, **metadata: str) -> Any:
    lines = [
        {
            "custom_id": f"t{place}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": MODEL, "messages": [{"role": "user", "content": text}]},
        }
        for place, text in enumerate(texts)
    ]
    jsonl = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    api = client(chat_server)
    file = api.files.create(file=("in.jsonl", jsonl.encode()), purpose="batch")
    return api.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata=metadata,
    )


def states(chat_server: ChatServer, name: str) -> tuple[list[str], Any]:
    """Look until nothing changes: the states, and the batch."""
    api, found = client(chat_server), []
    while not found or found[-1] not in ("completed", "failed", "expired", "cancelled"):
        batch = api.batches.retrieve(name)
        found.append(batch.status)
    return found, batch


def lines(chat_server: ChatServer, name: str | None) -> dict[str, Any]:
    """The lines of an output or error file, by custom id."""
    text = client(chat_server).files.content(name).text if name else ""
    return {entry["custom_id"]: entry for entry in map(json.loads, text.splitlines())}


def test_a_batch_goes_its_way_and_is_answered_in_another_order(chat_server: ChatServer) -> None:
    chat_server.fail("context too long", "둘")
    batch = submit(chat_server, "하나", "둘", "셋", run="a")
    assert batch.status == "validating"
    found, batch = states(chat_server, batch.id)
    assert found == ["in_progress", "finalizing", "completed"]
    output, errors = (
        lines(chat_server, batch.output_file_id),
        lines(chat_server, batch.error_file_id),
    )
    assert list(output) == ["t2", "t0"] and list(errors) == ["t1"]
    said = output["t0"]["response"]["body"]["choices"][0]["message"]["content"]
    assert said == right("하나")
    assert errors["t1"]["response"]["status_code"] == 400
    assert (batch.request_counts.completed, batch.request_counts.failed) == (2, 1)
    assert chat_server.batches.billed.read == 2 and chat_server.billed == (0, 0)
    assert batch.metadata == {"run": "a"}


def test_a_batch_that_expires_or_is_cancelled_has_answered_half(chat_server: ChatServer) -> None:
    chat_server.batches.ends = "expired"
    _, batch = states(chat_server, submit(chat_server, "하나", "둘").id)
    assert list(lines(chat_server, batch.output_file_id)) == ["t0"]
    lost = lines(chat_server, batch.error_file_id)["t1"]
    assert (lost["response"], lost["error"]["code"]) == (None, "batch_expired")
    batch = submit(chat_server, "하나", "둘")
    assert client(chat_server).batches.cancel(batch.id).status == "cancelling"
    found, batch = states(chat_server, batch.id)
    assert found == ["cancelled"]
    assert lines(chat_server, batch.error_file_id)["t1"]["error"]["code"] == "batch_cancelled"


def test_a_batch_may_fail_as_a_whole(chat_server: ChatServer) -> None:
    chat_server.batches.ends = "failed"
    found, batch = states(chat_server, submit(chat_server, "하나").id)
    assert found == ["failed"] and batch.errors.data[0].code == "invalid_json_line"
    with pytest.raises(openai.BadRequestError):
        client(chat_server).batches.create(
            input_file_id="no", endpoint="/v1/chat/completions", completion_window="24h"
        )


def test_a_batch_whose_answer_got_lost_was_made_and_is_found_in_the_list(
    chat_server: ChatServer,
) -> None:
    chat_server.fail("reset", path="POST /v1/batches")
    with pytest.raises(openai.APIConnectionError):
        submit(chat_server, "하나", run="a")
    chat_server.fail("503", path="POST /v1/batches")
    with pytest.raises(openai.InternalServerError):
        submit(chat_server, "하나", run="b")
    assert len(chat_server.batches.made) == 1
    for run in "cde":
        submit(chat_server, "하나", run=run)
    found = [batch.metadata for batch in client(chat_server).batches.list(limit=2)]
    assert found == [{"run": "e"}, {"run": "d"}, {"run": "c"}, {"run": "a"}]
