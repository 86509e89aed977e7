"""How the fields of a stage are checked: the same way in a recipe and in Python, by pydantic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import MISSING
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from pivot_sum.stages.base import stage_fields
from pivot_sum.stages.errors import FieldsInvalid


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
        # "3" for 3, or 1 for True, is a slip; pydantic would correct it without a word.
        about["strict"] = _kinds(hints[item.name]) <= {int, bool, NoneType} or None
        declared[item.name] = (hints[item.name], Field(**about))
    # A cache key cannot hold NaN or an infinity. A field may be called model_something.
    config = ConfigDict(extra="forbid", protected_namespaces=(), allow_inf_nan=False)
    return create_model(kind.__name__, __config__=config, **declared)


def _kinds(hint: Any) -> set[Any]:
    """The types a field may have, without their constraints."""
    bare = get_args(hint)[0] if get_origin(hint) is Annotated else hint
    return set(get_args(bare)) if get_origin(bare) in (Union, UnionType) else {bare}


def wrong_value(item: ErrorDetails) -> str:
    """What pydantic says of one value, in our words."""
    said = _SAID.get(item["type"]) or f"{item['msg'][0].lower()}{item['msg'][1:]}"
    return f"{said}, not {item['input']!r}"


_SAID: Final = {
    "tuple_type": "input should be a list",  # which is what YAML has
    "too_short": "should have at least one item",
}
"""Where pydantic's words are of Python."""


def _invalid(kind: type[Any], mistakes: Sequence[str]) -> FieldsInvalid:
    several = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "a mistake"
    said = f"{kind.__name__} has {several}: {'; '.join(mistakes)}. Correct it; `pivot-sum stages"
    return FieldsInvalid(f"{said} {kind.name}` explains every field", mistakes)


class Conflicting:
    """Base class of fields that may not go together; each class adds to what `super()` finds."""

    def conflicts(self) -> list[str]:
        """Fields that do not go together, each as `field: what is wrong`."""
        return []


class CheckedFields(Conflicting):
    """Base class of a stage that checks its fields whenever one is made.

    Values are brought to the declared types (a list to a tuple, 1 to 1.0), so that the same stage
    has the same identity wherever it comes from. Raises `FieldsInvalid`, a `ValueError`, with all
    mistakes.
    """

    def __post_init__(self) -> None:
        kind: Any = type(self)  # a stage: this class is mixed into one
        given = {item.name: getattr(self, item.name) for item in stage_fields(kind)}
        try:
            checked = fields_model(kind).model_validate(given)
        except ValidationError as error:
            mistakes = [
                f"{'.'.join(map(str, item['loc']))}: {wrong_value(item)}" for item in error.errors()
            ]
            raise _invalid(kind, mistakes) from None
        for name in given:
            object.__setattr__(self, name, getattr(checked, name))  # the dataclass is frozen
        if mistakes := self.conflicts():
            raise _invalid(kind, mistakes)
