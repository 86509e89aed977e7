"""The Batch API of a chat-completions server: a file of requests is uploaded, a batch is made of
it, and within a day there are files with the answers.

Written for OpenAI's; other servers have the same addresses and leave out some of the fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any, Final, NamedTuple

import httpx2
import openai
from openai.types import Batch, FileObject
from openai.types.chat import ChatCompletion

from pivot_sum.stages.errors import ServiceRefused, ServiceUnavailable
from pivot_sum.stages.services.batch_record import NAME as RECORD
from pivot_sum.stages.services.chat_client import (
    NO_CREDIT,
    ChatService,
    Completion,
    Given,
    refused,
)
from pivot_sum.stages.services.failures import Refused, Unusable

ENDPOINT: Final = "/v1/chat/completions"
MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
"""What OpenAI takes in one file."""
TOO_MUCH = frozenset({"token_limit_exceeded", "too_many_tasks"})
"""Codes of batches that failed because they were too large for the account, with all that is under
way for it already."""
_RUNNING = frozenset(
    {"validating", "queued", "pending", "in_progress", "running", "finalizing", "cancelling"}
)
_PAGE = 100
_LONGEST_TRANSFER = 1800.0
"""Seconds. A file of 200 MB takes longer than an answer."""

Found = Completion | Refused | Unusable
"""What became of one request. `Unusable`: the server was at fault."""


class BatchState(NamedTuple):
    """A batch as it stands: how many of its requests are done, the files with answers, and what
    was wrong with it as a whole, where it failed."""

    id: str
    status: str
    done: int = 0
    total: int = 0
    files: tuple[str, ...] = ()
    said: str = ""
    is_too_large: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether waiting does not help: nothing changes any more, or nobody knows what the status
        means."""
        return self.status not in _RUNNING


class BatchService(ChatService):
    """A chat-completions server that may take batches, too."""

    def upload(self, lines: bytes, stopped: Event) -> str:
        """The id of the uploaded file. Raises `StageError`, `Stopped`, and `Refused` where the file
        is too large."""

        def once() -> FileObject:
            content = ("requests.jsonl", lines)
            return _real(FileObject, self._client.files.create(file=content, purpose="batch"))

        return self._asked(once, stopped, seconds=_LONGEST_TRANSFER).id

    def make(self, file: str, stopped: Event) -> str:
        """The id of a batch of an uploaded file. Where an answer got lost, the batch may have been
        made all the same, so it is looked for before it is asked for again."""
        tries = iter((False,))

        def once() -> Batch:
            may_be_there = next(tries, True)
            return (self._listed(file) if may_be_there else None) or _real(
                Batch,
                self._client.batches.create(
                    input_file_id=file, endpoint=ENDPOINT, completion_window="24h"
                ),
            )

        return self._asked(once, stopped).id

    def find(self, file: str, stopped: Event) -> str | None:
        """The id of the batch of a file; None where none was made."""
        found = self._asked(lambda: self._listed(file), stopped)
        return found.id if found else None

    def look(self, batch: str, stopped: Event) -> BatchState:
        """How far a batch is."""

        def once() -> Batch:
            with self._gone(batch):
                return _real(Batch, self._client.batches.retrieve(batch))

        return _state(self._asked(once, stopped))

    def answers(
        self, state: BatchState, most: Mapping[str, tuple[int, int]], stopped: Event
    ) -> dict[str, Found]:
        """What became of these requests in a batch that has ended, by custom id; `most` is how many
        tokens each reads and writes at most. Files with lines that cannot be read, or without some
        that should be there, are fetched again; then these are left out."""
        found: dict[str, Mapping[str, Any]] = {}

        def once() -> None:
            unread = 0
            for file in state.files:
                with self._gone(f"the answers of {state.id}"):
                    content = self._client.files.content(file).content
                for line in content.splitlines():
                    entry = _entry(line)
                    if entry is not None:
                        found.setdefault(entry["custom_id"], entry)
                    unread += entry is None and bool(line.strip())
            if unread or (state.status == "completed" and not found.keys() >= most.keys()):
                raise Unusable(f"files that lack answers of {state.id}")

        try:
            self._asked(once, stopped, seconds=_LONGEST_TRANSFER)
        except ServiceUnavailable:
            # Of a batch that ended early nobody could tell what was billed from what was not run.
            if not found or state.status != "completed":
                raise
        return {name: self._read_line(found[name], *most[name]) for name in most if name in found}

    @property
    def place(self) -> str:
        """The server in messages."""
        return self.address or "OpenAI"

    @contextmanager
    def _gone(self, what: str) -> Iterator[None]:
        """Say that something is not there which an earlier run had seen."""
        try:
            yield
        except openai.NotFoundError as error:
            raise ServiceRefused(
                f"{self.place} does not have {what} any more, or not for this key"
                f" ({self.shown(error)}); use the key it was submitted with ({self.key_variable}),"
                f" or delete {RECORD} beside the cache to submit everything under way anew"
            ) from None

    def _read_line(self, line: Mapping[str, Any], read: int, written: int) -> Found:
        response, error = line.get("response"), line.get("error")
        if not isinstance(response, dict):
            said = error if isinstance(error, dict) else {}
            return Unusable(f"{said.get('code')}: {said.get('message')}", sent=False)
        status, body = response.get("status_code"), response.get("body")
        if status != 200:
            about = body.get("error", body) if isinstance(body, dict) else None
            answer = httpx2.Response(
                status if isinstance(status, int) else 500,
                json=body,
                request=httpx2.Request("POST", f"https://batch{ENDPOINT}"),
            )
            return refused(openai.APIStatusError(str(status), response=answer, body=about))
        try:
            completion = ChatCompletion.construct(**body) if isinstance(body, dict) else None
            return self._read(completion, read, written)
        except Unusable as found:
            return found
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as found:
            return Unusable(f"an answer of an unknown form ({type(found).__name__})")

    def _listed(self, file: str) -> Batch | None:
        batches = self._client.batches.list(limit=_PAGE)
        return next((batch for batch in batches if batch.input_file_id == file), None)

    def _asked(self, call: Callable[[], Given], stopped: Event, *, seconds: float = 0) -> Given:
        """What a call about files or batches gives, after retries."""

        def once() -> Given:
            try:
                return self.called(call)
            except Refused as error:
                if error.is_too_large or error.code in NO_CREDIT:
                    raise
                if error.status in (404, 405, 501):
                    raise ServiceRefused(
                        f"{self.place} seems to have no Batch API ({self.shown(error)}); without"
                        " batch_api the requests are sent one by one"
                    ) from None
                if error.status in (400, 422):
                    raise ServiceRefused(
                        f"{self.place} refused a batch ({self.shown(error)})"
                    ) from None
                raise

        return self.with_retries(once, stopped, seconds=seconds)


def _real(kind: type[Given], given: object) -> Given:
    """Raises `Unusable` where the package gives something else, a page for browsers, say."""
    if isinstance(given, kind) and isinstance(getattr(given, "id", None), str):
        return given
    raise Unusable("an answer that is not JSON")


def _state(batch: Batch) -> BatchState:
    counts, errors = batch.request_counts, batch.errors
    problems = (errors.data if errors else None) or []
    return BatchState(
        batch.id,
        batch.status.lower(),
        counts.completed + counts.failed if counts else 0,
        counts.total if counts else 0,
        tuple(file for file in (batch.output_file_id, batch.error_file_id) if file),
        "; ".join(f"{one.code}: {one.message}" for one in problems[:3]),
        any(one.code in TOO_MUCH for one in problems),
    )


def _entry(line: bytes) -> dict[str, Any] | None:
    """A line of a file with answers; None for anything else."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    named = isinstance(entry, dict) and isinstance(entry.get("custom_id"), str)
    return entry if named else None


def lines_of(bodies: Mapping[str, Mapping[str, Any]]) -> Iterator[bytes]:
    """The lines of a file of requests, by custom id."""
    for name, body in bodies.items():
        line = {"custom_id": name, "method": "POST", "url": ENDPOINT, "body": body}
        yield json.dumps(line, ensure_ascii=False).encode() + b"\n"
