"""The fault matrix of a service: each fault at the first, a middle and the last batch of a run,
once and until it is repaired."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, Protocol

from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.results import StepResult
from pivot_sum.running.runner import Runner
from pivot_sum.stages.base import Stage
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import StageError

# Long ones first, as the runner sends them, so that the text a fault waits for is in a batch that
# is known.
TEXTS = [
    f"{number:02d}번 #Person{1 + number % 3}#은 <내일> 도서관 & 우체국에 가요{'.' * (40 - number)}"
    for number in range(30)
]
POSITIONS = {"first": 0, "middle": 14, "last": 29}
QUICK: dict[str, Any] = {
    "batch_size": 10,
    "concurrency": 2,
    "timeout": 20.0,
    "attempts": 3,
    "pause": 0.002,
}
IMPATIENT: dict[str, Any] = {"timeout": 0.7, "attempts": 2}
"""For a service that does not answer. A busy machine must not look like one."""


class Failing(Protocol):
    """A stand-in for a service."""

    asked: list[Any]

    @property
    def answered(self) -> Counter[str]: ...

    def stop_failing(self) -> None: ...

    def fail(self, fault: str, text: str = ..., times: float = ...) -> None: ...


class Outcome(NamedTuple):
    """One cell of the matrix. `result`: done, or the error's class. Of the resume after an error:
    `again` are texts that were answered rightly before and were asked for once more.
    """

    result: str
    requests: int
    lost: int
    misaligned: int
    again: int
    message: str = ""


def run(
    stage: Stage,
    dialogues: Sequence[str],
    cache: Cache,
    *,
    over: Any = "turn",
    budget: Budget | None = None,
    offline: bool = False,
) -> StepResult:
    """One step through the runner."""
    samples = [
        Sample(str(number), dialogue, (), None, None) for number, dialogue in enumerate(dialogues)
    ]
    silent = SimpleNamespace(advance=lambda texts: None)
    runner = Runner(
        samples,
        cache,
        lambda label, cached, missing: nullcontext(silent),
        offline=offline,
        budget=budget,
    )
    (result,) = runner.run([Step("to-english", over, stage)], [0])
    return result


def cell(server: Failing, stage: Stage, fault: str, position: str, *, once: bool) -> Outcome:
    """Run into a fault, end it, and run again; the server may have been used before."""
    server.stop_failing()
    server.asked.clear()
    server.fail(fault, TEXTS[POSITIONS[position]][:4], times=1 if once else 10**6)
    result, message = "done", ""
    with tempfile.TemporaryDirectory() as folder, Cache(Path(folder) / "cache.sqlite3") as cache:
        try:
            texts = run(stage, TEXTS, cache).texts
        except StageError as error:
            result, message = type(error).__name__, str(error)
            before = set(server.answered)
            requests = len(server.asked)
            server.stop_failing()
            texts = run(stage, TEXTS, cache).texts
            again = sum(server.answered[text] > 1 for text in before)
        else:
            requests = len(server.asked)
            again = sum(times > 1 for times in server.answered.values())
    expected = [right(text) for text in TEXTS]
    lost = len(TEXTS) - len(texts) + sum(not text.strip() for text in texts)
    misaligned = sum(text != wanted for text, wanted in zip(texts, expected, strict=True))
    return Outcome(result, requests, lost, misaligned, again, message)
