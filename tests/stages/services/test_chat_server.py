"""The stand-in for chat servers says what real ones say, as the official package reads it."""

from __future__ import annotations

import json
from contextlib import suppress

import chatdemo
import openai
import pytest
from chatanswers import ANSWER_FAULTS, Tokens, tokens
from chatclient import ask, client, content
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


def test_a_text_is_answered_counted_and_billed(chat_server: ChatServer) -> None:
    answer = ask(chat_server, "Turns around it:\n가\n\nTranslate this:\n\n#Person1#: 안녕")
    assert content(answer) == right("#Person1#: 안녕")
    assert answer.choices[0].finish_reason == "stop"
    assert chat_server.answered == {"#Person1#: 안녕": 1}
    assert chat_server.billed == (answer.usage.prompt_tokens, answer.usage.completion_tokens)
    assert chat_server.billed == Tokens(2 + 5 + 3 + 5, tokens(content(answer)))


def test_numbered_texts_are_answered_line_by_line(chat_server: ChatServer) -> None:
    chat_server.say = {"하나": "one", "둘": "two", "셋": "three"}.__getitem__
    assert content(ask(chat_server, f"Turns:\n{THREE}")) == "[1] one\n[2] two\n[3] three"
    assert set(chat_server.answered) == {"하나", "둘", "셋"}


def test_the_test_may_answer_itself_and_choose_the_name(chat_server: ChatServer) -> None:
    chat_server.answers_as = "scripted-1-2026-11-01"
    chat_server.answer = lambda messages, body: f"{len(messages)} {body['temperature']}"
    answer = ask(chat_server, temperature=0)
    assert (content(answer), answer.model) == ("2 0", "scripted-1-2026-11-01")


def test_an_answer_longer_than_is_allowed_is_cut(chat_server: ChatServer) -> None:
    chat_server.say = lambda text: "one two three"
    answer = ask(chat_server, max_tokens=2)
    assert (content(answer), answer.choices[0].finish_reason) == ("one two", "length")
    assert (chat_server.billed.written, chat_server.asked[0].outcome) == (2, "length")


def test_what_a_real_server_refuses_is_refused(chat_server: ChatServer) -> None:
    chat_server.context, chat_server.refuses = 50, ("seed",)
    for refused, error, code in (
        (lambda: ask(chat_server, model="other"), openai.NotFoundError, "model_not_found"),
        (lambda: ask(chat_server, "가 " * 60), openai.BadRequestError, "context_length_exceeded"),
        (lambda: ask(chat_server, seed=1), openai.BadRequestError, "unsupported_parameter"),
        (lambda: ask(chat_server, messages=[]), openai.BadRequestError, None),
        (lambda: ask(chat_server, stream=True), openai.BadRequestError, None),
        (
            lambda: client(chat_server, "x").models.list(),
            openai.AuthenticationError,
            "invalid_api_key",
        ),
    ):
        with pytest.raises(error) as caught:
            refused()
        assert caught.value.code == code
    assert chat_server.billed == (0, 0)
    chat_server.key = None
    assert [model.id for model in client(chat_server, "whatever").models.list()] == [MODEL]


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_refusal_has_its_status_and_costs_nothing(fault: str, chat_server: ChatServer) -> None:
    chat_server.fail(fault)
    status = NAMED.get(fault) or int(fault[:3])
    with pytest.raises(ERRORS.get(status, openai.APIStatusError)) as caught:
        ask(chat_server)
    assert caught.value.status_code == status
    assert chat_server.billed == (0, 0) and not chat_server.answered
    if fault in WAITS:
        assert caught.value.response.headers[WAITS[fault]] == chat_server.retry_after
    if fault in ("429", "401"):
        assert KEY in str(caught.value.body)
    ask(chat_server)
    assert [asked.outcome for asked in chat_server.asked] == [fault, "200"]


@pytest.mark.parametrize("maker", MAKERS)
def test_every_maker_has_a_body_for_every_refusal(maker: str, chat_server: ChatServer) -> None:
    chat_server.maker = maker
    for fault in REFUSALS:
        chat_server.fail(fault)
        with pytest.raises(openai.APIStatusError) as caught:
            ask(chat_server)
        assert isinstance(caught.value.body, dict | str)
    assert len(chat_server.asked) == len(REFUSALS) == len(STATUSES) + len(WAITS) + len(NAMED)


def test_a_proxy_answers_with_a_page(chat_server: ChatServer) -> None:
    chat_server.page = b"<html><h1>502 Bad Gateway</h1></html>"
    chat_server.fail("502")
    with pytest.raises(openai.InternalServerError) as caught:
        ask(chat_server)
    assert caught.value.body == chat_server.page.decode()


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_connection(fault: str, chat_server: ChatServer) -> None:
    chat_server.fail(fault)
    with pytest.raises(BROKEN[fault]):
        ask(chat_server, timeout=0.7 if fault == "time-out" else 20)
    assert chat_server.billed.written > 0  # the model has worked
    ask(chat_server)
    assert chat_server.answered == {"안녕": 1}


def test_half_an_answer_and_a_page_with_status_200(chat_server: ChatServer) -> None:
    chat_server.fail("truncated JSON")
    with pytest.raises(json.JSONDecodeError):
        ask(chat_server)
    chat_server.fail("junk")
    with pytest.raises(AttributeError):  # the package hands out the page as text
        content(ask(chat_server))


def test_a_dripping_answer_is_not_stopped_by_the_time_limit_of_the_package(
    chat_server: ChatServer,
) -> None:
    """The limit is for each byte: who wants one for the whole has to count himself."""
    chat_server.drip = 0.003
    chat_server.fail("drip")
    assert content(ask(chat_server, timeout=0.5)) == right("안녕")


@pytest.mark.parametrize("fault", ANSWER_FAULTS)
def test_a_faulty_answer_has_status_200_and_is_billed(fault: str, chat_server: ChatServer) -> None:
    chat_server.fail(fault)
    answer = ask(chat_server, THREE)
    good = "\n".join(
        f"[{number}] {right(text)}" for number, text in enumerate(["하나", "둘", "셋"], 1)
    )
    assert chat_server.billed.written == tokens(good)
    assert chat_server.asked[0].outcome == fault
    assert answer.to_dict() != ask(chat_server, THREE).to_dict()


def test_faults_of_numbers_leave_a_single_text_alone(chat_server: ChatServer) -> None:
    for fault in ("one too few", "one too many", "reordered", "wrong numbers"):
        chat_server.fail(fault)
        assert content(ask(chat_server)) == right("안녕")
    assert chat_server.answered == {"안녕": 4}


def test_a_fault_strikes_by_text_by_count_and_by_path(chat_server: ChatServer) -> None:
    chat_server.fail("500", "둘", times=2, after=1)
    outcomes = []
    for text in ("하나", "둘", "둘", "하나", "둘", "둘"):
        with suppress(openai.InternalServerError):
            ask(chat_server, text)
        outcomes.append(chat_server.asked[-1].outcome)
    assert outcomes == ["200", "200", "500", "200", "500", "200"]
    chat_server.fail("503", path="GET /v1/models")
    ask(chat_server)
    with pytest.raises(openai.InternalServerError):
        client(chat_server).models.list()


# The demo world


def test_the_demo_dialogues_are_translated_summarised_and_translated_back(
    chat_server: ChatServer,
) -> None:
    chat_server.answer = chatdemo.answer

    def said(task: str, text: str) -> str:
        prompt = [
            {"role": "system", "content": task},
            {"role": "user", "content": f"It:\n\n{text}"},
        ]
        return str(content(ask(chat_server, messages=prompt)))

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
