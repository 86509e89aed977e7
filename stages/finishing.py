"""Answers that are finished while a stage is still at work on other texts, so that they can be
stored at once.

A stage whose answers are made of many replies (of a model, of a service) computes each text from
the replies there are; what is missing is asked for, all texts together, and every portion of
replies that arrives finishes some texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from pivot_sum.stages.answer import Answer

Question = TypeVar("Question", bound=Hashable)
"""What is asked of a model or a service, with everything its reply depends on."""

Item = TypeVar("Item", bound=Hashable)

LookUp = Callable[[Sequence[Question]], list[Answer]]
"""The replies to some questions, in order. Raises `NotAnswered`."""


class Keeper(Protocol):
    """Who stores what a stage has before all its answers are there: the runner. For the thread the
    stage was called in."""

    @property
    def folder(self) -> Path:
        """Where a stage may keep what it has to know after a kill: beside the cache."""
        ...

    def finished(self, answers: Mapping[str, Answer], /) -> None:
        """These texts are answered; nothing will be changed about it."""
        ...

    def remember(self, replies: Mapping[str, Answer], /) -> None:
        """Store replies that cost money, by what was asked, in one transaction."""
        ...

    def recall(self, asked: Collection[str], /) -> dict[str, Answer]:
        """The replies remembered for this stage with these settings."""
        ...


class NoKeeper:
    """Stores nothing: the `Keeper` outside of a run."""

    folder = Path(".pivot-sum")

    def finished(self, answers: Mapping[str, Answer], /) -> None:
        """Nothing is done."""

    def remember(self, replies: Mapping[str, Answer], /) -> None:
        """Nothing is done."""

    def recall(self, asked: Collection[str], /) -> dict[str, Answer]:
        """Nothing is known."""
        return {}


_keeper: ContextVar[Keeper | None] = ContextVar("keeper", default=None)


def keeper() -> Keeper:
    """Who stores what the stage has by now; outside of a run, nobody."""
    return _keeper.get() or NoKeeper()


@contextmanager
def kept_by(chosen: Keeper) -> Iterator[None]:
    """Give a keeper what stages have inside the block."""
    before = _keeper.set(chosen)
    try:
        yield
    finally:
        _keeper.reset(before)


class NotAnswered(Exception):
    """A text cannot be computed yet: replies to these `questions` are missing."""

    def __init__(self, questions: Iterable[Hashable]) -> None:
        super().__init__()
        self.questions = list(dict.fromkeys(questions))


def each_answered(items: Sequence[Item], answer: Callable[[Item], Answer]) -> list[Answer]:
    """The answers to all items, none asked for twice. Raises `NotAnswered` with everything that is
    missing for any of them."""
    found: dict[Item, Answer] = {}
    missing: list[Hashable] = []
    for item in dict.fromkeys(items):
        try:
            found[item] = answer(item)
        except NotAnswered as error:
            missing += error.questions
    if missing:
        raise NotAnswered(missing)
    return [found[item] for item in items]


class Finishing(Generic[Question]):
    """Texts on their way to their answers. `compute` gives the answer to one text, from replies it
    looks up; it is called again for a text when what was missing is there.
    """

    def __init__(
        self, texts: Iterable[str], compute: Callable[[str, LookUp[Question]], Answer]
    ) -> None:
        self.done: dict[str, Answer] = {}
        self.known: dict[Question, Answer] = {}
        self._compute = compute
        self._missing: dict[str, set[Question]] = {}
        self._waiting: dict[Question, list[str]] = defaultdict(list)
        self._try(dict.fromkeys(texts))

    @property
    def questions(self) -> list[Question]:
        """What has to be asked now for the texts that are not done. Empty: all are."""
        return list(self._waiting)

    def add(self, replies: Mapping[Question, Answer]) -> None:
        """Take replies in, and tell the keeper which texts they finish."""
        ready: dict[str, None] = {}
        for question, reply in replies.items():
            self.known.setdefault(question, reply)
            for text in self._waiting.pop(question, ()):
                self._missing[text].remove(question)
                if not self._missing[text]:
                    ready[text] = None
        self._try(ready)

    def _look_up(self, questions: Sequence[Question]) -> list[Answer]:
        if missing := [question for question in questions if question not in self.known]:
            raise NotAnswered(missing)
        return [self.known[question] for question in questions]

    def _try(self, texts: Iterable[str]) -> None:
        finished = {}
        for text in texts:
            try:
                finished[text] = self._compute(text, self._look_up)
            except NotAnswered as error:
                # An exception cannot be generic, so NotAnswered holds questions as objects.
                self._missing[text] = set(error.questions)  # type: ignore[arg-type]
                for question in error.questions:
                    self._waiting[question].append(text)  # type: ignore[index]
        if finished:
            self.done.update(finished)
            keeper().finished(finished)
