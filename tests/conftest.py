"""Fixtures and options all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import chatserver
import pytest
from chatserver import ChatServer
from checkpoints import make_bart, make_nllb
from checkpoints_families import MAKERS
from commandline import PIVOT, dialogues, pivot_project, pivot_sum
from faultserver import KEY, FaultServer, running
from hypothesis import settings

# On models this small a second thread only waits for the first. torch reads this when it is
# imported, later.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Hundreds of tests start the command line; without its compiled modules each start takes a second
# longer, and some images of Python switch them off.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Tests assert behaviour, never time: on a busy machine one example may take long.
# CI draws the same examples every time, so that no change fails for a rare one it has nothing to do
# with; long random runs are made by hand.
settings.register_profile("untimed", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help=(
            "write what the code gives now into tests/golden/ instead of comparing with it; look at"
            " `git diff` afterwards"
        ),
    )


@pytest.fixture(scope="session", autouse=True)
def converted_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where checkpoints are kept that had to be converted: one place for all tests, so that each is
    converted once."""
    folder = tmp_path_factory.mktemp("converted")
    os.environ["PIVOT_SUM_MODELS"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def nllb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small NLLB-200 checkpoint with random weights. Shared by all tests: copy it before changing
    it."""
    return make_nllb(tmp_path_factory.mktemp("checkpoints") / "nllb")


@pytest.fixture(scope="session")
def bart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small BART checkpoint with random weights. Shared by all tests: copy it before changing
    it.
    """
    return make_bart(tmp_path_factory.mktemp("checkpoints") / "bart")


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The small checkpoint of a family in `MAKERS`, made on first use. Shared by all tests: copy it
    before changing it."""
    folder = tmp_path_factory.mktemp("families")

    def small(family: str) -> Path:
        return folder / family if (folder / family).is_dir() else MAKERS[family](folder / family)

    return small


@pytest.fixture
def deepl_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server that stands in for DeepL, with its address and a key in the environment."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("DEEPL_AUTH_KEY", KEY)
    with running() as server:
        monkeypatch.setenv("DEEPL_SERVER_URL", server.url)
        yield server


@pytest.fixture
def chat_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    """A server that stands in for OpenAI and its like, with its address and a key in the
    environment."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("OPENAI_API_KEY", chatserver.KEY)
    with chatserver.running() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
        yield server


@pytest.fixture(scope="session")
def pivot_run(nllb: Path, bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the pivot ran once over 60 dialogues, undisturbed: `data.csv`, `models/`,
    the cache, the run folder `out/`, and `printed.txt`, what the run printed. Shared by all tests:
    copy it before changing it.
    """
    folder = pivot_project(tmp_path_factory.mktemp("pivot") / "project", nllb, bart, dialogues(60))
    ran = pivot_sum(folder, *PIVOT, "--out", "out")
    (folder / "printed.txt").write_text(ran.stdout, encoding="utf-8")
    return folder
