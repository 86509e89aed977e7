"""Whether a system's models were trained on the very dialogues they are scored on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.comparison.systems import System
from pivot_sum.data.overlap import dialogue_hash
from pivot_sum.data.samples import Sample
from pivot_sum.data.trained_on import read_trained_on
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.models.hub import local_folder


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
    hashes: Counter[str] | None = None  # of all dialogues, made where a model has seen any
    identities = {step.name: step.identity for step in system.record.steps}
    found = []
    for settings in system.record.recipe.steps:
        name = str(settings.get("name"))
        computed_with = _hashes(identities.get(name, {}))
        for model, folder in _folders(settings):
            seen = read_trained_on(folder)
            if seen is None:
                continue
            if hashes is None:
                hashes = Counter(dialogue_hash(sample.dialogue) for sample in samples)
            trained = sum(hashes[one] for one in seen.train)
            chosen = sum(hashes[one] for one in seen.dev - seen.train)
            if (trained or chosen) and content_hash(folder) in computed_with:
                found.append(SeenInTraining(name, model, trained, chosen))
    return tuple(found)


def _folders(settings: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """The models of a step, several of an ensemble, with their folders, where they are here."""
    for model in _models(settings):
        if isinstance(model, str):
            with suppress(StageError):
                if folder := local_folder(model):
                    yield model, folder


def _hashes(identity: Mapping[str, Any]) -> set[str]:
    """The contents of the models that the run computed with."""
    hashes = [model.get("sha256") for model in _models(identity) if isinstance(model, dict)]
    return {one for one in hashes if isinstance(one, str)}


def _models(settings: Mapping[str, Any]) -> list[Any]:
    """What stands where a step's model and the others of its ensemble do: of a run folder that
    somebody else wrote, anything."""
    others = settings.get("ensemble")
    return [settings.get("model"), *(others if isinstance(others, list) else ())]
