"""Text in, text out: the mechanisms a recipe is made of. A new stage is one small file and one line
in `STAGES`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pivot_sum.stages.base import Stage


class _StagesByName(MutableMapping[str, "type[Stage]"]):
    """Imports the module of a stage when that stage is wanted: a replay of one recipe need not wait
    for all of them."""

    def __init__(self, places: Mapping[str, str]) -> None:
        """`places`: by name, the module below `pivot_sum.stages` and the class in it."""
        self._stages: dict[str, str | type[Stage]] = dict(places)

    def __getitem__(self, name: str) -> type[Stage]:
        found = self._stages[name]
        if not isinstance(found, str):
            return found
        module, _, kind = found.partition(":")
        stage: type[Stage] = getattr(import_module(f"pivot_sum.stages.{module}"), kind)
        self._stages[name] = stage
        return stage

    def __setitem__(self, name: str, stage: type[Stage]) -> None:
        self._stages[name] = stage

    def __delitem__(self, name: str) -> None:
        del self._stages[name]

    def __contains__(self, name: object) -> bool:
        return name in self._stages

    def __iter__(self) -> Iterator[str]:
        return iter(self._stages)

    def __len__(self) -> int:
        return len(self._stages)


STAGES: Final = _StagesByName(
    {
        "clean": "clean:Clean",
        "translate": "translate:Translate",
        "deepl": "deepl:DeepL",
        "chat": "chat:Chat",
        "summarize": "summarize:Summarize",
        "rewrite": "rewrite:Rewrite",
        "names": "names:Names",
        "polish": "polish:Polish",
    }
)
"""Every stage by the name recipes use."""
