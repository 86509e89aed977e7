"""What fits into memory: batches within a budget, batches halved, one model at a time, the best device there is."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN
from hypothesis import given
from hypothesis import strategies as st

from stages import engines
from stages.checkpoints import load_model
from stages.engines import Engine, EngineSpec, Generated, Search, batches, engine_for, free, resolve_device, resolve_dtype
from stages.errors import ModelUnreachable, StageError

GREEDY = Search(
    num_beams=1, max_new_tokens=8, min_new_tokens=0, length_penalty=1.0, no_repeat_ngram_size=0, repetition_penalty=1.0
)
TEXTS = [*KOREAN, *ENGLISH, KOREAN[0][:5]]
PLENTY = 100_000


def spec(folder: Path) -> EngineSpec:
    return EngineSpec(str(folder), "main", "float32", "cpu", 0)


@pytest.fixture(scope="module")
def translator(nllb: Path) -> Engine:
    return Engine(spec(nllb))


@pytest.fixture
def none_in_memory() -> Iterator[None]:
    free()
    yield
    free()


def translate(engine: Engine) -> list[Generated]:
    return engine.generate(TEXTS, GREEDY, batch_tokens=PLENTY, forced_bos_token="eng_Latn")


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=30), st.integers(min_value=0, max_value=200))
def test_batches_keep_to_the_budget_and_are_never_empty(lengths: list[int], budget: int) -> None:
    pending = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    cut = list(batches(pending, lambda index: lengths[index], budget))
    assert [index for batch in cut for index in batch] == pending
    for batch in cut:
        assert batch
        assert len(batch) == 1 or len(batch) * max(lengths[index] for index in batch) <= budget


class Scarce:
    """`Engine._generate_batch` of a machine on which only so many texts fit: answers with what it read, remembers its tries."""

    def __init__(self, most: int, error: BaseException) -> None:
        self.most = most
        self.error = error
        self.sizes: list[int] = []

    def __call__(self, encoded: Sequence[list[int]], settings: Any) -> list[Generated]:
        self.sizes.append(len(encoded))
        if len(encoded) > self.most:
            raise self.error
        return [Generated(repr(tokens), True) for tokens in encoded]


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB, other allocations: 1 GB)"),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=["cuda", "cpu", "mps"])
def test_running_out_of_memory_halves_the_batch_and_goes_on(
    error: Exception, translator: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = Scarce(3, error)
    monkeypatch.setattr(translator, "_generate_batch", scarce)
    assert [text for text, _ in translate(translator)] == [repr(translator.tokenizer(text).input_ids) for text in TEXTS]
    assert scarce.sizes[:3] == [11, 5, 2]
    assert scarce.sizes.count(1) < len(TEXTS) / 2  # it does not creep on one by one


def test_a_single_text_that_does_not_fit_is_an_error_that_says_what_to_do(
    translator: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translator, "_generate_batch", Scarce(0, torch.OutOfMemoryError("CUDA out of memory")))
    with pytest.raises(StageError, match=r"does not fit into the memory of cpu.*lower num_beams"):
        translate(translator)


@pytest.mark.parametrize("error", [RuntimeError("size mismatch"), ValueError("what?"), KeyboardInterrupt()])
def test_other_errors_are_not_swallowed(error: Any, translator: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scarce = Scarce(0, error)
    monkeypatch.setattr(translator, "_generate_batch", scarce)
    with pytest.raises(type(error)):
        translate(translator)
    assert len(scarce.sizes) == 1


# One model in memory


@pytest.mark.usefixtures("none_in_memory")
def test_the_same_spec_is_loaded_once(nllb: Path) -> None:
    assert engine_for(spec(nllb)) is engine_for(spec(nllb))


@pytest.mark.usefixtures("none_in_memory")
def test_the_first_model_is_gone_before_the_second_is_loaded(nllb: Path, bart: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = engine_for(spec(nllb))
    first.generate(KOREAN[:1], GREEDY, batch_tokens=PLENTY)
    engine, model = weakref.ref(first), weakref.ref(first.model)
    del first
    alive_at_loading: list[object] = []

    def loading(*args: Any) -> Any:
        alive_at_loading.extend([engine(), model()])
        return load_model(*args)

    monkeypatch.setattr(engines, "load_model", loading)
    engine_for(spec(bart))
    assert alive_at_loading == [None, None]


@pytest.mark.usefixtures("none_in_memory")
def test_a_model_that_cannot_be_loaded_leaves_the_next_one_loadable(nllb: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnreachable):
        engine_for(spec(tmp_path / "gone"))
    assert engine_for(spec(nllb)).model_type == "m2m_100"


# Devices


@pytest.mark.parametrize(
    ("cuda", "bf16", "mps", "device", "dtype"),
    [
        (True, True, False, "cuda", "bfloat16"),
        (True, False, False, "cuda", "float16"),
        (False, False, True, "mps", "float16"),
        (False, False, False, "cpu", "float32"),
    ],
)
def test_auto_is_the_best_device_there_is_and_its_number_format(
    cuda: bool, bf16: bool, mps: bool, device: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2 * cuda)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: bf16)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert (resolve_device("auto"), resolve_dtype("auto", "auto")) == (device, dtype)
    assert resolve_dtype("auto", "cpu") == "float32"
    assert resolve_dtype("float32", "cuda:1") == "float32"
    if cuda:
        assert resolve_device("cuda:1") == "cuda:1"


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps", "banana"])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(StageError, match=f"there is no device '{device}' .*there are: auto, cpu"):
        resolve_device(device)
