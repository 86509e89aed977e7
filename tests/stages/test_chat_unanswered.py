"""Where a chat model gives no answer, and what its answers cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from chatserver import ChatServer
from chatstages import chat, requests, run, summarizer
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import BudgetExceeded, ServiceRefused, Unanswered, WrongLanguage

TEXTS = [f"{number}번 손님이 와요" for number in range(8)]
AGAIN = "That was not right"
"""How a request begins that asks for a better answer."""
REFUSED = "I'm sorry, but I can't assist with that."


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


# No answer


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refusal", "refusal: I'm sorry, but I can't help with that."),
        ("empty", "empty"),
        ("no content", "empty"),
        ("length", "cut"),
        ("content filter", "filtered"),
        ("tool calls", "tool call"),
    ],
)
def test_what_is_no_answer_is_asked_three_times_and_never_stored(
    fault: str, said: str, chat_server: ChatServer, cache: Cache
) -> None:
    chat_server.fail(fault, "3번", times=3)
    chat_server.fail(fault, AGAIN, times=99)
    with pytest.raises(Unanswered) as caught:
        run(chat(), TEXTS, cache)
    assert caught.value.exit_code == 65
    assert f"1 text of 1 sample (3) got no answer ({said}" in str(caught.value)
    assert ("raise max_tokens" in str(caught.value)) == (fault == "length")
    assert f"such as {TEXTS[3]!r}; all others are answered" in str(caught.value)
    assert [asked.outcome for asked in chat_server.asked].count(fault) == 3
    assert chat_server.answered == dict.fromkeys(TEXTS[:3] + TEXTS[4:], 1)

    # The same command again asks for what is missing, and for nothing else.
    chat_server.stop_failing()
    before = len(chat_server.asked)
    assert run(chat(), TEXTS, cache).texts == [right(text) for text in TEXTS]
    assert [asked.texts for asked in chat_server.asked[before:]] == [[TEXTS[3]]]


def test_a_refusal_is_asked_about_with_what_was_wrong(chat_server: ChatServer) -> None:
    said = iter([REFUSED, "", right("안녕")])
    chat_server.answer = lambda messages, body: next(said)
    (answer,) = chat().answers(["안녕"])
    assert answer.text == right("안녕")
    first, second, third = [asked.body["messages"] for asked in chat_server.asked]
    assert second[:2] == third[:2] == first
    assert second[2] == {"role": "assistant", "content": REFUSED}
    assert second[3]["content"].startswith("That was not right: refusal")
    assert third[2]["content"].startswith("That was not right: empty")


def test_an_answer_cut_at_the_limit_gets_twice_the_room(chat_server: ChatServer) -> None:
    text = " ".join(f"{number}번" for number in range(30))
    assert chat(max_tokens=10, guards=())([text]) == [right(text)]
    assert [asked.body["max_tokens"] for asked in chat_server.asked] == [10, 20, 40]
    assert len(set(requests(chat_server))) == 1


def test_a_text_the_filter_refuses_is_not_sent_again(chat_server: ChatServer, cache: Cache) -> None:
    chat_server.fail("filtered prompt", "3번", times=9)
    with pytest.raises(Unanswered, match=r"filtered: .*content policy"):
        run(chat(), TEXTS, cache)
    assert [asked.outcome for asked in chat_server.asked].count("filtered prompt") == 1
    assert len(chat_server.answered) == len(TEXTS) - 1


def test_several_texts_of_which_one_is_refused_keep_the_others(
    chat_server: ChatServer, cache: Cache
) -> None:
    chat_server.fail("refusal", "3번", times=99)
    chat_server.fail("refusal", AGAIN, times=99)
    with pytest.raises(Unanswered, match=r"1 text of 1 sample .* got no answer"):
        run(chat(texts_per_request=8), TEXTS, cache)
    chat_server.stop_failing()
    before = len(chat_server.asked)
    assert run(chat(texts_per_request=8), TEXTS, cache).texts == [right(text) for text in TEXTS]
    assert [asked.texts for asked in chat_server.asked[before:]] == [[TEXTS[3]]]


def test_a_dialogue_of_which_one_turn_is_refused_keeps_its_other_turns(
    chat_server: ChatServer, cache: Cache
) -> None:
    dialogue = "\n".join(f"#Person1#: {text}" for text in TEXTS)
    chat_server.fail("refusal", "3번", times=3)
    chat_server.fail("refusal", AGAIN, times=99)
    with pytest.raises(Unanswered):
        run(chat(context=1), [dialogue], cache, over="dialogue")
    chat_server.stop_failing()
    before = len(chat_server.asked)
    (text,) = run(chat(context=1), [dialogue], cache, over="dialogue").texts
    assert text == "\n".join(f"#Person1#: {right(turn)}" for turn in TEXTS)
    assert len(chat_server.asked) == before + 1


def test_replies_in_the_wrong_language_are_not_replayed(
    chat_server: ChatServer, cache: Cache
) -> None:
    run(chat(), ["안녕"], cache)
    usual, chat_server.answer = chat_server.answer, lambda messages, body: "모두 한국어로 답해요."
    with pytest.raises(WrongLanguage, match="the same command computes it anew"):
        run(chat(), TEXTS, cache)
    chat_server.answer = usual
    before = len(chat_server.asked)
    assert run(chat(), ["안녕", *TEXTS], cache).texts[1:] == [right(text) for text in TEXTS]
    assert len(chat_server.asked) == before + len(TEXTS)


# Cost


def test_an_answer_notes_every_token_it_cost(chat_server: ChatServer) -> None:
    said = iter([REFUSED, right("안녕")])
    chat_server.answer = lambda messages, body: next(said)
    budget = Budget()
    (answer,) = chat().answers_within(["안녕"], budget)
    read, written = chat_server.billed
    assert answer.note["billed"] == read + written
    assert answer.note["written"] == written
    assert budget.spent == {"tokens": read + written}


def test_a_turn_of_two_dialogues_is_billed_to_the_first(chat_server: ChatServer) -> None:
    one, two = "#Person1#: 안녕\n#Person2#: 네", "#Person1#: 안녕\n#Person2#: 아니요"
    answers = chat(concurrency=1).answers([one, two])
    assert sum(answer.note["billed"] for answer in answers) == sum(chat_server.billed)
    assert answers[0].note["billed"] > answers[1].note["billed"] > 0


def test_prices_turn_tokens_into_money(chat_server: ChatServer) -> None:
    stage = chat(price_in=2.0, price_out=8.0, currency="USD")
    budget = Budget()
    answers = stage.answers_within(TEXTS, budget)
    read, written = chat_server.billed
    assert stage.units == ("tokens", "USD")
    assert budget.spent["USD"] == pytest.approx((read * 2 + written * 8) / 1e6)
    assert sum(stage.bill(answer.note)["USD"] for answer in answers) == pytest.approx(
        budget.spent["USD"]
    )
    assert chat().units == ("tokens",)
    assert chat().bill(answers[0].note) == {"tokens": answers[0].note["billed"]}


@pytest.mark.parametrize("fault", ["no usage", "negative usage", "absurd usage"])
def test_what_a_server_does_not_count_counts_as_the_most_it_can_be(
    fault: str, chat_server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    chat_server.fail(fault, times=99)
    budget = Budget(10_000, "tokens")
    stage = chat(max_tokens=1500, concurrency=1)
    with pytest.raises(BudgetExceeded):
        stage.answers_within(TEXTS, budget)
    kept = chat_server.answered.total()
    assert 0 < kept < len(TEXTS)
    assert kept * 1500 < budget.spent["tokens"] <= 10_000
    assert caplog.text.count("does not say what an answer was billed") == 1
    (answer,) = stage.answers(["안녕"])
    assert (answer.text, answer.note["written"]) == (right("안녕"), 1500)


def test_a_budget_is_not_exceeded_and_what_was_answered_is_kept(
    chat_server: ChatServer, cache: Cache
) -> None:
    # A request sets aside what it may cost at most, which is more than it then costs.
    with pytest.raises(BudgetExceeded, match="--budget"):
        run(chat(concurrency=1, max_tokens=20), TEXTS, cache, budget=Budget(3000, "tokens"))
    kept = len(chat_server.answered)
    assert 0 < kept < len(TEXTS)
    assert sum(chat_server.billed) <= 3000
    assert run(chat(max_tokens=20), TEXTS, cache).texts == [right(text) for text in TEXTS]
    assert set(chat_server.answered.values()) == {1}


def test_the_estimate_asks_nobody_and_grows_with_texts_context_and_prompt(
    chat_server: ChatServer,
) -> None:
    dialogue = "\n".join(f"#Person1#: {text}" for text in TEXTS)
    plain, seeing = [chat(context=context).cost([dialogue])["tokens"] for context in (0, 2)]
    assert seeing > plain > chat(prompt="translate-hunyuan-mt").cost([dialogue])["tokens"]
    assert chat().cost([dialogue, dialogue]) == chat().cost([dialogue])
    priced = chat(price_in=1.0, price_out=1.0).cost([dialogue])
    assert priced["USD"] == pytest.approx(priced["tokens"] / 1e6)
    assert chat_server.asked == []


def test_several_texts_a_request_are_estimated_as_they_are_sent(chat_server: ChatServer) -> None:
    alone, together = [chat(texts_per_request=n).cost(TEXTS)["tokens"] for n in (1, 8)]
    assert together < alone / 2
    assert together == chat(texts_per_request=8).cost(TEXTS[::-1])["tokens"]


# The key


def test_the_key_is_in_nothing_that_is_said_or_stored(
    chat_server: ChatServer, cache: Cache, tmp_path: Path
) -> None:
    key = str(chat_server.key)
    run(chat(), TEXTS, cache)
    stored = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert stored and not any(key.encode() in path.read_bytes() for path in stored)
    chat_server.fail("400", times=9)
    with pytest.raises(ServiceRefused, match=r"for the key [*]{3}") as caught:
        summarizer()(["#Person1#: 안녕"])
    told = [str(caught.value), repr(caught.value.__cause__), repr(chat()), json.dumps(vars(chat()))]
    assert key not in " ".join(told)
