"""What a trial tells its study while it is trained."""

from __future__ import annotations

from typing import Any

from optuna import Trial, TrialPruned
from transformers import TrainerCallback


class ToPruner(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Reports the dev score of each evaluation, by its number, and ends a trial that is pruned."""

    def __init__(self, trial: Trial, reported: set[int]) -> None:
        self.trial, self.reported = trial, reported

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any
    ) -> None:
        """The dev file is scored. Raises `TrialPruned`."""
        if state.global_step == 0:
            return
        by_steps = args.eval_strategy == "steps"
        number = state.global_step // args.eval_steps if by_steps else round(state.epoch)
        if number not in self.reported:
            self.reported.add(number)
            self.trial.report(float(metrics[f"eval_{args.metric_for_best_model}"]), number)
        if self.trial.should_prune():
            raise TrialPruned(f"at evaluation {number}")
