"""Which dialogues a model was trained on: hashes in a file of the model's folder, so that a
comparison can say when a model is scored on what it has seen.

The file is no part of the model's identity (`pivot_sum.stages.models.content.content_hash`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pivot_sum.data.overlap import dialogue_hash
from pivot_sum.errors import DataUnwritable
from pivot_sum.files import write_whole

TRAINED_ON: Final = "trained_on.json"
"""`{"trained_on": {"train_dialogues": [HASH, ...], "dev_dialogues": [HASH, ...]}}`, where HASH is
`pivot_sum.data.overlap.dialogue_hash`."""


@dataclass(frozen=True)
class TrainedOn:
    """What a model has seen, as hashes of dialogues."""

    train: frozenset[str]
    """Its weights were fitted to these."""
    dev: frozenset[str]
    """Its checkpoint or settings were chosen by the score on these."""


def write_trained_on(folder: Path, train: Iterable[str], dev: Iterable[str]) -> None:
    """Note in a model's folder the dialogues it was trained and chosen on. Raises
    DataUnwritable."""
    _write(folder, TrainedOn(*(frozenset(map(dialogue_hash, texts)) for texts in (train, dev))))


def write_trained_on_all(folder: Path, members: Iterable[Path]) -> None:
    """Note in the folder of a model made of others what any of them has seen; nothing where none
    says. A checkpoint of a training has seen what the training's folder says. Raises
    DataUnwritable."""
    known = [seen for member in members if (seen := _seen_by(member))]
    if known:
        train, dev = zip(*((seen.train, seen.dev) for seen in known), strict=True)
        _write(folder, TrainedOn(frozenset().union(*train), frozenset().union(*dev)))


def _seen_by(model: Path) -> TrainedOn | None:
    own = read_trained_on(model)
    if own is None and model.name.startswith("checkpoint-"):
        parents = model.resolve().parents
        return read_trained_on(parents[0]) or read_trained_on(parents[1])
    return own


def _write(folder: Path, seen: TrainedOn) -> None:
    noted = {"train_dialogues": sorted(seen.train), "dev_dialogues": sorted(seen.dev)}
    path = folder / TRAINED_ON
    try:
        write_whole(path, json.dumps({"trained_on": noted}, indent=0) + "\n")
    except OSError as error:
        raise DataUnwritable(
            f"{path} cannot be written: {error.strerror}. Check the folder and the room on disk"
        ) from error


def read_trained_on(folder: Path) -> TrainedOn | None:
    """What the model in a folder has seen; None where the folder does not say, or not readably."""
    try:
        noted = json.loads((folder / TRAINED_ON).read_text(encoding="utf-8"))["trained_on"]
        return TrainedOn(frozenset(noted["train_dialogues"]), frozenset(noted["dev_dialogues"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None
