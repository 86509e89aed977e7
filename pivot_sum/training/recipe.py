"""Training recipes: YAML in, a checked `TrainRecipe` out. All mistakes are reported at once, each
with its path and the nearest known name."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from pivot_sum.errors import RecipeInvalid, UnknownStep
from pivot_sum.recipes.mistakes import form_below, known_names, mistakes_of
from pivot_sum.recipes.recipe import recipe_path, recipe_values
from pivot_sum.strict_yaml import read_yaml
from pivot_sum.training.conflicts import conflicts
from pivot_sum.training.form import CONFLICT, TrainRecipe
from pivot_sum.training.ranges import Range, range_mistakes, values_by_key
from pivot_sum.wording import nearest


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
        mistakes = _mistakes(error, values)
        count = f"{len(mistakes)} mistake{'s' if len(mistakes) != 1 else ''}"
        listing = "\n".join(f"  - {mistake}" for mistake in mistakes)
        # Without the values, as of a recipe's steps.
        changed = "".join(f" --set {setting.partition('=')[0]}=…" for setting in settings)
        raise RecipeInvalid(
            f"training recipe {where}{' with' if changed else ''}{changed} has {count}:\n{listing}"
            "\nCorrect it; `pivot-sum schema --train` prints every key with its meaning."
        ) from None


def _mistakes(error: ValidationError, values: Mapping[str, Any]) -> list[str]:
    """Every mistake of a recipe: what its form refuses, and what does not go together or cannot be
    searched among the values that are right."""
    refused = [item for item in error.errors() if item["type"] != CONFLICT]
    places = [item["loc"] for item in refused]
    places += [
        meant
        for item in refused
        if item["type"] == "extra_forbidden" and (meant := _meant(item["loc"], values))
    ]
    right = values_by_key(TrainRecipe, values, places)
    return [
        *(mistakes_of(error, "", TrainRecipe) if refused else []),
        *conflicts(right),
        *range_mistakes(TrainRecipe, right, _ranges(values.get("tune"))),
    ]


def _meant(location: tuple[int | str, ...], values: Any) -> tuple[int | str, ...] | None:
    """The key that an unknown one stands for, whose value is not known therefore; None where it has
    one of its own, or no key is like it."""
    *above, name = location
    for part in above:
        values = values[part]
    near = nearest(str(name), known_names(TrainRecipe, location))
    return None if near is None or near in values else (*above, near)


def _ranges(tune: Any) -> dict[str, Range]:
    """The ranges of a block `tune:` that are right."""
    found = {}
    for key, value in tune.items() if isinstance(tune, Mapping) else ():
        with suppress(ValidationError):
            found[key] = Range.model_validate(value)
    return found


def _apply(values: dict[str, Any], setting: str) -> None:
    """Change one value, before the recipe is checked. Raises `UnknownStep`."""
    path, equals, text = setting.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise UnknownStep(
            f"--set {setting!r} is not of the form key=value, such as settings.learning_rate=1e-5"
        )
    place: dict[str, Any] = values
    kind: type[BaseModel] | None = TrainRecipe
    for key in keys[:-1]:
        inner = place.get(key)
        place[key] = dict(inner) if isinstance(inner, Mapping) else {}
        place, kind = place[key], form_below(_type(kind, key))
    try:
        place[keys[-1]] = _value(kind, keys[-1], text)
    except yaml.YAMLError as error:
        raise UnknownStep(f"--set {path}: the value cannot be read as YAML") from error


def _type(form: type[BaseModel] | None, key: str) -> Any:
    """The type of a key; None where there is no such key."""
    field = form.model_fields.get(key) if form else None
    return field.annotation if field else None


def _value(form: type[BaseModel] | None, key: str, text: str) -> Any:
    """The value as YAML, or the text as it stands where the key takes text."""
    hint = _type(form, key)
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    try:
        value = read_yaml(text)
    except yaml.YAMLError:
        if str in kinds:
            return text
        raise
    if str in kinds and not isinstance(value, str | None):
        return text
    return _numbers(value)


_EXPONENT = re.compile(r"\A[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+\Z")


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
