"""Small searches: a request for a small BART, a training that only pretends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainings import TINY

from pivot_sum.training.recipe import checked_recipe
from pivot_sum.training.record import read_record, write_record
from pivot_sum.training.train import Training, TrainRequest, begin
from pivot_sum.tuning.request import TuneRequest

RATES = {"settings.learning_rate": {"low": 1e-4, "high": 1e-2, "log": True}}


def search(
    project: Path,
    *,
    tune: Mapping[str, Any] = RATES,
    settings: Mapping[str, Any] = {},
    **asked: Any,
) -> TuneRequest:
    """A search in a folder with `train.csv`, `dev.csv` and the small model `bart`."""
    raw = {
        **TINY,
        "model": str(project / "bart"),
        "metric": "loss",
        "search": {"num_beams": 1, "max_new_tokens": 4},
        "settings": {**TINY["settings"], "threads": 1, **settings},
        "tune": dict(tune),
    }
    files = str(project / "train.csv"), str(project / "dev.csv")
    asked = {"folder": project / "out", **asked}
    return TuneRequest("tiny", checked_recipe(raw, "tiny"), *files, **asked)


@dataclass(frozen=True)
class Pretended:
    """Takes the place of `train`: the loss is 100 times the learning rate, nothing
    is learned."""

    seconds: float = 0.0

    def __call__(self, request: TrainRequest, progress: Any = None) -> Training:
        assert request.folder
        time.sleep(self.seconds)
        record, _ = begin(request)
        record.best_by, record.status = "loss", "finished"
        record.scores = {"loss": request.recipe.settings.learning_rate * 100}
        write_record(record, request.folder)
        (request.folder / "model.safetensors").write_bytes(b"weights")
        made = read_record(request.folder)
        assert made
        return Training(request.folder, made)
