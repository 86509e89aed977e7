"""A project with data, recipes without a model, predictions and runs, to compare from the command
line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from commandline import Ran, dialogues, pivot_sum, write_csv

HEADER = ("fname", "dialogue", "summary1", "summary2")
PLAIN = "steps:\n  - {name: clean, stage: clean}\n"
SPOKEN = (
    "steps:\n  - {name: clean, stage: clean, colloquial: true}\n  - {name: tidy, stage: polish}\n"
)
NUMBER = 12
EVERY = [f"d{number}" for number in range(NUMBER)]


def rows(number: int = NUMBER) -> list[tuple[str, str, str, str]]:
    """Dialogues with laughter, and two references each."""
    return [
        (
            id_,
            f"{text} ㅋㅋ",
            f"#Person1#은 {id_}에서 보자고 하고 #Person2#는 좋다고 한다.",
            "둘은 만나기로 한다.",
        )
        for id_, text in dialogues(number)
    ]


def predictions(
    path: Path, ids: Sequence[str], text: str = "#Person1#은 #Person2#와 {}에서 만나기로 한다."
) -> Path:
    """A predictions file with the same sentence for each id, the id in it."""
    return write_csv(path, [(id_, text.format(id_)) for id_ in ids], ("fname", "summary"))


def compare_project(folder: Path) -> Path:
    """A folder with data, two recipes without a model, a predictions file, and the run folders `a`
    and `b` of both recipes."""
    folder.mkdir()
    write_csv(folder / "data.csv", rows(), HEADER)
    (folder / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    (folder / "spoken.yaml").write_text(SPOKEN, encoding="utf-8")
    predictions(folder / "good.csv", EVERY)
    pivot_sum(folder, "run", "plain.yaml", "--data", "data.csv", "--out", "a")
    pivot_sum(folder, "run", "spoken.yaml", "--data", "data.csv", "--out", "b")
    return folder


def compare(folder: Path, *words: object, code: int = 0, **options: Any) -> Ran:
    """Run `pivot-sum compare WORDS`, quickly."""
    return pivot_sum(
        folder,
        "compare",
        *words,
        "--tokenizer",
        "syllable",
        "--resamples",
        "200",
        code=code,
        **options,
    )


def said(folder: Path, *words: object, **options: Any) -> Any:
    """What it prints with --json."""
    return json.loads(compare(folder, *words, "--json", **options).stdout)


def edit_record(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the record of a run folder."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    change(record)
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which both recipes ran. Copy it before changing it."""
    return compare_project(tmp_path_factory.mktemp("compare") / "project")


@pytest.fixture
def project(compared: Path, tmp_path: Path) -> Path:
    """A copy of the project, to be changed."""
    return shutil.copytree(compared, tmp_path / "project")
