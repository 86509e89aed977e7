"""The words for mistakes: pydantic's errors as lines with a path and the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from pivot_sum.stages.fields import wrong_value
from pivot_sum.wording import did_you_mean


def mistakes_of(
    error: ValidationError, where: str, model: type[BaseModel], also: Sequence[str] = ()
) -> list[str]:
    """One line for each mistake below `where`. Unknown keys are compared with the fields of `model`
    and with `also`."""
    mistakes = []
    for item in error.errors():
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]]
        path = (where + "".join(parts)).removeprefix(".")
        if item["type"] == "extra_forbidden":
            known = [*also, *known_names(model, item["loc"])]
            mistakes.append(f"{path}: unknown key{did_you_mean(str(item['loc'][-1]), known)}")
        elif item["type"] == "missing":
            mistakes.append(f"{path}: is missing")
        else:
            near = did_you_mean(str(item["input"]), _choices(item.get("ctx", {})))
            mistakes.append(f"{path}: {wrong_value(item)}{near}")
    return mistakes


def known_names(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    """The keys that a form has where an unknown one stands."""
    for part in list(location)[:-1]:
        field = model.model_fields.get(str(part))
        model = (form_below(field.annotation) if field else None) or model
    return list(model.model_fields)


def form_below(annotation: Any) -> type[BaseModel] | None:
    """The form that a type is, or holds: of `Pipeline | None` and `dict[str, Pipeline]` the form
    `Pipeline`; None where there is none."""
    if parts := get_args(annotation):
        return next((found for part in parts if (found := form_below(part))), None)
    is_form = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation if is_form else None


def _choices(context: dict[str, Any]) -> list[str]:
    return [
        part.strip("'")
        for part in str(context.get("expected", "")).replace(" or ", ", ").split(", ")
        if part
    ]
