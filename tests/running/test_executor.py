"""Steps computed elsewhere: blocks and the stage of another process, here in this one. What Ray
adds is in test_ray.py."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakestages import Progress, samples
from outsidestages import SHOUTING, shouting_step

from pivot_sum.cache import Cache
from pivot_sum.errors import ExecutorRefused
from pivot_sum.recipes.recipe import Step, load_recipe
from pivot_sum.running.blocks import TRIES, Blocks
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.executor import Executor, Keep, Local, Where
from pivot_sum.running.ray_cluster import check
from pivot_sum.running.ray_executor import sent_out
from pivot_sum.running.remote_stage import RemoteStage, Spec
from pivot_sum.running.runner import Runner
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.errors import StageError, Unanswered, WorkersLost

TEXTS = [f"{number} 번째 말이에요" for number in range(40)]


class Blockwise:
    """An executor with the blocks and stages of other processes, in this one; `ends` says of which
    texts the process ends."""

    def __init__(self, workers: int = 2, ends: Callable[[Sequence[str]], bool] | None = None):
        self.workers, self.ends = workers, ends or (lambda texts: False)
        self.computed: list[Sequence[str]] = []

    def compute(
        self, step: Step, identity: dict[str, Any], texts: Sequence[str], keep: Keep, budget: Budget
    ) -> list[Unanswered]:
        stage = RemoteStage()
        stage.start(pickle.loads(pickle.dumps(Spec.of(step, identity))), cores=1)
        blocks = Blocks(step, texts, keep, self.workers)
        while blocks.waiting:
            block = blocks.take()
            if self.ends(block.texts):
                blocks.lost(block, "killed")
                continue
            self.computed.append(block.texts)
            blocks.computed(block, pickle.loads(pickle.dumps(stage.compute(block.texts))))
        return blocks.unanswered


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shouting.py").write_text(SHOUTING, encoding="utf-8")
    return tmp_path


@pytest.fixture
def cache(project: Path) -> Iterator[Cache]:
    with Cache(project / "cache.sqlite3") as opened:
        yield opened


def given(cache: Cache, executor: Executor, *texts: str, **fields: Any) -> list[str]:
    runner = Runner(samples(*texts), cache, Progress(), executor=executor)
    return list(next(iter(runner.run([shouting_step(**fields)], [0]))).texts)


def test_blocks_give_what_one_process_gives(project: Path) -> None:
    found = []
    for executor in (Local(), Blockwise(1), Blockwise(3)):
        path = project / f"{len(found)}.sqlite3"
        with Cache(path) as cache:
            texts = given(cache, executor, *TEXTS)
            found.append((texts, cache.get(shouting_step().resolved_identity(), TEXTS)))
    assert found[0] == found[1] == found[2]
    assert found[0][0] == [f"{text}!" for text in TEXTS]


def test_no_block_holds_much_and_each_worker_gets_some(cache: Cache) -> None:
    executor = Blockwise(3)
    given(cache, executor, *TEXTS, "가" * 60_000, "나" * 30_000, "다" * 30_000)
    sizes = [len(block) for block in executor.computed]
    assert sum(sizes) == 43 and sizes[:2] == [1, 1] and max(sizes) == 4
    assert all(sum(map(len, block)) <= 50_000 for block in executor.computed[1:])


def test_a_lost_block_is_computed_again(cache: Cache) -> None:
    lost: list[Sequence[str]] = []

    def ends(texts: Sequence[str]) -> bool:
        if TEXTS[7] in texts and len(lost) < TRIES - 1:
            lost.append(texts)
        return bool(lost) and lost[-1] is texts

    assert given(cache, Blockwise(ends=ends), *TEXTS) == [f"{text}!" for text in TEXTS]


def test_a_text_that_ends_every_process_fails_alone(cache: Cache) -> None:
    executor = Blockwise(ends=lambda texts: TEXTS[7] in texts)
    with pytest.raises(
        Unanswered, match=r"1 text of 1 sample \(s8\) got no answer \(every process"
    ):
        given(cache, executor, *TEXTS)
    assert cache.info().rows == len(TEXTS) - 1


def test_processes_lost_one_after_another_end_the_run_and_what_is_computed_is_kept(
    cache: Cache,
) -> None:
    begun: list[Sequence[str]] = []

    def ends(texts: Sequence[str]) -> bool:
        begun.append(texts)
        return len(begun) > 3

    with pytest.raises(WorkersLost, match=r"7 workers were lost .*\(15 of 40 missing texts"):
        given(cache, Blockwise(ends=ends), *TEXTS)
    assert cache.info().rows == 15


@pytest.mark.parametrize("executor", [Local(), Blockwise()])
def test_a_text_without_an_answer_fails_alone(cache: Cache, executor: Executor) -> None:
    texts = [*TEXTS[:20], "거절", *TEXTS[20:]]
    with pytest.raises(Unanswered, match=r"1 text of 1 sample \(s21\) got no answer \(refused\)"):
        given(cache, executor, *texts)
    assert set(cache.get(shouting_step().resolved_identity(), texts)) == set(TEXTS)


def test_an_error_of_the_stage_names_its_file_and_what_came_before_is_kept(cache: Cache) -> None:
    with pytest.raises(
        StageError, match=r"raises ValueError: no .*shouting\.py, line .* 40 missing"
    ):
        given(cache, Blockwise(), *TEXTS[1:], "오류")
    assert 0 < cache.info().rows < len(TEXTS)


def test_the_language_is_judged_over_the_batch_not_over_a_block(cache: Cache) -> None:
    foreign = [f"a text that is long enough, number {number}" for number in range(9)]
    assert len(given(cache, Blockwise(1), *foreign, *TEXTS[:3])) == 12


def test_a_stage_that_would_answer_by_other_means_is_refused(project: Path) -> None:
    step = shouting_step()
    spec = Spec.of(step, step.resolved_identity())
    RemoteStage().start(spec, cores=1)
    other = replace(spec, identity={**spec.identity, "mark": "?"})
    with pytest.raises(StageError, match=r"mark is '\?' here and '!' there"):
        RemoteStage().start(other, cores=1)
    with pytest.raises(StageError, match=r"pivot-sum is 0\.0 here"):
        RemoteStage().start(replace(spec, version="0.0"), cores=1)


def test_nothing_of_the_environment_is_sent(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPL_API_KEY", "a-secret-key")
    monkeypatch.setenv("OPENAI_API_KEY", "a-secret-key")
    for step in (*load_recipe("pivot-deepl-bart").steps, shouting_step()):
        assert b"a-secret-key" not in pickle.dumps(Spec.of(step, step.declared_identity()))


def test_models_and_code_from_outside_are_sent_out_services_and_rules_stay(project: Path) -> None:
    steps = {step.name: sent_out(step) for step in load_recipe("demo-pivot").steps}
    assert steps == {
        "clean": False,
        "to-english": True,
        "summarize": True,
        "to-korean": True,
        "polish": False,
    }
    services = [step for step in load_recipe("pivot-deepl-bart").steps if step.kind == "deepl"]
    assert services and not any(map(sent_out, services))
    assert sent_out(shouting_step())


@pytest.mark.parametrize(
    "on", ["spark", "ray://", "ray:///x", "host:", ":6379", "host:0", "host:99999", "a/b:80", ""]
)
def test_what_is_no_address_is_refused(on: str) -> None:
    with pytest.raises(ExecutorRefused, match="give local, ray"):
        check(Where(on))


def test_without_ray_the_message_says_what_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pivot_sum.running.ray_cluster.find_spec", lambda name: None)
    with pytest.raises(ExecutorRefused, match=r'pip install "pivot-sum\[ray\]"'):
        execute(Request("demo-pivot", where=Where("ray")))
    assert [path.name for path in project.iterdir()] == ["shouting.py"]


def test_options_for_ray_are_refused_without_it(project: Path) -> None:
    with pytest.raises(ExecutorRefused, match="add --on ray"):
        execute(Request("demo-pivot", where=Where(actors=2)))
