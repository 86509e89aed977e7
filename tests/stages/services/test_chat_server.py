"""The stand-in for chat servers says what real ones say, as the official package reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import chatdemo
import chatserver
import openai
import pytest
from chatanswers import ANSWER_FAULTS, Tokens, tokens
from chaterrors import MAKERS, NAMED, REFUSALS, STATUSES
from chatserver import KEY, MODEL, ChatServer
from faulthttp import WAITS
from faulttexts import right

from pivot_sum.data.files import DEMO_FILE

ERRORS = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}
BROKEN = {
    "time-out": openai.APITimeoutError,
    "reset": openai.APIConnectionError,
    "cut connection": openai.APIConnectionError,
}
THREE = "[1] 하나\n[2] 둘\n[3] 셋"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with chatserver.running() as running:
        yield running


def client(server: ChatServer, key: str = KEY) -> openai.OpenAI:
    return made(f"{server.url}/v1", key)


@cache
def made(address: str, key: str) -> openai.OpenAI:
    """Its certificates alone take a tenth of a second to read."""
    return openai.OpenAI(api_key=key, base_url=address, max_retries=0, timeout=20)


def ask(server: ChatServer, text: str = "안녕", **options: Any) -> Any:
    messages = [{"role": "system", "content": "Translate."}, {"role": "user", "content": text}]
    create: Any = client(server).chat.completions.create
    return create(**{"model": MODEL, "messages": messages, **options})


def content(answer: Any) -> Any:
    return answer.choices[0].message.content


def test_a_text_is_answered_counted_and_billed(server: ChatServer) -> None:
    answer = ask(server, "Turns around it:\n가\n\nTranslate this:\n\n#Person1#: 안녕")
    assert content(answer) == right("#Person1#: 안녕")
    assert answer.choices[0].finish_reason == "stop"
    assert server.answered == {"#Person1#: 안녕": 1}
    assert server.billed == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert server.billed == Tokens(2 + 5 + 3 + 5, tokens(content(answer)))


def test_numbered_texts_are_answered_line_by_line(server: ChatServer) -> None:
    server.say = {"하나": "one", "둘": "two", "셋": "three"}.__getitem__
    assert content(ask(server, f"Turns:\n{THREE}")) == "[1] one\n[2] two\n[3] three"
    assert set(server.answered) == {"하나", "둘", "셋"}


def test_the_test_may_answer_itself_and_choose_the_name(server: ChatServer) -> None:
    server.answers_as = "scripted-1-2026-11-01"
    server.answer = lambda messages, body: f"{len(messages)} {body['temperature']}"
    answer = ask(server, temperature=0)
    assert (content(answer), answer.model) == ("2 0", "scripted-1-2026-11-01")


def test_an_answer_longer_than_is_allowed_is_cut(server: ChatServer) -> None:
    server.say = lambda text: "one two three"
    answer = ask(server, max_tokens=2)
    assert (content(answer), answer.choices[0].finish_reason) == ("one two", "length")
    assert (server.billed.written, server.asked[0].outcome) == (2, "length")


def test_what_a_real_server_refuses_is_refused(server: ChatServer) -> None:
    server.context, server.refuses = 50, ("seed",)
    for refused, error, code in (
        (lambda: ask(server, model="other"), openai.NotFoundError, "model_not_found"),
        (lambda: ask(server, "가 " * 60), openai.BadRequestError, "context_length_exceeded"),
        (lambda: ask(server, seed=1), openai.BadRequestError, "unsupported_parameter"),
        (lambda: ask(server, messages=[]), openai.BadRequestError, None),
        (lambda: ask(server, stream=True), openai.BadRequestError, None),
        (lambda: client(server, "x").models.list(), openai.AuthenticationError, "invalid_api_key"),
    ):
        with pytest.raises(error) as caught:
            refused()
        assert caught.value.code == code
    assert server.billed == (0, 0)
    server.key = None
    assert [model.id for model in client(server, "whatever").models.list()] == [MODEL]


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refusal_has_its_status_and_costs_nothing(fault: str, server: ChatServer) -> None:
    server.fail(fault)
    status = NAMED.get(fault) or int(fault[:3])
    with pytest.raises(ERRORS.get(status, openai.APIStatusError)) as caught:
        ask(server)
    assert caught.value.status_code == status
    assert server.billed == (0, 0) and not server.answered
    if fault in WAITS:
        assert caught.value.response.headers[WAITS[fault]] == server.retry_after
    if fault in ("429", "401"):
        assert KEY in str(caught.value.body)
    ask(server)
    assert [asked.outcome for asked in server.asked] == [fault, "200"]


@pytest.mark.parametrize("maker", MAKERS)
def test_every_maker_has_a_body_for_every_refusal(maker: str, server: ChatServer) -> None:
    server.maker = maker
    for fault in REFUSALS:
        server.fail(fault)
        with pytest.raises(openai.APIStatusError) as caught:
            ask(server)
        assert isinstance(caught.value.body, dict | str)
    assert len(server.asked) == len(REFUSALS) == len(STATUSES) + len(WAITS) + len(NAMED)


def test_a_proxy_answers_with_a_page(server: ChatServer) -> None:
    server.page = b"<html><h1>502 Bad Gateway</h1></html>"
    server.fail("502")
    with pytest.raises(openai.InternalServerError) as caught:
        ask(server)
    assert caught.value.body == server.page.decode()


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_connection(fault: str, server: ChatServer) -> None:
    server.fail(fault)
    with pytest.raises(BROKEN[fault]):
        ask(server, timeout=0.7 if fault == "time-out" else 20)
    assert server.billed.written > 0  # the model has worked
    ask(server)
    assert server.answered == {"안녕": 1}


def test_half_an_answer_and_a_page_with_status_200(server: ChatServer) -> None:
    server.fail("truncated JSON")
    with pytest.raises(json.JSONDecodeError):
        ask(server)
    server.fail("junk")
    with pytest.raises(AttributeError):  # the package hands out the page as text
        content(ask(server))


def test_a_dripping_answer_is_not_stopped_by_the_time_limit_of_the_package(
    server: ChatServer,
) -> None:
    """The limit is for each byte: who wants one for the whole has to count himself."""
    server.drip = 0.003
    server.fail("drip")
    assert content(ask(server, timeout=0.5)) == right("안녕")


@pytest.mark.parametrize("fault", ANSWER_FAULTS)
def test_a_faulty_answer_has_status_200_and_is_billed(fault: str, server: ChatServer) -> None:
    server.fail(fault)
    answer = ask(server, THREE)
    good = "\n".join(
        f"[{number}] {right(text)}" for number, text in enumerate(["하나", "둘", "셋"], 1)
    )
    assert server.billed.written == tokens(good)
    assert server.asked[0].outcome == fault
    assert answer.to_dict() != ask(server, THREE).to_dict()


def test_faults_of_numbers_leave_a_single_text_alone(server: ChatServer) -> None:
    for fault in ("one too few", "one too many", "reordered", "wrong numbers"):
        server.fail(fault)
        assert content(ask(server)) == right("안녕")
    assert server.answered == {"안녕": 4}


def test_a_fault_strikes_by_text_by_count_and_by_path(server: ChatServer) -> None:
    server.fail("500", "둘", times=2, after=1)
    outcomes = []
    for text in ("하나", "둘", "둘", "하나", "둘", "둘"):
        with suppress(openai.InternalServerError):
            ask(server, text)
        outcomes.append(server.asked[-1].outcome)
    assert outcomes == ["200", "200", "500", "200", "500", "200"]
    server.fail("503", path="GET /v1/models")
    ask(server)
    with pytest.raises(openai.InternalServerError):
        client(server).models.list()


# Batches


def submit(server: ChatServer, *texts: str, **metadata: str) -> Any:
    lines = [
        {
            "custom_id": f"t{place}",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": MODEL, "messages": [{"role": "user", "content": text}]},
        }
        for place, text in enumerate(texts)
    ]
    jsonl = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    api = client(server)
    file = api.files.create(file=("in.jsonl", jsonl.encode()), purpose="batch")
    return api.batches.create(
        input_file_id=file.id,
        endpoint="/v1/chat/completions",
        completion_window="24h",
        metadata=metadata,
    )


def states(server: ChatServer, name: str) -> tuple[list[str], Any]:
    """Look until nothing changes: the states, and the batch."""
    api, found = client(server), []
    while not found or found[-1] not in ("completed", "failed", "expired", "cancelled"):
        batch = api.batches.retrieve(name)
        found.append(batch.status)
    return found, batch


def lines(server: ChatServer, name: str | None) -> dict[str, Any]:
    """The lines of an output or error file, by custom id."""
    text = client(server).files.content(name).text if name else ""
    return {entry["custom_id"]: entry for entry in map(json.loads, text.splitlines())}


def test_a_batch_goes_its_way_and_is_answered_in_another_order(server: ChatServer) -> None:
    server.fail("context too long", "둘")
    batch = submit(server, "하나", "둘", "셋", run="a")
    assert batch.status == "validating"
    found, batch = states(server, batch.id)
    assert found == ["in_progress", "finalizing", "completed"]
    output, errors = lines(server, batch.output_file_id), lines(server, batch.error_file_id)
    assert list(output) == ["t2", "t0"] and list(errors) == ["t1"]
    said = output["t0"]["response"]["body"]["choices"][0]["message"]["content"]
    assert said == right("하나")
    assert errors["t1"]["response"]["status_code"] == 400
    assert (batch.request_counts.completed, batch.request_counts.failed) == (2, 1)
    assert server.batches.billed.read == 2 and server.billed == (0, 0)
    assert batch.metadata == {"run": "a"}


def test_a_batch_that_expires_or_is_cancelled_has_answered_half(server: ChatServer) -> None:
    server.batches.ends = "expired"
    _, batch = states(server, submit(server, "하나", "둘").id)
    assert list(lines(server, batch.output_file_id)) == ["t0"]
    lost = lines(server, batch.error_file_id)["t1"]
    assert (lost["response"], lost["error"]["code"]) == (None, "batch_expired")
    batch = submit(server, "하나", "둘")
    assert client(server).batches.cancel(batch.id).status == "cancelling"
    found, batch = states(server, batch.id)
    assert found == ["cancelled"]
    assert lines(server, batch.error_file_id)["t1"]["error"]["code"] == "batch_cancelled"


def test_a_batch_may_fail_as_a_whole(server: ChatServer) -> None:
    server.batches.ends = "failed"
    found, batch = states(server, submit(server, "하나").id)
    assert found == ["failed"] and batch.errors.data[0].code == "invalid_json_line"
    with pytest.raises(openai.BadRequestError):
        client(server).batches.create(
            input_file_id="no", endpoint="/v1/chat/completions", completion_window="24h"
        )


def test_a_batch_whose_answer_got_lost_was_made_and_is_found_in_the_list(
    server: ChatServer,
) -> None:
    server.fail("reset", path="POST /v1/batches")
    with pytest.raises(openai.APIConnectionError):
        submit(server, "하나", run="a")
    server.fail("503", path="POST /v1/batches")
    with pytest.raises(openai.InternalServerError):
        submit(server, "하나", run="b")
    assert len(server.batches.made) == 1
    for run in "cde":
        submit(server, "하나", run=run)
    found = [batch.metadata for batch in client(server).batches.list(limit=2)]
    assert found == [{"run": "e"}, {"run": "d"}, {"run": "c"}, {"run": "a"}]


# The demo world


def test_the_demo_dialogues_are_translated_summarised_and_translated_back(
    server: ChatServer,
) -> None:
    server.answer = chatdemo.answer

    def said(task: str, text: str) -> str:
        prompt = [
            {"role": "system", "content": task},
            {"role": "user", "content": f"It:\n\n{text}"},
        ]
        return str(content(ask(server, messages=prompt)))

    for line in DEMO_FILE.read_text(encoding="utf-8").splitlines()[::16]:
        sample = json.loads(line)
        korean, english = sample["dialogue"], sample["dialogue_en"]
        turns = [turn.partition(": ")[2] for turn in korean.split("\n")]
        lines = "\n".join(f"[{number}] {turn}" for number, turn in enumerate(turns, 1))
        answers = said("You translate, and never summarise.", lines).split("\n")
        assert answers == [
            f"[{number}] {turn.partition(': ')[2]}"
            for number, turn in enumerate(english.split("\n"), 1)
        ]
        assert said("You translate.", korean) == english
        assert said("You summarise.", english) == sample["summary_en"]
        assert said("Translate the summary.", sample["summary_en"]) == sample["summary1"]
        assert said("대화를 요약한다.", korean) == sample["summary1"]
        assert said("고친다.", f"대화:\n{korean}\n\n요약문:\n틀린 요약") == sample["summary1"]
        assert said("You translate.", "다른 말") == chatdemo.UNKNOWN


def test_no_text_of_the_demo_has_two_translations() -> None:
    table = chatdemo.tables().translated
    for line in DEMO_FILE.read_text(encoding="utf-8").splitlines():
        sample = json.loads(line)
        for korean, english in zip(
            sample["dialogue"].split("\n"), sample["dialogue_en"].split("\n"), strict=True
        ):
            assert table[korean] == english
        assert table[sample["summary_en"]] == sample["summary1"]
