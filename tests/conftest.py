"""Fixtures and options all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from checkpoints import make_bart, make_nllb


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="write what the code gives now into tests/golden/ instead of comparing with it; look at `git diff` afterwards",
    )


@pytest.fixture(scope="session")
def nllb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small NLLB-200 checkpoint with random weights. Shared by all tests: copy it before changing it."""
    return make_nllb(tmp_path_factory.mktemp("checkpoints") / "nllb")


@pytest.fixture(scope="session")
def bart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BART checkpoint with random weights. Shared by all tests: copy it before changing it."""
    return make_bart(tmp_path_factory.mktemp("checkpoints") / "bart")
