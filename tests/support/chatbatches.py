"""The Batch API of a chat server: files are uploaded, a batch is made of one, and each time it is
looked at it has gone on by one step."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from chatanswers import Tokens, items
from chaterrors import REFUSALS, status_of
from faulthttp import WIRE_FAULTS

if TYPE_CHECKING:
    from chatserver import Asked, ChatServer

FILES, BATCHES = "/v1/files", "/v1/batches"
STEPS = ("validating", "in_progress", "finalizing")
ENDS = ("completed", "failed", "expired", "cancelled")
NOW = 1_790_000_000
LOST = {
    "expired": ("batch_expired", "This request could not be executed before the batch expired."),
    "cancelled": ("batch_cancelled", "This request was cancelled with its batch."),
}
"""What stands in the error file for a request that was not reached."""


@dataclass
class Batch:
    """A batch as it stands: `next` are the states it is still to have."""

    shown: dict[str, Any]
    next: list[str]


@dataclass
class Batches:
    """All files and batches of a server. A batch goes through `STEPS` and `ends` as it says; half
    of the requests of an expired or cancelled one are answered. Their faults are those of the
    server: a refusal stands in the error file, a faulty answer in the output file."""

    server: ChatServer
    ends: str = "completed"
    problem: str = "invalid_json_line"
    """The code of a batch that fails."""
    most: int = 10**6
    """How many requests the account may have in a batch; a larger one fails."""
    is_held: bool = False
    """Batches stay in progress."""
    spoil: Callable[[list[bytes]], list[bytes]] = list
    """What becomes of the lines of an output file."""
    files: dict[str, bytes] = field(default_factory=dict)
    purposes: dict[str, str] = field(default_factory=dict)
    made: dict[str, Batch] = field(default_factory=dict)
    answers: list[Asked] = field(default_factory=list)
    """Every request that was answered as part of a batch."""

    @property
    def billed(self) -> Tokens:
        """Tokens of all answers, at half the price."""
        return Tokens.total(asked.cost for asked in self.answers)

    @property
    def sizes(self) -> list[int]:
        """How many requests each batch had."""
        return [len(self._requests(batch)) for batch in self.made.values()]

    @property
    def times(self) -> Counter[str]:
        """How often each text was answered."""
        return Counter(text for asked in self.answers for text in asked.texts)

    def serve(
        self, method: str, address: str, kind: str, raw: bytes, body: dict[str, Any]
    ) -> tuple[int, Any]:
        """Status and body of the answer to a request for a file or a batch."""
        parts = urlsplit(address)
        match [method, *parts.path.removeprefix("/v1/").split("/")]:
            case ["POST", "files"]:
                return 200, self._upload(kind, raw)
            case ["GET", "files", name] if name in self.files:
                return 200, self._file(name)
            case ["DELETE", "files", name] if name in self.files:
                del self.files[name]
                return 200, {"id": name, "object": "file", "deleted": True}
            case ["GET", "files", name, "content"] if name in self.files:
                content = self.files[name]
                is_output = self.purposes[name] == "batch_output"
                return 200, b"\n".join(self.spoil(content.splitlines()) if is_output else [content])
            case ["POST", "batches"]:
                return self._create(body)
            case ["GET", "batches"]:
                return 200, self._list(parse_qs(parts.query))
            case ["GET", "batches", name] if name in self.made:
                return 200, self._look(self.made[name])
            case ["POST", "batches", name, "cancel"] if name in self.made:
                batch = self.made[name]
                if batch.next:
                    batch.shown["status"], batch.next = "cancelling", ["cancelled"]
                return 200, batch.shown
        return 404, {"error": {"message": f"No such object: {parts.path}", "type": "invalid"}}

    def _upload(self, kind: str, raw: bytes) -> dict[str, Any]:
        form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw)
        fields: dict[str, bytes] = {}
        for part in form.get_payload():
            assert isinstance(part, Message)
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            fields[str(part.get_param("name", header="content-disposition"))] = content
        return self._file(self._keep(fields["file"], fields["purpose"].decode()))

    def _keep(self, content: bytes, purpose: str) -> str:
        name = f"file-{len(self.purposes)}"
        self.files[name], self.purposes[name] = content, purpose
        return name

    def _file(self, name: str) -> dict[str, Any]:
        return {
            "id": name,
            "object": "file",
            "bytes": len(self.files[name]),
            "created_at": NOW,
            "filename": f"{name}.jsonl",
            "purpose": self.purposes[name],
            "status": "processed",
        }

    def _create(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if body.get("input_file_id") not in self.files:
            return 400, {"error": {"message": "No such file", "code": "invalid_input_file"}}
        name = f"batch_{len(self.made)}"
        shown = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": body["completion_window"],
            "created_at": NOW + len(self.made),
            "metadata": body.get("metadata"),
            "status": STEPS[0],
            "errors": None,
            "output_file_id": None,
            "error_file_id": None,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        batch = Batch(shown, [])
        is_too_large = len(self._requests(batch)) > self.most
        end = "failed" if is_too_large else self.ends
        batch.next = [*([] if end == "failed" else STEPS[1:]), end]
        self.made[name] = batch
        return 200, shown

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """The newest first, page by page."""
        newest = [batch.shown for batch in reversed(self.made.values())]
        after = query.get("after", [""])[0]
        start = next((at for at, one in enumerate(newest, 1) if one["id"] == after), 0)
        end = start + int(query.get("limit", ["20"])[0])
        page = newest[start:end]
        ids = {"first_id": page[0]["id"], "last_id": page[-1]["id"]} if page else {}
        return {"object": "list", "data": page, "has_more": end < len(newest), **ids}

    def _look(self, batch: Batch) -> dict[str, Any]:
        if not batch.next or self.is_held:
            return batch.shown
        state = batch.next.pop(0)
        batch.shown["status"] = state
        if state == "failed":
            is_too_large = len(self._requests(batch)) > self.most
            code = "token_limit_exceeded" if is_too_large else self.problem
            problem = {"code": code, "line": 1, "message": "not JSON", "param": None}
            batch.shown["errors"] = {"object": "list", "data": [problem]}
        elif state in ENDS:
            self._run(batch, state)
        return batch.shown

    def _requests(self, batch: Batch) -> list[bytes]:
        return self.files[batch.shown["input_file_id"]].splitlines()

    def _run(self, batch: Batch, end: str) -> None:
        """Answer what is to be answered, in another order than it was asked in."""
        lines = [*map(json.loads, self._requests(batch))]
        reached = len(lines) if end == "completed" else len(lines) // 2
        good, bad = [], []
        for place, line in enumerate(lines):
            found = dict(self._one(line)) if place < reached else {"response": None}
            if place >= reached:
                code, message = LOST[end]
                found["error"] = {"code": code, "message": message}
            entry = {"id": f"batch_req_{place}", "custom_id": line["custom_id"], **found}
            is_good = found["response"] and found["response"]["status_code"] == 200
            (good if is_good else bad).insert(0, entry)
        for kind, entries in (("output_file_id", good), ("error_file_id", bad)):
            if entries:
                content = "\n".join(json.dumps(entry) for entry in entries).encode()
                batch.shown[kind] = self._keep(content, "batch_output")
        batch.shown["request_counts"] = {
            "total": len(lines),
            "completed": len(good),
            "failed": len(bad),
        }

    def _one(self, line: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        """`response` and `error` of one request."""
        server, body = self.server, line["body"]
        fault = server.refusal(body, f"Bearer {server.key}") or server.trouble_with(
            line["url"], [text for _, text in items(body["messages"])]
        )
        status, answer = 200, {}
        if fault in REFUSALS:
            status, answer = status_of(fault), server.error(fault, body["model"])
        elif fault in WIRE_FAULTS:
            yield "response", None
            yield "error", {"code": "server_error", "message": "The server had an error."}
            return
        else:
            answer, asked = server.completion(body, fault)
            self.answers.append(asked)
        yield "response", {"status_code": status, "request_id": "req_0", "body": answer}
        yield "error", None
