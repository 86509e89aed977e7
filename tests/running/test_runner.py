"""The runner, with small stages of its own: what a stage is given, what is stored, what is refused,
what is counted."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakestages import (
    Keeping,
    Noting,
    Progress,
    Repairing,
    Selecting,
    bracketed,
    run,
    samples,
    step,
)

from pivot_sum.cache import Cache
from pivot_sum.running.runner import Runner
from pivot_sum.stages.base import Answer
from pivot_sum.stages.errors import BadOutput, ModelUnreachable, StageError, WrongLanguage
from pivot_sum.stages.text.segmentation import Over

PHONE = "#PhoneNumber#"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    with Cache(tmp_path / "cache.sqlite3") as opened:
        yield opened


TWO_TURNS = "#Person1#: 안녕하세요. 반가워요!\n#Person2#：  네, 저도요.  "


@pytest.mark.parametrize(
    ("over", "units", "joined"),
    [
        ("dialogue", [TWO_TURNS.strip()], f"[{TWO_TURNS.strip()}]  "),
        (
            "turn",
            ["안녕하세요. 반가워요!", "네, 저도요."],
            "#Person1#: [안녕하세요. 반가워요!]\n#Person2#：  [네, 저도요.]  ",
        ),
        (
            "sentence",
            ["안녕하세요.", "반가워요!", "네, 저도요."],
            "#Person1#: [안녕하세요.] [반가워요!]\n#Person2#：  [네, 저도요.]  ",
        ),
    ],
)
def test_a_stage_gets_what_its_step_runs_over_and_heads_order_and_blanks_come_back_exactly(
    cache: Cache, over: Over, units: list[str], joined: str
) -> None:
    stage = Keeping()
    (result,) = run(cache, [TWO_TURNS], step(stage, over))
    assert sorted(stage.seen) == sorted(units)
    assert result.texts == [joined]
    assert (result.units, result.unique, result.computed) == (len(units), len(units), len(units))


def test_a_turn_without_words_stays_and_no_stage_sees_it(cache: Cache) -> None:
    stage = Keeping()
    (result,) = run(cache, ["#Person1#: \n\n#Person2#: 네\n#Person1#:"], step(stage, "turn"))
    assert stage.seen == ["네"]
    assert result.texts == ["#Person1#: \n\n#Person2#: [네]\n#Person1#:"]


def test_a_dialogue_that_an_earlier_step_left_blank_stays_blank(cache: Cache) -> None:
    silent, next_ = Keeping(answer=lambda text: ""), Keeping(setting="b")
    first, second = run(cache, ["무슨 말이에요?"], step(silent), step(next_, name="next"))
    assert (first.texts, second.texts, next_.seen) == ([""], [""], [])
    assert first.remarks[0] == {"empty": 1}


def test_each_distinct_text_is_computed_once_and_given_to_all_who_have_it(cache: Cache) -> None:
    stage = Keeping()
    (result,) = run(
        cache,
        ["#Person1#: 네\n#Person2#: 네", "#Person2#: 네\n#Person1#: 아니요"],
        step(stage, "turn"),
    )
    assert sorted(stage.seen) == ["네", "아니요"]
    assert result.texts == [
        "#Person1#: [네]\n#Person2#: [네]",
        "#Person2#: [네]\n#Person1#: [아니요]",
    ]
    assert (result.units, result.unique, result.cached, result.computed) == (4, 2, 0, 2)


def test_batches_are_of_the_stages_size_and_hold_the_longest_texts_first(cache: Cache) -> None:
    stage = Keeping()
    texts = ["가" * length for length in range(1, 11)]
    run(cache, random.Random(1).sample(texts, 10), step(stage))
    assert [len(batch) for batch in stage.batches] == [4, 4, 2]
    assert stage.seen == texts[::-1]


def test_each_batch_is_on_disk_before_the_next_one_starts(cache: Cache) -> None:
    stored = []

    def looking(text: str) -> str:
        with Cache(cache.path, read_only=True) as other:
            stored.append(other.info().rows)
        return text

    run(cache, [f"말 {number}" for number in range(10)], step(Keeping(answer=looking)))
    assert stored == [0] * 4 + [4] * 4 + [8] * 2


def failing_from(text: str, error: Exception) -> Callable[[str], str]:
    def answer(asked: str) -> str:
        if asked == text:
            raise error
        return bracketed(asked)

    return answer


def test_a_failure_at_the_third_batch_leaves_two_batches_stored_and_the_next_run_computes_the_rest(
    cache: Cache,
) -> None:
    texts = ["가" * length for length in range(10, 0, -1)]
    broken = Keeping(answer=failing_from(bracketed(texts[8]), ModelUnreachable("the line is cut")))
    with pytest.raises(ModelUnreachable) as caught:
        run(cache, texts, step(Keeping(setting="first"), name="first"), step(broken))
    assert (
        str(caught.value)
        == "step 2 (shout): the line is cut (8 of 10 missing texts are computed and kept; the same"
        " command goes on from there)"
    )
    whole = Keeping()
    (result,) = run(cache, [bracketed(text) for text in texts], step(whole))
    assert (result.cached, result.computed) == (8, 2)
    assert whole.seen == ["[가가]", "[가]"]


def test_a_failure_at_the_first_batch_promises_nothing(cache: Cache) -> None:
    with pytest.raises(StageError, match=r"^step 1 \(shout\): no$"):
        run(cache, ["네"], step(Keeping(answer=failing_from("네", StageError("no")))))


def test_a_bug_in_a_stage_of_ours_stays_what_it_is_and_what_was_stored_stays_stored(
    cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Keeping, "__module__", "pivot_sum.stages.keeping")
    with pytest.raises(ZeroDivisionError):
        run(
            cache,
            ["가가", "가"],
            step(Keeping(answer=failing_from("가", ZeroDivisionError()), batch_size=1)),
        )
    assert cache.info().rows == 1


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (lambda given: given[:-1], "answered 4 texts with 3 results"),
        (lambda given: [*given, "more"], "answered 4 texts with 5 results"),
        (
            lambda given: [*given[:-1], None],
            "answered 4 texts with 4 results, some of which are not texts",
        ),
        (lambda given: [*given[:-1], b"bytes"], "not texts"),
        (
            lambda given: [*given[:-1], "\ud800"],
            r"one of which holds half a character \('\\ud800'\)",
        ),
        (lambda given: [*given[:-1], "a\0"], "one of which holds a NUL character"),
    ],
)
def test_answers_that_are_too_few_too_many_or_no_texts_are_a_bug_of_the_stage(
    cache: Cache, answers: Callable[[list[Any]], list[Any]], said: str
) -> None:
    with pytest.raises(BadOutput, match=said) as caught:
        run(cache, ["하나", "둘", "셋", "넷"], step(Keeping(altered=answers)))
    assert str(caught.value).startswith("step 1 (shout): stage fake")
    assert cache.info().rows == 0


def test_a_batch_wholly_in_the_wrong_language_is_refused_and_not_stored(cache: Cache) -> None:
    stage = Keeping(target="en", batch_size=8, answer=lambda text: f"한국어 대답입니다 {text}")
    with pytest.raises(
        WrongLanguage,
        match=r"step 1 \(shout\): stage fake promised language 'en'.*nothing of this batch",
    ):
        run(cache, [f"질문 {number}" for number in range(8)], step(stage))
    assert cache.info().rows == 0


def test_single_answers_in_the_wrong_language_are_stored_and_remarked(cache: Cache) -> None:
    stage = Keeping(
        target="en",
        batch_size=8,
        answer=lambda text: "good answer" if "3" in text else "한국어 대답입니다",
    )
    (result,) = run(cache, [f"질문 {number}" for number in range(8)], step(stage))
    assert result.counts["flags"] == {"wrong script": 7}
    assert [noticed["wrong script"] for noticed in result.remarks] == [1, 1, 1, 0, 1, 1, 1, 1]
    assert cache.info().rows == 8


def test_shuffled_samples_get_the_same_texts_and_nothing_is_computed_again(cache: Cache) -> None:
    dialogues = [f"#Person1#: 질문 {number}\n#Person2#: 대답 {number % 3}" for number in range(12)]
    (first,) = run(cache, dialogues, step(Keeping(), "turn"))
    order = random.Random(2).sample(range(12), 12)
    again = Keeping(batch_size=1)
    (second,) = run(cache, [dialogues[index] for index in order], step(again, "turn"))
    assert second.texts == [first.texts[index] for index in order]
    assert (again.seen, second.computed, second.cached) == ([], 0, 15)


def test_progress_is_told_what_is_cached_what_is_missing_and_every_batch(cache: Cache) -> None:
    run(cache, ["가", "나"], step(Keeping()))
    progress = Progress()
    runner = Runner(samples("가", "나", "다", "라", "마"), cache, progress)
    list(runner.run([step(Keeping(batch_size=2))], [0]))
    assert progress.steps == [("step 1 (shout)", 2, 3)]
    assert progress.advances == [2, 1]


@pytest.mark.parametrize("kind", [Keeping, Selecting, Repairing])
def test_a_placeholder_that_a_stage_invents_is_never_without_its_verdict(
    cache: Cache, kind: type[Keeping]
) -> None:
    stage = kind(answer=lambda text: f"{text} #Person9#")
    (result,) = run(cache, ["#Person1#: 네\n#Person2#: 아니요", "말없이"], step(stage, "turn"))
    assert result.counts["verdicts"] == {"invented": 3}
    assert result.remarks == [{"placeholder invented": 2}, {"placeholder invented": 1}]


def test_counts_are_over_all_texts_and_are_the_same_when_everything_comes_from_the_cache(
    cache: Cache,
) -> None:
    def answer(text: str) -> Answer:
        if PHONE not in text:
            return Answer(text, {"rung": "plain"})
        return Answer(
            text,
            {
                "rung": "word",
                "retry": "beams",
                "repairs": {"particles": 2},
                "flags": ["unfinished"],
            },
        )

    dialogues = [f"#Person1#: {PHONE}입니다\n#Person2#: 네", f"#Person2#: {PHONE}입니다"]
    (computed,) = run(cache, dialogues, step(Noting(answer=answer), "turn"))
    assert computed.counts == {
        "verdicts": {"repaired": 2},
        "rungs": {"word": 2, "plain": 1},
        "retries": {"beams": 2},
        "repairs": {"particles": 4},
        "flags": {"unfinished": 2},
    }
    assert computed.remarks == [{"placeholder repaired": 1, "unfinished": 1}] * 2
    (replayed,) = run(cache, dialogues, step(Keeping(), "turn"), offline=True)
    assert (replayed.counts, replayed.remarks, replayed.texts) == (
        computed.counts,
        computed.remarks,
        computed.texts,
    )


def test_a_text_that_was_cut_at_its_placeholders_is_told_from_other_repairs(cache: Cache) -> None:
    stage = Noting(answer=lambda text: Answer(text, {"rung": "cut" if "2" in text else "word"}))
    (result,) = run(cache, ["#Person1#: 네", "#Person2#: 네"], step(stage))
    assert result.counts["verdicts"] == {"repaired": 2}
    assert result.remarks == [{"placeholder repaired": 1}, {"placeholder repaired by a cut": 1}]
