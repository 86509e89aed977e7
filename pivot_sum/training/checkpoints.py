"""Which checkpoint a training goes on from: the last one that is whole."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pivot_sum.files import write_whole

CHECKPOINTS: Final = "checkpoints"
"""The folder of the checkpoints, below that of the training."""
STATE: Final = "trainer_state.json"
"""The last file that transformers writes into a checkpoint."""


def last_checkpoint(folder: Path) -> Path | None:
    """The whole checkpoint with the most steps; half-written ones are removed."""
    whole = []
    for path in folder.glob("checkpoint-*"):
        if is_whole(path):
            whole.append(path)
        else:
            shutil.rmtree(path, ignore_errors=True)
    return max(whole, key=steps_of, default=None)


def steps_of(checkpoint: Path) -> int:
    """How many steps were trained when it was written."""
    return int(checkpoint.name.rpartition("-")[2])


def is_whole(checkpoint: Path) -> bool:
    """Whether every file of a checkpoint was written to its end: its state can be read, its weights
    are as long as they say, and what torch wrote (zip files) has its directory, which stands at
    the end."""
    pickles = [checkpoint / name for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth")]
    return (
        has_whole_model(checkpoint)
        and any(checkpoint.glob("*.safetensors"))
        and all(map(zipfile.is_zipfile, pickles))
    )


def has_whole_model(checkpoint: Path) -> bool:
    """The same of its weights alone, which is enough for using it as a model: the state, which is
    written last, can be read."""
    weights = checkpoint.glob("*.safetensors")
    return state_of(checkpoint) is not None and all(map(_whole_safetensors, weights))


def state_of(checkpoint: Path) -> Mapping[str, Any] | None:
    """The trainer's state in a checkpoint; None where there is none that can be read."""
    try:
        state = json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) else None


def was_stopped(checkpoint: Path) -> bool:
    """Whether early stopping had decided to end the training when this checkpoint was written."""
    state = state_of(checkpoint) or {}
    control = state.get("stateful_callbacks", {}).get("TrainerControl", {})
    return bool(control.get("args", {}).get("should_training_stop"))


def _whole_safetensors(file: Path) -> bool:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt"):
            return True
    except (OSError, SafetensorError):
        return False


def name_best_here(checkpoint: Path) -> None:
    """Let the state name the best checkpoint by where it is now: the folder may have been moved."""
    state = state_of(checkpoint)
    if state and (best := state.get("best_model_checkpoint")):
        here = str(checkpoint.parent / Path(best).name)
        if here != best:
            text = json.dumps({**state, "best_model_checkpoint": here}, indent=2, sort_keys=True)
            write_whole(checkpoint / STATE, text + "\n")
