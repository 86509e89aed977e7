"""DeepL when it fails, over real HTTP: nothing lost, nothing misaligned, nothing answered asked for
again.

`python benchmarks/service_faults.py deepl` prints the same matrix as a table.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Event

import pytest
from deeplfaults import FOR_GOOD, HALVED, cell, korean_to_english
from faultmatrix import IMPATIENT, POSITIONS, TEXTS, run
from faultserver import FAULTS, KEY, STATUSES, FaultServer
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.deepl import DeepL
from pivot_sum.stages.errors import (
    KeyRefused,
    QuotaExceeded,
    ServiceRefused,
    ServiceUnavailable,
    StageError,
    TextTooLong,
)
from pivot_sum.stages.services.deepl_requests import Service

REQUESTS = 6
"""A run without a fault: three batches of ten, each in two requests."""


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_occurs_once_is_got_over_or_said_and_got_over_by_the_next_run(
    fault: str, position: str, deepl_server: FaultServer
) -> None:
    outcome = cell(deepl_server, fault, position, once=True)
    assert outcome.result == FOR_GOOD.get(fault, "done")
    assert (outcome.lost, outcome.misaligned, outcome.again) == (0, 0, 0)
    if fault in FOR_GOOD:
        assert outcome.requests <= REQUESTS
    else:
        assert outcome.requests == REQUESTS + (2 if fault in HALVED else 1)


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_an_error_and_what_was_answered_is_not_asked_for_again(
    fault: str, position: str, deepl_server: FaultServer
) -> None:
    outcome = cell(deepl_server, fault, position, once=False)
    assert outcome.result == FOR_GOOD.get(
        fault, "TextTooLong" if fault in HALVED else "ServiceUnavailable"
    )
    assert (outcome.lost, outcome.misaligned, outcome.again) == (0, 0, 0)
    assert outcome.message.startswith("step 1 (to-english): ")
    assert KEY not in outcome.message  # the server puts it into its own messages
    if position == "last":  # two batches, and what of the third was in flight beside the fault
        assert re.search(
            r"\(2\d of 30 missing texts are computed and kept; the same command goes on from"
            r" there\)",
            outcome.message,
        )


def test_the_matrix_holds_every_fault() -> None:
    assert {str(status) for status in STATUSES} < set(FAULTS)
    assert {"400", "403", "404", "413", "414", "429", "456", "500", "503", "504", "529"} == {
        str(status) for status in STATUSES
    }


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("400", ServiceRefused, "refused a request (400: fault for the key ***)"),
        (
            "403",
            KeyRefused,
            "does not accept the key in DEEPL_AUTH_KEY (403: fault for the key ***)",
        ),
        ("404", ServiceRefused, "is DEEPL_SERVER_URL right"),
        (
            "413",
            TextTooLong,
            "a text of 4 characters is too large for DeepL (413: fault for the key ***): 'abcd'",
        ),
        ("429", ServiceUnavailable, "could not answer in 3 tries (429: fault for the key ***)"),
        (
            "456",
            QuotaExceeded,
            "quota for this billing period is used up (456: fault for the key ***)",
        ),
        ("time-out", ServiceUnavailable, "in 2 tries, the last time no answer within 0.7 s"),
        ("reset", ServiceUnavailable, "Connection reset by peer"),
        ("truncated JSON", ServiceUnavailable, "not whole JSON"),
        ("junk", ServiceUnavailable, "not whole JSON"),
        ("one too few", ServiceUnavailable, "0 translations for 1 texts"),
        ("one too many", ServiceUnavailable, "2 translations for 1 texts"),
        ("no text", ServiceUnavailable, "a translation that is not a text"),
        ("half a character", ServiceUnavailable, "a translation with half a character"),
    ],
)
def test_the_message_says_what_happened_and_never_holds_the_key(
    fault: str, error: type[StageError], said: str, deepl_server: FaultServer
) -> None:
    deepl_server.fail(fault, times=99)
    with pytest.raises(error) as caught:
        korean_to_english(**(IMPATIENT if fault == "time-out" else {}))(["abcd"])
    assert said in str(caught.value)
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None or KEY not in str(caught.value.__cause__)


def test_of_a_page_for_browsers_only_the_text_is_shown(deepl_server: FaultServer) -> None:
    deepl_server.page = (
        b"<!DOCTYPE html>\n<html><style>p {\n}</style><body><h1>413</h1><p>too&nbsp;large<br>"
        b" here</body></html>"
    )
    deepl_server.fail("413", times=99)
    with pytest.raises(
        TextTooLong,
        match=re.escape("characters is too large for DeepL (413: 413 too large here): 'abcd'"),
    ):
        korean_to_english()(["abcd"])


def test_a_turn_too_large_because_of_its_context_says_so(deepl_server: FaultServer) -> None:
    deepl_server.fail("413", "가나", times=99)
    with pytest.raises(
        TextTooLong, match=r"a text of 2 characters \(and 10 of context\) is too large"
    ):
        korean_to_english(context=1)(["#Person1#: 가나\n#Person2#: 다"])


def test_a_server_that_is_not_there_is_said_so(
    monkeypatch: pytest.MonkeyPatch, deepl_server: FaultServer
) -> None:
    monkeypatch.setenv("DEEPL_SERVER_URL", "http://127.0.0.1:9")
    with pytest.raises(
        ServiceUnavailable, match=r"no usable answer in 3 tries.*Connection refused"
    ):
        korean_to_english()(["안녕"])


def test_an_address_that_is_none_is_said_so(
    monkeypatch: pytest.MonkeyPatch, deepl_server: FaultServer
) -> None:
    monkeypatch.setenv("DEEPL_SERVER_URL", "localhost:3000")
    with pytest.raises(
        ServiceRefused, match="DEEPL_SERVER_URL is 'localhost:3000'; it has to be an address"
    ):
        korean_to_english()(["안녕"])


def test_a_request_that_cannot_be_made_costs_nothing() -> None:
    service = Service(KEY, "http://.none", timeout=5, attempts=3, pause=0.001)
    options = {"source_lang": "KO", "target_lang": "EN-US"}
    budget = Budget(100)
    with pytest.raises(ServiceRefused, match="the request to DeepL cannot be made"):
        list(service.translate(["안녕"], "", options, budget, Event()))
    assert budget.spent == {}


@pytest.mark.parametrize("fault", ["400", "403", "404", "456"])
def test_what_trying_again_does_not_mend_is_not_tried_again(
    fault: str, deepl_server: FaultServer
) -> None:
    deepl_server.fail(fault, times=99)
    with pytest.raises(StageError):
        korean_to_english(concurrency=1)(TEXTS)
    assert len(deepl_server.asked) == 1


def test_after_a_failure_nothing_new_is_sent_and_what_is_in_flight_is_kept(
    deepl_server: FaultServer, cache: Cache
) -> None:
    """Eight dialogues of one turn each with its own context, so eight requests, two of them in
    flight."""
    dialogues = [f"{number}번 가나다\n{number}번 라" for number in range(8)]
    deepl_server.delay = 0.1
    deepl_server.fail("456", "0번 가", times=1)
    with pytest.raises(QuotaExceeded):
        run(korean_to_english(batch_size=8, context=1), dialogues, cache, over="dialogue")
    assert len(deepl_server.asked) <= 2
    deepl_server.stop_failing()
    result = run(korean_to_english(batch_size=8, context=1), dialogues, cache, over="dialogue")
    assert result.texts == [
        "\n".join(right(line) for line in text.split("\n")) for text in dialogues
    ]


def test_a_failure_wakes_those_that_wait_to_try_again(deepl_server: FaultServer) -> None:
    deepl_server.fail("503", TEXTS[0][:4], times=99)
    deepl_server.fail("456", TEXTS[1][:4], times=99)
    deepl_server.delay = 0.05
    start = time.monotonic()
    with pytest.raises(QuotaExceeded):
        korean_to_english(concurrency=2, pause=30)(TEXTS[:2])
    assert time.monotonic() - start < 25


class Naps:
    """Stands in for sleeping."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def ask(server: FaultServer, naps: Naps, *, attempts: int = 6, pause: float = 1.0) -> list[str]:
    service = Service(KEY, server.url, timeout=20, attempts=attempts, pause=pause, sleep=naps)
    options = {"source_lang": "KO", "target_lang": "EN-US", "tag_handling": "xml"}
    return [
        answer.text
        for answers in service.translate(["하나", "둘"], "", options, Budget(), Event())
        for answer in answers
    ]


def test_waits_double_with_some_jitter_and_end_with_the_attempts(deepl_server: FaultServer) -> None:
    deepl_server.fail("503", times=99)
    naps = Naps()
    with pytest.raises(ServiceUnavailable, match="in 9 tries"):
        ask(deepl_server, naps, attempts=9)
    assert len(deepl_server.asked) == 9
    assert all(2**n <= seconds <= min(2**n + 1, 60) for n, seconds in enumerate(naps.seconds[:6]))
    assert naps.seconds[6:] == [60, 60]


def test_a_retry_after_in_seconds_is_respected(deepl_server: FaultServer) -> None:
    deepl_server.retry_after = "17"
    deepl_server.fail("429 with Retry-After", times=2)
    naps = Naps()
    assert ask(deepl_server, naps) == [right("하나"), right("둘")]
    assert len(naps.seconds) == 2
    assert all(17 <= seconds <= 18 for seconds in naps.seconds)


def test_a_retry_after_as_a_date_is_respected(deepl_server: FaultServer) -> None:
    deepl_server.retry_after = format_datetime(
        datetime.now(UTC) + timedelta(seconds=40), usegmt=True
    )
    deepl_server.fail("429 with Retry-After")
    naps = Naps()
    ask(deepl_server, naps)
    assert 30 <= naps.seconds[0] <= 41


def test_a_retry_after_nobody_can_read_is_as_good_as_none(deepl_server: FaultServer) -> None:
    deepl_server.retry_after = "soon"
    deepl_server.fail("429 with Retry-After")
    naps = Naps()
    ask(deepl_server, naps)
    assert 1 <= naps.seconds[0] <= 2


def test_a_service_that_wants_an_hours_rest_is_not_waited_for(deepl_server: FaultServer) -> None:
    deepl_server.retry_after = "3600"
    deepl_server.fail("429 with Retry-After")
    naps = Naps()
    with pytest.raises(ServiceUnavailable, match="asked to wait 3,600 s"):
        ask(deepl_server, naps)
    assert naps.seconds == []


def test_the_wait_of_a_real_run_is_real(deepl_server: FaultServer) -> None:
    deepl_server.retry_after = "0.4"
    deepl_server.fail("429 with Retry-After")
    korean_to_english()(["하나"])
    first, second = deepl_server.asked
    assert second.moment - first.moment >= 0.4


def test_a_request_that_is_too_large_is_halved_until_it_fits(deepl_server: FaultServer) -> None:
    texts = [f"{number}번 가나다" for number in range(8)]
    deepl_server.fail("413", "0번", times=3)
    outputs = korean_to_english(concurrency=1, batch_size=8)(texts)
    assert outputs == [right(text) for text in texts]
    assert [len(asked.texts) for asked in deepl_server.asked] == [8, 4, 2, 1, 1, 2, 4]
    assert set(deepl_server.answered.values()) == {1}


@pytest.mark.parametrize("stage", [korean_to_english(context=1, batch_size=2)])
def test_dialogues_that_were_whole_when_it_failed_are_kept(
    stage: DeepL, deepl_server: FaultServer, cache: Cache
) -> None:
    dialogues = [
        f"#Person1#: {number}번 가나다\n#Person2#: {number}번 라마바" for number in range(6)
    ]
    deepl_server.fail("456", "5번 라", times=1)
    with pytest.raises(QuotaExceeded, match="5 of 6 missing texts are computed and kept"):
        run(stage, dialogues, cache, over="dialogue")
    before = set(deepl_server.answered) - {"5번 가나다"}
    result = run(stage, dialogues, cache, over="dialogue")
    assert result.computed == 1
    assert all(deepl_server.answered[text] == 1 for text in before)
