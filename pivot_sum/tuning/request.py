"""What a search is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pivot_sum.running.spending import Limit
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.train import TrainRequest

SamplerName = Literal["tpe", "random", "grid"]
PrunerName = Literal["median", "hyperband", "none"]
Keep = Literal["best", "all"]

TRIALS_BY_DEFAULT = 20


@dataclass(frozen=True)
class TuneRequest:
    """What is to be searched. `trials`: how many the study has in the end, whoever runs them.
    `study_file` and `folder` are below `tunings/NAME-KEY` where they are not given. `keep`: whose
    weights stay, those of the best trial or of all. `cache` and `budget` are for the steps of
    `data.pipeline`, whose results all trials share.
    """

    name: str
    recipe: TrainRecipe
    train_file: str | None = None
    dev_file: str | None = None
    trials: int = TRIALS_BY_DEFAULT
    sampler: SamplerName = "tpe"
    pruner: PrunerName = "median"
    study_file: Path | None = None
    folder: Path | None = None
    keep: Keep = "best"
    cache: Path | None = None
    budget: Limit = None

    def training(self) -> TrainRequest:
        """The training that the search varies."""
        return TrainRequest(
            name=self.name,
            recipe=self.recipe,
            train_file=self.train_file,
            dev_file=self.dev_file,
            cache=self.cache,
            budget=self.budget,
        )
