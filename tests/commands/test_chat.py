"""Recipes with language models through the command line, against a server that can fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chatserver import KEY, ChatServer
from chatstages import request
from commandline import dialogues, pivot_sum, write_csv

MODEL = "gpt-4.1-mini-2025-04-14"
ROWS = dialogues(6)


@pytest.fixture
def project(tmp_path: Path, chat_server: ChatServer) -> Path:
    """A folder with data, and a server that says a Korean or an English sentence, whichever is
    asked for."""
    write_csv(tmp_path / "data.csv", ROWS)
    chat_server.models = [MODEL, "solar-pro3"]
    chat_server.answer = lambda messages, body: (
        "둘은 약속을 잡는다."
        if "Korean:" in messages[-1]["content"] or "요약" in messages[0]["content"]
        else "They make an appointment."
    )
    return tmp_path


def run(project: Path, server: ChatServer, recipe: str, *words: str, code: int = 0) -> Any:
    """What `run --json` prints."""
    env = {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": KEY, "NO_PROXY": "127.0.0.1"}
    ran = pivot_sum(
        project, "run", recipe, "--data", "data.csv", *words, "--json", env=env, code=code
    )
    assert KEY not in ran.stdout + ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("recipe", "asks"), [("direct-chat", 1), ("pivot-chat", 3), ("pivot-chat-rewrite", 4)]
)
def test_a_recipe_runs_counts_its_tokens_and_replays_offline(
    recipe: str, asks: int, project: Path, chat_server: ChatServer
) -> None:
    first = run(project, chat_server, recipe, "--out", "first")
    billed = [step["billed"]["tokens"] for step in first["steps"] if step.get("billed")]
    assert len(billed) == asks
    assert sum(billed) == sum(chat_server.billed) == first["spent"]["tokens"]
    predictions = (project / "first" / "predictions.csv").read_text(encoding="utf-8")
    assert predictions.count("둘은 약속을 잡는다.") == len(ROWS)

    before = len(chat_server.asked)
    run(project, chat_server, recipe, "--offline", "--out", "again")
    assert (project / "again" / "predictions.csv").read_text(encoding="utf-8") == predictions
    assert len(chat_server.asked) == before
    files = [path for path in project.rglob("*") if path.is_file()]
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


def test_a_rewrite_is_asked_with_the_dialogue_beside_the_summary(
    project: Path, chat_server: ChatServer
) -> None:
    run(project, chat_server, "pivot-chat-rewrite")
    asked = [one for one in map(request, chat_server.asked) if one.startswith("대화:")]
    assert {one.split("\n\n")[0].removeprefix("대화:\n") for one in asked} == {
        text for _, text in ROWS
    }
    assert all(one.endswith("요약문:\n둘은 약속을 잡는다.") for one in asked)


def test_a_dry_run_asks_nobody_and_says_what_it_would_cost(
    project: Path, chat_server: ChatServer
) -> None:
    words = ["--dry-run", "--set", "summarize.price_in=2", "--set", "summarize.price_out=8"]
    plan = run(project, chat_server, "direct-chat", *words)
    assert "tokens" in json.dumps(plan) and "USD" in json.dumps(plan)
    assert chat_server.asked == []


def test_a_refused_dialogue_ends_the_run_and_the_others_are_not_asked_for_again(
    project: Path, chat_server: ChatServer
) -> None:
    chat_server.fail("refusal", times=3)
    words = ["--set", "summarize.concurrency=1", "--out", "once"]
    failed = run(project, chat_server, "direct-chat", *words, code=65)
    assert failed["error"]["kind"] == "Unanswered"
    assert "got no answer (refusal" in failed["error"]["message"]
    before = len(chat_server.asked)
    run(project, chat_server, "direct-chat", *words)
    assert len(chat_server.asked) == before + 1
