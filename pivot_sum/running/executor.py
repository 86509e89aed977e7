"""Where the missing texts of a step are computed: in this process, or on other processes and
machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from pivot_sum.recipes.recipe import Step
from pivot_sum.running.storing import BatchKeeper
from pivot_sum.stages.base import answers_of
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import BadOutput, StageError, Unanswered, WrongLanguage
from pivot_sum.stages.finishing import kept_by
from pivot_sum.stages.outside import named_where_raised

Keep = Callable[[Sequence[str]], BatchKeeper]
"""Gives the keeper of a batch: of texts over which the stage's language is judged."""


class Executor(Protocol):
    """Computes texts and hands what is answered to keepers, in this process and thread, as it
    comes. No answer depends on the executor, so it is in no identity."""

    def compute(
        self, step: Step, identity: dict[str, Any], texts: Sequence[str], keep: Keep, budget: Budget
    ) -> list[Unanswered]:
        """Compute texts by the step's stage, whose resolved identity this is, in batches of the
        size it asks for.

        Gives the errors of texts without an answer, which are of no concern to the others. Raises
        any other `StageError`, and KeyboardInterrupt, when everything finished is with its keeper.
        """
        ...


class Local:
    """Computes in this process, batch after batch."""

    def compute(
        self, step: Step, identity: dict[str, Any], texts: Sequence[str], keep: Keep, budget: Budget
    ) -> list[Unanswered]:
        """As `Executor.compute`."""
        unanswered: list[Unanswered] = []
        for batch in batches_of(step, texts):
            keeper = keep(batch)
            try:
                with (
                    named_where_raised(step.stage, f"stage {step.kind}", StageError),
                    kept_by(keeper),
                ):
                    answers = answers_of(step.stage, batch, budget)
                keeper.complete(batch, answers)
            except Unanswered as error:
                keeper.stop()
                unanswered.append(error)
            except (StageError, KeyboardInterrupt):
                with suppress(BadOutput, WrongLanguage):  # what came first has to be said
                    keeper.stop()
                raise
        return unanswered


def batches_of(step: Step, texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in batches of the size that the step's stage asks for."""
    size = step.stage.batch_size
    return (texts[start : start + size] for start in range(0, len(texts), size))


LOCAL = "local"
RAY = "ray"


@dataclass(frozen=True)
class Where:
    """Where to compute, as typed: `local`, `ray` (this machine), or the address of a Ray cluster.
    `actors`: how many processes compute side by side, None for one a GPU, or where there are none
    one a machine. `gpus`: how much of a GPU each gets, None for a whole one where there are any.
    """

    on: str = LOCAL
    actors: int | None = None
    gpus: float | None = None
