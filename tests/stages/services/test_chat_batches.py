"""The stage `chat` through the Batch API: what is submitted, answered, paid, and said."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import batchruns
import pytest
from batchruns import RIGHT, TEXTS, batched, in_batches
from chatserver import KEY, ChatServer
from commandline import pivot_sum
from faultmatrix import run
from faulttexts import right

from pivot_sum.cache import Cache
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import BudgetExceeded, FieldsInvalid, Unanswered
from pivot_sum.stages.services.chat_batch_client import BatchService

AGAIN = "That was not right"


def recorded(folder: Path) -> int:
    """Requests that the record still holds."""
    with sqlite3.connect(folder / "batches.sqlite3") as file:
        (count,) = file.execute("SELECT count(*) FROM requests").fetchone()
    return int(count)


def test_all_texts_go_into_one_batch_and_get_the_same_answers_under_the_same_key(
    chat_server: ChatServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    budget = Budget()
    result = in_batches(tmp_path, budget, price_in=1.0)
    assert result.texts == RIGHT
    assert chat_server.batches.sizes == [8] and chat_server.asked == []
    read, written = chat_server.batches.billed
    assert result.billed == {"tokens": read + written, "USD": pytest.approx(read / 1e6)}
    assert budget.spent == pytest.approx(result.billed)
    assert "batch_0 is submitted (requests: 8)" in caplog.text
    assert "batch_0 is completed: 8 of 8 are done" in caplog.text
    # One after the other, everything is there already; and the record is empty.
    assert in_batches(tmp_path, batch_api=False).texts == RIGHT
    assert chat_server.asked == [] and recorded(tmp_path) == 0
    assert all(KEY.encode() not in path.read_bytes() for path in tmp_path.iterdir())


def test_what_has_to_be_asked_again_goes_into_the_next_batch(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    long = "손님이 오늘 와요. 그래서 저는 집에 있어요. 내일은 친구를 만나러 도서관에 가요."
    chat_server.fail("refusal", "3번")
    chat_server.fail("context too long", long)
    with Cache(tmp_path / "cache.sqlite3") as cache:
        texts = run(batched(), [*TEXTS[:7], long], cache).texts
    assert texts[:7] == RIGHT[:7] and texts[7]
    # The refused one with what was wrong, and the parts of the long one.
    assert chat_server.batches.sizes == [8, 4] and chat_server.asked == []
    requests = chat_server.batches.files["file-3"].decode()
    assert requests.count(AGAIN) == 1


def test_what_never_becomes_an_answer_is_asked_anew_by_the_next_run(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.fail("refusal", "3번", times=2)
    with pytest.raises(Unanswered, match=r"1 text of 1 sample .* got no answer"):
        in_batches(tmp_path)
    # The third request would be the second once more, and so would its answer.
    assert chat_server.batches.sizes == [8, 1] and recorded(tmp_path) == 0
    assert in_batches(tmp_path).texts == RIGHT
    assert chat_server.batches.sizes == [8, 1, 1]


# Whenever it ends


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "nth", "submitted"),
    [
        ("BatchService.upload", 1, 0),
        ("BatchRecord.about_to_make", 1, 0),
        ("BatchService.make", 1, 0),
        ("BatchRecord.made", 1, 1),
        ("BatchService.look", 2, 1),
        ("BatchService.answers", 1, 1),
        ("BatchKeeper.remember", 1, 1),
        ("BatchKeeper.finished", 1, 1),
        ("BatchService.upload", 2, 1),
        ("BatchRecord.made", 2, 2),
        ("BatchService.answers", 2, 2),
        ("BatchRecord.forget", 1, 1),
        ("BatchRecord.forget", 3, 2),
    ],
)
def test_a_killed_run_is_gone_on_with_and_nothing_is_submitted_twice(
    where: str, nth: int, submitted: int, chat_server: ChatServer, tmp_path: Path
) -> None:
    chat_server.fail("refusal", "3번")  # so that there are two rounds
    program = [sys.executable, batchruns.__file__, str(tmp_path), where, str(nth)]
    killed = subprocess.run(program, capture_output=True, text=True, timeout=120)
    assert killed.returncode == -9, killed.stderr
    batches = chat_server.batches
    assert batches.sizes == [8, 1][:submitted]
    assert in_batches(tmp_path).texts == RIGHT
    assert batches.sizes == [8, 1]
    assert batches.times == {text: 1 + (text == TEXTS[3]) for text in TEXTS}
    assert recorded(tmp_path) <= (7 if submitted else 0)


def test_ctrl_c_leaves_the_batch_to_the_next_run_and_says_so(
    chat_server: ChatServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BatchService, "look", interrupted)
        with pytest.raises(KeyboardInterrupt):
            in_batches(tmp_path)
    assert "batch_0 goes on at the server; the same command fetches the answers" in caplog.text
    budget = Budget(0, "tokens")  # what is submitted is not refused any more
    assert in_batches(tmp_path, budget).texts == RIGHT
    assert chat_server.batches.sizes == [8]
    assert budget.spent == {"tokens": sum(chat_server.batches.billed)}
    assert "batch_0 was submitted before (requests: 8)" in caplog.text


def test_two_runs_at_once_share_one_batch(chat_server: ChatServer, tmp_path: Path) -> None:
    found: list[Any] = []
    runs = [
        threading.Thread(target=lambda: found.append(in_batches(tmp_path).texts)) for _ in range(3)
    ]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert found == [RIGHT] * 3
    assert chat_server.batches.sizes == [8]


def test_another_snapshot_is_another_question(chat_server: ChatServer, tmp_path: Path) -> None:
    in_batches(tmp_path)
    in_batches(tmp_path, snapshot="2026-12")
    assert chat_server.batches.sizes == [8, 8]


# Before anything is sent


def test_a_batch_is_not_submitted_where_the_budget_does_not_cover_the_most_it_may_cost(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    with pytest.raises(BudgetExceeded, match="a batch of 8, which nobody can stop"):
        in_batches(tmp_path, Budget(12_000, "tokens"))
    assert chat_server.others == []
    budget = Budget(12_000, "tokens")
    in_batches(tmp_path, budget, max_tokens=20)
    assert budget.spent == {"tokens": sum(chat_server.batches.billed)}


def test_fields_that_do_not_go_with_it() -> None:
    with pytest.raises(FieldsInvalid, match="texts_per_request: is 1 where batch_api is true"):
        batched(texts_per_request=5)
    assert batched().batch_size > 50_000  # or there would be several batches
    with pytest.raises(FieldsInvalid, match="batch_api"):
        batched(batch_api="yes")


def test_the_plan_says_what_a_batch_is(tmp_path: Path, chat_server: ChatServer) -> None:
    (tmp_path / "d.csv").write_text("fname,dialogue\nd0,#Person1#: 안녕\n", encoding="utf-8")
    (tmp_path / "r.yaml").write_text(
        "data: {reference_language: ko}\nsteps:\n"
        "  - {name: say, stage: chat, over: dialogue, task: summarize, source: ko, target: ko,"
        " model: m, snapshot: s, batch_api: true}\n",
        encoding="utf-8",
    )
    command = ("run", "r.yaml", "--data", "d.csv", "--dry-run")
    said = pivot_sum(tmp_path, *command).stdout
    assert "say: is asked in a batch (requests: 1), which may take a day; a --budget has to" in said
    (step,) = json.loads(pivot_sum(tmp_path, *command, "--json").stdout)
    assert step["advice"] in said
    assert chat_server.others == []


def test_a_dialogue_is_asked_turn_by_turn_in_one_batch_and_the_ladder_in_the_next(
    chat_server: ChatServer, tmp_path: Path
) -> None:
    lost = right("안녕 #Person2#").replace("#Person2#", "")
    chat_server.say = lambda text: lost if text == "안녕 #Person2#" else right(text)
    dialogue = "#Person1#: 안녕 #Person2#\n#Person2#: 네"
    with Cache(tmp_path / "cache.sqlite3") as cache:
        (text,) = run(batched(context=1), [dialogue], cache, over="dialogue").texts
    assert text.count("#Person2#") == 2
    assert chat_server.batches.sizes == [2, 1, 1]  # as it is; as XML; cut
