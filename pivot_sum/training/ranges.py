"""The ranges of a hyper-parameter search, as a training recipe's block `tune:` gives them, each
held against the key that it is for."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from pivot_sum.stages.fields import wrong_value
from pivot_sum.training.conflicts import conflicts
from pivot_sum.wording import did_you_mean

STRICT: Final = ConfigDict(
    extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
)
"""How every part of a training recipe is checked."""

Number = int | float
Value = bool | int | float | str | None
"""What a search may put in the place of a key's value."""

SAME_FOR_ALL: Final = (
    "description", "task", "source", "target", "data", "metric", "report_to", "tune",
)  # fmt: skip
"""Keys that no search varies: trials would learn something else, or be scored by something else."""

Recipe = TypeVar("Recipe", bound=BaseModel)


class Range(BaseModel):
    """The values a search tries for one key: numbers from `low` to `high`, or one of `choices`."""

    model_config = STRICT

    low: Number | None = None
    """the least value"""
    high: Number | None = None
    """the greatest value"""
    step: Number | None = None
    """only low, low + step, low + 2 step, ...; an integer's step is 1 where none is given"""
    log: bool = False
    """drawn evenly on a logarithmic scale"""
    choices: Annotated[list[Value], Field(min_length=1)] | None = None
    """values to choose among, in place of all others"""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if wrong := self._conflict():
            raise PydanticCustomError("range", "{wrong}", {"wrong": wrong})
        return self

    def _conflict(self) -> str | None:
        if self.choices is not None:
            alone = self.low is self.high is self.step is None and not self.log
            return None if alone else "choices stand alone, without low, high, step and log"
        if self.low is None or self.high is None:
            return "needs low and high, or choices"
        if self.low >= self.high:
            return "low has to be below high"
        if self.log and self.low <= 0:
            return "log needs a low above 0"
        if self.step is not None and (self.log or not 0 < self.step <= self.high - self.low):
            return "step is above 0 and no more than high - low, and does not go with log"
        return None

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are all integers."""
        return all(isinstance(number, int | None) for number in (self.low, self.high, self.step))

    def named(self) -> Iterator[tuple[str, Value]]:
        """The values that have to be possible for all others to be, each with its place here."""
        if self.choices is not None:
            yield from ((f"choices[{place}]", value) for place, value in enumerate(self.choices))
        else:
            yield from (("low", self.low), ("high", self.high))


def with_values(recipe: Recipe, values: Mapping[str, Value]) -> Recipe:
    """The recipe with the values of some keys (`settings.learning_rate`), and without a search.
    Raises pydantic's `ValidationError`."""
    filled = recipe.model_dump(exclude={"tune"})
    for key, value in values.items():
        *blocks, last = key.split(".")
        place = filled
        for block in blocks:
            place = place[block]
        place[last] = value
    return type(recipe).model_validate(filled)


def range_mistakes(
    form: type[BaseModel], values: Mapping[str, Any], ranges: Mapping[str, Range]
) -> list[str]:
    """What is wrong with the ranges for a form: keys it does not have or that stay the same for all
    trials, and values that a key cannot have, or not beside these `values` of the others."""
    fields = fields_by_key(form)
    before = conflicts(values)
    found = []
    for key, searched in ranges.items():
        where = f"tune.{key}"
        if key.partition(".")[0] in SAME_FOR_ALL:
            found.append(f"{where}: stays the same for all trials, which are compared by it")
        elif key not in fields:
            near = did_you_mean(key, _near(key, fields))
            found.append(f"{where}: the recipe has no such value{near}")
        else:
            wrong = [
                f"{where}.{place}: {mistake}"
                for place, value in searched.named()
                for mistake in _mistakes(fields[key], value)
                or [one for one in conflicts({**values, key: value}) if one not in before]
            ]
            if not wrong and not searched.is_whole and not takes_float(fields[key].annotation):
                wrong = [f"{where}.step: is an integer, as its key"]
            found += wrong
    return found


def _mistakes(field: FieldInfo, value: Value) -> list[str]:
    kind: Any = Annotated[field.annotation, field]
    try:
        TypeAdapter(kind, config=STRICT).validate_python(value)
    except ValidationError as error:
        return [wrong_value(item) for item in error.errors()]
    return []


def fields_by_key(form: type[BaseModel], above: str = "") -> dict[str, FieldInfo]:
    """The values of a form by their dotted keys; blocks that are always there are no values."""
    found: dict[str, FieldInfo] = {}
    for name, field in form.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= fields_by_key(kind, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = field
    return found


def values_by_key(
    form: type[BaseModel],
    filled: Mapping[str, Any],
    wrong: Sequence[tuple[int | str, ...]] = (),
) -> dict[str, Any]:
    """The values of a form as it was filled in, defaults included, by their dotted keys: all but
    those at or below a place that is `wrong`."""
    found = {}
    for key, field in fields_by_key(form).items():
        path = tuple(key.split("."))
        if not any(path[: len(place)] == place for place in wrong):
            value: Any = filled
            for part in path:
                value = value.get(part, field.default) if isinstance(value, Mapping) else value
            found[key] = value
    return found


def _near(key: str, keys: Iterable[str]) -> list[str]:
    """What an unknown key is compared with: where only its block is missing, those that end so."""
    known = list(keys)
    return [name for name in known if name.rpartition(".")[2] == key] or known


def takes_float(kind: Any) -> bool:
    """Whether a key of this type takes numbers that are no integers."""
    if get_origin(kind) is Annotated:
        return takes_float(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return any(map(takes_float, get_args(kind)))
    return kind is float
