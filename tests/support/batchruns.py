"""Runs of the stage `chat` through the Batch API. As a program it runs one and kills itself at the
n-th call of a method: python batchruns.py CACHE CLASS.METHOD N"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from chatstages import chat, run
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.running.results import StepResult
from pivot_sum.running.storing import BatchKeeper
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.chat import Chat
from pivot_sum.stages.services.batch_record import BatchRecord
from pivot_sum.stages.services.chat_batch_client import BatchService

TEXTS = [f"{number}번 손님이 와요" for number in range(8)]
RIGHT = [right(text) for text in TEXTS]


def batched(**settings: Any) -> Chat:
    """The stage. Right answers here are no English, so without guards it is."""
    return chat(**{"batch_api": True, "guards": (), **settings})


def in_batches(folder: Path, budget: Budget | None = None, **settings: Any) -> StepResult:
    """A run of the texts, with the cache in this folder."""
    with Cache(folder / "cache.sqlite3") as cache:
        return run(batched(**settings), TEXTS, cache, budget=budget)


def _killed_at(where: str, nth: int) -> None:
    classes = {one.__name__: one for one in (BatchService, BatchRecord, BatchKeeper)}
    owner, _, name = where.partition(".")
    method, calls = getattr(classes[owner], name), iter(range(nth - 1))

    def killed(*arguments: Any, **named: Any) -> Any:
        if next(calls, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments, **named)

    setattr(classes[owner], name, killed)


if __name__ == "__main__":
    _killed_at(sys.argv[2], int(sys.argv[3]))
    in_batches(Path(sys.argv[1]))
