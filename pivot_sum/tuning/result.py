"""What came of a search: its trials, the best of them as a recipe, and how much each value
mattered."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from pivot_sum.files import write_whole
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.ranges import Value, with_values

if TYPE_CHECKING:
    import pandas
    from optuna import Study
    from optuna.trial import FrozenTrial

BEST: Final = "best.yaml"
RESULT: Final = "tuning.json"
TRIALS: Final = "trials"
LEAST_FOR_IMPORTANCE: Final = 4
"""Finished trials from which on an importance is shown: of fewer it says nothing."""


@dataclass(frozen=True)
class TunedTrial:
    """One trial. `value` is its best dev score, of a pruned one the last."""

    number: int
    state: str
    """`complete`, `pruned`, `failed`, `running` or `waiting`"""
    value: float | None
    params: Mapping[str, Value]
    pruned_at: int | None
    """the evaluation at which it was pruned"""
    seconds: float | None
    folder: str
    """of its training, below the folder of the search"""
    why: str = ""
    """why it failed, where that is known"""


@dataclass(frozen=True)
class Tuning:
    """A search. `best` is the number of the best trial, None where none is complete."""

    folder: Path
    name: str
    study: Path
    key: str
    metric: str
    lower_is_better: bool
    sampler: str
    pruner: str
    trials: tuple[TunedTrial, ...]
    best: int | None
    importance: Mapping[str, float]
    """by key, adding up to 1; empty below four complete trials, or where all values are alike"""
    signatures: Mapping[str, str]
    spent: Mapping[str, float]
    """what services billed for the steps of `data.pipeline`, by unit, interruptions included"""

    @property
    def best_trial(self) -> TunedTrial | None:
        """The best trial."""
        return next((trial for trial in self.trials if trial.number == self.best), None)

    @property
    def best_recipe(self) -> Path:
        """The file of its recipe."""
        return self.folder / BEST

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return {
            **{name: value for name, value in vars(self).items() if name != "trials"},
            "folder": str(self.folder),
            "study": str(self.study),
            "trials": [asdict(trial) for trial in self.trials],
        }

    def to_pandas(self) -> pandas.DataFrame:
        """One row a trial, one column a searched key."""
        import pandas

        return pandas.DataFrame(
            [
                {**{k: v for k, v in asdict(trial).items() if k != "params"}, **trial.params}
                for trial in self.trials
            ]
        )


def tuned_trial(trial: FrozenTrial, number: int) -> TunedTrial:
    """A trial of a study as we show it."""
    state = {"FAIL": "failed"}.get(trial.state.name, trial.state.name.lower())
    return TunedTrial(
        number=number,
        state=state,
        value=trial.value,
        params=dict(trial.params),
        pruned_at=trial.last_step if state == "pruned" else None,
        seconds=round(trial.duration.total_seconds(), 1) if trial.duration else None,
        folder=f"{TRIALS}/{number:04d}",
        why=str(trial.user_attrs.get("why", "")),
    )


def importance(study: Study) -> dict[str, float]:
    """How much each key mattered, by Optuna; empty where the trials cannot tell."""
    from optuna.importance import get_param_importances

    trials = study.get_trials(deepcopy=False)
    values = [trial.value for trial in trials if trial.state.name == "COMPLETE"]
    if len(values) < LEAST_FOR_IMPORTANCE or len(set(values)) == 1:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = get_param_importances(study)
    return {key: float(value) for key, value in found.items()}


def best_recipe(recipe: TrainRecipe, trial: TunedTrial, files: tuple[str, str], about: str) -> str:
    """The recipe of a trial as YAML: what differs from the defaults, with its data files."""
    best = with_values(recipe, trial.params)
    values = best.model_dump(exclude_defaults=True) | {"description": about}
    values["data"] = values.get("data", {}) | dict(zip(("train", "dev"), files, strict=True))
    order = [name for name in TrainRecipe.model_fields if name in values]
    text = yaml.safe_dump(
        {name: values[name] for name in order}, allow_unicode=True, sort_keys=False, width=100
    )
    return f"# yaml-language-server: $schema=train.schema.json\n{text}"


def write_result(tuning: Tuning, best: str | None) -> None:
    """Write `tuning.json`, and the best recipe where there is one."""
    text = json.dumps(tuning.as_json(), ensure_ascii=False, indent=1) + "\n"
    write_whole(tuning.folder / RESULT, text)
    if best is not None:
        write_whole(tuning.best_recipe, best)
