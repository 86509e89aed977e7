"""Small stages that do what they are told and remember what they were given, and a runner to put
them into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.results import StepResult
from pivot_sum.running.runner import Runner
from pivot_sum.stages.base import Annotating, Answer, PlaceholderPolicy, Task
from pivot_sum.stages.text.segmentation import Over


def bracketed(text: str) -> str:
    return f"[{text}]"


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """A stage that answers by a function and remembers the batches it was given."""

    name: ClassVar[str] = "fake"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    setting: str = "a"
    source: str = "ko"
    target: str = "ko"
    batch_size: int = field(default=4, metadata={"identity": False})
    answer: Callable[[str], Any] = field(default=bracketed, metadata={"identity": False})
    altered: Callable[[list[Any]], list[Any]] = field(default=list, metadata={"identity": False})
    batches: list[list[str]] = field(default_factory=list, metadata={"identity": False})

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        self.batches.append(list(texts))
        return self.altered([self.answer(text) for text in texts])

    @property
    def seen(self) -> list[str]:
        return [text for batch in self.batches for text in batch]


class Noting(Annotating, Keeping):
    """`answer` gives an `Answer`."""

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        return [self.answer(text) for text in texts]


class Selecting(Keeping):
    placeholders: ClassVar[PlaceholderPolicy] = "select"


class Repairing(Keeping):
    placeholders: ClassVar[PlaceholderPolicy] = "repair"


@dataclass(frozen=True, kw_only=True)
class Named(Keeping):
    """A stage whose setting is a name for something else."""

    stands_for: Callable[[], Any] = field(default=lambda: "commit 1", metadata={"identity": False})

    def resolve(self) -> dict[str, Any]:
        return {"setting": self.stands_for()}


class Progress:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []
        self.advances: list[int] = []

    @contextmanager
    def __call__(self, label: str, cached: int, missing: int) -> Iterator[Progress]:
        self.steps.append((label, cached, missing))
        yield self

    def advance(self, texts: int) -> None:
        self.advances.append(texts)


def samples(*dialogues: str) -> list[Sample]:
    return [
        Sample(f"s{number}", dialogue, (), None, None)
        for number, dialogue in enumerate(dialogues, 1)
    ]


def step(stage: Any, over: Over = "dialogue", name: str = "shout") -> Step:
    return Step(name, over, stage)


def run(
    cache: Cache,
    dialogues: Sequence[str],
    *steps: Step,
    chosen: Sequence[int] | None = None,
    offline: bool = False,
) -> list[StepResult]:
    runner = Runner(samples(*dialogues), cache, Progress(), offline=offline)
    return list(runner.run(steps, range(len(steps)) if chosen is None else chosen))
