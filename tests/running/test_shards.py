"""Runs in shards: the same bytes and counts as in one piece, and no more in memory than a part."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from commandline import everything_in
from fakestages import Keeping, Progress, samples, step

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Columns, SampleFile
from pivot_sum.errors import CacheMiss, DataUnreadable
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.results import Distinct
from pivot_sum.running.runner import Runner
from pivot_sum.stages.errors import Unanswered

RECIPE = """\
data: {columns: {id: id}}
steps:
  - {name: clean, stage: clean, speakers: auto}
  - {name: polish, stage: polish, over: turn, speakers: name}
  - {name: again, stage: polish}
"""
SMALL_TALK = "민수: 안녕하세요.\n영희: 네, ##PhoneNumber#입니다."


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("pivot_sum.running.runner.LOOKED_UP", 2)
    (tmp_path / "own.yaml").write_text(RECIPE, encoding="utf-8")
    rows = [
        {"id": f"r{number}", "dialogue": SMALL_TALK + f"\n민수: {number % 4} 번째 #Date#."}
        for number in range(11)
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def request(name: str, **more: Any) -> Request:
    more = {"cache": Path(f"{name}.sqlite3"), **more}
    return Request("own.yaml", data="data.jsonl", out=Path(name), **more)


def told(folder: Path) -> dict[str, Any]:
    """Everything of a run but when and how fast it was."""
    files = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "run.json"
    }
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    steps = [{**step, "seconds": 0} for step in record["steps"]]
    return {"files": files, "steps": steps, "end": record["end"]}


@pytest.mark.parametrize("shard", [1, 3, 4, 100])
def test_a_run_in_shards_writes_what_a_run_in_one_piece_does(project: Path, shard: int) -> None:
    execute(request("whole"))
    execute(request("parts", shard=shard))
    whole = told(project / "whole")
    assert told(project / "parts") == whole
    assert [step["computed"] for step in whole["steps"]] == [4, 12, 4]
    execute(request("again", shard=shard, offline=True, cache=Path("parts.sqlite3")))
    again = told(project / "again")
    assert again["files"] == whole["files"] and again["end"] == whole["end"]
    assert [(step["unique"], step["cached"]) for step in again["steps"]] == [
        (4, 4),
        (12, 12),
        (4, 4),
    ]


def test_what_is_missing_offline_is_told_of_all_shards_and_nothing_is_left(project: Path) -> None:
    execute(request("some", limit=3, shard=2))
    before = everything_in(project)
    wanted = r"step 1 \(clean\): 1 text of 2 samples \(r3, r7\) not in the cache"
    with pytest.raises(CacheMiss, match=wanted):
        execute(request("deep/below", offline=True, shard=3, cache=Path("some.sqlite3")))
    assert everything_in(project) == before


def test_data_that_changes_while_it_is_read_is_refused(project: Path) -> None:
    found = SampleFile(project / "data.jsonl", Columns(id="id"))
    text = (project / "data.jsonl").read_text(encoding="utf-8")
    (project / "data.jsonl").write_text(text.replace('"r2"', '"x"'), encoding="utf-8")
    with pytest.raises(DataUnreadable, match="changed while it was read"):
        list(found)


def test_each_shard_with_missing_texts_says_which_it_is(cache: Cache) -> None:
    progress = Progress()
    talk = samples("가", "나", "가", "다", "라")
    steps = [step(Keeping(target="ko", answer=lambda text: text), name="same")]
    list(Runner(talk, cache, progress, shard=2).run(steps, [0]))
    assert progress.steps == [
        ("step 1 (same), dialogues 1 to 2 of 5", 0, 2),
        ("step 1 (same), dialogues 3 to 4 of 5", 0, 1),
        ("step 1 (same), dialogues 5 to 5 of 5", 0, 1),
    ]


def test_texts_without_an_answer_are_told_of_all_shards_and_the_others_are_kept(
    cache: Cache,
) -> None:
    class Refusing(Keeping):
        def __call__(self, texts: Sequence[str], /) -> list[str]:
            if refused := [text for text in texts if text in ("나", "마")]:
                raise Unanswered(refused, "refused", refused[0])
            return list(texts)

    stage = Refusing(batch_size=1)
    runner = Runner(samples("가", "나", "다", "라", "마", "바"), cache, Progress(), shard=2)
    with pytest.raises(Unanswered, match=r"step 1 \(same\): 2 texts of 2 samples \(s2, s5\)"):
        list(runner.run([step(stage, name="same")], [0]))
    assert cache.info().rows == 4


def test_different_texts_are_counted_once() -> None:
    texts = Distinct()
    for start in (0, 500, 250):
        texts.add(str(number) for number in range(start, start + 500))
    assert texts.count() == 1_000
