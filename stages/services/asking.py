"""What every stage that asks a service has in common: its fields, several requests in flight, and
that each reply is kept as it arrives."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event
from typing import Annotated, Any, Generic, TypeVar

from annotated_types import Ge, Gt, Le

from pivot_sum.stages.base import Annotating, Answer, option
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.finishing import Finishing, LookUp, keeper

Question = TypeVar("Question", bound=tuple[Any, ...])
"""What a service is asked, of JSON values, with everything its reply depends on."""

Send = Callable[[Sequence[Question], Budget, Event], Iterator[Mapping[Question, Answer]]]
"""Sends the questions of one job, in one or several requests, and yields the replies of each as
they are there. Sends nothing more once the event is set. Raises `StageError`."""

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
    timeout: Annotated[float, Gt(0)] = option(30.0, "seconds to wait for an answer", identity=False)
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
    def computed(self, text: str, look_up: LookUp[Question], counted: set[Question]) -> Answer:
        """The answer to a text, made of replies. What a reply was billed is noted once, with the
        first text that needs it; `counted` are those that are."""

    @abstractmethod
    def jobs(self, questions: Sequence[Question]) -> list[list[Question]]:
        """The questions shared out; each share is asked one request after the other."""

    @abstractmethod
    def send(
        self, questions: Sequence[Question], budget: Budget, stopped: Event
    ) -> Iterator[Mapping[Question, Answer]]:
        """See `Send`."""

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """The answers, without a bound on what they cost."""
        return self.answers_within(texts, Budget())

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        """The answers, counted against a budget. Every reply that cost something is remembered as
        it arrives, so none is paid for twice."""
        counted: set[Question] = set()
        finishing: Finishing[Question] = Finishing(
            (text for text in texts if text.strip()),
            lambda text, look_up: self.computed(text, look_up, counted),
        )
        while finishing.questions:
            asked = {written(question): question for question in finishing.questions}
            if known := keeper().recall(asked):
                finishing.add({asked[key]: reply for key, reply in known.items()})
            else:
                ask_all(
                    finishing, self.jobs(finishing.questions), self.send, budget, self.concurrency
                )
        return [finishing.done.get(text, Answer(text)) for text in texts]


def written(question: tuple[Any, ...]) -> str:
    """A question as one text, to remember its reply by."""
    return json.dumps(question, ensure_ascii=False)


def ask_all(
    finishing: Finishing[Question],
    jobs: Collection[Sequence[Question]],
    send: Send[Question],
    budget: Budget,
    concurrency: int,
) -> None:
    """Send all jobs, several at a time. After a failure, or Ctrl-C, what is in flight is still
    waited for and kept. Raises the first failure."""
    stopped = Event()
    failures: list[BaseException] = []
    arrived: SimpleQueue[Mapping[Question, Answer]] = SimpleQueue()

    def work(questions: Sequence[Question]) -> None:
        try:
            for replies in send(questions, budget, stopped):
                arrived.put(replies)
        except BaseException as error:
            # Before the others hear of it, so that the first failure is the cause.
            failures.append(error)
            stopped.set()

    def take_in() -> None:
        replies = arrived.get_nowait()
        if paid := {
            written(question): reply
            for question, reply in replies.items()
            if reply.note.get("billed") is not None
        }:
            keeper().remember(paid)
        finishing.add(replies)

    with ThreadPoolExecutor(concurrency) as pool:
        running = {pool.submit(work, job) for job in jobs}
        try:
            while running:
                running = wait(running, _LOOK_EVERY, FIRST_COMPLETED).not_done
                while not arrived.empty():
                    take_in()
        except BaseException:  # Ctrl-C: send nothing more
            stopped.set()
            pool.shutdown()
            while not arrived.empty():
                take_in()
            raise
    if failures:
        raise failures[0]
