"""A real compatible server: it answers as the official package expects, and a recipe with the
stage `chat` runs on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openai
import pytest
from checkpoints import ENGLISH, KOREAN
from commandline import pivot_sum, write_csv
from serve import CONVERSATIONS, TASK, Served, running, serve

__all__ = ["serve"]

pytestmark = pytest.mark.slow


@pytest.fixture
def ask(serve: Served, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    client = openai.OpenAI(api_key="none", base_url=serve.url, max_retries=0, timeout=120)

    def ask(messages: Any, **options: Any) -> Any:
        settings = {"model": serve.model, "temperature": 0, "max_tokens": 64, **options}
        create: Any = client.chat.completions.create
        return create(messages=messages, **settings)

    return ask


def test_the_checkpoint_says_what_it_has_learnt(ask: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, [messages for messages, _ in CONVERSATIONS]))
    assert [answer.choices[0].message.content for answer in answers] == [
        answer for _, answer in CONVERSATIONS
    ]
    for answer in answers:
        assert answer.choices[0].finish_reason == "stop"
        assert answer.usage.prompt_tokens > answer.usage.completion_tokens > 0


def test_a_cut_answer_says_so(ask: Any) -> None:
    messages, whole = CONVERSATIONS[0]
    answer = ask(messages, max_tokens=3, seed=1)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.completion_tokens == 3
    assert whole.startswith(answer.choices[0].message.content)


def test_it_refuses_another_model_and_unknown_fields(ask: Any, serve: Served) -> None:
    messages, _ = CONVERSATIONS[0]
    with pytest.raises(openai.BadRequestError) as caught:
        ask(messages, model="another")
    assert "another" in str(caught.value.body)
    with pytest.raises(openai.UnprocessableEntityError, match="422"):
        ask(messages, extra_body={"min_p": 0.1})
    with pytest.raises(openai.InternalServerError):
        ask([])
    assert "POST /v1/chat/completions" in serve.log.read_text()


def test_a_server_that_cannot_start_is_said_with_its_log(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with (
        pytest.raises(RuntimeError, match=r"(?s)does not listen.*nowhere"),
        running(tmp_path / "nowhere", work),
    ):
        pass


RECIPE = """\
data: {{file: data.csv}}
steps:
  - {{name: clean, stage: clean}}
  - {{name: to-english, stage: chat, over: turn, task: translate, source: ko, target: en, {asks}}}
  - {{name: to-korean, stage: chat, over: turn, task: translate, source: en, target: ko, {asks}}}
"""


def test_a_recipe_runs_on_it_and_is_replayed_when_the_server_is_gone(
    serve: Served, tmp_path: Path
) -> None:
    dialogue = "\n".join(f"#Person{1 + number % 2}#: {turn}" for number, turn in enumerate(KOREAN))
    write_csv(tmp_path / "data.csv", [("1", dialogue)], ("fname", "dialogue"))
    prompt = TASK.format("{target}", "{text}")
    (tmp_path / "turn.md").write_text(f"## user\n\n{prompt}\n", encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    with running(Path(serve.model), work) as served:
        asks = (
            f"model: {served.model}, snapshot: here, base_url: '{served.url}', prompt: turn.md,"
            " max_tokens: 64, guards: []"
        )
        (tmp_path / "there-and-back.yaml").write_text(RECIPE.format(asks=asks), encoding="utf-8")
        env = {"NO_PROXY": "127.0.0.1"}
        pivot_sum(tmp_path, "run", "there-and-back.yaml", "--out", "first", env=env)
        asked = served.log.read_text().count("POST /v1/chat/completions")
        assert asked == len(CONVERSATIONS)
    english = (tmp_path / "first/steps/02-to-english.jsonl").read_text(encoding="utf-8")
    assert all(turn in english for turn in ENGLISH)
    pivot_sum(tmp_path, "run", "there-and-back.yaml", "--offline", "--out", "again", env=env)
    predictions = (tmp_path / "first/predictions.csv").read_bytes()
    assert (tmp_path / "again/predictions.csv").read_bytes() == predictions
    assert all(turn in predictions.decode() for turn in KOREAN)
