"""The contract every stage keeps, and how a stage's identity is read off its fields.

A stage is a frozen dataclass: its fields are its configuration, its identity and its documentation
at once. `help` and `identity` in a field's metadata say what the field means and whether it can
change an output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import Field, field, fields
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

from pivot_sum.stages.answer import Answer as Answer  # who writes a stage finds both here
from pivot_sum.stages.answer import Note as Note
from pivot_sum.stages.budget import Budget, Cost
from pivot_sum.stages.seen import Seen as Seen
from pivot_sum.stages.text.segmentation import Over

Task = Literal["clean", "translate", "summarize", "polish", "rewrite"]
"""What a stage is for: the same language put right (`clean`, `polish`) or said differently
(`rewrite`), another language (`translate`), or fewer words (`summarize`)."""

PlaceholderPolicy = Literal["keep", "repair", "select"]
"""What a stage may do to placeholders: `keep` all of them, `repair` damaged ones (and keep the
rest), or `select` some."""


class Stage(Protocol):
    """Texts in, texts out: one for one, in order; nothing is sampled; blank stays blank.

    A stage keeps no state between calls, samples nothing, prints nothing, and catches nothing in
    order to return an empty text or its input. Raises `pivot_sum.stages.errors.StageError`.

    One that has `sees = "source"` (as a class variable, a field or a property) gets each text
    packed with the dialogue it was made from: `Seen.unpacked(text)`.
    """

    name: ClassVar[str]
    version: ClassVar[int]

    @property
    def task(self) -> Task:
        """What it is for. A class variable, but for stages that do several things."""
        ...

    @property
    def placeholders(self) -> PlaceholderPolicy:
        """What it may do to placeholders. A class variable, as `task` is."""
        ...

    @property
    def batch_size(self) -> int:
        """How many texts the runner should hand over at once. A hint, outside the identity."""
        ...

    @property
    def source(self) -> str:
        """Language code of the texts this stage takes (`ko`, `en`)."""
        ...

    @property
    def target(self) -> str:
        """Language code of the texts this stage gives."""
        ...

    def __call__(self, texts: Sequence[str], /) -> list[str]: ...


class OneLanguage:
    """Base class of a stage that gives texts in the language it takes, its field `language`."""

    language: str

    @property
    def source(self) -> str:
        """The language it takes."""
        return self.language

    @property
    def target(self) -> str:
        """The language it gives: the same."""
        return self.language


@runtime_checkable
class Annotating(Protocol):
    """A stage that has something to say about its answers. Whoever inherits from this writes
    `answers` and has `__call__` with it."""

    def answers(self, texts: Sequence[str], /) -> list[Answer]:
        """One answer a text, in order. Raises `pivot_sum.stages.errors.StageError`."""
        ...

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        """The texts of the answers. Raises TypeError for a single text."""
        several(texts)
        return [answer.text for answer in self.answers(texts)]


@runtime_checkable
class Resolvable(Protocol):
    """A stage some of whose fields are names for things that can change: a model, `auto`."""

    def resolve(self) -> dict[str, Any]:
        """What those fields stand for now, as JSON values by field name: they replace the names in
        the identity.

        Raises `pivot_sum.stages.errors.ModelUnreachable` when a name leads nowhere.
        """
        ...


class Versioned:
    """Base class of a stage whose answers depend, with some values of its fields, on a part of the
    program that has a version of its own."""

    @property
    def versions(self) -> dict[str, int]:
        """The versions of the parts it depends on, by the names they have in the identity."""
        return {}


@runtime_checkable
class Billed(Protocol):
    """A stage that asks a service which bills what it answers."""

    @property
    def units(self) -> tuple[str, ...]:
        """What is billed: `characters` or `tokens`, and behind it the currency, where the price of
        one is known."""
        ...

    def cost(self, texts: Sequence[str]) -> Cost:
        """What the service would bill for these texts, where every answer is usable at once."""
        ...

    def bill(self, note: Note) -> Cost:
        """What an answer with this note was billed."""
        ...

    def answers_within(self, texts: Sequence[str], budget: Budget) -> list[Answer]:
        """The answers, counted against a budget. Raises `pivot_sum.stages.errors.BudgetExceeded`
        before the request that would exceed it.
        """
        ...


@runtime_checkable
class Advising(Protocol):
    """A stage that has something to say before it is run."""

    def advice(self, texts: Sequence[str]) -> str:
        """What a user should know before these texts are given to it; empty where there is nothing
        to say."""
        ...


@runtime_checkable
class Checked(Protocol):
    """A stage whose fields depend on each other or on what it runs over."""

    def mistakes(self, over: Over) -> list[str]:
        """What makes no sense in this configuration, each as `field: what is wrong`; recipes that
        have one are refused."""
        ...


def several(texts: Sequence[str]) -> None:
    """Raises TypeError for one text in the place of several: a text is a sequence of characters,
    and each would be answered."""
    if isinstance(texts, str):
        raise TypeError("a stage takes a list of texts, not one text: stage([text])[0]")


def answers_of(stage: Stage, texts: Sequence[str], budget: Budget) -> list[Answer]:
    """The answers of any stage; `budget` counts for one that is billed. Raises
    `pivot_sum.stages.errors.StageError`."""
    if isinstance(stage, Billed):
        return stage.answers_within(texts, budget)
    if isinstance(stage, Annotating):
        return stage.answers(texts)
    return [Answer(text) for text in stage(texts)]


def option(default: Any, help: str, *, identity: bool | Literal["unless-default"] = True) -> Any:
    """A stage's field. `identity=False` only for what cannot change an output (batch size, device,
    threads).

    `identity="unless-default"` is for a field that is added to a stage whose results people have
    cached: with its default the stage has to answer as it did without the field, its identity stays
    what it was, and the default can never be changed again.
    """
    return field(default=default, metadata={"help": help, "identity": identity})


def required(help: str) -> Any:
    """A stage's field without a default."""
    return field(metadata={"help": help, "identity": True})


def stage_fields(stage: Stage | type[Stage]) -> tuple[Field[Any], ...]:
    """The fields of a stage or stage class, in order."""
    return fields(stage)  # type: ignore[arg-type]  # a Protocol cannot say "is a dataclass"


@runtime_checkable
class FilledByEnvironment(Protocol):
    """A stage with fields that environment variables fill where they are left empty."""

    def from_environment(self) -> Mapping[str, Any]:
        """These fields with the values that hold here, found without asking anybody: offline too,
        the answers of another server are not those of this one."""
        ...


def declared_identity(stage: Stage, kind: str = "") -> dict[str, Any]:
    """The identity as recipe and environment declare it: stage name, version, every field that
    can change an output, and the versions of what else it depends on. `kind` is the name the
    recipe gives the stage by, where that is not its own."""
    declared: dict[str, Any] = {"stage": kind or stage.name, "version": stage.version}
    for item in stage_fields(stage):
        value, is_part = getattr(stage, item.name), item.metadata.get("identity", True)
        if is_part == "unless-default":
            is_part = value != item.default
        if is_part:
            declared[item.name] = list(value) if isinstance(value, tuple) else value
    if isinstance(stage, FilledByEnvironment):
        declared |= stage.from_environment()
    return declared | stage.versions if isinstance(stage, Versioned) else declared


def resolved_identity(stage: Stage, kind: str = "") -> dict[str, Any]:
    """The declared identity with every name replaced by what it stands for now: this is what the
    cache keys on."""
    resolved: Mapping[str, Any] = stage.resolve() if isinstance(stage, Resolvable) else {}
    return {**declared_identity(stage, kind), **resolved}
