"""Submitting requests to a chat model in batches, none of them twice.

A request is known by its hash, and the record beside the cache says in which batch it is. So
whenever a run ends, the next one makes the same requests of the same texts, waits for those that
are under way, and submits the others.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pivot_sum.stages.budget import Cost, summed
from pivot_sum.stages.errors import BudgetExceeded, KeyRefused, QuotaExceeded, ServiceRefused
from pivot_sum.stages.services.asking import Asking
from pivot_sum.stages.services.batch_record import BatchRecord
from pivot_sum.stages.services.chat_fields import Asked
from pivot_sum.stages.services.chat_requests import ChatRequests, Request
from pivot_sum.stages.services.failures import Refused

log = logging.getLogger(__name__)


def body_of(stage: ChatRequests, request: Request) -> dict[str, Any]:
    """What is sent for a request."""
    more = json.loads(stage.extra_body) if stage.extra_body else {}
    return {**stage.settings(request.limit), "messages": request.messages, **more}


def name_of(stage: ChatRequests, request: Request) -> str:
    """The hash a request is known by. A new snapshot asks anew."""
    parts = [stage.service.address, stage.snapshot, body_of(stage, request)]
    written = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return sha256(written.encode()).hexdigest()[:32]


class Submitting:
    """Which requests of one call of a stage are in which batch, and what is set aside for them."""

    def __init__(self, stage: ChatRequests, asking: Asking[Asked], record: BatchRecord) -> None:
        self.used: dict[str, set[str]] = defaultdict(set)
        """The batches this call has waited for, and the requests it needed of each."""
        self.too_large: dict[str, Refused] = {}
        """Requests that the server does not even take alone."""
        self.most_requests: int | None = None
        """How many the server takes in one batch at a time, where that is fewer than usual."""
        self.record = record
        self._stage = stage
        self._asking = asking
        self._reserved: dict[str, Cost] = {}

    def batches(self, requests: Mapping[str, Request]) -> dict[str, list[str]]:
        """The batches of these requests, and which are in each; what is in none is submitted.
        Under the lock of the record. Raises `StageError`."""
        requests = dict(requests)
        found: dict[str, list[str]] = defaultdict(list)
        handed = self.record.handed(requests)
        # A run was killed between asking for these and hearing of them.
        for number, file in {(one.number, one.file) for one in handed.values() if not one.batch}:
            if made := self._stage.service.find(file, self._asking.stopped):
                self.record.made(number, made)
            else:
                self.record.not_made(number)
        for name, (_, _, batch) in self.record.handed(requests).items():
            found[str(batch)].append(name)
            del requests[name]
        for batch, names in found.items():
            log.warning("%s was submitted before (requests: %s)", batch, f"{len(names):,}")
        if requests:
            found |= self._submit(requests)
        for batch, names in found.items():
            self.used[batch].update(names)
        return found

    def give_back(self, names: Iterable[str]) -> None:
        """Nothing was billed for these requests."""
        for name in names:
            self.settle(name, {})

    def doubt(self, names: Iterable[str], why: str) -> None:
        """Whether these requests were billed nobody can tell."""
        for name in names:
            self._asking.budget.doubt(self._reserved.pop(name, {}), why)

    def settle(self, name: str, billed: Cost) -> None:
        """Replace what was set aside for a request, if anything was, by what was billed."""
        self._asking.budget.settle(self._reserved.pop(name, {}), billed)

    def _submit(self, requests: Mapping[str, Request]) -> dict[str, list[str]]:
        """Submit requests in as many batches as they need; the batches."""
        self._reserve(requests)
        found: dict[str, list[str]] = {}
        left = dict(requests)
        service, stopped = self._stage.service, self._asking.stopped
        try:
            while left:
                names, lines = self._portion(left)
                try:
                    file = service.upload(lines, stopped)
                except Refused as error:
                    self._refused(error, names, left)
                    continue
                number = self.record.about_to_make(file, names)
                try:
                    batch = service.make(file, stopped)
                except Refused as error:
                    self.record.not_made(number)
                    self._refused(error, names, left)
                    continue
                except (ServiceRefused, KeyRefused, QuotaExceeded):
                    self.record.not_made(number)
                    raise
                except BaseException:  # it may have been made, so it counts
                    for name in names:
                        del left[name]
                    raise
                self.record.made(number, batch)
                found[batch] = names
                for name in names:
                    del left[name]
                log.warning(
                    "%s is submitted (requests: %s); the answers may take up to a day. Ctrl-C does"
                    " not end it: the same command waits for it again, or fetches its answers",
                    batch,
                    f"{len(names):,}",
                )
                if self.most_requests:
                    break
        finally:
            self.give_back(left)
        return found

    def _refused(self, error: Refused, names: Sequence[str], left: dict[str, Request]) -> None:
        """Fewer requests the next time; one that is too large alone is not submitted. Raises
        `StageError` for what is refused for another reason."""
        if not error.is_too_large:
            raise self._stage.service.explained(error) from None
        if len(names) > 1:
            self.most_requests = len(names) // 2
            return
        (name,) = names
        self.too_large[name] = error
        self.settle(name, {})
        del left[name]

    def _reserve(self, requests: Mapping[str, Request]) -> None:
        """Set aside what all requests together may cost."""
        costs = {name: self._stage.most(request) for name, request in requests.items()}
        try:
            self._asking.budget.reserve(summed(*costs.values()))
        except BudgetExceeded as error:
            raise BudgetExceeded(
                f"{error}. That request is a batch of {len(requests):,}, which nobody can stop once"
                " it runs: --budget has to cover the most it may cost, which is less with a smaller"
                " max_tokens. Nothing of it is sent"
            ) from None
        self._reserved |= costs

    def _portion(self, requests: Mapping[str, Request]) -> tuple[list[str], bytes]:
        """As many requests as go into one file, from the first on, and the file."""
        from pivot_sum.stages.services.chat_batch_client import MOST_BYTES, MOST_REQUESTS, lines_of

        names: list[str] = []
        lines = bytearray()
        bodies = {name: body_of(self._stage, request) for name, request in requests.items()}
        for name, line in zip(bodies, lines_of(bodies), strict=True):
            is_full = len(names) == (self.most_requests or MOST_REQUESTS)
            if names and (is_full or len(lines) + len(line) > MOST_BYTES):
                break
            names.append(name)
            lines += line
        return names, bytes(lines)
