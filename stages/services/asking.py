"""What every stage that asks a service has in common: its fields, several requests in flight, and
that each reply is kept as it arrives."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import Ge, Gt, Le

from pivot_sum.stages.base import Annotating, Answer, option
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import Unanswered
from pivot_sum.stages.finishing import Finishing, LookUp, keeper

Question = TypeVar("Question", bound=tuple[Any, ...])
"""What a service is asked, of JSON values, with everything its reply depends on."""


@dataclass(frozen=True)
class Asking(Generic[Question]):
    """What belongs to one call of a stage. For several threads."""

    budget: Budget
    stopped: Event = field(default_factory=Event)
    """Once it is set, nothing more is sent."""
    counted: set[Question] = field(default_factory=set)
    """Questions whose bill is noted with a text already."""
    unanswered: dict[Question, str] = field(default_factory=dict)
    """Questions the service gives no answer to, and what it said instead."""


_LOOK_EVERY = 0.2
"""Seconds after which replies that arrived are stored, where no job is done yet."""


@dataclass(frozen=True, kw_only=True)
class AsksService(Annotating, Generic[Question]):
    """The fields of a stage that asks a service, and how it asks."""

    batch_size: Annotated[int, Ge(1)] = option(
        100, "texts handed over at once; each is stored as soon as it is finished", identity=False
    )
    concurrency: Annotated[int, Ge(1), Le(64)] = option(
        4, "requests in flight at once", identity=False
    )
    timeout: Annotated[float, Gt(0)] = option(
        30.0, "seconds a whole answer may take", identity=False
    )
    attempts: Annotated[int, Ge(1)] = option(
        6, "how often a request is sent at most", identity=False
    )
    pause: Annotated[float, Ge(0)] = option(
        1.0,
        "seconds before a request is sent again; doubles each time, unless the service says how"
        " long",
        identity=False,
    )

    @abstractmethod
    def computed(self, text: str, look_up: LookUp[Question], asking: Asking[Question]) -> Answer:
        """The answer to a text, made of replies. What a reply was billed is noted once, with the
        first text that needs it."""

    @abstractmethod
    def jobs(self, questions: Sequence[Question]) -> list[list[Question]]:
        """The questions shared out; each share is asked one request after the other."""

    @abstractmethod
    def send(
        self, questions: Sequence[Question], asking: Asking[Question]
    ) -> Iterator[Mapping[Question, Answer]]:
        """Send the questions of one job, in one or several requests, and yield the replies of each
        as they are there. Only replies with `billed` in their note are remembered.

        Raises `StageError`; a question without an answer is only noted in `asking`.
        """

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The answers, without a bound on what they cost."""
        return self.answers_within(texts, Budget())

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        """The answers, counted against a budget. Every reply that cost something is remembered as
        it arrives, so none is paid for twice."""
        asking: Asking[Question] = Asking(budget)
        finishing: Finishing[Question] = Finishing(
            (text for text in texts if text.strip()),
            lambda text, look_up: self.computed(text, look_up, asking),
        )
        with self.way_to_ask(finishing, asking) as ask:
            while open_ := [one for one in finishing.questions if one not in asking.unanswered]:
                if known := recalled(open_):
                    finishing.add(known)
                else:
                    ask(open_)
        if asking.unanswered:
            question, said = next(iter(asking.unanswered.items()))
            missing = {text for text in texts if text.strip() and text not in finishing.done}
            raise Unanswered(missing, said, str(question[0]))
        return [finishing.done.get(text, Answer(text)) for text in texts]

    @contextmanager
    def way_to_ask(
        self, finishing: Finishing[Question], asking: Asking[Question]
    ) -> Iterator[Callable[[Sequence[Question]], None]]:
        """How one call of the stage asks what is missing: all jobs, several at a time. The block is
        left without an error where nothing is missing any more."""
        yield lambda questions: self._ask(finishing, self.jobs(questions), asking)

    def _ask(
        self,
        finishing: Finishing[Question],
        jobs: Sequence[Sequence[Question]],
        asking: Asking[Question],
    ) -> None:
        """Send all jobs, several at a time. After a failure, or Ctrl-C, what is in flight is still
        waited for and kept. Raises the first failure."""
        failures: list[BaseException] = []
        arrived: SimpleQueue[Mapping[Question, Answer]] = SimpleQueue()

        def work(questions: Sequence[Question]) -> None:
            try:
                for replies in self.send(questions, asking):
                    arrived.put(replies)
            except BaseException as error:
                # Before the others hear of it, so that the first failure is the cause.
                failures.append(error)
                asking.stopped.set()

        def take_in_arrived() -> None:
            while not arrived.empty():
                take_in(finishing, arrived.get_nowait())

        with ThreadPoolExecutor(self.concurrency) as pool:
            running = {pool.submit(work, job) for job in jobs}
            try:
                while running:
                    running = wait(running, _LOOK_EVERY, FIRST_COMPLETED).not_done
                    take_in_arrived()
            except BaseException:  # Ctrl-C: send nothing more
                asking.stopped.set()
                pool.shutdown()
                take_in_arrived()
                raise
        if failures:
            raise failures[0]


def recalled(questions: Sequence[Question]) -> dict[Question, Answer]:
    """The replies to these questions that are remembered."""
    asked = {written(question): question for question in questions}
    return {asked[key]: reply for key, reply in keeper().recall(asked).items()}


def take_in(finishing: Finishing[Question], replies: Mapping[Question, Answer]) -> None:
    """Remember what was paid for, and finish the texts that waited for it."""
    paid = {
        written(question): reply for question, reply in replies.items() if "billed" in reply.note
    }
    if paid:
        keeper().remember(paid)
    finishing.add(replies)


def written(question: tuple[Any, ...]) -> str:
    """A question as one text, to remember its reply by."""
    return json.dumps(question, ensure_ascii=False)
