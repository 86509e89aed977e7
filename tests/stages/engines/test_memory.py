"""What fits into memory: batches within a budget, batches halved, one model at a time."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN
from transformers import BatchEncoding

from pivot_sum.stages.engines import ctranslate2 as ctranslate2_engine
from pivot_sum.stages.engines import ensemble
from pivot_sum.stages.engines.base import Engine, EngineSpec, Generated, Row, Rows, Search
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.select import engine_for, free
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import ModelUnreachable, StageError

GREEDY = Search(
    num_beams=1,
    max_new_tokens=8,
    min_new_tokens=0,
    length_penalty=1.0,
    no_repeat_ngram_size=0,
    repetition_penalty=1.0,
)
TEXTS = [*KOREAN, *ENGLISH, KOREAN[0][:5]]
PLENTY = 100_000


ENGINES: dict[str, type[Engine]] = {
    "transformers": TransformersEngine,
    "ctranslate2": CTranslate2Engine,
}
both_engines = pytest.mark.parametrize("name", ENGINES)


def spec(folder: Path, engine: str = "auto") -> EngineSpec:
    return EngineSpec(str(folder), "main", "float32", "cpu", 1, engine)


@pytest.fixture(scope="module", params=list(ENGINES))
def translator(request: pytest.FixtureRequest, nllb: Path) -> Engine:
    make: Any = ENGINES[request.param]
    engine: Engine = make(spec(nllb))
    return engine


@pytest.fixture
def none_in_memory() -> Iterator[None]:
    free()
    yield
    free()


def translate(engine: Engine) -> list[Generated]:
    return engine.generate(
        engine.encode(TEXTS), GREEDY, batch_tokens=PLENTY, forced_bos_token="eng_Latn"
    )


class Scarce:
    """An engine's `_computed` on a machine on which only so many texts fit: answers with what it
    read, remembers its tries."""

    def __init__(self, most: int, error: BaseException) -> None:
        self.most = most
        self.error = error
        self.sizes: list[int] = []

    def __call__(
        self, batches: Sequence[Sequence[list[int]]], search: Search, first: int | None
    ) -> Iterator[Rows]:
        for encoded in batches:
            self.sizes.append(len(encoded))
            if len(encoded) > self.most:
                raise self.error
            yield Rows([Row(tokens, True) for tokens in encoded], 0)


OUT_OF_MEMORY = {
    TransformersEngine: [
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory: you"
            " tried to allocate 9 B"
        ),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GB, other allocations: 1 GB)"),
    ],
    CTranslate2Engine: [
        MemoryError("std::bad_alloc"),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"),
    ],
}


@pytest.mark.parametrize("kind", range(3))
def test_running_out_of_memory_halves_the_batch_and_goes_on(
    kind: int, translator: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = Scarce(3, OUT_OF_MEMORY[type(translator)][kind])  # type: ignore[index]  # one of its two keys
    monkeypatch.setattr(translator, "_computed", scarce)
    read = translator.tokenizer.batch_decode(translator.encode(TEXTS), skip_special_tokens=True)
    assert [text for text, _ in translate(translator)] == [text.strip() for text in read]
    assert scarce.sizes[:3] == [11, 5, 2]
    assert scarce.sizes.count(1) < len(TEXTS) / 2  # it does not creep on one by one


def test_a_single_text_that_does_not_fit_is_an_error_that_says_what_to_do(
    translator: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OUT_OF_MEMORY[type(translator)][0]  # type: ignore[index]  # one of its two keys
    monkeypatch.setattr(translator, "_computed", Scarce(0, error))
    with pytest.raises(StageError, match=r"does not fit into the memory of cpu.*lower num_beams"):
        translate(translator)


@pytest.mark.parametrize(
    "error", [RuntimeError("size mismatch"), ValueError("what?"), KeyboardInterrupt()]
)
def test_other_errors_are_not_swallowed(
    error: Any, translator: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    scarce = Scarce(0, error)
    monkeypatch.setattr(translator, "_computed", scarce)
    with pytest.raises(type(error)):
        translate(translator)
    assert len(scarce.sizes) == 1


class Watched:
    """Stands in for a GPU's memory: a text takes 10 bytes, so many are free."""

    def __init__(
        self, engine: TransformersEngine, free: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.sizes: list[int] = []
        self._free = free
        generate_batch = engine._generate_batch

        def listening(encoded: Sequence[list[int]], settings: Any) -> Rows:
            self.sizes.append(len(encoded))
            return generate_batch(encoded, settings)

        monkeypatch.setattr(engine, "_generate_batch", listening)
        monkeypatch.setattr(engine, "memory", self)
        monkeypatch.setattr(engine, "device", "cuda")
        monkeypatch.setattr(
            "pivot_sum.stages.engines.base.FIRST_BATCH", 3 * max(map(len, engine.encode(TEXTS)))
        )
        monkeypatch.setattr(
            BatchEncoding, "to", lambda encoded, _device: encoded
        )  # there is no GPU

    def begin(self) -> None:
        pass

    def used(self) -> int:
        return 10 * self.sizes[-1]

    def free(self) -> int:
        return self._free


@pytest.mark.parametrize(
    ("free", "sizes"),
    [(1000, [3, 8]), (90, [3, 6, 2]), (50, [3, 3, 5])],
    ids=["plenty", "some", "no more than the first"],
)
def test_batches_grow_to_what_the_first_one_shows_there_is_memory_for(
    free: int, sizes: list[int], nllb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TransformersEngine(spec(nllb))
    expected = translate(engine)
    watched = Watched(engine, free, monkeypatch)
    assert (
        engine.generate(engine.encode(TEXTS), GREEDY, batch_tokens=0, forced_bos_token="eng_Latn")
        == expected
    )
    assert watched.sizes[: len(sizes)] == sizes


def test_a_bound_that_was_asked_for_holds_however_much_memory_there_is(
    nllb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TransformersEngine(spec(nllb))
    watched = Watched(engine, 10_000, monkeypatch)
    longest = max(map(len, engine.encode(TEXTS)))
    engine.generate(
        engine.encode(TEXTS), GREEDY, batch_tokens=2 * longest, forced_bos_token="eng_Latn"
    )
    assert watched.sizes[:2] == [2, 2]


# One model in memory


@pytest.mark.usefixtures("none_in_memory")
def test_the_same_spec_is_loaded_once(nllb: Path) -> None:
    assert engine_for(spec(nllb)) is engine_for(spec(nllb))


@both_engines
@pytest.mark.usefixtures("none_in_memory")
def test_the_first_model_is_gone_before_the_second_is_loaded(
    name: str, nllb: Path, bart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = {"transformers": ensemble, "ctranslate2": ctranslate2_engine}[name]
    fetch, weights = module.fetch, "model" if name == "transformers" else "_translator"
    first = engine_for(spec(nllb, name))
    first.generate(first.encode(KOREAN[:1]), GREEDY, batch_tokens=PLENTY)
    engine, model = weakref.ref(first), weakref.ref(getattr(first, weights))
    del first
    alive_at_loading: list[object] = []

    def fetching(*args: Any) -> Any:
        alive_at_loading.extend([engine(), model()])
        return fetch(*args)

    monkeypatch.setattr(module, "fetch", fetching)
    engine_for(spec(bart, name))
    assert alive_at_loading == [None, None]


@pytest.mark.usefixtures("none_in_memory")
def test_the_members_of_an_ensemble_count_as_one_model(
    nllb: Path, bart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = replace(spec(bart, "transformers"), ensemble=((str(bart), "main"),))
    joined: Any = engine_for(both)
    assert engine_for(both) is joined
    joined.generate(joined.encode(KOREAN[:1]), GREEDY, batch_tokens=PLENTY)
    members = [weakref.ref(member) for member in joined.model.members]
    assert len(members) == 2 and all(member() is not None for member in members)
    del joined
    alive_at_loading: list[object] = []
    monkeypatch.setattr(
        ensemble,
        "fetch",
        lambda *model: (alive_at_loading.extend(member() for member in members), nllb)[1],
    )
    engine_for(spec(nllb, "transformers"))
    assert alive_at_loading == [None, None]


@pytest.mark.usefixtures("none_in_memory")
def test_a_model_that_cannot_be_loaded_leaves_the_next_one_loadable(
    nllb: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelUnreachable):
        engine_for(spec(tmp_path / "gone"))
    assert engine_for(spec(nllb)).model_type == "m2m_100"
