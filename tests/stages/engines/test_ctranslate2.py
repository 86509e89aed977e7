"""The CTranslate2 engine: the answers of transformers in float32, the search that was asked for, no
torch at run time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from checkpoints import ENGLISH, KOREAN, make_bart
from checkpoints_families import MAKERS

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.stages.engines import ctranslate2 as ctranslate2_engine
from pivot_sum.stages.engines.base import Engine, EngineSpec, Generated, Search
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.devices import cpu_cores
from pivot_sum.stages.engines.padding import counted
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.text.segmentation import split

Small = Callable[[str], Path]

GREEDY = Search(1, 16, 0, 1.0, 0, 1.0)
BEAM = replace(GREEDY, num_beams=4)
SAME = {
    "greedy": GREEDY,
    "beam": BEAM,
    "beam, short favoured": replace(BEAM, length_penalty=0.5),
    "beam, long favoured": replace(BEAM, length_penalty=2.0),
    "greedy, at least ten tokens": replace(GREEDY, min_new_tokens=10),
    "greedy, no pair of tokens twice": replace(GREEDY, no_repeat_ngram_size=2),
}
"""The searches in which both engines agree. Forbidden tokens (a minimum length, n-grams,
repetitions) leave the probabilities before they are normalised in CTranslate2, and after that in
transformers: beam search, which adds them up, then differs.
"""
TEXTS = [*KOREAN, *ENGLISH, KOREAN[0][:5]]
FIRST = {"nllb": "eng_Latn", "mbart50": "en_XX", "m2m100": "__en__"}
PLENTY = 100_000


def spec(folder: Path | str, dtype: str = "float32", threads: int = 1) -> EngineSpec:
    return EngineSpec(str(folder), "main", dtype, "cpu", threads)


def ask(
    engine: Engine,
    search: Search,
    first: str | None,
    texts: Sequence[str] = TEXTS,
    budget: int = PLENTY,
) -> list[Generated]:
    return engine.generate(
        engine.encode(texts), search, batch_tokens=budget, forced_bos_token=first
    )


# Answers


@pytest.mark.parametrize("family", MAKERS)
def test_in_float32_the_answers_are_those_of_transformers(family: str, small: Small) -> None:
    """All but one of eleven: weights at random make near ties, which rounding may decide either
    way."""
    engines = TransformersEngine(spec(small(family))), CTranslate2Engine(spec(small(family)))
    for name, search in SAME.items():
        expected, answers = (ask(engine, search, FIRST.get(family)) for engine in engines)
        assert (
            sum(answer == other for answer, other in zip(answers, expected, strict=True))
            >= len(TEXTS) - 1
        ), name
        assert len(set(expected)) > 1, name


def test_a_t5_of_the_second_kind_does_not_scale_its_output(small: Small, tmp_path: Path) -> None:
    """FLAN-T5 and MADLAD-400 say so by `tie_word_embeddings`, which transformers 5 then sets to
    true for all of them."""
    folder = shutil.copytree(small("t5"), tmp_path / "flan")
    config = json.loads((folder / "config.json").read_text())
    del config["scale_decoder_outputs"]
    (folder / "config.json").write_text(json.dumps(config | {"tie_word_embeddings": False}))
    answers = [
        ask(make(spec(folder)), BEAM, None) for make in (TransformersEngine, CTranslate2Engine)
    ]
    assert answers[0] == answers[1] != ask(CTranslate2Engine(spec(small("t5"))), BEAM, None)


@pytest.mark.parametrize("search", [GREEDY, BEAM], ids=["greedy", "beam"])
@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("model", ["translator", "summarizer-en"])
def test_the_demo_models_answer_as_in_transformers_and_in_int8_nearly_always(
    model: str, dtype: str, search: Search
) -> None:
    samples = read_samples(DEMO_FILE)[::12]
    turns = [unit for sample in samples for unit in split(sample.dialogue, "turn", "ko").units]
    texts = (
        turns if model == "translator" else [sample.english_dialogue or "" for sample in samples]
    )
    search = replace(search, max_new_tokens=96)
    answers = []
    for engine in (
        TransformersEngine(spec(f"demo:{model}")),
        CTranslate2Engine(spec(f"demo:{model}", dtype)),
    ):
        engine.tokenizer.src_lang = "kor_Hang"
        answers.append(ask(engine, search, "eng_Latn" if model == "translator" else None, texts))
    different = sum(left != right for left, right in zip(*answers, strict=True))
    assert different <= (len(texts) // 50 if dtype == "int8" else 0)


@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("family", ["nllb", "bart", "t5"])
def test_neither_batches_nor_their_order_nor_threads_change_an_answer(
    family: str, dtype: str, small: Small
) -> None:
    engine = CTranslate2Engine(spec(small(family), dtype))
    first = FIRST.get(family)
    together = ask(engine, BEAM, first)
    assert ask(engine, BEAM, first, TEXTS[::-1])[::-1] == together
    assert ask(engine, BEAM, first, budget=60) == together
    assert [ask(engine, BEAM, first, [text])[0] for text in TEXTS] == together
    assert ask(CTranslate2Engine(spec(small(family), dtype, threads=3)), BEAM, first) == together
    assert ask(engine, BEAM, first, []) == []


def test_the_first_token_the_configuration_forces_is_forced(small: Small, tmp_path: Path) -> None:
    """As in bart-large-cnn, whose answers begin with `<s>`."""
    folder = shutil.copytree(small("bart"), tmp_path / "model")
    file = folder / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"forced_bos_token_id": 0}))
    answers = [
        ask(make(spec(folder)), BEAM, None) for make in (TransformersEngine, CTranslate2Engine)
    ]
    assert answers[0] == answers[1] != ask(CTranslate2Engine(spec(small("bart"))), BEAM, None)


@pytest.mark.parametrize("search", [GREEDY, BEAM], ids=["greedy", "beam"])
def test_an_answer_is_unfinished_exactly_when_the_limit_cut_it(search: Search) -> None:
    engine = CTranslate2Engine(spec("demo:translator", "int8"))
    engine.tokenizer.src_lang = "kor_Hang"
    texts = ["안녕하세요.", "네, 감사합니다."]
    whole = ask(engine, replace(search, max_new_tokens=60), "eng_Latn", texts)
    assert all(answer.finished for answer in whole)
    cut = ask(engine, replace(search, max_new_tokens=3), "eng_Latn", texts)
    assert not any(answer.finished for answer in cut)


def test_an_answer_ends_with_any_of_several_end_tokens(small: Small) -> None:
    engine = CTranslate2Engine(spec(small("bart")))
    assert not any(answer.finished for answer in ask(engine, GREEDY, None))
    engine.generation_config.eos_token_id = [2, *range(10, engine.config.vocab_size, 2)]
    assert any(answer.finished for answer in ask(engine, GREEDY, None))


def test_an_answer_never_goes_beyond_the_last_position(tmp_path: Path) -> None:
    engine = CTranslate2Engine(spec(make_bart(tmp_path / "bart", positions=32)))
    answers = ask(engine, replace(GREEDY, max_new_tokens=100, min_new_tokens=100), None, ["Hello"])
    assert not answers[0].finished


# The search


class Listener:
    """Stands in front of the translator and remembers how it was called."""

    def __init__(self, translator: Any) -> None:
        self.translator = translator
        self.calls: list[dict[str, Any]] = []

    def translate_batch(self, source: list[list[str]], **settings: Any) -> Any:
        self.calls.append(settings | {"texts": len(source)})
        return self.translator.translate_batch(source, **settings)


def test_every_search_setting_arrives_at_ctranslate2(small: Small) -> None:
    engine = CTranslate2Engine(spec(small("bart")))
    engine._translator = listener = Listener(engine._translator)
    ask(engine, Search(3, 20, 4, 1.5, 2, 1.25), None, TEXTS[:1])
    ask(engine, GREEDY, None, TEXTS[:1])
    beam, greedy = listener.calls
    expected = {
        "beam_size": 3,
        "patience": 2,
        "max_decoding_length": 20,
        "min_decoding_length": 4,
        "length_penalty": 1.5,
        "no_repeat_ngram_size": 2,
        "repetition_penalty": 1.25,
        "max_input_length": 0,
    }
    assert expected.items() <= beam.items()
    assert (greedy["beam_size"], greedy["patience"], greedy["min_decoding_length"]) == (1, 1, 0)


# Batches


@pytest.mark.parametrize(
    ("texts", "threads", "sizes"),
    [
        (70, 1, [32, 32, 6]),
        (256, 2, [32] * 8),
        (40, 2, [10] * 4),
        (20, 2, [8, 8, 4]),
        (3, 2, [3]),
        (256, 8, [16] * 16),
    ],
)
def test_on_a_cpu_batches_are_small_and_every_worker_gets_some(
    texts: int, threads: int, sizes: list[int], small: Small
) -> None:
    engine = CTranslate2Engine(spec(small("bart"), threads=threads))
    assert [len(batch) for batch in engine._cut(range(texts), lambda index: 20, 8192)] == sizes


def test_on_a_cpu_long_texts_go_in_smaller_batches(small: Small) -> None:
    engine = CTranslate2Engine(spec(small("bart"), threads=2))
    assert {len(batch) for batch in engine._cut(range(64), lambda index: 250, 8192)} == {8}
    assert {len(batch) for batch in engine._cut(range(64), lambda index: 250, 1000)} == {4}


@pytest.mark.parametrize(
    ("cores", "workers", "threads"),
    [(1, 1, 1), (2, 2, 1), (8, 8, 1), (12, 8, 1), (16, 8, 2), (64, 8, 8)],
)
def test_each_worker_has_one_core_until_there_are_many(
    cores: int, workers: int, threads: int
) -> None:
    assert ctranslate2_engine._shared_out(cores) == (workers, threads)


def test_without_a_word_on_threads_the_cores_there_are_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert cpu_cores() == 5
    for nothing in ("", "0", "many"):
        monkeypatch.setenv("OMP_NUM_THREADS", nothing)
        monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 2}, raising=False)
        assert cpu_cores() == 3


def test_padding_is_counted_for_the_encoder_and_there_is_none_in_the_decoder(small: Small) -> None:
    engine = CTranslate2Engine(spec(small("bart")))
    with counted() as tokens:
        ask(engine, GREEDY, None)
    lengths = sorted(map(len, engine.encode(TEXTS)), reverse=True)
    assert tokens.encoder == sum(lengths)
    assert tokens.encoder_positions == len(TEXTS) * lengths[0]
    assert tokens.decoder == tokens.decoder_positions > 0


# At run time


def test_a_format_the_device_does_not_have_is_refused_before_anything_is_converted(
    nllb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "converted"))
    with pytest.raises(
        StageError, match=r"no float16 on this cpu, it has .*float32.*engine: transformers"
    ):
        CTranslate2Engine(spec(nllb, "float16"))
    assert not (tmp_path / "converted").exists()


@pytest.mark.parametrize("family", ["nllb", "mbart50", "madlad"])
def test_a_converted_model_runs_without_torch_or_transformers(family: str, small: Small) -> None:
    text = "안녕하세요, 오늘 시간 있으세요?"
    first = CTranslate2Engine(spec(small(family), "int8"))  # converts
    code = (
        "import sys; from pivot_sum.stages.translate import Translate\nstage ="
        f" Translate(model={str(small(family))!r}, source='ko', target='en', max_new_tokens=9,"
        f" guards=())\nstage([{text!r}])\nprint(type(stage.load()).__name__, sorted({{'torch',"
        " 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert done.stdout.strip() == f"{type(first).__name__} []", done.stderr
