"""Recipes: YAML in, checked steps out. All mistakes are reported at once, each with its path and
the nearest known name."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import Any, Literal, get_type_hints

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from pivot_sum import configs
from pivot_sum.data.samples import Columns
from pivot_sum.errors import RecipeInvalid, RecipeMissing, UnknownStep
from pivot_sum.recipes.strict_yaml import read_yaml
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Checked, Stage, stage_fields
from pivot_sum.stages.text.segmentation import Over
from pivot_sum.wording import did_you_mean

DEFAULT_RECIPE = "demo-pivot"

RECIPES_FOLDER = Path(*configs.__path__)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnNames(_Strict):
    """Which column of the data file holds what."""

    id: str = "fname"
    dialogue: str = "dialogue"
    references: tuple[str, ...] | None = None
    english_dialogue: str | None = None
    english_summary: str | None = None


class Data(_Strict):
    """The data a recipe is made for. `--data` replaces `file`."""

    file: str | None = None
    language: Literal["ko", "en"] = "ko"
    reference_language: Literal["ko", "en"] = "ko"
    columns: ColumnNames = ColumnNames()


class _StepHead(BaseModel):
    """The keys every step has; what else stands there are the stage's own fields."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    stage: str
    over: Over = "dialogue"


class _RecipeFile(_Strict):
    description: str = ""
    data: Data = Data()
    steps: list[dict[Any, Any]] = Field(min_length=1)


@dataclass(frozen=True)
class Step:
    """A stage placed in a recipe: its name there, and over what it runs."""

    name: str
    over: Over
    stage: Stage


@dataclass(frozen=True)
class Recipe:
    """A checked recipe."""

    name: str
    description: str
    data: Data
    steps: tuple[Step, ...]

    @property
    def columns(self) -> Columns:
        """The columns as the data reader takes them."""
        return Columns(**self.data.columns.model_dump())

    def filled(self) -> dict[str, Any]:
        """The recipe with every default filled in, as it goes into `run.json`."""
        return {
            "name": self.name,
            "description": self.description,
            "data": self.data.model_dump(),
            "steps": [
                {"name": step.name, "stage": step.stage.name, "over": step.over}
                | {
                    field.name: getattr(step.stage, field.name)
                    for field in stage_fields(step.stage)
                }
                for step in self.steps
            ],
        }


def recipe_path(name: str) -> Path:
    """The file of a recipe, given as a path or as the name of one that comes with the program.
    Raises `RecipeMissing`."""
    path = Path(name)
    if path.is_file():
        return path
    shipped = RECIPES_FOLDER / f"{name}.yaml"
    if shipped.is_file():
        return shipped
    known = sorted(file.stem for file in RECIPES_FOLDER.glob("*.yaml"))
    raise RecipeMissing(
        f"there is no recipe {name!r}{did_you_mean(name, known)}; shipped recipes:"
        f" {', '.join(known)}"
    )


def load_recipe(name: str, settings: Sequence[str] = ()) -> Recipe:
    """Read and check a recipe. `settings` are `step.field=value` (or `data.field=value`) changes
    made before the check.

    Raises `RecipeMissing`, `RecipeInvalid` (all mistakes in one message) and `UnknownStep` (a
    setting for no step).
    """
    path = recipe_path(name)
    try:
        raw = read_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise RecipeInvalid(
            f"recipe {path} is not readable YAML: {' '.join(str(error).split())}"
        ) from error
    if not isinstance(raw, dict):
        raise RecipeInvalid(
            f"recipe {path} is empty or not a mapping; see {RECIPES_FOLDER / 'demo-pivot.yaml'} for"
            " the form"
        )
    return _checked(path.stem, path, raw, settings)


def recorded_recipe(filled: dict[str, Any], path: Path, settings: Sequence[str] = ()) -> Recipe:
    """The recipe of a run, from what its record in `path` holds of it (`Recipe.filled`). Raises as
    `load_recipe` does."""
    raw = copy.deepcopy(filled)
    return _checked(str(raw.pop("name", "")), path, raw, settings)


def _checked(name: str, path: Path, raw: dict[str, Any], settings: Sequence[str]) -> Recipe:
    for setting in settings:
        _apply(raw, setting)
    try:
        file = _RecipeFile.model_validate(raw)
    except ValidationError as error:
        problems = _problems(error, "", _RecipeFile)
        file = None
    else:
        problems = []
    entries = _step_entries(raw)
    steps: list[Step] = []
    for index, entry in entries:
        step, mistakes = _step(entry, index)
        problems += mistakes
        if step:
            steps.append(step)
    if not problems and file:
        problems += _language_problems(file.data, steps)
    problems += _name_problems([str(entry.get("name")) for _, entry in entries if "name" in entry])
    if problems or not file:
        problems = list(dict.fromkeys(problems))
        listing = "\n".join(f"  - {problem}" for problem in problems)
        count = f"{len(problems)} mistake{'s' if len(problems) != 1 else ''}"
        changed = f" with --set {' --set '.join(settings)}" if settings else ""
        raise RecipeInvalid(
            f"recipe {path}{changed} has {count}:\n{listing}\nMend it, or see `pivot-sum stages`"
            " for every field."
        )
    return Recipe(name, file.description, file.data, tuple(steps))


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


def _apply(raw: dict[str, Any], setting: str) -> None:
    path, equals, value = setting.partition("=")
    target, *fields = path.strip().split(".")
    if not equals or not fields:
        raise UnknownStep(
            f"--set {setting!r} is not of the form step.field=value, such as summarize.num_beams=1"
        )
    if target == "data":
        place = raw.setdefault("data", {})
    else:
        entries = {str(entry.get("name")): entry for _, entry in _step_entries(raw)}
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


def _step_entries(raw: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The steps that are mappings at all, each with its position."""
    entries = raw.get("steps")
    return (
        [(index, entry) for index, entry in enumerate(entries) if isinstance(entry, dict)]
        if isinstance(entries, list)
        else []
    )


def _step(entry: dict[str, Any], index: int) -> tuple[Step | None, list[str]]:
    where = f"steps[{index}]" + (
        f" ({entry['name']})" if isinstance(entry.get("name"), str) else ""
    )
    problems: list[str] = []
    head = None
    try:
        head = _StepHead.model_validate(entry)
    except ValidationError as error:
        problems += _problems(error, where, _StepHead)
    kind = STAGES.get(str(entry.get("stage")))
    if kind is None:
        if "stage" in entry:
            problems.append(
                f"{where}.stage: no stage is called"
                f" {entry['stage']!r}{did_you_mean(str(entry['stage']), STAGES)}"
            )
        return None, problems
    schema = _stage_schema(kind)
    own = {key: value for key, value in entry.items() if key not in _StepHead.model_fields}
    try:
        values = schema.model_validate(own)
    except ValidationError as error:
        return None, problems + _problems(error, where, schema)
    if head is None:
        return None, problems
    fields = {name: getattr(values, name) for name in schema.model_fields}
    stage = kind(**fields)
    if isinstance(stage, Checked):
        problems += [f"{where}.{mistake}" for mistake in stage.mistakes(head.over)]
    return Step(head.name, head.over, stage), problems


def _stage_schema(kind: type[Stage]) -> type[BaseModel]:
    """A pydantic model with the stage's fields: the dataclass stays free of pydantic, and unknown
    keys are refused."""
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, Any] = {
        field.name: (hints[field.name], ... if field.default is MISSING else field.default)
        for field in stage_fields(kind)
    }
    # A cache key cannot hold NaN or an infinity.
    config = ConfigDict(extra="forbid", protected_namespaces=(), allow_inf_nan=False)
    return create_model(kind.__name__, __config__=config, **fields)


def _name_problems(names: Sequence[str]) -> list[str]:
    return [
        f"steps: two steps are called {name!r}"
        for name in sorted({name for name in names if names.count(name) > 1})
    ]


def _language_problems(data: Data, steps: Sequence[Step]) -> list[str]:
    problems = []
    language: str = data.language
    giver = "data.language"
    for index, step in enumerate(steps):
        if step.stage.source != language:
            problems.append(
                f"steps[{index}] ({step.name}): takes {step.stage.source}, but {giver} gives"
                f" {language}"
            )
        language, giver = step.stage.target, f"step {step.name}"
    if language != data.reference_language:
        problems.append(
            f"data.reference_language: the references are {data.reference_language}, but {giver}"
            f" gives {language}; translate back, or say what language the references are in"
        )
    return problems


def _problems(error: ValidationError, where: str, schema: type[BaseModel]) -> list[str]:
    problems = []
    for item in error.errors():
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"]]
        path = (where + "".join(parts)).removeprefix(".")
        if item["type"] == "extra_forbidden":
            known = _known_names(schema, item["loc"])
            problems.append(f"{path}: unknown key{did_you_mean(str(item['loc'][-1]), known)}")
        elif item["type"] == "missing":
            problems.append(f"{path}: is missing")
        else:
            near = did_you_mean(str(item["input"]), _choices(item.get("ctx", {})))
            problems.append(
                f"{path}: {item['msg'][0].lower()}{item['msg'][1:]}, not {item['input']!r}{near}"
            )
    return problems


def _known_names(schema: type[BaseModel], location: Iterable[Any]) -> list[str]:
    for part in list(location)[:-1]:
        field = schema.model_fields.get(str(part))
        if (
            field is not None
            and isinstance(field.annotation, type)
            and issubclass(field.annotation, BaseModel)
        ):
            schema = field.annotation
    names = list(schema.model_fields)
    return names if issubclass(schema, _Strict) else [*_StepHead.model_fields, *names]


def _choices(context: dict[str, Any]) -> list[str]:
    return [
        part.strip("'")
        for part in str(context.get("expected", "")).replace(" or ", ", ").split(", ")
        if part
    ]
