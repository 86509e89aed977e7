"""Whether a system's models were trained on the very dialogues they are scored on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.comparison.systems import System
from pivot_sum.data.overlap import dialogue_hash
from pivot_sum.data.samples import Sample
from pivot_sum.data.trained_on import read_trained_on
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.models.hub import content_hash, local_folder


class SeenInTraining(NamedTuple):
    """How many of the scored dialogues the model of one step has seen."""

    step: str
    model: str
    trained: int
    """Its weights were fitted to so many of them."""
    chosen: int
    """Its checkpoint or settings were chosen by the score on so many others."""


def seen_in_training(system: System, samples: Sequence[Sample]) -> tuple[SeenInTraining, ...]:
    """For each step whose model has seen any of the samples. A model says so by a file in its
    folder (`pivot_sum.data.trained_on`); one whose folder is not here any more, or holds other
    weights than those of the run, says nothing."""
    if system.record is None:
        return ()
    hashes = [dialogue_hash(sample.dialogue) for sample in samples]
    identities = {step.name: step.identity for step in system.record.steps}
    found = []
    for settings in system.record.recipe.steps:
        name = str(settings.get("name"))
        for model, folder in _folder(settings):
            seen = read_trained_on(folder)
            if seen is None:
                continue
            trained = sum(one in seen.train for one in hashes)
            chosen = sum(one in seen.dev - seen.train for one in hashes)
            if (trained or chosen) and _is_of(folder, identities.get(name, {})):
                found.append(SeenInTraining(name, model, trained, chosen))
    return tuple(found)


def _folder(settings: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """The model of a step and its folder, where it has one here."""
    model = settings.get("model")
    if isinstance(model, str):
        with suppress(StageError):
            if folder := local_folder(model):
                yield model, folder


def _is_of(folder: Path, identity: Mapping[str, Any]) -> bool:
    """Whether a folder holds what the run computed with."""
    known = identity.get("model")
    return isinstance(known, dict) and known.get("sha256") == content_hash(folder)
