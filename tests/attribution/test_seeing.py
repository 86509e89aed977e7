"""Steps that see the source, in a run that is taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from wordstages import ROWS, SEEN, Short, project, ran

from pivot_sum.attribution import Attribution, attribute
from pivot_sum.scoring import load_metric
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import Seen, Task

__all__ = ["project"]


@dataclass(frozen=True, kw_only=True)
class Seeing(Short):
    """A last step that sees the source, and leaves the text as it is."""

    name: ClassVar[str] = "seeing"
    task: ClassVar[Task] = "polish"
    sees: ClassVar[str] = "source"

    def __call__(self, texts: Sequence[str], /) -> list[str]:
        SEEN.extend(texts)
        return [Seen.unpacked(text).text for text in texts]


def apart(folder: Path, *, offline: bool = False) -> Attribution:
    return attribute(folder, metric=load_metric(tokenizer="eojeol"), offline=offline)


def test_it_sees_the_runs_own_dialogues_behind_every_oracle(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STAGES, "seeing", Seeing)
    recipe = (project / "pivot.yaml").read_text(encoding="utf-8")
    last = "  - {name: see, stage: seeing, language: ko}\n"
    (project / "see.yaml").write_text(recipe + last, encoding="utf-8")
    folder = ran("see.yaml")
    found = apart(folder)
    assert found.loss.mean == pytest.approx(apart(ran(out=Path("blind"))).loss.mean)
    seen = {Seen.unpacked(text) for text in SEEN if text.startswith("[")}
    assert {(one.dialogue, one.cleaned) for one in seen} == {
        (row["dialogue"], row["dialogue"]) for row in ROWS
    }
    texts = {one.text for one in seen if one.dialogue == "새 개"}
    assert texts == {"물건 개", "새 개"}  # the run's own, and behind an oracle
    before = len(SEEN)
    assert apart(folder, offline=True).loss.mean == found.loss.mean
    assert len(SEEN) == before


@dataclass(frozen=True, kw_only=True)
class SeeingPivot(Seeing):
    """Sees what the pivot made of the dialogue, too."""

    sees: ClassVar[str] = "pivot"


def test_the_translated_dialogues_are_the_runs_own_and_the_summary_is_the_one_that_came_back(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(STAGES, "seeing", SeeingPivot)
    recipe = (project / "pivot.yaml").read_text(encoding="utf-8")
    last = "  - {name: see, stage: seeing, language: ko}\n"
    (project / "see.yaml").write_text(recipe + last, encoding="utf-8")
    apart(ran("see.yaml"))
    seen = {Seen.unpacked(text) for text in SEEN if text.startswith("[")}
    assert {(one.translated, one.pivot) for one in seen if one.dialogue == "새 개"} == {
        ("thing dog", "thing dog"),  # the run's own, and the reference's round trip
        ("thing dog", "bird dog"),  # behind the English summary
    }
