"""Steps that see the source dialogue beside their text: what they get, what the key holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from fakestages import Keeping, Named, Progress, Repairing, Selecting, run, samples, step

from pivot_sum.cache import Cache
from pivot_sum.errors import CacheMiss
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.plan import plan
from pivot_sum.running.runner import Runner
from pivot_sum.running.sources import Sources, cleaning
from pivot_sum.stages.base import PlaceholderPolicy, Task
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.names import Names
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.seen import Seen

TALK = "민수: 갈까?\r\n지영: 네."
OTHER = "영희: 갈까?\r\n지영: 네."
TIDIED = "#Person1#: 갈까?\n#Person2#: 네."


@dataclass(frozen=True, kw_only=True)
class Seeing(Keeping):
    """Sees the source."""

    name: ClassVar[str] = "seeing"
    sees: ClassVar = "source"


def told(packed: str) -> str:
    seen = Seen.unpacked(packed)
    return f"{seen.text} <- {seen.dialogue[:2]}"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


def test_a_stage_that_sees_the_source_gets_its_text_with_the_dialogue_raw_and_cleaned(
    cache: Cache,
) -> None:
    short = Selecting(answer=lambda text: "요약. 끝.")
    seeing = Seeing(answer=told)
    result = run(
        cache,
        [TALK, OTHER],
        step(Clean(speakers="auto"), name="clean"),
        step(short, name="summarize"),
        step(seeing, "sentence", "see"),
    )[-1]
    assert {Seen.unpacked(text) for text in seeing.seen} == {
        Seen(dialogue, TIDIED, sentence)
        for dialogue in (TALK, OTHER)
        for sentence in ("요약.", "끝.")
    }
    assert result.texts == ["요약. <- 민수 끝. <- 민수", "요약. <- 영희 끝. <- 영희"]
    assert short.seen == [TIDIED]  # one text for two dialogues, as ever
    assert (result.units, result.unique) == (4, 4)


def test_the_source_is_part_of_the_key(cache: Cache) -> None:
    steps = [step(Clean(), name="clean"), step(Seeing(answer=told), name="see")]
    assert run(cache, [TALK], *steps)[-1].computed == 1
    assert run(cache, [TALK], *steps)[-1].computed == 0
    assert run(cache, [TALK + " "], *steps)[-1].computed == 1  # the same when it is cleaned
    assert run(cache, [TALK], *steps, offline=True)[-1].cached == 1
    run(cache, [TALK + "  "], *steps[:1])
    with pytest.raises(CacheMiss, match=r"step 2 \(see\): 1 text of 1 sample \(s1\) not in the"):
        run(cache, [TALK + "  "], *steps, offline=True)


def test_a_plan_finds_what_a_run_left_and_says_what_is_missing(cache: Cache) -> None:
    steps = [step(Clean(), name="clean"), step(Polish(speakers="name"), name="polish")]
    see = step(Seeing(answer=told), name="see")
    run(cache, [TALK], *steps, see)
    assert [
        (p.cached, p.missing, p.waiting) for p in plan(samples(TALK), [*steps, see], cache)
    ] == [(1, 0, 0)] * 3
    both = plan(samples(TALK, OTHER), [*steps, see], cache)
    assert [(found.cached, found.missing, found.waiting) for found in both] == [(1, 1, 0)] * 3


def test_the_dialogues_can_be_others_than_the_texts_that_are_run(cache: Cache) -> None:
    """What `attribute` does: an oracle's text runs in the place of the dialogue's."""
    seeing = Seeing(answer=told)
    runner = Runner(samples("오라클"), cache, Progress(), sources=Sources([TALK], [TIDIED]))
    [_, result] = runner.run([step(Clean(), name="clean"), step(seeing, name="see")], [0, 1])
    assert [Seen.unpacked(text) for text in seeing.seen] == [Seen(TALK, TIDIED, "오라클")]
    assert result.texts == ["오라클 <- 민수"]
    assert result.ends is None


def test_remarks_judge_the_text_and_not_what_it_is_packed_with(cache: Cache) -> None:
    seeing = Seeing(answer=lambda packed: Seen.unpacked(packed).text)
    [result] = run(
        cache, ["#Person1#: 네, 그럼요.\n#Person2#: 안녕히 가세요."], step(seeing, "turn")
    )
    assert result.counts["verdicts"] == {}
    assert result.remarks == [{}]


@dataclass(frozen=True, kw_only=True)
class Pivoting(Keeping):
    """Sees what the pivot made of the dialogue."""

    name: ClassVar[str] = "pivoting"
    sees: ClassVar = "pivot"


def pivot(seeing: Keeping, summary: str = "sum") -> list[Step]:
    return [
        step(Clean(speakers="auto"), name="clean"),
        step(Named(target="en", answer=lambda text: f"en {text[-2:]}"), name="there"),
        step(Selecting(source="en", target="en", answer=lambda text: summary), name="summarize"),
        step(Keeping(source="en", answer=lambda text: "요약"), name="back"),
        step(seeing, name="see"),
    ]


def test_a_stage_that_sees_the_pivot_gets_the_translated_dialogue_and_what_was_translated_back(
    cache: Cache,
) -> None:
    seeing = Pivoting(answer=told)
    steps = pivot(seeing)
    assert run(cache, [TALK], *steps)[-1].texts == ["요약 <- 민수"]
    assert [Seen.unpacked(text) for text in seeing.seen] == [
        Seen(TALK, TIDIED, "요약", f"en {TIDIED[-2:]}", "sum")
    ]
    assert run(cache, [TALK], *steps, offline=True)[-1].cached == 1
    assert plan(samples(TALK), steps, cache)[-1].cached == 1
    unknown = plan(samples(TALK + " 또."), steps, cache)[-1]
    assert (unknown.waiting, unknown.unique) == (1, 0)


def test_what_the_pivot_made_is_part_of_the_key(cache: Cache) -> None:
    assert run(cache, [TALK], *pivot(Pivoting(answer=told)))[-1].computed == 1
    other = pivot(Pivoting(answer=told))
    other[2] = step(
        Selecting(setting="b", source="en", target="en", answer=lambda text: "else"), name="other"
    )
    again = run(cache, [TALK], *other)
    assert [result.computed for result in again] == [0, 0, 1, 1, 1]
    assert again[-1].texts == ["요약 <- 민수"]


def test_names_are_restored_by_the_pivot_and_counted(cache: Cache) -> None:
    steps = pivot(Keeping())
    steps[1] = step(Keeping(target="en", answer=lambda text: "Dawson met Anna."), name="there")
    steps[2] = step(Selecting(source="en", target="en", answer=lambda text: text), name="short")
    steps[3] = step(Keeping(source="en", answer=lambda text: "도슨은 갔다."), name="back")
    steps[4] = step(Names(), name="names")
    result = run(cache, ["더슨은 안나를 만났다."], *steps)[-1]
    assert result.texts == ["더슨은 갔다."]
    assert result.counts["repairs"] == {"names as in the dialogue": 1}
    assert result.remarks == [{"name in doubt": 1}]


@dataclass(frozen=True, kw_only=True)
class Tidying(Keeping):
    task: ClassVar[Task] = "clean"


@dataclass(frozen=True, kw_only=True)
class Marking(Keeping):
    task: ClassVar[Task] = "clean"
    placeholders: ClassVar[PlaceholderPolicy] = "repair"


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([Clean()], 0),
        ([Tidying(), Clean(), Tidying(), Selecting()], 1),
        ([Clean(), Marking(), Keeping(), Clean()], 1),
        ([Tidying(), Keeping(), Clean()], None),
        ([Repairing(), Clean()], None),  # it translates
        ([], None),
    ],
)
def test_the_cleaning_step_is_the_last_before_anything_else_that_may_repair_placeholders(
    stages: list[Keeping], expected: int | None
) -> None:
    assert cleaning([step(stage) for stage in stages]) == expected
