"""The recipes with language models from the command line to a Korean summary, over real HTTP: a
server on this machine knows the demo by heart."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import chatdemo
import chatserver
import pytest
from chatserver import KEY, ChatServer
from commandline import pivot_sum

from pivot_sum.recipes.recipe import load_recipe

DIALOGUES = 6
SAME = ("--data", "demo:dialogues", "--limit", str(DIALOGUES))


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chatserver.running() as opened:
        opened.answer = chatdemo.answer
        opened.models = sorted(
            {
                step.stage.model  # type: ignore[attr-defined]  # the stage is one with a model
                for name in ("pivot-chat", "pivot-chat-rewrite", "direct-chat")
                for step in load_recipe(name).steps
                if step.kind == "chat"
            }
        )
        yield opened


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture
def env(server: ChatServer) -> dict[str, str]:
    server.asked.clear()
    address = f"{server.url}/v1"
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": address, "NO_PROXY": "127.0.0.1"}


def summaries(folder: Path) -> list[str]:
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return [row["summary"] for row in csv.DictReader(file)]


def distorted(summary: str) -> str:
    """A summary that says something else."""
    return f"아니, {summary}"


@pytest.fixture(scope="module")
def right(project: Path) -> list[str]:
    return list(chatdemo.tables().corrected.values())[:DIALOGUES]


def test_the_pivot_gives_right_korean_summaries_replays_offline_and_is_compared(
    project: Path, server: ChatServer, env: dict[str, str], right: list[str]
) -> None:
    ran = pivot_sum(project, "run", "pivot-chat", *SAME, "--out", "pivot", env=env)
    assert summaries(project / "pivot") == right
    record = json.loads((project / "pivot" / "run.json").read_text(encoding="utf-8"))
    paid = sum(server.billed)
    assert record["spent"] == {"tokens": paid}
    assert f"billed in this run: {paid:,} tokens" in ran.stdout
    asked = len(server.asked)
    pivot_sum(project, "run", "pivot-chat", *SAME, "--out", "again", "--offline", env=env)
    assert len(server.asked) == asked
    assert summaries(project / "again") == right
    compared = pivot_sum(project, "compare", "demo-direct", "demo-pivot", "pivot", *SAME, env=env)
    assert "pivot" in compared.stdout


def test_a_rewriting_step_sees_the_dialogue_and_the_summary(
    project: Path, server: ChatServer, env: dict[str, str], right: list[str]
) -> None:
    def confused(messages: chatserver.Messages, body: object) -> str:
        said = chatdemo.answer(messages, {})
        is_last_translation = said in right and "요약문:" not in str(messages[-1]["content"])
        return distorted(said) if is_last_translation else said

    server.answer = confused
    try:
        pivot_sum(project, "run", "pivot-chat-rewrite", *SAME, "--out", "rewrite", env=env)
    finally:
        server.answer = chatdemo.answer
    seen = [
        asked.body["messages"][-1]["content"]
        for asked in server.asked
        if "요약문:" in asked.body["messages"][-1]["content"]
    ]
    assert len(seen) == DIALOGUES
    assert summaries(project / "rewrite") == right
    asked = len(server.asked)
    pivot_sum(
        project, "run", "pivot-chat-rewrite", *SAME, "--out", "rewrite2", "--offline", env=env
    )
    assert (len(server.asked), summaries(project / "rewrite2")) == (asked, right)


def test_the_direct_system_and_the_key_in_no_file(
    project: Path, server: ChatServer, env: dict[str, str], right: list[str]
) -> None:
    pivot_sum(project, "run", "direct-chat", *SAME, "--out", "direct", env=env)
    assert summaries(project / "direct") == right
    for path in project.rglob("*"):
        assert path.is_dir() or KEY.encode() not in path.read_bytes(), path


def test_a_budget_in_tokens_stops_before_it_is_exceeded(
    tmp_path: Path, server: ChatServer, env: dict[str, str]
) -> None:
    ran = pivot_sum(
        tmp_path, "run", "direct-chat", *SAME, "--budget", "9000tokens", env=env, code=62
    )
    assert "of the budget of 9,000 tokens" in ran.message
    assert sum(server.billed) <= 9000
