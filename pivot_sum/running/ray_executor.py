"""Computing on Ray's actors. Where they run, and that they do, is Ray's business; here is what
becomes of their answers.

Not `ray.util.ActorPool`: when an actor dies it does not say which block was lost with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pivot_sum import PivotSumError
from pivot_sum.errors import ExecutorRefused
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.blocks import Block, Blocks
from pivot_sum.running.executor import Keep, Local, Where
from pivot_sum.running.ray_cluster import Cluster, Room, check, said
from pivot_sum.running.remote_stage import RemoteStage, Spec
from pivot_sum.stages.base import Billed
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.engines.local_model import LocalModel
from pivot_sum.stages.errors import Unanswered, WorkersLost

IN_FLIGHT = 2
"""Blocks that an actor has: one it computes, and the next one, so that it never waits for us."""

START_SECONDS = 600.0
"""How long the first actor may take to start."""


class RayExecutor:
    """Computes the steps that run a model, or code from outside, on Ray's actors; Ray is started or
    joined when there is something to compute.

    Other steps stay in this process: rules take less time than sending their texts, and what
    services bill is counted, and kept, in one place.
    """

    def __init__(self, where: Where, modules: Sequence[Path] = ()) -> None:
        """Raises `ExecutorRefused`."""
        check(where)
        self._where = where
        self._modules = tuple(str(folder.resolve()) for folder in modules)
        self._cluster: Cluster | None = None
        self._workers: tuple[Step, _Workers] | None = None

    def __enter__(self) -> RayExecutor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end()
        if self._cluster:
            self._cluster.close()
            self._cluster = None

    def compute(
        self, step: Step, identity: dict[str, Any], texts: Sequence[str], keep: Keep, budget: Budget
    ) -> list[Unanswered]:
        """As `Executor.compute`. Raises `WorkersLost` and `ExecutorRefused` too."""
        if not sent_out(step):
            self._end()
            return Local().compute(step, identity, texts, keep, budget)
        workers = self._workers_of(step, identity)
        blocks = Blocks(step, texts, keep, workers.size)
        try:
            workers.compute(blocks)
        except BaseException:
            blocks.stop()
            self._end()
            raise
        return blocks.unanswered

    def _workers_of(self, step: Step, identity: dict[str, Any]) -> _Workers:
        if self._workers is None or self._workers[0] != step:
            self._end()  # one model is in memory at a time
            self._cluster = self._cluster or Cluster(self._where.on)
            spec = Spec.of(step, identity, self._modules)
            self._workers = step, _Workers(self._cluster, spec, self._cluster.room(self._where))
        return self._workers[1]

    def _end(self) -> None:
        if self._workers:
            self._workers[1].end()
            self._workers = None


def sent_out(step: Step) -> bool:
    """Whether a step is one that actors compute."""
    here = isinstance(step.stage, Billed)
    return not here and (isinstance(step.stage, LocalModel) or step.is_outside)


@dataclass(eq=False)
class _Actor:
    handle: Any
    starting: Any
    """The reference to its start; None when it has started."""
    running: dict[Any, Block] = field(default_factory=dict)
    """What it has to compute, in this order, by the references to the outcomes."""


class _Workers:
    """The actors of one step."""

    def __init__(self, cluster: Cluster, spec: Spec, room: Room) -> None:
        self._on = cluster.on
        self._ray = cluster.ray
        self._lost_cluster = (ConnectionError, self._ray.exceptions.RaySystemError)
        self._spec = spec
        self._room = room
        self._kind = self._ray.remote(RemoteStage).options(
            num_cpus=room.cores, num_gpus=room.gpus, scheduling_strategy="SPREAD"
        )
        self._actors = [self._new() for _ in range(room.actors)]

    @property
    def size(self) -> int:
        """How many actors there are."""
        return len(self._actors)

    def compute(self, blocks: Blocks) -> None:
        """Compute all blocks. Raises the first error that is more than a text without an answer."""
        try:
            while blocks.waiting or any(actor.running for actor in self._actors):
                self._hand_out(blocks)
                self._take_in(self._ready(), blocks)
        except self._lost_cluster as error:
            raise WorkersLost(
                f"the connection to the Ray cluster {self._on} was lost ({said(error)})"
            ) from error

    def end(self) -> None:
        """End the actors, whatever they do."""
        for actor in self._actors:
            # Where the cluster is lost Ray raises whatever it likes; they end with it, or with us.
            with suppress(Exception):
                self._ray.kill(actor.handle)

    def _new(self) -> _Actor:
        handle = self._kind.remote()
        return _Actor(handle, handle.start.remote(self._spec, self._room.cores))

    def _hand_out(self, blocks: Blocks) -> None:
        def free() -> list[_Actor]:
            started = (actor for actor in self._actors if actor.starting is None)
            return [actor for actor in started if len(actor.running) < IN_FLIGHT]

        while (actors := free()) and blocks.waiting:
            actor, block = min(actors, key=lambda actor: len(actor.running)), blocks.take()
            actor.running[actor.handle.compute.remote(list(block.texts))] = block

    def _ready(self) -> _Actor:
        """An actor that has something to say. Raises `ExecutorRefused` where none ever starts."""
        of = {ref: actor for actor in self._actors for ref in actor.running}
        of |= {actor.starting: actor for actor in self._actors if actor.starting is not None}
        started = any(actor.starting is None for actor in self._actors)
        ready, _ = self._ray.wait(list(of), timeout=None if started else START_SECONDS)
        if not ready:
            raise ExecutorRefused(
                f"--on {self._on}: no actor with {self._room.cores} cores and"
                f" {self._room.gpus:g} GPUs was started in {START_SECONDS:,.0f} s; others may be"
                " using the cluster (`ray status`)"
            )
        return of[ready[0]]

    def _take_in(self, actor: _Actor, blocks: Blocks) -> None:
        errors = self._ray.exceptions
        # It computes in order, so that the first is done, or lost, where any is.
        ref = next(iter(actor.running)) if actor.starting is None else actor.starting
        try:
            given = self._ray.get(ref)
        except errors.RayTaskError as error:
            raise error.cause if isinstance(error.cause, PivotSumError) else error from None
        except (
            errors.RayActorError,
            errors.OutOfMemoryError,
            errors.ObjectLostError,
            errors.WorkerCrashedError,
            errors.NodeDiedError,
        ) as error:
            self._replace(actor, blocks, error)
            return
        if actor.starting is not None:
            actor.starting = None
            return
        block = actor.running.pop(ref)
        self._hand_out(blocks)  # before this one is stored, which takes a while
        blocks.computed(block, given)

    def _replace(self, actor: _Actor, blocks: Blocks, error: Exception) -> None:
        """Start another actor for one that is lost, whose blocks then wait for any."""
        self._ray.kill(actor.handle)  # it may only be out of reach
        if getattr(error, "actor_init_failed", False):
            raise ExecutorRefused(
                f"--on {self._on}: an actor cannot be started: {str(error).splitlines()[-1]}. All"
                " machines of a cluster need the same pivot-sum"
            ) from error
        self._actors[self._actors.index(actor)] = self._new()
        why = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        if not actor.running:
            blocks.worker_lost(why)
        for place, block in enumerate(actor.running.values()):
            if place == 0:
                blocks.lost(block, why)
            else:
                blocks.put_back(block)
