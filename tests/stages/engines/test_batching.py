"""Which texts a model computes together, and that this changes no answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.stages.base import answers_of, declared_identity
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.engines.base import EngineSpec, Rows, Search
from pivot_sum.stages.engines.batching import batches
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.text.segmentation import split
from pivot_sum.stages.translate import Translate

GREEDY = Search(1, 96, 0, 1.0, 0, 1.0)
BEAM = replace(GREEDY, num_beams=4)

LENGTHS = st.lists(st.integers(0, 50), max_size=30)


@given(LENGTHS, st.integers(0, 200), st.integers(1, 40), st.booleans())
def test_batches_keep_to_the_budget_and_are_never_empty(
    lengths: list[int], budget: int, most: int, equal: bool
) -> None:
    pending = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    cut = list(batches(pending, lambda index: lengths[index], budget, most, equal=equal))
    assert [index for batch in cut for index in batch] == pending
    for batch in cut:
        assert 1 <= len(batch) <= most
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


@given(LENGTHS, st.integers(1, 40))
def test_texts_of_one_length_share_as_many_batches_as_they_need_and_no_more(
    lengths: list[int], most: int
) -> None:
    pending = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    cut = list(batches(pending, lambda index: lengths[index], 10_000, most, equal=True))
    assert all(len({lengths[index] for index in batch}) == 1 for batch in cut)
    assert len(cut) == sum(-(-lengths.count(length) // most) for length in set(lengths))


@pytest.fixture(scope="module")
def turns() -> list[str]:
    """The different turns of the demo."""
    units = [
        unit
        for sample in read_samples(DEMO_FILE)
        for unit in split(sample.dialogue, "turn", "ko").units
    ]
    return list(dict.fromkeys(units))


def watched(engine: CTranslate2Engine, seen: list[set[int]]) -> None:
    """Note the lengths of the texts of every batch."""
    computed = engine._computed

    def watch(
        batches: Sequence[Sequence[list[int]]], search: Search, first: int | None
    ) -> Iterator[Rows]:
        seen.extend({len(tokens) for tokens in batch} for batch in batches)
        return computed(batches, search, first)

    engine._computed = watch  # type: ignore[method-assign]  # a spy


@pytest.mark.parametrize(
    ("dtype", "padded", "mixed"),
    [("int8", False, False), ("int8", True, True), ("float32", False, True)],
)
def test_in_int8_a_batch_holds_texts_of_one_length_unless_padding_is_allowed(
    dtype: str, padded: bool, mixed: bool, turns: list[str]
) -> None:
    engine = CTranslate2Engine(EngineSpec("demo:translator", "main", dtype, "cpu", 0))
    engine.tokenizer.src_lang = "kor_Hang"
    seen: list[set[int]] = []
    watched(engine, seen)
    engine.generate(
        engine.encode(turns[:24]),
        GREEDY,
        batch_tokens=0,
        padded=padded,
        forced_bos_token="eng_Latn",
    )
    assert (max(map(len, seen)) > 1) is mixed


@pytest.mark.parametrize("search", [GREEDY, BEAM], ids=["greedy", "beam"])
def test_an_answer_does_not_depend_on_the_texts_beside_it(search: Search, turns: list[str]) -> None:
    engine = CTranslate2Engine(EngineSpec("demo:translator", "main", "int8", "cpu", 0))
    engine.tokenizer.src_lang = "kor_Hang"
    some = turns[::9]

    def ask(texts: Sequence[str], batch_tokens: int = 0) -> list[str]:
        found = engine.generate(
            engine.encode(texts), search, batch_tokens=batch_tokens, forced_bos_token="eng_Latn"
        )
        return [answer.text for answer in found]

    alone = {text: ask([text])[0] for text in some}
    for seed, budget in ((1, 0), (2, 60), (3, 200)):
        shuffled = random.Random(seed).sample(some, len(some) - 10 * (seed - 1))
        assert dict(zip(shuffled, ask(shuffled, budget), strict=True)) == {
            text: alone[text] for text in shuffled
        }


def test_padded_batches_have_keys_of_their_own_and_the_default_has_those_of_before() -> None:
    stage = Translate(model="demo:translator", source="ko", target="en")
    padded = replace(stage, padded_batches=True)
    assert "padded_batches" not in declared_identity(stage)
    assert declared_identity(padded) == declared_identity(stage) | {"padded_batches": True}


def test_retries_and_the_ladder_do_not_depend_on_other_texts_either(turns: list[str]) -> None:
    stage = Translate(
        model="demo:translator", source="ko", target="en", num_beams=1, max_new_tokens=32
    )
    held = [turn for turn in turns if "#" in turn][:12]
    # Neither is of the demo's world, so guards and masks have something to do.
    strange = ["#Person1# 씨의 #Address#는 #Person2# 씨의 #Address#보다 멀어요.", "ㅋㅋㅋㅋ ㅠㅠ"]
    some = [*held, *strange, *turns[:12]]
    alone = {text: answers_of(stage, [text], Budget())[0] for text in some}
    assert any("retry" in answer.note or "rung" in answer.note for answer in alone.values())
    shuffled = random.Random(1).sample(some, len(some))
    assert dict(zip(shuffled, answers_of(stage, shuffled, Budget()), strict=True)) == alone
