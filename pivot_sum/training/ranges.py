"""The ranges of a hyper-parameter search, as a training recipe's block `tune:` gives them, each
held against the key that it is for."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from pivot_sum.stages.fields import wrong_value
from pivot_sum.wording import did_you_mean

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

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )

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


def range_mistakes(recipe: BaseModel, ranges: Mapping[str, Range]) -> list[str]:
    """What is wrong with the ranges: keys the recipe does not have or that stay the same for all
    trials, and values that a key cannot have."""
    keys = dict(_keys(type(recipe)))
    found = []
    for key, searched in ranges.items():
        where = f"tune.{key}"
        if key.partition(".")[0] in SAME_FOR_ALL:
            found.append(f"{where}: stays the same for all trials, which are compared by it")
        elif key not in keys:
            near = did_you_mean(key, _near(key, keys))
            found.append(f"{where}: the recipe has no such value{near}")
        else:
            wrong = [
                f"{where}.{place}: {mistake}"
                for place, value in searched.named()
                for mistake in _mistakes(recipe, key, value)
            ]
            if not wrong and not searched.is_whole and not takes_float(keys[key]):
                wrong = [f"{where}.step: is an integer, as its key"]
            found += wrong
    return found


def _mistakes(recipe: BaseModel, key: str, value: Value) -> list[str]:
    try:
        with_values(recipe, {key: value})
    except ValidationError as error:
        return [
            item["msg"] if item["type"] == "conflict" else wrong_value(item)
            for item in error.errors()
        ]
    return []


def _keys(model: type[BaseModel], above: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a form by its dotted key, with its type."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, f"{above}{name}.")
        else:
            yield f"{above}{name}", kind


def key_kinds(recipe: BaseModel) -> dict[str, Any]:
    """The type of each value of a recipe, by its dotted key."""
    return dict(_keys(type(recipe)))


def _near(key: str, keys: Mapping[str, Any]) -> list[str]:
    """What an unknown key is compared with: where only its block is missing, those that end so."""
    return [known for known in keys if known.rpartition(".")[2] == key] or list(keys)


def takes_float(kind: Any) -> bool:
    """Whether a key of this type takes numbers that are no integers."""
    if get_origin(kind) is Annotated:
        return takes_float(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        return any(map(takes_float, get_args(kind)))
    return kind is float
