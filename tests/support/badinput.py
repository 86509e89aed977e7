"""Commands that are refused or fail: their message, and what they leave as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import dialogues, everything_in, pivot_sum, text_project

RUN = ["run", "text.yaml", "--data", "data.csv"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two dialogues and a recipe without a model."""
    return text_project(tmp_path / "project", dialogues(2))


def refused(project: Path, code: int, *words: object, env: dict[str, str] | None = None) -> str:
    """The message of a command that fails with this code and, as nothing was run, leaves everything
    as it was."""
    before = everything_in(project)
    message = pivot_sum(project, *words, env=env, code=code).message
    assert everything_in(project) == before
    return message


def failed(project: Path, code: int, *words: object, file_limit: int | None = None) -> str:
    """The message of a run that started and fails with this code."""
    return pivot_sum(project, *words, code=code, file_limit=file_limit).message
