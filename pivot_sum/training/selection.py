"""Which checkpoints of a training are averaged: the last ones, or the best on the dev set, as the
trainer of transformers writes both down (`checkpoint-STEP`, `trainer_state.json`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pivot_sum.errors import AverageRefused
from pivot_sum.training.checkpoints import CHECKPOINTS, has_whole_model, state_of, steps_of
from pivot_sum.wording import some


def last_checkpoints(training: Path, count: int) -> list[Path]:
    """The `count` checkpoints of a training with the most steps, in their order. Raises
    `AverageRefused` where it has fewer."""
    return _kept(training, count)[-count:]


def best_checkpoints(training: Path, count: int) -> list[Path]:
    """The `count` best checkpoints of a training by the score it chose its best one by, best first;
    of equal ones the later.

    Raises `AverageRefused` where it has fewer that were evaluated, or chose none.
    """
    kept = {steps_of(checkpoint): checkpoint for checkpoint in _kept(training, count)}
    scores, sign = _scores(state_of(kept[max(kept)]) or {}, training)
    known = [step for step in sorted(kept, reverse=True) if step in scores]
    if len(known) < count:
        raise AverageRefused(
            f"{training} has {len(known)} checkpoints that were evaluated, not {count}; take fewer,"
            " use --last, or keep more of them in the next training (save_total_limit)"
        )
    return [kept[step] for step in sorted(known, key=lambda step: -sign * scores[step])[:count]]


def _kept(training: Path, count: int) -> list[Path]:
    """Every checkpoint that is there and not half-written, by its step."""
    inside = training / CHECKPOINTS
    folder = inside if inside.is_dir() else training
    if not folder.is_dir():
        raise AverageRefused(f"there is no folder {training}; name the folder of a training")
    found = sorted(
        (
            path
            for path in folder.glob("checkpoint-*")
            if path.name.partition("-")[2].isdecimal() and has_whole_model(path)
        ),
        key=steps_of,
    )
    if len(found) < count:
        here = some([path.name for path in found]) or "none"
        raise AverageRefused(
            f"{folder} holds {len(found)} whole checkpoints ({here}), not {count}; take fewer, or"
            " keep more of them in the next training (save_total_limit)"
        )
    return found


def _scores(state: Mapping[str, Any], training: Path) -> tuple[dict[int, float], int]:
    """The dev scores by step, and 1 where more is better, -1 where less is.

    The state names the best value and its step, but not the score: it is the one that has this
    value there.
    """
    best, step = state.get("best_metric"), state.get("best_global_step")
    history = [entry for entry in state.get("log_history", []) if isinstance(entry, dict)]
    for name in sorted({key for entry in history for key in entry if key.startswith("eval_")}):
        scores = {entry["step"]: entry[name] for entry in history if name in entry}
        if best is not None and scores.get(step) == best:
            return scores, 1 if best == max(scores.values()) else -1
    raise AverageRefused(
        f"{training} does not say which of its checkpoints was the best (trainer_state.json:"
        " best_metric); use --last, or name the checkpoints"
    )
