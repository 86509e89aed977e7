"""Asking a chat model through the Batch API: all that is missing goes into one batch, and what has
to be asked after its answers (the next mask, a better answer) into the next."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenacity import Retrying, retry_if_result, wait_exponential

from pivot_sum.stages.base import Answer
from pivot_sum.stages.errors import ServiceUnavailable, StageError
from pivot_sum.stages.finishing import Finishing
from pivot_sum.stages.services.asking import Asking, recalled, take_in
from pivot_sum.stages.services.batch_record import NAME as RECORD
from pivot_sum.stages.services.batch_submitting import Submitting, name_of
from pivot_sum.stages.services.chat_fields import Asked
from pivot_sum.stages.services.chat_requests import ChatRequests, Exchange, Request
from pivot_sum.stages.services.failures import Refused, Unusable, is_retryable

if TYPE_CHECKING:
    from pivot_sum.stages.services.chat_batch_client import BatchState, Found

log = logging.getLogger(__name__)

_TRIES = 3
"""In how many batches a request is at most while the server fails to run it."""
_LONGEST_PAUSE = 60.0
"""Seconds between two looks at a batch."""
_ENDED = {"failed": "failed", "expired": "has expired", "cancelled": "was cancelled"}


@dataclass
class _Open:
    """A question that is being asked, and the request it waits for."""

    asked: Asked
    exchange: Exchange
    request: Request
    name: str


class Rounds:
    """The batches of one call of a stage, one round after the other."""

    def __init__(
        self,
        stage: ChatRequests,
        finishing: Finishing[Asked],
        asking: Asking[Asked],
        submitting: Submitting,
    ) -> None:
        self._stage = stage
        self._finishing = finishing
        self._asking = asking
        self._submitting = submitting
        self._open: dict[Asked, _Open] = {}
        self._not_run: Counter[str] = Counter()
        self._billed: set[str] = set()
        self._failures: list[StageError] = []

    def ask(self, questions: Sequence[Asked]) -> None:
        """One round: wait for the batches these questions are in, submit the others in a new one,
        and take in what comes. Raises `StageError` once all is taken in."""
        for asked in questions:
            if asked not in self._open:
                exchange = self._stage.exchange(asked, self._asking)
                request = next(exchange)
                self._open[asked] = _Open(asked, exchange, request, name_of(self._stage, request))
        submitting = self._submitting
        try:
            with submitting.record.locked():
                known = recalled(list(self._open))  # by another process, meanwhile
                for asked in known:
                    del self._open[asked]
                self._finishing.add(known)
                requests = {name: same[0].request for name, same in self._waiting().items()}
                batches = submitting.batches(requests)
            self._take_in(submitting.too_large)
            submitting.too_large.clear()
            self._wait(batches)
        except KeyboardInterrupt:
            self._say_what_goes_on()
            raise
        if self._failures:
            raise self._failures[0]

    def _waiting(self) -> dict[str, list[_Open]]:
        """The open questions by request: different ones can make the same."""
        found: dict[str, list[_Open]] = defaultdict(list)
        for one in self._open.values():
            found[one.name].append(one)
        return found

    def _wait(self, batches: Mapping[str, list[str]]) -> None:
        """Look at batches, ever more rarely, and take in the answers of each as it ends."""
        left = dict(batches)
        seen: dict[str, tuple[str, int]] = {}

        def look() -> bool:
            for batch in list(left):
                state = self._stage.service.look(batch, self._asking.stopped)
                # Every tenth of the requests, or a day would be a thousand lines.
                now = (state.status, state.done * 10 // max(state.total, 1))
                if seen.setdefault(batch, now) != now or state.has_ended:
                    seen[batch] = now
                    of = f": {state.done:,} of {state.total:,} are done" if state.total else ""
                    log.warning("%s is %s%s", batch, state.status.replace("_", " "), of)
                if state.has_ended:
                    self._end(state, left.pop(batch))
            return bool(left)

        def rest(seconds: float) -> None:
            self._asking.stopped.wait(seconds)

        if left:
            Retrying(
                retry=retry_if_result(bool),
                wait=wait_exponential(multiplier=self._stage.pause or 0.1, max=_LONGEST_PAUSE),
                sleep=rest,
            )(look)

    def _end(self, state: BatchState, names: Sequence[str]) -> None:
        """Take in what became of the requests in a batch that has ended."""
        if state.status != "completed" and state.status not in _ENDED:
            # Perhaps it goes on and is billed: never submitted again by itself.
            self._submitting.doubt(names, "a batch with an unknown status")
            self._fail(
                names,
                f"{state.id} is {self._shown(state.status)!r} at the server, which may mean that it"
                f" ended or that it goes on: {len(names):,} of its requests have no answer. The"
                f" same command looks again; where it has ended, delete {RECORD} beside the cache"
                " to submit everything under way anew",
            )
            return
        waiting = self._waiting()
        most = {name: waiting[name][0].request.most() for name in names}
        found = self._stage.service.answers(state, most, self._asking.stopped)
        failed = {
            name: one
            for name in names
            if isinstance(one := found.get(name), (Refused, Unusable)) and not self._is_for(one)
        }
        missing = [name for name in names if name not in found]
        stored = self._take_in(
            {name: found[name] for name in names if name in found and name not in failed}
        )
        self._submitting.record.forget(state.id, stored)
        if state.status == "completed":
            self._not_again(state.id, failed)
            self._judge(failed)
            if missing:  # perhaps answered and billed: never submitted again by itself
                self._submitting.doubt(missing, "no answer that can be read")
                self._fail(
                    missing,
                    f"{state.id} is completed, but there is no answer that can be read to"
                    f" {len(missing):,} of its requests. The same command looks again; if that does"
                    " not help, batch_api: false asks for these one by one, and they may be billed"
                    " twice",
                )
            return
        lost = [*failed, *missing]
        self._not_again(state.id, {**failed, **dict.fromkeys(missing)})
        if state.status == "failed" and state.is_too_large and len(names) > 1:
            self._submitting.most_requests = len(names) // 2
        elif lost:
            said = f" ({self._shown(state.said)})" if state.said else ""
            self._fail(
                lost,
                f"{state.id} {_ENDED[state.status]}{said}: {len(lost):,} of its requests got no"
                " answer. The same command submits them in a new batch",
            )

    def _not_again(self, batch: str, lost: Mapping[str, Refused | Unusable | None]) -> None:
        """Requests that this batch will never answer: the next time they are in another."""
        for name, error in lost.items():
            if isinstance(error, Unusable) and error.sent:
                self._submitting.doubt([name], self._shown(error))
            else:
                self._submitting.give_back([name])
        self._submitting.record.forget(batch, lost)

    def _judge(self, failed: Mapping[str, Refused | Unusable]) -> None:
        """What the server failed to run goes into the next batch. What it never will, and what it
        failed to run too often, is an error."""
        self._not_run.update(list(failed))
        for error in failed.values():
            if isinstance(error, Refused) and not is_retryable(error):
                self._failures.append(self._stage.service.explained(error))
                return
        if again := [name for name in failed if self._not_run[name] >= _TRIES]:
            said = self._shown(failed[again[0]])
            self._fail(
                again,
                f"the server failed to run the same requests in {_TRIES} batches, {len(again):,} in"
                f" all ({said}). The same command submits them once more",
            )

    def _is_for(self, error: Refused | Unusable) -> bool:
        """Whether an error is one that the question is asked otherwise for."""
        return isinstance(error, Refused) and (
            error.is_too_large or error.code in self._stage.service.handled_codes
        )

    def _fail(self, names: Sequence[str], said: str) -> None:
        first = self._waiting()[names[0]][0].asked.part
        self._failures.append(
            ServiceUnavailable(f"{said} (the first: {first[:60]!r}). All other answers are kept")
        )

    def _shown(self, said: object) -> str:
        return self._stage.service.shown(Exception(said))

    def _take_in(self, found: Mapping[str, Found]) -> list[str]:
        """Hand what came back to the questions that waited for it, and store the replies; the
        requests whose replies are stored."""
        waiting = self._waiting()
        replies: dict[Asked, Answer] = {}
        stored = []
        for name, one in found.items():
            for opened in waiting[name]:
                answer = self._step(opened, one)
                if answer is not None:
                    replies[opened.asked] = answer
                    if "billed" in answer.note:
                        stored.append(name)
        take_in(self._finishing, replies)
        return stored

    def _step(self, opened: _Open, found: Found) -> Answer | None:
        """The answer to a question, where it is one; else it has its next request, or is over."""
        try:
            if isinstance(found, Exception):
                self._submitting.give_back([opened.name])
                opened.request = opened.exchange.throw(found)
            else:
                if opened.name in self._billed:  # several questions, or tries, made one request
                    found = found._replace(read=0, written=0)
                self._billed.add(opened.name)
                billed = self._stage.price(found.read, found.written)
                self._submitting.settle(opened.name, billed)
                opened.request = opened.exchange.send(found)
        except StopIteration as end:
            del self._open[opened.asked]
            answer: Answer | None = end.value
            return answer
        opened.name = name_of(self._stage, opened.request)
        return None

    def _say_what_goes_on(self) -> None:
        handed = self._submitting.record.handed({one.name for one in self._open.values()})
        batches = {one.batch or "a batch" for one in handed.values()}
        if batches:
            log.warning(
                "%s at the server; the same command fetches the answers, and submits nothing twice",
                f"{', '.join(sorted(batches))} go{'es' if len(batches) == 1 else ''} on",
            )
