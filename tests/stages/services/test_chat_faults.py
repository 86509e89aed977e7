"""A chat server when it fails, over real HTTP: nothing lost, nothing misaligned, nothing answered
asked for again, and the key is shown nowhere.

`python benchmarks/service_faults.py` prints the same matrix as a table.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import chatserver
import pytest
from chaterrors import MAKERS
from chatfaults import (
    FOR_GOOD,
    HALVED,
    HARMLESS,
    IMPATIENT,
    NO_ANSWER,
    OF_LISTS,
    cell,
    korean_to_english,
)
from chatserver import FAULTS, KEY, ChatServer
from faultmatrix import POSITIONS, TEXTS, run
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.errors import QuotaExceeded, ServiceUnavailable, StageError, Unanswered

REQUESTS = len(TEXTS)
"""A run without a fault: a request for each text."""


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chatserver.running() as opened, pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_API_KEY", KEY)
        patched.setenv("NO_PROXY", "127.0.0.1")
        opened.drip = 0.0005
        yield opened


@pytest.fixture(autouse=True)
def rested(server: ChatServer) -> None:
    server.stop_failing()
    server.asked.clear()
    server.maker = "openai"


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in OF_LISTS])
def test_a_fault_that_occurs_once_is_got_over_or_said_and_got_over_by_the_next_run(
    fault: str, position: str, server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcome = cell(server, fault, position, once=True)
    assert outcome.result == FOR_GOOD.get(fault, "done")
    assert (outcome.lost, outcome.misaligned, outcome.again) == (0, 0, 0)
    if fault in FOR_GOOD:
        assert outcome.requests <= REQUESTS
    else:
        # The halves of a text are cut between words, which may make three of two.
        more = {2, 3} if fault in HALVED else {0} if fault in (*HARMLESS, "drip") else {1}
        assert outcome.requests - REQUESTS in more
    assert KEY not in outcome.message
    assert KEY not in caplog.text


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault not in OF_LISTS])
def test_a_fault_that_stays_is_an_error_and_what_was_answered_is_not_asked_for_again(
    fault: str, position: str, server: ChatServer
) -> None:
    outcome = cell(server, fault, position, once=False)
    usual = (
        "TextTooLong"
        if fault in HALVED
        else "Unanswered"
        if fault in NO_ANSWER
        else "done"
        if fault in (*HARMLESS, "drip")
        else "ServiceUnavailable"
    )
    assert outcome.result == FOR_GOOD.get(fault, usual)
    assert (outcome.lost, outcome.misaligned, outcome.again) == (0, 0, 0)
    if outcome.result != "done":
        assert outcome.message.startswith("step 1 (to-english): ")
    assert KEY not in outcome.message  # the server puts it into its own messages


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", OF_LISTS)
@pytest.mark.parametrize("once", [True, False])
def test_numbers_that_do_not_come_back_are_asked_for_apart(
    fault: str, position: str, once: bool, server: ChatServer
) -> None:
    outcome = cell(server, fault, position, once=once, texts_per_request=5)
    assert (outcome.result, outcome.lost, outcome.misaligned) == ("done", 0, 0)
    plain = -(-len(TEXTS) // 5)
    assert (outcome.requests == plain) == (fault == "reordered")


@pytest.mark.parametrize("maker", MAKERS)
def test_a_text_that_is_too_long_is_halved_whoever_made_the_server(
    maker: str, server: ChatServer
) -> None:
    server.maker = maker
    server.fail("context too long", TEXTS[0][:4])
    assert korean_to_english(server)([TEXTS[0]]) == [right(TEXTS[0])]
    assert len(server.asked) in (3, 4)  # cut between words, two halves may be three pieces


def test_one_text_without_an_answer_leaves_all_others_answered_and_is_asked_for_again(
    server: ChatServer, tmp_path: Path
) -> None:
    server.fail("refusal", TEXTS[3][:4], times=99)
    server.fail("empty", TEXTS[25][:4], times=99)
    with Cache(tmp_path / "cache.sqlite3") as cache:
        with pytest.raises(Unanswered, match=r"2 texts of 2 samples .* got no answer") as caught:
            run(korean_to_english(server), TEXTS, cache)
        assert caught.value.exit_code == 65
        server.stop_failing()
        server.asked.clear()
        result = run(korean_to_english(server), TEXTS, cache)
        assert result.texts == [right(text) for text in TEXTS]
        assert sorted(server.answered) == sorted([TEXTS[3], TEXTS[25]])


def test_no_credit_is_not_tried_again(server: ChatServer) -> None:
    server.fail("no credit", times=99)
    with pytest.raises(QuotaExceeded, match="has no credit left"):
        korean_to_english(server, concurrency=1)(TEXTS)
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_is_said_so_once_before_it_is_tried_again(
    server: ChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    stage = korean_to_english(server, base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ServiceUnavailable, match=r"Connection refused.*http://127\.0\.0\.1:9/v1"):
        stage(["안녕", "하나"])
    assert caplog.text.count("the chat server cannot be reached (") == 1
    assert "Connection refused)); it is tried 3 times in all, for up to" in caplog.text


@pytest.mark.parametrize("fault", FAULTS)
def test_the_key_is_in_no_file_and_in_no_message(
    fault: str, server: ChatServer, tmp_path: Path
) -> None:
    patience = IMPATIENT if fault in ("time-out", "drip") else {}
    server.fail(fault, TEXTS[0][:4], times=2)
    path = tmp_path / "cache.sqlite3"
    with Cache(path) as cache:
        try:
            run(korean_to_english(server, **patience), TEXTS[:3], cache)
        except StageError as error:
            chain: BaseException | None = error
            while chain is not None:
                assert KEY not in str(chain)
                chain = chain.__cause__
    assert KEY.encode() not in path.read_bytes()
    assert os.environ["OPENAI_API_KEY"] == KEY
