"""Checking a recipe: every step by its stage, and the steps against each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pivot_sum.recipes.form import Data, RecipeFile, Step, StepHead
from pivot_sum.recipes.mistakes import mistakes_of
from pivot_sum.recipes.settings import step_entries
from pivot_sum.stages.base import Checked
from pivot_sum.stages.errors import FieldsInvalid, StageUnknown
from pivot_sum.stages.fields import fields_model
from pivot_sum.stages.registry import find_stage
from pivot_sum.stages.seen import sees


def checked(
    raw: dict[str, Any], folders: Sequence[Path]
) -> tuple[RecipeFile | None, list[Step], list[str]]:
    """The file, its steps as far as they are right, and all mistakes. Modules of stages from
    outside may lie in `folders`."""
    try:
        file = RecipeFile.model_validate(raw)
    except ValidationError as error:
        mistakes = mistakes_of(error, "", RecipeFile)
        file = None
    else:
        mistakes = []
    entries = step_entries(raw)
    steps: list[Step] = []
    for index, entry in entries:
        step, found = _step(entry, index, folders)
        mistakes += found
        if step:
            steps.append(step)
    if not mistakes and file:
        mistakes += _language_mistakes(file.data, steps)
    mistakes += _name_mistakes([str(entry.get("name")) for _, entry in entries if "name" in entry])
    return file, steps, list(dict.fromkeys(mistakes))


def _step(
    entry: dict[str, Any], index: int, folders: Sequence[Path]
) -> tuple[Step | None, list[str]]:
    where = f"steps[{index}]" + (
        f" ({entry['name']})" if isinstance(entry.get("name"), str) else ""
    )
    mistakes: list[str] = []
    head = None
    try:
        head = StepHead.model_validate(entry)
    except ValidationError as error:
        mistakes += mistakes_of(error, where, StepHead)
    if "stage" not in entry:
        return None, mistakes
    kind = str(entry["stage"])
    try:
        stage_class: Any = find_stage(kind, folders)
    except StageUnknown as error:
        return None, [*mistakes, f"{where}.stage: {error}"]
    model = fields_model(stage_class)
    own = {key: value for key, value in entry.items() if key not in StepHead.model_fields}
    try:
        values = model.model_validate(own)
    except ValidationError as error:
        return None, mistakes + mistakes_of(error, where, model, list(StepHead.model_fields))
    if head is None:
        return None, mistakes
    try:
        stage = stage_class(**{name: getattr(values, name) for name in model.model_fields})
    except FieldsInvalid as error:  # fields that are right one by one and do not go together
        return None, mistakes + [f"{where}.{mistake}" for mistake in error.mistakes]
    if isinstance(stage, Checked):
        mistakes += [f"{where}.{mistake}" for mistake in stage.mistakes(head.over)]
    step = Step(head.name, head.over, stage, kind)
    if step.is_outside:
        mistakes += [f"{where}.{mistake}" for mistake in _identity_mistakes(step)]
    return step, mistakes


def _identity_mistakes(step: Step) -> list[str]:
    """Fields of a stage from outside that cannot be part of a cache key."""
    mistakes = []
    for field, value in step.declared_identity().items():
        try:
            json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            mistakes.append(
                f"{field}: {value!r} cannot be part of the identity, which is JSON; the stage"
                " should hold it as text, numbers or a list of them"
            )
    return mistakes


def _name_mistakes(names: Sequence[str]) -> list[str]:
    return [
        f"steps: two steps are called {name!r}"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def _language_mistakes(data: Data, steps: Sequence[Step]) -> list[str]:
    mistakes = []
    language: str = data.language
    giver = "data.language"
    for index, step in enumerate(steps):
        if step.stage.task == "translate" and step.stage.source == step.stage.target:
            mistakes.append(
                f"steps[{index}] ({step.name}): translates from {step.stage.source} into"
                f" {step.stage.target}; set source and target to two languages"
            )
        if step.stage.source != language:
            mistakes.append(
                f"steps[{index}] ({step.name}): takes {step.stage.source}, but {giver} gives"
                f" {language}"
            )
        if sees(step.stage) == "pivot" and sum(before.translates for before in steps[:index]) < 2:
            mistakes.append(
                f"steps[{index}] ({step.name}): sees what a pivot made of the dialogue; put it"
                " behind the step that translates back"
            )
        language, giver = step.stage.target, f"step {step.name}"
    if language != data.reference_language:
        mistakes.append(
            f"data.reference_language: the references are {data.reference_language}, but {giver}"
            f" gives {language}; translate back, or say what language the references are in"
        )
    return mistakes
