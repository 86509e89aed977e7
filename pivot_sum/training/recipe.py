"""Training recipes: YAML in, a checked `TrainRecipe` out. All mistakes are reported at once, each
with its path and the nearest known name."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from pivot_sum.errors import RecipeInvalid, UnknownStep
from pivot_sum.recipes.mistakes import mistakes_of
from pivot_sum.recipes.recipe import recipe_path, recipe_values
from pivot_sum.recipes.strict_yaml import read_yaml
from pivot_sum.training.form import TrainRecipe
from pivot_sum.wording import did_you_mean


def load_train_recipe(name: str, settings: Sequence[str] = ()) -> TrainRecipe:
    """Read and check a training recipe, given as a path or as the name of one that comes with the
    program. `settings` are `KEY.KEY=VALUE` changes made before the check.

    Raises `RecipeMissing`, `RecipeInvalid` (all mistakes in one message) and `UnknownStep` (a
    setting that cannot be read).
    """
    path = recipe_path(name)
    raw = recipe_values(path)
    if isinstance(raw, dict) and "steps" in raw and "task" not in raw:
        raise RecipeInvalid(
            f"{path} is a recipe to run, not one to train: it has steps. Start from a training"
            " recipe, such as pivot-sum init train-kobart"
        )
    if not isinstance(raw, dict):
        raise RecipeInvalid(f"training recipe {path} is empty or not a mapping")
    return checked_recipe(raw, str(path), settings)


def checked_recipe(raw: Mapping[str, Any], where: str, settings: Sequence[str] = ()) -> TrainRecipe:
    """The checked recipe of values as YAML gives them; `where` stands in the message. Raises as
    `load_train_recipe` does."""
    values = _numbers(dict(raw))
    for setting in settings:
        _apply(values, setting)
    try:
        return TrainRecipe.model_validate(values)
    except ValidationError as error:
        mistakes = _mistakes(error)
        count = f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''}"
        listing = "\n".join(f"  - {mistake}" for mistake in mistakes)
        # Without the values, as of a recipe's steps.
        changed = "".join(f" --set {setting.partition('=')[0]}=…" for setting in settings)
        raise RecipeInvalid(
            f"training recipe {where}{' with' if changed else ''}{changed} has {count}:\n{listing}"
            "\nCorrect it; `pivot-sum schema --train` prints every key with its meaning."
        ) from None


def _mistakes(error: ValidationError) -> list[str]:
    conflicts = [
        line
        for item in error.errors()
        if item["type"] == "conflict"
        for line in item["msg"].splitlines()
    ]
    return conflicts or mistakes_of(error, "", TrainRecipe)


def _apply(values: dict[str, Any], setting: str) -> None:
    """Change one value, before the recipe is checked. Raises `UnknownStep`."""
    path, equals, text = setting.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise UnknownStep(
            f"--set {setting!r} is not of the form key=value, such as settings.learning_rate=1e-5"
        )
    place: dict[str, Any] = values
    kind: type[BaseModel] = TrainRecipe
    for key in keys[:-1]:
        below = _block(kind, key)
        if below is None:
            raise UnknownStep(
                f"--set {path}: there is no block {key!r}"
                f"{did_you_mean(key, kind.model_fields)}; the form is settings.learning_rate=1e-5"
            )
        inner = place.get(key)
        place[key] = dict(inner) if isinstance(inner, Mapping) else {}
        place, kind = place[key], below
    try:
        place[keys[-1]] = _value(kind, keys[-1], text)
    except yaml.YAMLError as error:
        raise UnknownStep(f"--set {path}: the value cannot be read as YAML") from error


def _block(kind: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The form of what stands below a key; None where that is a value."""
    blocks = [hint for hint in _kinds(kind, key) if isinstance(hint, type)]
    return next((found for found in blocks if issubclass(found, BaseModel)), None)


def _kinds(kind: type[BaseModel], key: str) -> tuple[Any, ...]:
    """The types that a key takes."""
    field = kind.model_fields.get(key)
    hint = field.annotation if field else None
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def _value(kind: type[BaseModel], key: str, text: str) -> Any:
    """The value as YAML, or the text as it stands where the key takes text."""
    kinds = _kinds(kind, key)
    try:
        value = read_yaml(text)
    except yaml.YAMLError:
        if str in kinds:
            return text
        raise
    if str in kinds and not isinstance(value, str | None):
        return text
    return _numbers(value)


_EXPONENT = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")


def _numbers(value: Any) -> Any:
    """The value with `1e-5` as a number wherever it occurs: YAML 1.1 takes it for text."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value) if isinstance(value, str) and _EXPONENT.fullmatch(value) else value


def recipe_name(recipe: str) -> str:
    """The name of a recipe that was given as a path or a name."""
    return Path(recipe).stem
