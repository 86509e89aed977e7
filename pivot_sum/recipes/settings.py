"""What the command line says about a recipe's steps: `--set STEP.FIELD=VALUE` and `--stages
A..B`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from pivot_sum.errors import UnknownStep
from pivot_sum.recipes.form import Recipe
from pivot_sum.recipes.strict_yaml import read_yaml
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


def _position(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise UnknownStep(
            f"there is no step {name!r} in the recipe{did_you_mean(name, names)}; its steps:"
            f" {', '.join(names)}"
        )
    return names.index(name)


def apply_setting(raw: dict[str, Any], setting: str) -> None:
    """Change one field of a recipe as it was read, before it is checked. Raises `UnknownStep`."""
    path, equals, value = setting.partition("=")
    target, *fields = path.strip().split(".")
    if not equals or not fields:
        raise UnknownStep(
            f"--set {setting!r} is not of the form step.field=value, such as summarize.num_beams=1"
        )
    if target == "data":
        place = raw.setdefault("data", {})
    else:
        entries = {str(entry.get("name")): entry for _, entry in step_entries(raw)}
        if target not in entries:
            names = list(entries)
            raise UnknownStep(
                f"--set {setting}: there is no step {target!r}{did_you_mean(target, names)}; steps:"
                f" {', '.join(names)}"
            )
        place = entries[target]
    try:
        for field in fields[:-1]:
            place = place.setdefault(field, {})
        place[fields[-1]] = read_yaml(value)
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise UnknownStep(
            f"--set {setting!r}: the value cannot be read as YAML, or the field has no parts"
        ) from error


def step_entries(raw: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The steps of a recipe as it was read that are mappings at all, each with its position."""
    entries = raw.get("steps")
    return (
        [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]
        if isinstance(entries, list)
        else []
    )
