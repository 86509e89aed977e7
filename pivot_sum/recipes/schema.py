"""The JSON schema of a recipe's file: what an editor completes, explains and underlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from pivot_sum.recipes.form import RecipeFile, StepHead
from pivot_sum.stages.base import Stage
from pivot_sum.stages.fields import fields_model

SCHEMA_FILE: Final = "recipe.schema.json"
"""What the first line of every shipped recipe names, beside itself."""


TRAIN_SCHEMA_FILE: Final = "train.schema.json"
"""The same for training recipes."""


class _Untitled(GenerateJsonSchema):
    """Without the titles that pydantic makes of every field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def recipe_schema(stages: Mapping[str, type[Stage]]) -> dict[str, Any]:
    """The schema (draft 7) of recipes that use these stages, by name. A step whose stage is named
    by its module (`my_module:MyStage`) may have any fields.
    """
    definitions: dict[str, Any] = {}
    recipe = _properties(RecipeFile, "recipe", definitions)
    head = _properties(StepHead, "step", definitions)
    kinds = [
        {"enum": list(stages), "description": head["stage"]["description"]},
        {"pattern": r"^[\w.]+:[\w.]+$", "description": "a class from outside, as module:Class"},
    ]
    rules = []
    for name, kind in stages.items():
        own = _properties(kind, name, definitions)
        required = [field for field, about in own.items() if "default" not in about]
        rules.append(
            {
                "if": {"properties": {"stage": {"const": name}}, "required": ["stage"]},
                "then": {
                    "description": " ".join((kind.__doc__ or "").split()),
                    "properties": {**dict.fromkeys(head, True), **own},
                    "required": required,
                    "additionalProperties": False,
                },
            }
        )
    step = {
        "type": "object",
        "properties": head | {"stage": {"type": "string", "anyOf": kinds}},
        "required": ["name", "stage"],
        "allOf": rules,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A recipe of pivot-sum",
        "type": "object",
        "properties": recipe | {"steps": recipe["steps"] | {"items": step}},
        "required": ["steps"],
        "additionalProperties": False,
        "definitions": definitions,
    }


def model_schema(kind: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema (draft 7) of a file that is one pydantic model."""
    definitions: dict[str, Any] = {}
    properties = _properties(kind, "recipe", definitions)
    required = [name for name, field in kind.model_fields.items() if field.is_required()]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        "definitions": definitions,
    }


def _properties(kind: Any, name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """The fields of a pydantic model or a stage; what they refer to is added to `definitions`."""
    model = kind if hasattr(kind, "model_json_schema") else fields_model(kind)
    schema = model.model_json_schema(
        schema_generator=_Untitled, ref_template=f"#/definitions/{name}.{{model}}"
    )
    for key, definition in schema.get("$defs", {}).items():
        definition.pop("title", None)
        definitions[f"{name}.{key}"] = definition
    properties: dict[str, Any] = schema["properties"]
    return properties
