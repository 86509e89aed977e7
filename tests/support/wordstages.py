"""A pivot over single words whose every mistake is known, for attributing losses counted by
hand.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest

from pivot_sum.running.execute import Request, execute
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import PlaceholderPolicy, Task, option, required

SEEN: list[str] = []
"""What the stages were asked to do."""

THERE = {"고양이": "cat", "개": "dog", "새": "thing", "소": "cow", "물고기": "fish"}
"""Wrong: a bird becomes a thing."""
BACK = {"cat": "고양이", "dog": "개", "bird": "새", "thing": "물건", "cow": "소", "fish": "생선"}
"""Wrong: a fish becomes a dish."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Translates word by word."""

    name: ClassVar[str] = "words"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "translate"
    placeholders: ClassVar[PlaceholderPolicy] = "keep"

    source: Literal["ko", "en"] = required("language of the texts it takes")
    target: Literal["ko", "en"] = required("language of the texts it gives")
    batch_size: int = option(2, "texts at once", identity=False)

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        SEEN.extend(texts)
        known = THERE if self.target == "en" else BACK
        return [" ".join(known[word] for word in text.split()) for text in texts]


@dataclass(frozen=True, kw_only=True)
class Short:
    """Summarises by leaving cows out."""

    name: ClassVar[str] = "short"
    version: ClassVar[int] = 1
    task: ClassVar[Task] = "summarize"
    placeholders: ClassVar[PlaceholderPolicy] = "select"

    language: Literal["ko", "en"] = required("language of the texts")
    batch_size: int = option(2, "texts at once", identity=False)

    @property
    def source(self) -> str:
        return self.language

    @property
    def target(self) -> str:
        return self.language

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        SEEN.extend(texts)
        return [
            " ".join(word for word in text.split() if word not in ("cow", "소")) for text in texts
        ]


PIVOT = """\
data: {file: data.jsonl}
steps:
  - {name: clean, stage: clean}
  - {name: there, stage: words, source: ko, target: en}
  - {name: tidy, stage: clean, language: en}
  - {name: short, stage: short, language: en}
  - {name: back, stage: words, source: en, target: ko}
  - {name: polish, stage: polish}
"""

DIRECT = """\
data: {file: data.jsonl}
steps:
  - {name: clean, stage: clean}
  - {name: short, stage: short, language: ko}
  - {name: polish, stage: polish}
"""

ROWS: tuple[dict[str, Any], ...] = (
    {
        "fname": "d1",
        "dialogue": "고양이 개",
        "summary": "고양이 개",
        "dialogue_en": "cat dog",
        "summary_en": "cat dog",
    },
    {
        "fname": "d2",
        "dialogue": "새 개",
        "summary": "새 개",
        "dialogue_en": "bird dog",
        "summary_en": "bird dog",
    },
    {
        "fname": "d3",
        "dialogue": "소 개",
        "summary": "소 개",
        "dialogue_en": "cow dog",
        "summary_en": "cow dog",
    },
    {
        "fname": "d4",
        "dialogue": "물고기 개",
        "summary": "물고기 개",
        "dialogue_en": "fish dog",
        "summary_en": "fish dog",
    },
)
"""One dialogue that nothing happens to, and one for the mistake of each stage. A dialogue is its
own summary."""


def without(*columns: str) -> list[dict[str, Any]]:
    """The rows without some columns."""
    return [{name: text for name, text in row.items() if name not in columns} for row in ROWS]


def write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Rows as JSONL, or as CSV where the file is called so."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        path.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with `data.jsonl` and the recipes, in which commands run."""
    monkeypatch.setitem(STAGES, "words", Words)
    monkeypatch.setitem(STAGES, "short", Short)
    monkeypatch.chdir(tmp_path)
    SEEN.clear()
    write_rows(tmp_path / "data.jsonl", ROWS)
    (tmp_path / "pivot.yaml").write_text(PIVOT, encoding="utf-8")
    (tmp_path / "direct.yaml").write_text(DIRECT, encoding="utf-8")
    return tmp_path


def ran(recipe: str = "pivot.yaml", **changes: Any) -> Path:
    """The folder of a run of a recipe over `data.jsonl`."""
    return execute(Request(recipe, **{"out": Path("out"), **changes})).folder
