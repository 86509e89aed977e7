"""The training program: batches, the loop's two limits, and a whole tiny run repeated."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import torch

from pivot_sum.demo import train as program
from pivot_sum.demo.train_data import IGNORED, Example, batches, tensors
from pivot_sum.demo.train_loop import train
from pivot_sum.demo.train_models import summarizer_model


def test_a_batch_is_padded_and_its_padding_is_not_learnt() -> None:
    batch = tensors([Example([5, 2], [0, 6, 2]), Example([5, 6, 7, 2], [0, 2])], pad=1)
    assert batch["input_ids"].tolist() == [[5, 2, 1, 1], [5, 6, 7, 2]]
    assert batch["attention_mask"].tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]
    assert batch["labels"].tolist() == [[0, 6, 2], [0, 2, IGNORED]]


def test_batches_keep_to_their_size_and_come_in_an_order_the_seed_fixes() -> None:
    rng = Random(1)
    examples = [Example([5] * rng.randint(1, 40), [6] * rng.randint(1, 20)) for _ in range(100)]
    first, second = (batches(lambda: examples, Random(9), 200) for _ in range(2))
    for _ in range(50):
        batch = next(first)
        assert batch == next(second)
        assert len(batch) * max(len(e.source) + len(e.target) for e in batch) <= 200


@pytest.mark.parametrize(("steps", "seconds"), [(3, 1e9), (10**9, 0.05)], ids=["steps", "time"])
def test_training_ends_at_whichever_limit_comes_first(steps: int, seconds: float) -> None:
    model = summarizer_model(20)
    data = batches(lambda: [Example([5, 6, 2], [0, 5, 2])], Random(1), 60)
    figures = train(model, data, steps=steps, seconds=seconds, name="test")
    assert figures["steps"] == 3 if steps == 3 else figures["steps"] < steps


def test_the_same_seed_gives_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(program.TRANSLATOR, "steps", 2)
    monkeypatch.setitem(program.TRANSLATOR, "tokens", 300)
    threads = torch.get_num_threads()
    for name in ("one", "two"):
        program.main(
            [
                "--only",
                "translator",
                "--out",
                str(tmp_path / name),
                "--data",
                str(tmp_path),
                "--threads",
                "1",
            ]
        )
    torch.set_num_threads(threads)
    first, second = (
        tmp_path / name / "translator" / "model.safetensors" for name in ("one", "two")
    )
    assert first.read_bytes() == second.read_bytes()
