"""The smallest stage: one function from text to text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, dataclass_transform

from annotated_types import Ge

from pivot_sum.stages.base import OneLanguage, PlaceholderPolicy, Task, option, required, several
from pivot_sum.stages.fields import CheckedFields


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(option, required, field)
)
@dataclass(frozen=True, kw_only=True)
class Rule(OneLanguage, CheckedFields, ABC):
    """A stage that is written as `apply(text) -> str`.

    A subclass gives `name`, `version` and `apply`; raise `version` whenever `apply` answers
    differently, or the cache goes on answering as before. Annotated attributes become fields of the
    stage, to be set in a recipe; a subclass is a frozen dataclass without being decorated. `apply`
    must give the same answer to the same text; blank texts never reach it.
    """

    name: ClassVar[str]
    version: ClassVar[int]
    task: ClassVar[Task] = "clean"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    language: Literal["ko", "en"] = option("ko", "language of the texts")
    batch_size: Annotated[int, Ge(1)] = option(256, "texts handed over at once", identity=False)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        try:
            dataclass(frozen=True, kw_only=True)(cls)
        except ValueError as error:  # a default that can be changed, such as a list
            raise TypeError(
                f"stage {cls.__qualname__} in {cls.__module__}: {error}; write a tuple where the"
                " default is a list"
            ) from error

    @abstractmethod
    def apply(self, text: str) -> str:
        """What becomes of one text."""

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        several(texts)
        return [self.apply(text) if text.strip() else text for text in texts]
