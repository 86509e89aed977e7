"""A server that sends a byte now and then does not hold up a run: the limit is on the whole
answer."""

from __future__ import annotations

from threading import Event

import chatfaults
import deeplfaults
import pytest
from chatserver import ChatServer
from faultserver import FaultServer
from faulttexts import right

from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import ServiceUnavailable
from pivot_sum.stages.services.deadline import TookTooLong, within

IMPATIENT = {"timeout": 0.7, "attempts": 2}
TEXT = "#Person1#은 안녕"


@pytest.mark.parametrize("drips_headers", [False, True], ids=["body", "headers"])
def test_a_chat_server_that_drips_is_given_up_and_asked_again(
    drips_headers: bool, chat_server: ChatServer
) -> None:
    chat_server.drip, chat_server.drips_headers = 0.1, drips_headers
    stage, budget = chatfaults.korean_to_english(chat_server, **IMPATIENT), Budget()
    chat_server.fail("drip", times=1)
    assert stage.answers_within([TEXT], budget)[0].text == right(TEXT)
    billed = sum(chat_server.asked[-1].cost)
    assert budget.spent["tokens"] > billed  # the answer that never came whole may be billed too
    chat_server.fail("drip", times=99)
    with pytest.raises(ServiceUnavailable, match=r"no whole answer within 0\.7 s"):
        stage([TEXT])


@pytest.mark.parametrize("drips_headers", [False, True], ids=["body", "headers"])
def test_deepl_that_drips_is_given_up_and_asked_again(
    drips_headers: bool, deepl_server: FaultServer
) -> None:
    deepl_server.drip, deepl_server.drips_headers = 0.1, drips_headers
    stage = deeplfaults.korean_to_english(**IMPATIENT)
    deepl_server.fail("drip", times=1)
    assert stage([TEXT]) == [right(TEXT)]
    deepl_server.fail("drip", times=99)
    with pytest.raises(ServiceUnavailable, match=r"no whole answer within 0\.7 s"):
        stage([TEXT])


def test_a_call_in_time_gives_its_result_or_its_error() -> None:
    assert within(20, lambda: 1) == 1
    with pytest.raises(ZeroDivisionError):
        within(20, lambda: 1 / 0)
    with pytest.raises(TookTooLong):
        within(0, lambda: Event().wait(1))
