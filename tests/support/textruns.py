"""A project with a run of the recipe without a model, for the commands that look at runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commandline import dialogues, pivot_sum, text_project

RUN = ["run", "text.yaml", "--data", "data.csv"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one run over ten dialogues, which printed `printed.txt`. Copy it before
    changing it."""
    folder = text_project(tmp_path_factory.mktemp("commands") / "project", dialogues(10))
    ran = pivot_sum(folder, *RUN)
    (folder / "printed.txt").write_text(ran.stdout, encoding="utf-8")
    return folder


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished project, to be changed."""
    return shutil.copytree(finished, tmp_path / "project")


@pytest.fixture
def cold(tmp_path: Path) -> Path:
    """Ten dialogues and a recipe that has never been run."""
    return text_project(tmp_path / "cold", dialogues(10))


def said(folder: Path, *words: object, code: int = 0) -> Any:
    """What a command prints with --json."""
    return json.loads(pivot_sum(folder, *words, "--json", code=code).stdout)


def run_folder(project: Path) -> Path:
    [folder] = (project / "runs").iterdir()
    return folder
