"""A stage in another process: how it is told which, and what it gives back. Imported there, so it
imports little."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pivot_sum import __version__
from pivot_sum.recipes.recipe import Step
from pivot_sum.stages.answer import Answer
from pivot_sum.stages.base import answers_of, resolved_identity, stage_fields
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.engines.padding import counted
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.finishing import NoKeeper, kept_by
from pivot_sum.stages.outside import named_where_raised
from pivot_sum.stages.registry import find_stage


@dataclass(frozen=True)
class Spec:
    """What a stage is built from: no more than stands in its recipe. Keys of services are not in
    it: a stage takes them from the environment it runs in."""

    kind: str
    fields: Mapping[str, Any]
    identity: Mapping[str, Any]
    """The resolved identity in the process that keeps the answers."""
    folder: str
    """The working folder of that process."""
    modules: tuple[str, ...]
    """Where modules of stages from outside may lie."""
    version: str = __version__

    @classmethod
    def of(cls, step: Step, identity: Mapping[str, Any], modules: Sequence[str] = ()) -> Spec:
        """The spec of a step's stage."""
        names = [item.name for item in stage_fields(step.stage) if item.init]
        fields = {name: getattr(step.stage, name) for name in names}
        return cls(step.kind, fields, identity, str(Path.cwd()), tuple(modules))


@dataclass(frozen=True)
class Outcome:
    """What became of some texts: an answer to each, or the error that ended it and the answers
    that were finished by then. `tokens`: as `padding.count` takes them."""

    answers: list[Answer] | None
    tokens: tuple[int, int, int, int]
    error: StageError | None = None
    finished: Mapping[str, Answer] = field(default_factory=dict)


class RemoteStage:
    """One stage, in a process of its own. Its model is loaded by the first texts and stays."""

    def start(self, spec: Spec, cores: int) -> str:
        """Build the stage, to run on so many cores, and say on which machine. Raises `StageError`
        where it would not be the stage whose answers are wanted."""
        if spec.version != __version__:
            raise StageError(
                f"pivot-sum is {spec.version} here and {__version__} on {platform.node()}; install"
                " the same on all machines"
            )
        # Read by `cpu_cores` and by the libraries, which are imported later.
        os.environ["OMP_NUM_THREADS"] = str(cores)
        if Path(spec.folder).is_dir():
            os.chdir(spec.folder)  # models and modules may be named from there
        stage_class: Any = find_stage(spec.kind, map(Path, spec.modules))
        self._stage = stage_class(**spec.fields)
        self._what = f"stage {spec.kind}"
        there = resolved_identity(self._stage, spec.kind)
        if there != spec.identity:
            differences = "; ".join(
                f"{name} is {spec.identity.get(name)!r} here and {there.get(name)!r} there"
                for name in sorted({*there, *spec.identity})
                if there.get(name) != spec.identity.get(name)
            )
            raise StageError(
                f"{platform.node()} would answer by other means, whose results have keys of their"
                f" own: {differences}. Say in the recipe which it is to be, or use machines of one"
                " kind with the same models"
            )
        return platform.node()

    def compute(self, texts: Sequence[str]) -> Outcome:
        """The answers to some texts. Errors of the stage are in what comes back."""
        finished = _Finished()
        answers = error = None
        with counted() as tokens:
            try:
                with named_where_raised(self._stage, self._what, StageError), kept_by(finished):
                    answers = answers_of(self._stage, texts, Budget())
            except StageError as raised:
                error = raised.with_traceback(None)
        read = tokens.encoder, tokens.encoder_positions
        written = tokens.decoder, tokens.decoder_positions
        return Outcome(answers, (*read, *written), error, {} if answers else finished.answers)


class _Finished(NoKeeper):
    """Gathers what a stage has finished."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}

    def finished(self, answers: Mapping[str, Answer], /) -> None:
        """Keep answers until the call is over."""
        self.answers |= answers
