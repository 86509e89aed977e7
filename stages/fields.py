"""How the fields of a stage are checked: the same way in a recipe and in Python, by pydantic."""

from __future__ import annotations

from dataclasses import MISSING
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model

from pivot_sum.stages.base import stage_fields


@cache
def fields_model(kind: type[Any]) -> type[BaseModel]:
    """A pydantic model with the fields of a stage class: their types, constraints, defaults and
    help. Unknown fields are refused.

    Raises `NameError` for a type that cannot be found, and `pydantic.errors.PydanticUserError` for
    one that cannot be checked.
    """
    hints = get_type_hints(kind, include_extras=True)
    declared: dict[str, Any] = {}
    for item in stage_fields(kind):
        about: dict[str, Any] = {"description": item.metadata.get("help")}
        if item.default is not MISSING:
            about["default"] = item.default
        elif item.default_factory is not MISSING:
            about["default_factory"] = item.default_factory
        declared[item.name] = (hints[item.name], Field(**about))
    # A cache key cannot hold NaN or an infinity. A field may be called model_something.
    config = ConfigDict(extra="forbid", protected_namespaces=(), allow_inf_nan=False)
    return create_model(kind.__name__, __config__=config, **declared)


class CheckedFields:
    """Base class of a stage that checks its fields whenever one is made.

    Values are brought to the declared types (a list to a tuple, 1 to 1.0), so that the same stage
    has the same identity wherever it comes from. Raises `pydantic.ValidationError`, a `ValueError`,
    with all mistakes.
    """

    def __post_init__(self) -> None:
        kind: Any = type(self)  # a stage: this class is mixed into one
        given = {item.name: getattr(self, item.name) for item in stage_fields(kind)}
        checked = fields_model(kind).model_validate(given)
        for name in given:
            object.__setattr__(self, name, getattr(checked, name))  # the dataclass is frozen
