"""What the command line says about a recipe's steps: `--set STEP.FIELD=VALUE` and `--stages
A..B`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import ValidationError

from pivot_sum.data.samples import Columns
from pivot_sum.errors import RecipeInvalid, UnknownStep
from pivot_sum.recipes.form import Data, Recipe
from pivot_sum.recipes.mistakes import mistakes_of
from pivot_sum.stages.errors import StageUnknown
from pivot_sum.stages.fields import fields_model
from pivot_sum.stages.registry import find_stage
from pivot_sum.strict_yaml import read_yaml
from pivot_sum.wording import did_you_mean


def chosen_steps(recipe: Recipe, selection: str | None) -> list[int]:
    """The positions that `--stages A..B` or `--stages A,B` names; all without a selection. Raises
    `UnknownStep`."""
    names = [step.name for step in recipe.steps]
    if selection is None:
        return list(range(len(names)))
    first, dots, last = selection.partition("..")
    if dots:
        start = _position(first, names) if first else 0
        end = _position(last, names) if last else len(names) - 1
        if start > end:
            raise UnknownStep(
                f"--stages {selection}: {first} comes after {last}; the order is"
                f" {' -> '.join(names)}"
            )
        return list(range(start, end + 1))
    return sorted({_position(name.strip(), names) for name in selection.split(",")})


def chosen_columns(settings: Sequence[str]) -> Columns:
    """How the columns of a data file are called that no recipe belongs to, by settings of the form
    `data.columns.NAME=COLUMN`. Raises `UnknownStep` for other settings, and `RecipeInvalid`."""
    raw: dict[str, Any] = {}
    for setting in settings:
        if not setting.startswith("data.columns."):
            raise UnknownStep(
                f"--set {setting.partition('=')[0]}: only the names of columns can be set here, as"
                " data.columns.dialogue=NAME"
            )
        apply_setting(raw, setting)
    try:
        data = Data.model_validate(raw.get("data", {}))
    except ValidationError as error:
        listing = "; ".join(mistakes_of(error, "data", Data))
        raise RecipeInvalid(f"--set has mistakes: {listing}") from None
    return Columns(**data.columns.model_dump())


def _position(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise UnknownStep(
            f"there is no step {name!r} in the recipe{did_you_mean(name, names)}; its steps:"
            f" {', '.join(names)}"
        )
    return names.index(name)


def apply_setting(raw: dict[str, Any], setting: str, folders: Sequence[Path] = ()) -> None:
    """Change one field of a recipe as it was read, before it is checked. The value is read as YAML;
    where that is no value for a field of text (`summarize: `, `[draft`), it is the text as it
    stands. Modules of stages from outside may lie in `folders`. Raises `UnknownStep`.
    """
    path, equals, value = setting.partition("=")
    target, *fields = path.strip().split(".")
    if not equals or not fields:
        raise UnknownStep(
            f"--set {setting!r} is not of the form step.field=value, such as summarize.num_beams=1"
        )
    if target == "data":
        entry = raw.setdefault("data", {})
    else:
        entries = {str(entry.get("name")): entry for _, entry in step_entries(raw)}
        if target not in entries:
            names = list(entries)
            raise UnknownStep(
                f"--set {setting}: there is no step {target!r}{did_you_mean(target, names)}; steps:"
                f" {', '.join(names)}"
            )
        entry = entries[target]
    place = entry
    try:
        for field in fields[:-1]:
            place = place.setdefault(field, {})
        place[fields[-1]] = _value(value, lambda: _takes_text(target, entry, fields, folders))
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise UnknownStep(
            f"--set {setting!r}: the value cannot be read as YAML, or the field has no parts"
        ) from error


def _value(text: str, takes_text: Callable[[], bool]) -> Any:
    """The value that stands behind `=`. Raises `yaml.YAMLError`."""
    try:
        value = read_yaml(text)
    except yaml.YAMLError:
        if takes_text():
            return text
        raise
    return text if isinstance(value, dict) and takes_text() else value


def _takes_text(target: str, entry: Any, fields: Sequence[str], folders: Sequence[Path]) -> bool:
    """Whether a text can be the value of a field of the data, or of a step."""
    kind: Any = Data
    if target != "data":
        try:
            kind = fields_model(find_stage(str(entry.get("stage")), folders))
        except StageUnknown:
            return False  # the check of the recipe says so
    for field in fields:
        known = getattr(kind, "model_fields", {})
        if field not in known:
            return False
        kind = known[field].annotation
    return kind is str or (get_origin(kind) in (Union, UnionType) and str in get_args(kind))


def step_entries(raw: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The steps of a recipe as it was read that are mappings at all, each with its position."""
    entries = raw.get("steps")
    return (
        [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]
        if isinstance(entries, list)
        else []
    )
