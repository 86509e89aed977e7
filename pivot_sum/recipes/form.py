"""What a recipe consists of: the form of its file, and the checked values it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pivot_sum.data.samples import Columns
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Stage, declared_identity, resolved_identity, stage_fields
from pivot_sum.stages.text.segmentation import Over

Language = Literal["ko", "en"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _listed(names: object) -> object:
    return [names] if isinstance(names, str) else names


Listed = BeforeValidator(_listed, json_schema_input_type=str | list[str] | None)
"""A single name stands for a list of one."""


class ColumnNames(_Strict):
    """Which column of the data file holds what."""

    id: str = Field(default="fname", description="the id of a row")
    dialogue: str = Field(
        default="dialogue", description="the dialogue: lines `#PersonN#: utterance`"
    )
    references: Annotated[tuple[str, ...] | None, Listed] = Field(
        default=None,
        description=(
            "the reference summaries, one name or a list; null: `summary`, or `summary1`,"
            " `summary2`, ..., where present"
        ),
    )
    english_dialogue: str | None = Field(
        default=None,
        description="the English original of the dialogue; null: `dialogue_en`, where present",
    )
    english_summary: str | None = Field(
        default=None,
        description="the English original of the summary; null: `summary_en`, where present",
    )
    cluster: str | None = Field(
        default=None,
        exclude_if=lambda value: value is None,
        description=(
            "what dialogues share that are not independent (a scene, a source document):"
            " tests and intervals draw such clusters as a whole; null: each dialogue by itself"
        ),
    )


class Data(_Strict):
    """The data a recipe is made for. `--data` replaces `file`."""

    file: str | None = Field(
        default=None,
        description="CSV, TSV, JSONL or Parquet; demo:dialogues are the shipped samples",
    )
    language: Language = Field(default="ko", description="language of the dialogues")
    reference_language: Language = Field(
        default="ko", description="language of the reference summaries"
    )
    columns: ColumnNames = Field(
        default=ColumnNames(),
        description="which column of the data file holds what",
    )


class StepHead(BaseModel):
    """The keys every step has; what else stands there are the stage's own fields."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="the step's own name, for messages, files and `--set STEP.FIELD=VALUE`",
    )
    stage: str = Field(
        description="the stage: one of `pivot-sum stages`, or my_package.my_module:MyStage",
    )
    over: Over = Field(default="dialogue", description="what the stage gets at a time")


class RecipeFile(_Strict):
    """The file of a recipe. Its steps are checked one by one, each by its stage."""

    description: str = Field(default="", description="one line about the recipe, for people")
    data: Data = Field(
        default=Data(),
        description="the data the recipe is made for; `--data` replaces the file",
    )
    steps: list[dict[Any, Any]] = Field(
        min_length=1,
        description="what happens to a dialogue, in this order",
    )


@dataclass(frozen=True)
class Step:
    """A stage placed in a recipe: its name there, over what it runs, and the name the recipe gives
    the stage by (default: the stage's own), which is part of the identity."""

    name: str
    over: Over
    stage: Stage
    kind: str = ""

    def __post_init__(self) -> None:
        if not self.kind:
            object.__setattr__(self, "kind", self.stage.name)

    @property
    def is_outside(self) -> bool:
        """Whether the stage is code from outside the program."""
        return self.kind not in STAGES

    @property
    def translates(self) -> bool:
        """Whether it gives another language than it takes."""
        return self.stage.source != self.stage.target

    def declared_identity(self) -> dict[str, Any]:
        """The identity as the recipe declares it."""
        return declared_identity(self.stage, self.kind)

    def resolved_identity(self) -> dict[str, Any]:
        """The identity the cache keys on. Raises `StageError` where a name leads nowhere."""
        return resolved_identity(self.stage, self.kind)


@dataclass(frozen=True)
class Recipe:
    """A checked recipe. `folder`: where its file lies; modules with stages may lie beside it."""

    name: str
    description: str
    data: Data
    steps: tuple[Step, ...]
    folder: Path

    @property
    def columns(self) -> Columns:
        """The columns as the data reader takes them."""
        return Columns(**self.data.columns.model_dump())

    def filled(self) -> dict[str, Any]:
        """The recipe with every default filled in, as JSON values: so it goes into `run.json`.

        Where it has stages from outside, `folder` is where their modules may lie.
        """
        is_outside = any(step.is_outside for step in self.steps)
        return {
            "name": self.name,
            "description": self.description,
            "data": self.data.model_dump(),
            "steps": [
                {"name": step.name, "stage": step.kind, "over": step.over}
                | {
                    field.name: list(value) if isinstance(value, tuple) else value
                    for field in stage_fields(step.stage)
                    for value in (getattr(step.stage, field.name),)
                }
                for step in self.steps
            ],
            **({"folder": str(self.folder.resolve())} if is_outside else {}),
        }
