"""Pivots over names of animals, whose translators do not know some of them: the fewer a translator
knows, the worse its summaries."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from wordstages import write_rows

from pivot_sum.running.execute import Request, execute
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import PlaceholderPolicy, Task, option, required

TRANSLATED: list[str] = []
SUMMARISED: list[str] = []
"""What the stages were asked to do."""

ANIMALS = {
    "고양이": "cat", "강아지": "dog", "호랑이": "tiger", "코끼리": "elephant", "원숭이": "monkey",
    "다람쥐": "squirrel", "거북이": "turtle", "병아리": "chick", "송아지": "calf", "개구리": "frog",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Animals:
    """Translates word by word. The first animals, as many as `unknown`, become things."""

    name: ClassVar[str] = "animals"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    source: Literal["ko", "en"] = required("language of the texts it takes")
    target: Literal["ko", "en"] = required("language of the texts it gives")
    unknown: int = option(0, "how many animals it does not know")
    batch_size: int = option(8, "texts at once", identity=False)

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        TRANSLATED.extend(texts)
        known = dict(list(ANIMALS.items())[self.unknown :])
        if self.target == "ko":
            known = {english: korean for korean, english in known.items()}
        other = "thing" if self.target == "en" else "물건"
        return [" ".join(known.get(word, other) for word in text.split()) for text in texts]


@dataclass(frozen=True, kw_only=True)
class Whole:
    """Takes the dialogue, without who speaks, for its summary."""

    name: ClassVar[str] = "whole"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "summarize"
    placeholders: ClassVar[PlaceholderPolicy] = "select"

    language: Literal["ko", "en"] = required("language of the texts")
    batch_size: int = option(8, "texts at once", identity=False)

    @property
    def source(self) -> str:
        return self.language

    @property
    def target(self) -> str:
        return self.language

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        SUMMARISED.extend(texts)
        lines = [[line.partition(": ")[2] for line in text.split("\n")] for text in texts]
        return [" ".join(turns) for turns in lines]


PIVOT = """\
data: {{file: data.jsonl}}
steps:
  - {{name: clean, stage: clean}}
  - {{name: there, stage: animals, over: turn, source: ko, target: en, unknown: {unknown}}}
  - {{name: whole, stage: whole, language: en}}
  - {{name: back, stage: animals, over: turn, source: en, target: ko}}
"""
DIRECT = """\
data: {file: data.jsonl}
steps:
  - {name: clean, stage: clean}
  - {name: whole, stage: whole, language: ko}
"""


def rows(number: int = 40, first: int = 0) -> list[dict[str, Any]]:
    """Dialogues of three animals, all animals about as often (up to 120), each its own summary."""
    every = list(itertools.combinations(ANIMALS, 3))
    threes = [every[place * 7 % len(every)] for place in range(first, first + number)]
    return [
        {
            "fname": f"d{place}",
            "dialogue": f"#Person1#: {one} {two}\n#Person2#: {three}",
            "summary": f"{one} {two} {three}",
        }
        for place, (one, two, three) in enumerate(threes, first)
    ]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of `animals`. Copy it before changing it."""
    folder = tmp_path_factory.mktemp("prediction") / "project"
    folder.mkdir()
    write_rows(folder / "data.jsonl", rows())
    (folder / "direct.yaml").write_text(DIRECT, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        _within(folder, patch)
        run("direct.yaml", "direct")
        for unknown in (0, 1, 2, 4, 6):
            run(pivot(unknown), str(unknown))
    return folder


@pytest.fixture
def animals(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `data.jsonl`, a direct recipe and the runs `runs/direct` and, of pivots that do
    not know so many animals, `runs/0`, `runs/1`, `runs/2`, `runs/4` and `runs/6`."""
    folder = shutil.copytree(finished, tmp_path / "project")
    _within(folder, monkeypatch)
    TRANSLATED.clear()
    SUMMARISED.clear()
    return folder


def _within(folder: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setitem(STAGES, "animals", Animals)
    patch.setitem(STAGES, "whole", Whole)
    patch.chdir(folder)


def pivot(unknown: int) -> str:
    """The recipe of a pivot that does not know so many animals."""
    path = Path(f"pivot-{unknown}.yaml")
    path.write_text(PIVOT.format(unknown=unknown), encoding="utf-8")
    return str(path)


def run(recipe: str, name: str, **changes: Any) -> Path:
    """The folder `runs/NAME` of a run of a recipe."""
    return execute(Request(recipe, out=Path("runs", name), **changes)).folder
