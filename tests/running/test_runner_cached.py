"""The runner and what is cached already: parts of a recipe, offline replays, names that stand for
something new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakestages import Keeping, Named, run, step

from pivot_sum.cache import Cache
from pivot_sum.errors import CacheMiss
from pivot_sum.stages.errors import ModelUnreachable


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


def test_steps_before_and_between_the_chosen_ones_come_from_the_cache_and_steps_after_are_not_run(
    cache: Cache,
) -> None:
    stages = [Keeping(setting=setting) for setting in "abcd"]
    steps = [step(stage, name=stage.setting) for stage in stages]
    run(cache, ["네"], *steps[:2])
    results = run(cache, ["네"], *steps, chosen=[0, 2])
    assert [(result.name, result.cached, result.computed) for result in results] == [
        ("a", 1, 0),
        ("b", 1, 0),
        ("c", 0, 1),
    ]
    assert stages[3].seen == []


def test_a_step_before_the_chosen_ones_that_is_not_cached_is_named_with_its_samples(
    cache: Cache,
) -> None:
    steps = [step(Keeping(setting=setting), "turn", setting) for setting in "ab"]
    run(cache, ["네"], steps[0])
    with pytest.raises(CacheMiss) as caught:
        run(cache, ["네", *(f"질문 {number}" for number in range(7))], *steps, chosen=[1])
    assert (
        str(caught.value)
        == "step 1 (a): 7 turns of 7 samples (s2, s3, s4, s5, s6, ...) not in the cache. Run the"
        " steps up to a first (--stages ..a)"
    )
    assert not any(step.stage.batches for step in steps[1:])


def test_offline_a_stage_that_was_never_seen_is_a_miss_that_says_what_differs(cache: Cache) -> None:
    with pytest.raises(
        CacheMiss, match=r"step 1 \(shout\): offline, and .* it holds nothing of stage 'fake'"
    ):
        run(cache, ["네"], step(Keeping()), offline=True)
    run(cache, ["네"], step(Keeping(setting="a")))
    with pytest.raises(
        CacheMiss, match=r"nearest stored results differ in setting: wanted 'b', stored 'a'"
    ):
        run(cache, ["네"], step(Keeping(setting="b")), offline=True)


def test_offline_what_a_name_stood_for_comes_from_the_cache_and_nobody_is_asked(
    cache: Cache,
) -> None:
    def unreachable() -> Any:
        raise ModelUnreachable("no network")

    (online,) = run(cache, ["네"], step(Named()))
    assert online.identity["setting"] == "commit 1"
    with pytest.raises(ModelUnreachable, match=r"^step 1 \(shout\): no network$"):
        run(cache, ["네"], step(Named(stands_for=unreachable)))
    (offline,) = run(cache, ["네"], step(Named(stands_for=unreachable)), offline=True)
    assert (offline.texts, offline.identity) == (online.texts, online.identity)


def test_a_name_that_stands_for_something_new_is_computed_anew(cache: Cache) -> None:
    run(cache, ["네"], step(Named()))
    moved = Named(stands_for=lambda: "commit 2", answer=lambda text: "new")
    (result,) = run(cache, ["네"], step(moved))
    assert (result.texts, result.computed) == (["new"], 1)
