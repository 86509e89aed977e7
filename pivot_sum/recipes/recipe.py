"""Recipes: YAML in, checked steps out. All mistakes are reported at once, each with its path and
the nearest known name."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from pivot_sum import configs
from pivot_sum.data.readers import READERS, SPREADSHEETS
from pivot_sum.errors import RecipeInvalid, RecipeMissing
from pivot_sum.recipes.checks import checked
from pivot_sum.recipes.form import ColumnNames, Data, Recipe, Step
from pivot_sum.recipes.settings import apply_setting, chosen_steps
from pivot_sum.strict_yaml import read_yaml
from pivot_sum.wording import did_you_mean

__all__ = [
    "DEFAULT_RECIPE",
    "RECIPES_FOLDER",
    "ColumnNames",
    "Data",
    "Recipe",
    "Step",
    "chosen_steps",
    "load_recipe",
    "recipe_path",
    "recorded_recipe",
    "shipped_recipe",
    "shipped_recipes",
    "shipped_training_recipes",
]

DEFAULT_RECIPE = "demo-pivot"

RECIPES_FOLDER = Path(*configs.__path__)


TRAINING = "train-"
"""How the names of shipped training recipes begin."""


def shipped_recipes() -> list[str]:
    """The names of the recipes that come with the program, to run."""
    return [name for name in _shipped() if not name.startswith(TRAINING)]


def shipped_training_recipes() -> list[str]:
    """The names of the recipes that come with the program, to train."""
    return [name for name in _shipped() if name.startswith(TRAINING)]


def _shipped() -> list[str]:
    return sorted(path.stem for path in RECIPES_FOLDER.glob("*.yaml"))


def recipe_path(name: str) -> Path:
    """The file of a recipe, given as a path or as the name of one that comes with the program.
    Raises `RecipeMissing`."""
    path = Path(name)
    if path.suffix.lower() in (*READERS, *SPREADSHEETS):
        raise RecipeMissing(
            f"{name} is no recipe but data. Name data with --data, behind the recipe:"
            f" {DEFAULT_RECIPE} --data {name}"
        )
    return path if path.is_file() else shipped_recipe(name)


def shipped_recipe(name: str) -> Path:
    """The file of a recipe that comes with the program. Raises `RecipeMissing`."""
    shipped = RECIPES_FOLDER / f"{name}.yaml"
    if shipped.is_file():
        return shipped
    known = _shipped()
    raise RecipeMissing(
        f"there is no recipe {name!r}{did_you_mean(name, known)}; shipped recipes:"
        f" {', '.join(known)}"
    )


def recipe_values(path: Path) -> Any:
    """What stands in the YAML file of a recipe, to run or to train. Raises `RecipeInvalid`."""
    try:
        return read_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        said = " ".join(str(error).split()).replace('in "<unicode string>", ', "in ")
        raise RecipeInvalid(f"recipe {path} is not readable YAML: {said}") from error


def load_recipe(name: str, settings: Sequence[str] = ()) -> Recipe:
    """Read and check a recipe. `settings` are `step.field=value` (or `data.field=value`) changes
    made before the check. Stages from outside are imported.

    Raises `RecipeMissing`, `RecipeInvalid` (all mistakes in one message) and `UnknownStep` (a
    setting for no step).
    """
    path = recipe_path(name)
    raw = recipe_values(path)
    if isinstance(raw, dict) and "task" in raw and "steps" not in raw:
        raise RecipeInvalid(
            f"{path} is a recipe to train, not one to run: pivot-sum train {name}. The folder it"
            " makes is what --set STEP.model=FOLDER takes"
        )
    if not isinstance(raw, dict):
        raise RecipeInvalid(
            f"recipe {path} is empty or not a mapping; see {RECIPES_FOLDER / 'demo-pivot.yaml'} for"
            " the form"
        )
    return _checked(path.stem, path, path.parent, raw, settings)


def recorded_recipe(filled: dict[str, Any], path: Path, settings: Sequence[str] = ()) -> Recipe:
    """The recipe of a run, from what its record in `path` holds of it (`Recipe.filled`). Raises as
    `load_recipe` does."""
    raw = copy.deepcopy(filled)
    name, folder = str(raw.pop("name", "")), Path(raw.pop("folder", None) or path.parent)
    return _checked(name, path, folder, raw, settings)


def _checked(
    name: str, path: Path, folder: Path, raw: dict[str, Any], settings: Sequence[str]
) -> Recipe:
    for setting in settings:
        apply_setting(raw, setting, [folder])
    file, steps, mistakes = checked(raw, [folder])
    if mistakes or not file:
        listing = "\n".join(f"  - {mistake}" for mistake in mistakes)
        count = f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''}"
        # Without the values: one may be a key that somebody put there.
        names = [setting.partition("=")[0] for setting in settings]
        changed = f" with --set {' --set '.join(f'{name}=…' for name in names)}" if names else ""
        raise RecipeInvalid(
            f"recipe {path}{changed} has {count}:\n{listing}\nCorrect it, or see `pivot-sum stages`"
            " for every field."
        )
    return Recipe(name, file.description, file.data, tuple(steps), folder)
