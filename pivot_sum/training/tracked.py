"""A training as a run of tracking tools: its name, what it was made with, and our signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pivot_sum.tracking.tools import TrackedRun
from pivot_sum.training.record import TrainingRecord


def run_name(record: TrainingRecord) -> str:
    """`{model}_{data}_lr{lr}_bs{bs}_ep{epochs}`: bs are the samples of a step; `_st{steps}` where
    the recipe ends by steps."""
    recipe = record.recipe
    settings = recipe["settings"]
    size = settings["per_device_train_batch_size"] * settings["gradient_accumulation_steps"]
    model = recipe["model"].rstrip("/").rpartition("/")[2].rpartition(":")[2]
    data = Path(record.train.file.rpartition(":")[2]).stem
    steps = settings["max_steps"]
    end = f"st{steps}" if steps else f"ep{settings['num_train_epochs']:g}"
    return f"{model}_{data}_lr{settings['learning_rate']:g}_bs{size}_{end}"


def run_config(record: TrainingRecord, folder: Path) -> dict[str, Any]:
    """What a training is made with."""
    return {
        "recipe": record.recipe,
        "base": record.base,
        "data": {
            use: {"file": file.file, "sha256": file.sha256, "rows": file.rows}
            for use, file in (("train", record.train), ("dev", record.dev))
        },
        "folder": str(folder),
        "pivot_sum": record.pivot_sum,
    }


def callbacks(runs: Sequence[TrackedRun], signatures: Mapping[str, str]) -> list[Any]:
    """transformers' own callbacks for these runs, and one that says how our scores are made.
    `signatures` is filled by the first evaluation."""
    if not runs:
        return []
    from transformers import TrainerCallback

    class Signatures(TrainerCallback):  # type: ignore[misc]  # transformers has no types
        said = False

        def on_evaluate(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if not self.said:
                self.said = True
                for run in runs:
                    run.add_config({"signatures": dict(signatures)})

    return [*(run.callback() for run in runs), Signatures()]
