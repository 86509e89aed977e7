"""The words for mistakes: pydantic's errors as lines with a path and the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

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
            known = [*also, *_known_names(model, item["loc"])]
            mistakes.append(f"{path}: unknown key{did_you_mean(str(item['loc'][-1]), known)}")
        elif item["type"] == "missing":
            mistakes.append(f"{path}: is missing")
        else:
            near = did_you_mean(str(item["input"]), _choices(item.get("ctx", {})))
            mistakes.append(f"{path}: {wrong_value(item)}{near}")
    return mistakes


def _known_names(model: type[BaseModel], location: Iterable[Any]) -> list[str]:
    for part in list(location)[:-1]:
        field = model.model_fields.get(str(part))
        if (
            field is not None
            and isinstance(field.annotation, type)
            and issubclass(field.annotation, BaseModel)
        ):
            model = field.annotation
    return list(model.model_fields)


def _choices(context: dict[str, Any]) -> list[str]:
    return [
        part.strip("'")
        for part in str(context.get("expected", "")).replace(" or ", ", ").split(", ")
        if part
    ]
