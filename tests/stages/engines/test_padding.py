"""What is counted of a model's work: tokens, and the padding of the batches they lay in, from the
engine to the run's record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from checkpoints import ENGLISH, KOREAN

from pivot_sum.cache import Cache
from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.runner import Runner
from pivot_sum.stages.base import Stage
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.padding import Tokens, count, counted
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

Small = Callable[[str], Path]


def test_only_what_happens_inside_is_counted() -> None:
    count(1, 1, 1, 1)
    with counted() as outer:
        count(10, 20, 3, 4)
        with counted() as inner:
            count(1, 1, 1, 1)
        count(10, 20, 3, 4)
    count(1, 1, 1, 1)
    assert outer == Tokens(20, 40, 6, 8) and inner == Tokens(1, 1, 1, 1)
    assert (outer.encoder_padding, outer.decoder_padding) == (0.5, 0.25)
    assert outer.record() == {
        "read": 20,
        "read_padding_percent": 50.0,
        "written": 6,
        "written_padding_percent": 25.0,
    }
    assert Tokens().encoder_padding == Tokens().decoder_padding == 0


def test_transformers_pads_short_answers_only_until_they_leave_together(small: Small) -> None:
    engine = TransformersEngine(EngineSpec(str(small("nllb")), "main", "float32", "cpu", 1))
    texts = [*KOREAN, *ENGLISH]
    ended = engine.config.vocab_size // 3
    engine.generation_config.eos_token_id = [
        2,
        *range(10, ended),
    ]  # so that answers differ in length
    with counted() as tokens:
        engine.generate(
            engine.encode(texts),
            Search(1, 16, 0, 1.0, 0, 1.0),
            batch_tokens=10_000,
            forced_bos_token="eng_Latn",
        )
    lengths = [len(row) for row in engine.encode(texts)]
    assert (tokens.encoder, tokens.encoder_positions) == (sum(lengths), len(texts) * max(lengths))
    assert len(texts) < tokens.decoder < tokens.decoder_positions
    assert tokens.decoder_positions < len(texts) * 16


def run(stage: Stage, dialogues: list[str], cache: Cache) -> Any:
    samples = [
        Sample(str(number), dialogue, (), None, None) for number, dialogue in enumerate(dialogues)
    ]
    runner = Runner(
        samples, cache, lambda *_: nullcontext(SimpleNamespace(advance=lambda texts: None))
    )
    (result,) = runner.run([Step("step", "turn", stage)], [0])
    return result


@pytest.mark.parametrize("engine", ["transformers", "ctranslate2"])
def test_a_run_says_what_was_padding_in_what_it_computed(
    engine: Any, small: Small, tmp_path: Path
) -> None:
    stage = Translate(
        model=str(small("nllb")),
        source="ko",
        target="en",
        max_new_tokens=6,
        engine=engine,
        padded_batches=True,
        retries=(),
        guards=(),
    )
    with Cache(tmp_path / "cache.sqlite3") as cache:
        first = run(stage, KOREAN, cache).tokens
        assert first.encoder_positions > first.encoder > 0 and first.decoder > 0
        assert run(stage, KOREAN, cache).tokens == Tokens()
        assert run(Clean(), KOREAN, cache).tokens == Tokens()


def test_the_runner_hands_texts_over_longest_first(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By characters: what a text is in tokens the engine knows, which sorts each batch again."""
    stage = Summarize(
        model=str(small("bart")),
        language="en",
        max_new_tokens=4,
        batch_size=3,
        retries=(),
        guards=(),
    )
    handed: list[str] = []
    answers = Summarize.answers
    monkeypatch.setattr(
        Summarize, "answers", lambda self, texts: (handed.extend(texts), answers(self, texts))[1]
    )
    with Cache(tmp_path / "cache.sqlite3") as cache:
        run(stage, [*KOREAN, *ENGLISH], cache)
    assert handed == sorted(handed, key=lambda text: (-len(text), text))
    assert len(handed) == len({*KOREAN, *ENGLISH})
