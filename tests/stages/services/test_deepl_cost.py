"""What DeepL bills, over real HTTP: what is counted, what `--dry-run` says before, and what a
budget stops."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deeplfaults import korean_to_english
from faultmatrix import TEXTS, run
from faultserver import FaultServer
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.base import Billed, declared_identity, resolved_identity
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import (
    BudgetExceeded,
    ServiceUnavailable,
)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


DIALOGUE = "#Person1#: 하나\n#Person2#: 둘\n#Person1#: 셋 #Email#\n#Person2#: 넷"


def test_what_is_billed_is_noted_with_each_text_and_summed_for_the_step(
    deepl_server: FaultServer, cache: Cache
) -> None:
    first = run(korean_to_english(), TEXTS, cache)
    assert first.billed == {"characters": deepl_server.billed} and deepl_server.billed > 0
    again = run(korean_to_english(), TEXTS, cache)
    assert (again.billed, again.cached) == ({"characters": 0}, len(TEXTS))
    identity = resolved_identity(korean_to_english())
    noted = sum(row.note["billed"] for row in cache.get(identity, TEXTS).values())
    assert noted == deepl_server.billed


def test_rungs_that_failed_are_billed_too(deepl_server: FaultServer, cache: Cache) -> None:
    deepl_server.drop = "<keep>[^<]*</keep>|<x [^<]*>"
    assert run(korean_to_english(), TEXTS, cache).billed == {"characters": deepl_server.billed}


def test_the_cost_is_what_will_be_billed(deepl_server: FaultServer) -> None:
    stage = korean_to_english(context=2)
    assert isinstance(stage, Billed)
    texts = [DIALOGUE, "#Person1#: 하나", " ", "#Person1#:", "다섯\n여섯\n다섯\n일곱"]
    expected = stage.cost(texts)
    budget = Budget()
    stage.answers_within(texts, budget)
    assert (
        expected
        == budget.spent
        == {"characters": deepl_server.billed}
        == {"characters": len("하나둘셋 #Email#넷" + "하나" + "다섯여섯다섯일곱")}
    )


def test_characters_written_as_entities_are_never_counted_too_low(
    deepl_server: FaultServer,
) -> None:
    budget = Budget()
    assert korean_to_english().cost(["가 & 나"]) == {"characters": len("가 &amp; 나")}
    korean_to_english().answers_within(["가 & 나"], budget)
    # What the answer says counts in the end.
    assert budget.spent == {"characters": len("가 & 나")}


def test_a_budget_stops_before_the_request_that_would_exceed_it(
    deepl_server: FaultServer, cache: Cache
) -> None:
    texts = [f"{number:02d}" + "가" * 8 for number in range(40)]
    stage = korean_to_english(batch_size=10, concurrency=1)
    budget = Budget(250)
    with pytest.raises(BudgetExceeded) as caught:
        run(stage, texts, cache, budget=budget)
    spent = "200 characters of the budget of 250 characters are spent"
    assert f"may be billed 100 characters, and {spent}" in str(caught.value)
    assert "(20 of 40 missing texts are computed and kept" in str(caught.value)
    assert budget.spent == {"characters": 200} and deepl_server.billed == 200
    result = run(stage, texts, cache, budget=Budget(200))
    assert result.texts == [right(text) for text in texts]
    assert (result.billed, set(deepl_server.answered.values())) == ({"characters": 200}, {1})


def test_a_budget_holds_with_many_requests_in_flight(
    deepl_server: FaultServer, cache: Cache
) -> None:
    texts = [f"{number:02d}" + "가" * 8 for number in range(60)]
    deepl_server.delay = 0.02
    for limit in (55, 199, 300, 600):
        before = deepl_server.billed
        with suppress(BudgetExceeded):
            run(korean_to_english(batch_size=20, concurrency=4), texts, cache, budget=Budget(limit))
        assert deepl_server.billed - before <= limit
    assert set(deepl_server.answered.values()) == {1}


@pytest.mark.parametrize("said", [None, -5, 10**12, "many"])
def test_what_deepl_does_not_count_counts_as_it_was_sent(
    said: Any, deepl_server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    deepl_server.billed_as = lambda characters: said
    budget = Budget()
    answers = korean_to_english().answers_within(["가나다", "라 & 마"], budget)
    assert sum(answer.note["billed"] for answer in answers) == budget.spent["characters"]
    assert budget.spent == {"characters": len("가나다라 &amp; 마")}
    assert caplog.text.count("DeepL does not say what an answer was billed") == 1


def test_a_budget_of_nothing_sends_nothing(deepl_server: FaultServer) -> None:
    with pytest.raises(BudgetExceeded):
        korean_to_english().answers_within(["안녕"], Budget(0))
    assert deepl_server.asked == []


def test_refused_requests_cost_nothing_and_answers_that_never_came_may_have(
    deepl_server: FaultServer,
) -> None:
    budget = Budget()
    deepl_server.fail("503", times=2)
    korean_to_english().answers_within(["가나다"], budget)
    assert budget.spent == {"characters": 3}
    deepl_server.fail("truncated JSON", times=1)
    korean_to_english().answers_within(["라마"], budget)
    assert budget.spent == {"characters": 3 + 2 + 2}


def test_a_budget_used_up_by_answers_that_never_came_says_what_went_wrong(
    deepl_server: FaultServer,
) -> None:
    deepl_server.fail("truncated JSON", times=99)
    with pytest.raises(BudgetExceeded) as caught:
        korean_to_english().answers_within(["가나다"], Budget(5))
    assert (
        "3 characters of the budget of 5 characters are spent (3 characters of them by requests"
        " that got no answer and may be billed all the same; the first ended with: an answer that"
        " is not whole JSON);" in str(caught.value)
    )


def test_what_is_set_aside_is_not_called_spent() -> None:
    budget = Budget(5)
    budget.reserve({"characters": 4})
    with pytest.raises(
        BudgetExceeded, match="0 characters of the budget of 5 characters are spent, 4"
    ):
        budget.reserve({"characters": 2})
    budget.settle({"characters": 4}, {"characters": 3})
    budget.reserve({"characters": 2})
    assert budget.spent == {"characters": 5}


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(111, "refused"),
        socket.gaierror(-2, "unknown name"),
        TimeoutError("timed out"),
    ],
)
def test_requests_that_were_never_sent_cost_nothing(
    failure: OSError, deepl_server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: Any, **__: Any) -> Any:
        raise failure

    monkeypatch.setattr("urllib3.util.connection.create_connection", unreachable)
    budget = Budget(5)  # one try, if it counted, would leave no room for a second
    with pytest.raises(ServiceUnavailable, match="no usable answer in 3 tries"):
        korean_to_english().answers_within(["가나다"], budget)
    assert budget.spent == {}


def test_settings_of_the_requests_are_outside_the_identity() -> None:
    stage = korean_to_english()
    other = replace(stage, batch_size=1, concurrency=1, timeout=1.0, attempts=1, pause=0.0)
    assert declared_identity(other) == declared_identity(stage)
