"""Which stage a name means: a built-in one, one that an installed package registers, or a class
named by its module (`my_package.my_module:MyStage`)."""

from __future__ import annotations

import difflib
import inspect
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, get_args

from pydantic.errors import PydanticUserError

from pivot_sum.stages import STAGES
from pivot_sum.stages.base import PlaceholderPolicy, Stage, Task, stage_fields
from pivot_sum.stages.errors import StageUnknown
from pivot_sum.stages.fields import fields_model
from pivot_sum.stages.outside import NEAR, NotImportable, import_named, search_last

GROUP = "pivot_sum.stages"
"""The entry-point group in which installed packages register stages, each under a name."""

STEP_KEYS = ("name", "stage", "over")
"""The keys every step of a recipe has: no field of a stage can be called so."""

log = logging.getLogger(__name__)


def find_stage(name: str, folders: Iterable[Path] = ()) -> type[Stage]:
    """The stage that a recipe means by `name`.

    A name with a colon is a module and a class in it. The module is imported as Python would; the
    working folder and `folders` are searched last, so that no file there takes the place of an
    installed module. The first time code from outside is named, a note says so. Raises
    `StageUnknown`.
    """
    if name in STAGES:
        registered_stages()  # says so where a package takes this name
        return STAGES[name]
    if ":" in name:
        search_last(folders)
        return _imported(name, name)
    registered = registered_stages()
    if name not in registered:
        near = difflib.get_close_matches(name, [*STAGES, *registered], n=1, cutoff=NEAR)
        raise StageUnknown(
            f"no stage is called {name!r}"
            + (
                f" (did you mean {near[0]!r}?)"
                if near
                else "; one of your own is named by its module and class (my_module:MyStage)"
            )
        )
    return _imported(name, registered[name].value)


def all_stages() -> dict[str, type[Stage]]:
    """The built-in stages, then the registered ones, by name. One that cannot be imported is left
    out, and a note says why."""
    found: dict[str, type[Stage]] = {**STAGES}
    for name in registered_stages():
        try:
            found[name] = find_stage(name)
        except StageUnknown as error:
            log.warning("%s", error)
    return found


@cache
def registered_stages() -> Mapping[str, EntryPoint]:
    """What installed packages register, by name. A built-in name stays the built-in stage, and a
    note says so."""
    found: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        if point.name in STAGES or point.name in found:
            other = "the built-in stage" if point.name in STAGES else found[point.name].value
            log.warning(
                "the stage %r that %s registers is left out: the name means %s; write `stage: %s`"
                " in the recipe",
                point.name,
                _package(point),
                other,
                point.value,
            )
        else:
            found[point.name] = point
    return found


def _package(point: EntryPoint) -> str:
    return f"the package {point.dist.name}" if point.dist else "an installed package"


@cache
def _imported(name: str, place: str) -> type[Stage]:
    """The stage at `module:Class`, imported once and checked."""
    try:
        kind, file = import_named(place, " or beside the recipe")
    except NotImportable as error:
        raise StageUnknown(f"{name}: {error}") from error
    if faults := list(_faults(kind)):
        raise StageUnknown(f"{name} ({file}) is not a stage: {'; '.join(faults)}")
    log.warning("stage %s is code from outside pivot-sum: %s", name, file)
    stage: type[Stage] = kind
    return stage


def _faults(kind: Any) -> Iterator[str]:
    """What keeps something from being a stage that a recipe can name."""
    if not inspect.isclass(kind):
        yield f"it is a {type(kind).__name__}, not a class"
        return
    stage: Any = kind
    parameters = getattr(kind, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        yield "write @dataclass(frozen=True, kw_only=True) above it, or derive it from Rule"
        return
    yield from _missing(stage)
    fields = [item.name for item in stage_fields(stage)]
    for name in fields:
        if name in (*STEP_KEYS, "version", "task", "placeholders"):
            yield f"it has a field {name}: without an annotation, or with ClassVar, it is none"
    try:
        fields_model(stage)
    except (NameError, TypeError, PydanticUserError) as error:
        yield f"its fields cannot be checked: {' '.join(str(error).split())}"


def _missing(kind: Any) -> Iterator[str]:
    said: dict[str, tuple[Any, str]] = {
        "name": (lambda value: isinstance(value, str) and value, "a text"),
        "version": (lambda value: type(value) is int, "a whole number"),
        "task": (get_args(Task).__contains__, f"one of {', '.join(get_args(Task))}"),
        "placeholders": (
            get_args(PlaceholderPolicy).__contains__,
            f"one of {', '.join(get_args(PlaceholderPolicy))}",
        ),
    }
    for name, (fits, what) in said.items():
        if not hasattr(kind, name):
            yield f"it has no {name} ({what})"
        elif not fits(getattr(kind, name)):
            yield f"its {name} is {getattr(kind, name)!r}, not {what}"
    fields = {item.name for item in stage_fields(kind)}
    for name, what in (
        ("source", "the language it takes"),
        ("target", "the language it gives"),
        ("batch_size", "how many texts it gets at once"),
    ):
        if name not in fields and not hasattr(kind, name):
            yield f"it has no {name} ({what}), as a field, a property or a class attribute"
    if not any("__call__" in vars(base) for base in kind.__mro__):
        yield "it has no __call__(texts), which gives a list with one text for each"
    for name in sorted(getattr(kind, "__abstractmethods__", ())):
        yield f"it has no {name}"
