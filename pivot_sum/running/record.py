"""What `run.json` holds, typed and versioned. Every view of a run reads this and nothing else.

Format 2 is written; format 1 (version 0.1.0, which wrote no `format`) is still read. A field that
is added needs no new format: what a reader does not know it leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, NonNegativeInt, model_validator

from pivot_sum.data.samples import Columns
from pivot_sum.files import parse_json
from pivot_sum.recipes.recipe import Data
from pivot_sum.stages import STAGES
from pivot_sum.stages.budget import CHARACTERS

FORMAT = 2

WhereKnown = Field(default=None, exclude_if=lambda value: value is None)
"""The default of a field that is left out of `run.json` where it is None."""


RecordedCost = dict[str, int | float]
"""What something cost, by unit: `{"tokens": 9100, "USD": 0.0182}`."""

Counts = dict[str, NonNegativeInt]


def _below(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or PureWindowsPath(name).drive:
        raise ValueError("not below the run folder")
    return name


FileBelow = Annotated[str, AfterValidator(_below)]
"""A file of the run, relative to its folder, and in it."""


class NewerFormat(Exception):
    """A record was written by a later version; the message names its format."""


def _named(step: dict[str, Any]) -> dict[str, Any]:
    if not all(isinstance(step.get(key), str) for key in ("name", "stage")):
        raise ValueError("a step without a name or a stage")
    return step


class RecordedRecipe(BaseModel):
    """The recipe of a run with every default filled in."""

    name: str
    description: str = ""
    data: Data
    steps: list[Annotated[dict[str, Any], AfterValidator(_named)]]
    """Of each step `name`, `stage`, `over` and the stage's own fields."""
    folder: str | None = WhereKnown
    """Where the modules of stages from outside may lie, where there are such."""

    @property
    def columns(self) -> Columns:
        """The columns as the data reader takes them."""
        return Columns(**self.data.columns.model_dump())


class RecordedData(BaseModel):
    """The data a run was made from."""

    file: str
    """As it was given, so relative to the folder the run was started in."""
    sha256: str
    samples: NonNegativeInt


class RecordedOptions(BaseModel):
    """How the run was asked for."""

    stages: str | None = None
    set: list[str] = []
    limit: int | None = None
    offline: bool = False
    budget: int | float | str | None = None
    """As it was given: `2.50USD`; a number alone counts in the unit of the steps."""


class RecordedTokens(BaseModel):
    """Tokens that local models read and wrote in the run, and the share of padding in per cent."""

    read: int
    read_padding_percent: float
    written: int
    written_padding_percent: float


class RecordedStep(BaseModel):
    """One step of a run: what it was, and what became of its texts (repeats included)."""

    name: str
    stage: str
    task: str
    """What the stage is for: `clean`, `translate`, `summarize`, `polish`, ...; "" where nobody
    knows."""
    source: str
    """Language code of the texts it took; "" where nobody knows."""
    target: str
    """Language code of the texts it gave."""
    file: FileBelow
    """Its texts."""
    identity: dict[str, Any] = {}
    texts: NonNegativeInt
    unique: NonNegativeInt
    cached: NonNegativeInt
    computed: NonNegativeInt
    billed: RecordedCost | None = WhereKnown
    """What a service billed for the computed texts; None for a stage nobody bills."""
    seconds: float
    tokens: RecordedTokens | None = WhereKnown
    """None where no local model computed anything."""
    verdicts: Counts
    rungs: Counts
    retries: Counts
    repairs: Counts
    flags: Counts


class RecordedEnd(BaseModel):
    """What became of the placeholders of the dialogues by the end of what was run."""

    step: str
    """The step whose texts were judged."""
    against: str | None = None
    """The step that gave the cleaned dialogues they were judged against; None where no step of the
    recipe repairs placeholders: then against the dialogues as `clean` would leave them."""
    verdicts: Counts
    """How many samples: kept, lost, invented. Those without placeholders on either side are left
    out."""


class RunRecord(BaseModel):
    """One run. `status` is started, finished or failed; times are UTC in ISO 8601."""

    format: int = FORMAT
    status: Literal["started", "finished", "failed"]
    started: str
    finished: str | None = WhereKnown
    error: str | None = WhereKnown
    """Why it failed."""
    pivot_sum: str = ""
    """The version that made the run."""
    recipe: RecordedRecipe
    data: RecordedData
    options: RecordedOptions = RecordedOptions()
    steps: list[RecordedStep]
    end: RecordedEnd | None = WhereKnown
    """None where the run did not end, or did nothing but clean; earlier versions did not judge
    it."""
    predictions: FileBelow | None = WhereKnown
    """The file of the summaries; None where the recipe did not run to its end."""
    oracles: Annotated[list[str], Field(exclude_if=lambda value: not value)] = []
    """The steps in whose place the data itself was put: no summaries are written of such a run."""
    spent: RecordedCost | None = WhereKnown
    """Everything services billed in this run, lost answers included."""
    versions: dict[str, str] = {}
    git: str | None = None

    @property
    def uses_demo_models(self) -> bool:
        """Whether any of its models is one of those that know only the demo world."""
        return any(str(step.get("model", "")).startswith("demo:") for step in self.recipe.steps)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        """Views look steps up by their names."""
        declared = [str(step["name"]) for step in self.recipe.steps]
        ran = [step.name for step in self.steps]
        order = iter(declared)
        if len({*declared}) < len(declared) or not all(name in order for name in ran):
            raise ValueError("its steps are not those of its recipe")
        if self.predictions is not None and ran != declared:
            raise ValueError("it has predictions, but not every step of its recipe ran")
        if self.end and not {self.end.step, self.end.against or self.end.step} <= {*ran}:
            raise ValueError("it ends in a step that did not run")
        return self

    def as_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        return self.model_dump(mode="json")


def parse_record(text: str) -> RunRecord:
    """The record that the text of a `run.json` holds.

    Raises ValueError where it is none (pydantic's errors are such), NewerFormat where a later
    version wrote it.
    """
    raw = parse_json(text)
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")
    written = raw.get("format", 1)
    if isinstance(written, int) and written > FORMAT:
        raise NewerFormat(f"its format is {written}, and this version reads up to {FORMAT}")
    if written == 1:
        raw = _from_format_1(raw)
    return RunRecord.model_validate(raw)


def _from_format_1(raw: dict[str, Any]) -> dict[str, Any]:
    """Format 1 left what a step was to the recipe and to whoever knows the stage, and knew no unit
    but characters."""
    try:
        settings = {step["name"]: step for step in raw["recipe"]["steps"]}
        steps = [
            {
                **_described(settings[step["name"]]),
                **step,
                "billed": _characters(step.get("billed_characters")),
            }
            for step in raw["steps"]
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("it lacks what every run records") from error
    spent = _characters(raw.get("characters_spent"))
    return {**raw, "format": FORMAT, "steps": steps, "spent": spent}


def _characters(number: int | None) -> dict[str, int] | None:
    return None if number is None else {CHARACTERS: number}


def _described(settings: Mapping[str, Any]) -> dict[str, str]:
    # A stage of format 1 that does not change the language has a field `language`.
    language = settings.get("language") or ""
    source, target = settings.get("source") or language, settings.get("target") or language
    kind = STAGES.get(settings["stage"])
    task = kind.task if kind else ""
    return {"stage": settings["stage"], "task": task, "source": source, "target": target}
