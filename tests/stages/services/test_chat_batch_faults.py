"""Everything that can go wrong with a batch: nothing is lost, misaligned or paid twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from batchruns import RIGHT, TEXTS, in_batches
from chatserver import ChatServer
from filelock import FileLock

from pivot_sum.stages.errors import (
    KeyRefused,
    QuotaExceeded,
    ServiceRefused,
    ServiceUnavailable,
    StageError,
)
from pivot_sum.stages.services.batch_record import BatchRecord

UPLOAD, MAKE = "POST /v1/files", "POST /v1/batches"
LOOK, FETCH = "GET /v1/batches/", "GET /v1/files"


def _truncated(lines: list[bytes]) -> list[bytes]:
    return [*lines[:-1], lines[-1][:-20]]


def _without_names(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"custom_id", b"custom"), *lines[1:]]


def _without_one(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def _twice(lines: list[bytes]) -> list[bytes]:
    """Each line twice, the second time with the answer of another."""
    entries = [json.loads(line) for line in lines]
    bodies = [entry["response"] for entry in entries[1:] + entries[:1]]
    wrong = [{**one, "response": body} for one, body in zip(entries, bodies, strict=True)]
    return [*lines, *(json.dumps(entry).encode() for entry in wrong)]


@pytest.mark.parametrize(
    ("fault", "path", "times", "sizes"),
    [
        ("413", UPLOAD, 1, [4, 4]),
        ("413", UPLOAD, 2, [2, 2, 2, 2]),
        ("413", MAKE, 1, [4, 4]),
        ("500", UPLOAD, 1, [8]),
        ("reset", UPLOAD, 1, [8]),
        ("junk", UPLOAD, 1, [8]),
        ("429", MAKE, 2, [8]),
        ("429 with Retry-After", MAKE, 1, [8]),
        ("503", MAKE, 1, [8]),
        ("reset", MAKE, 9, [8]),  # it was made, and is found in the list
        ("truncated JSON", MAKE, 1, [8]),
        ("junk", MAKE, 1, [8]),
        ("500", LOOK, 2, [8]),
        ("reset", LOOK, 1, [8]),
        ("junk", LOOK, 1, [8]),
        ("truncated JSON", LOOK, 1, [8]),
        ("503", FETCH, 1, [8]),
        ("reset", FETCH, 1, [8]),
        ("truncated JSON", FETCH, 1, [8]),
        ("cut connection", FETCH, 1, [8]),
        ("junk", FETCH, 1, [8]),
    ],
)
def test_a_fault_that_passes_changes_nothing(
    fault: str, path: str, times: int, sizes: list[int], chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.retry_after = "0.01"
    chat_server.fail(fault, times=times, path=path)
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == sizes
    assert chat_server.batches.times == dict.fromkeys(TEXTS, 1)


@pytest.mark.parametrize(
    ("fault", "path", "error", "said"),
    [
        ("500", UPLOAD, ServiceUnavailable, "3 tries"),
        ("429", MAKE, ServiceUnavailable, "3 tries"),
        ("503", MAKE, ServiceUnavailable, "3 tries"),
        ("500", LOOK, ServiceUnavailable, "3 tries"),
        ("truncated JSON", FETCH, ServiceUnavailable, "no answer that can be read to"),
        ("junk", FETCH, ServiceUnavailable, "no usable answer in 3 tries"),
        ("401", UPLOAD, KeyRefused, "OPENAI_API_KEY"),
        ("no credit", MAKE, QuotaExceeded, "no credit left"),
        ("400", MAKE, ServiceRefused, "refused a batch"),
        ("404", UPLOAD, ServiceRefused, "seems to have no Batch API .* without batch_api the"),
        ("404", FETCH, ServiceRefused, "does not have the answers of batch_0 any more"),
        ("404", LOOK, ServiceRefused, "does not have batch_0 any more"),
    ],
)
def test_a_fault_that_stays_ends_the_run_and_the_next_one_pays_nothing_twice(
    fault: str,
    path: str,
    error: type[StageError],
    said: str,
    chat_server: ChatServer,
    tmp_path: Path,
) -> None:
    chat_server.fail(fault, times=10**6, path=path)
    with pytest.raises(error, match=said) as caught:
        in_batches(tmp_path)
    assert str(chat_server.key) not in str(caught.value)
    chat_server.stop_failing()
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8]
    assert chat_server.batches.times == dict.fromkeys(TEXTS, 1)


@pytest.mark.parametrize("spoil", [_truncated, _without_names, _without_one, _twice])
def test_answers_that_cannot_be_read_are_not_asked_for_again(
    spoil: Callable[[list[bytes]], list[bytes]], chat_server: ChatServer, tmp_path: Path
) -> None:
    batches = chat_server.batches
    batches.spoil = spoil
    if spoil is not _twice:
        with pytest.raises(ServiceUnavailable, match=r"can be read to 1 of its requests.*7 of 8"):
            in_batches(tmp_path)
        with pytest.raises(ServiceUnavailable, match="looks again"):
            in_batches(tmp_path)
        assert batches.sizes == [8]
        batches.spoil = list
    assert in_batches(tmp_path).texts == RIGHT
    assert batches.sizes == [8]


def test_what_can_never_be_read_can_be_asked_for_one_by_one(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.batches.spoil = _without_one
    with pytest.raises(ServiceUnavailable, match="batch_api: false"):
        in_batches(tmp_path)
    assert in_batches(tmp_path, batch_api=False).texts == RIGHT
    assert [asked.texts for asked in chat_server.asked] == [[TEXTS[-1]]]


# Single requests


@pytest.mark.parametrize("fault", ["500", "429", "reset", "no choices"])
def test_a_request_that_the_server_failed_to_run_is_in_the_next_batch(
    fault: str, chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.fail(fault, "3번", times=2)
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8, 1, 1]
    chat_server.fail(fault, "3번", times=3)
    with pytest.raises(ServiceUnavailable, match=r"in 3 batches, 1 in all .*the first: '3번"):
        in_batches(tmp_path, snapshot="2026-12")
    assert in_batches(tmp_path, snapshot="2026-12").texts == RIGHT
    assert chat_server.batches.sizes == [8, 1, 1, 8, 1, 1, 1]


@pytest.mark.parametrize(
    ("fault", "error"), [("400", ServiceRefused), ("unsupported parameter", ServiceRefused)]
)
def test_a_request_that_is_refused_for_good_ends_the_run_once_the_others_are_stored(
    fault: str, error: type[StageError], chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.fail(fault, "3번")
    with pytest.raises(error, match="7 of 8 missing texts are computed and kept"):
        in_batches(tmp_path)
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8, 1]
    assert chat_server.batches.times == dict.fromkeys(TEXTS, 1)


# Whole batches


@pytest.mark.parametrize(
    ("end", "said", "left"),
    [
        ("expired", "batch_0 has expired: 4 of its requests got no answer", 4),
        ("cancelled", "batch_0 was cancelled: 4 of its requests", 4),
        ("failed", r"batch_0 failed \(invalid_json_line: not JSON\): 8 of its requests", 8),
    ],
)
def test_of_a_batch_that_did_not_complete_the_next_run_submits_the_rest(
    end: str, said: str, left: int, chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.batches.ends = end
    with pytest.raises(ServiceUnavailable, match=said):
        in_batches(tmp_path)
    assert len(chat_server.batches.times) == 8 - left
    chat_server.batches.ends = "completed"
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8, left]
    assert chat_server.batches.times == dict.fromkeys(TEXTS, 1)


def test_a_batch_that_is_too_much_for_the_account_goes_in_halves_one_after_the_other(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.batches.most = 3
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8, 4, 2, 2, 2, 2]
    chat_server.batches.most = 0
    with pytest.raises(ServiceUnavailable, match=r"failed .token_limit_exceeded"):
        in_batches(tmp_path, snapshot="2026-12")


def test_a_batch_with_an_unknown_status_is_not_waited_for_nor_submitted_again(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.batches.ends = "asleep"
    with pytest.raises(ServiceUnavailable, match=r"batch_0 is 'asleep' .* 8 of its requests"):
        in_batches(tmp_path)
    chat_server.batches.made["batch_0"].next = ["completed"]
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8]


# The record


def test_a_run_says_that_it_waits_for_another_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with BatchRecord(tmp_path) as one, BatchRecord(tmp_path) as other, ThreadPoolExecutor() as pool:
        with one.locked():
            waiting = pool.submit(_lock_and_let_go, other)
            while not caplog.messages:
                assert not waiting.done()
        waiting.result()
    assert "this one waits for it" in caplog.text


def _lock_and_let_go(record: BatchRecord) -> None:
    with record.locked():
        pass


def test_a_lock_that_cannot_be_made_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(FileLock, "acquire", refuse)
    denied = pytest.raises(ServiceUnavailable, match=r"batches.sqlite3.*Permission denied")
    with BatchRecord(tmp_path) as record, denied:
        _lock_and_let_go(record)
