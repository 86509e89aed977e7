"""One training recipe in several regimes, each a training of its own: as it is, from fresh weights,
decoder only, full, LoRA."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pivot_sum.errors import TrainingRefused
from pivot_sum.files import write_whole
from pivot_sum.running.spending import Limit
from pivot_sum.training.form import LOWER_IS_BETTER, TrainRecipe
from pivot_sum.training.recipe import load_train_recipe, recipe_name
from pivot_sum.training.record import new_record, read_record, take_up
from pivot_sum.training.regimes_page import write_page
from pivot_sum.training.regimes_result import Regime, Regimes
from pivot_sum.training.train import TrainRequest, begin
from pivot_sum.wording import did_you_mean

REGIMES: Final = {
    "as-is": ("start=pretrained", "train=none"),
    "scratch": ("start=scratch", "train=full"),
    "decoder": ("start=pretrained", "train=decoder"),
    "full": ("start=pretrained", "train=full"),
    "lora": ("start=pretrained", "train=lora"),
}
"""Each regime, and what it changes in a recipe."""
RESULT: Final = "regimes.json"
FOLDER: Final = Path("trainings")
_KEY_SHOWN: Final = 8
_INTERRUPTED: Final = 130


@dataclass(frozen=True)
class RegimesRequest:
    """What is to be compared. `recipe`: name or file of a training recipe. `settings`: changed
    values for all regimes, `settings.seed=1`, or for one, `lora:settings.learning_rate=1e-3`. The
    rest as in `TrainRequest`; `folder` is `trainings/NAME-KEY-regimes` where it is not given.
    """

    recipe: str
    regimes: Sequence[str] = tuple(REGIMES)
    settings: Sequence[str] = ()
    train_file: str | None = None
    dev_file: str | None = None
    folder: Path | None = None
    cache: Path | None = None
    budget: Limit = None


Say = Callable[[str], None]


def compare_regimes(
    request: RegimesRequest,
    say: Say | None = lambda text: print(text, file=sys.stderr, flush=True),
) -> Regimes:
    """Train the recipe in each regime, in a process of its own, so that its peak of memory is its
    own. One that is finished is not trained again, one that was interrupted goes on, one that fails
    is a row with its error. `say` is told how far it is; None keeps the trainings quiet too.

    Raises `TrainingRefused` for an unknown regime, and what `train` raises before its first step.
    """
    _require_known(request.regimes)
    changes = {name: _changes(request, name) for name in request.regimes}
    recipes = {name: load_train_recipe(request.recipe, changes[name]) for name in changes}
    name = recipe_name(request.recipe)
    folder, finished = _begin(request, name, recipes)
    rows = []
    for regime, settings in changes.items():
        error = ""
        if regime not in finished:
            if say:
                say(f"regime {regime}: {' '.join(settings)}")
            error = _train(request, folder / regime, settings, quiet=say is None)
            if error and say:
                say(f"regime {regime} ended with an error: {error}")
        rows.append(Regime(regime, folder / regime, read_record(folder / regime), error))
    recipe = next(iter(recipes.values()))
    metric = "final" if recipe.metric == "rouge" else recipe.metric
    ordered = _best_first(rows, metric, lower=recipe.metric in LOWER_IS_BETTER)
    made = Regimes(folder, name, metric, ordered)
    text = json.dumps(made.as_json(), ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / RESULT, text)
    write_page(made)
    return made


def _require_known(names: Sequence[str]) -> None:
    for name in names:
        if name not in REGIMES:
            raise TrainingRefused(
                f"there is no regime {name!r}{did_you_mean(name, REGIMES)}; there are"
                f" {', '.join(REGIMES)}"
            )
    if not names or len(set(names)) < len(names):
        raise TrainingRefused(
            f"regimes {','.join(names) or 'none'}: name each once, at least one of"
            f" {', '.join(REGIMES)}"
        )


def _changes(request: RegimesRequest, regime: str) -> list[str]:
    """The settings of one regime, its own last."""
    found = []
    for setting in request.settings:
        name, colon, _ = setting.partition("=")[0].partition(":")
        if not colon:
            found.append(setting)
            continue
        _require_known([name])
        if name == regime:
            found.append(setting[len(name) + 1 :])
    return [*found, *REGIMES[regime]]


def _begin(
    request: RegimesRequest, name: str, recipes: dict[str, TrainRecipe]
) -> tuple[Path, set[str]]:
    """The folder, and which regimes are finished in it. The data is read, and what its pipeline
    lacks computed into the cache, once for all."""
    first, *_ = recipes.values()
    record, files = begin(
        TrainRequest(
            name,
            first,
            request.train_file,
            request.dev_file,
            cache=request.cache,
            budget=request.budget,
        )
    )
    folder = request.folder or FOLDER / f"{name}-{record.key[:_KEY_SHOWN]}-regimes"
    finished = set()
    for regime, recipe in recipes.items():
        there = take_up(new_record(name, recipe, record.base, *files), folder / regime)
        if there.status == "finished":
            finished.add(regime)
    return folder, finished


def _train(request: RegimesRequest, folder: Path, settings: Sequence[str], *, quiet: bool) -> str:
    """Run one training as a command of its own; why it failed, empty where it did not."""
    given = (
        ("--data", request.train_file),
        ("--dev", request.dev_file),
        ("--cache", request.cache),
        ("--out", folder),
    )
    words = [word for option, value in given if value is not None for word in (option, str(value))]
    changed = [word for setting in settings for word in ("--set", setting)]
    program = [sys.executable, "-P", "-m", "pivot_sum.training.beside"]
    waits, held = os.pipe()
    try:
        done = subprocess.run(
            [*program, "train", request.recipe, *words, *changed, "--json"],
            stdin=waits,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            encoding="utf-8",
            check=False,
        )
        interrupted = done.returncode == _INTERRUPTED
    except KeyboardInterrupt:
        interrupted = True
    finally:
        os.close(waits)
        os.close(held)
    if interrupted:
        raise KeyboardInterrupt(
            f"regime {folder.name}; finished ones and the last checkpoint are kept and the same"
            " command goes on from there"
        )
    return _error(done) if done.returncode else ""


def _error(done: subprocess.CompletedProcess[str]) -> str:
    """Why a training failed: its own message, where it had time for one."""
    if done.returncode < 0:
        return (
            f"its process was killed (signal {-done.returncode}), as a system does where memory"
            " runs out"
        )
    try:
        return str(json.loads(done.stdout)["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"its process ended with exit code {done.returncode}"


def _best_first(rows: Sequence[Regime], metric: str, *, lower: bool) -> tuple[Regime, ...]:
    def order(row: Regime) -> tuple[bool, float]:
        value = row.record.scores.get(metric, 0.0) if row.record else 0.0
        return bool(row.error), value if lower else -value

    return tuple(sorted(rows, key=order))
