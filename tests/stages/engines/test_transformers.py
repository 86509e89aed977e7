"""The transformers engine: the search that was asked for, batches that change nothing, memory that
runs out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN

from pivot_sum.stages.engines.base import EngineSpec, Generated, Search
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.models.checkpoints import load_model, load_tokenizer

GREEDY = Search(
    num_beams=1,
    max_new_tokens=10,
    min_new_tokens=0,
    length_penalty=1.0,
    no_repeat_ngram_size=0,
    repetition_penalty=1.0,
)
BEAM = replace(GREEDY, num_beams=3)
SEARCHES = pytest.mark.parametrize("search", [GREEDY, BEAM], ids=["greedy", "beam"])
TEXTS = [*KOREAN, *ENGLISH, KOREAN[0][:5]]
PLENTY = 100_000


def spec(folder: Path) -> EngineSpec:
    return EngineSpec(str(folder), "main", "float32", "cpu", 0)


def awake(source: Path, folder: Path) -> Path:
    """The checkpoint with wider random weights: its answers depend on what it reads, and differ in
    length."""
    shutil.copytree(source, folder)
    model = load_model(folder, "float32", "cpu")
    torch.manual_seed(3)
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() > 1:
                weights.normal_(0, 0.3)
    model.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def translator(nllb: Path, tmp_path_factory: pytest.TempPathFactory) -> TransformersEngine:
    engine = TransformersEngine(spec(awake(nllb, tmp_path_factory.mktemp("awake") / "nllb")))
    engine.tokenizer.src_lang = "kor_Hang"
    return engine


@pytest.fixture(scope="module")
def summarizer_folder(bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return awake(bart, tmp_path_factory.mktemp("awake") / "bart")


@pytest.fixture(scope="module")
def summarizer(summarizer_folder: Path) -> TransformersEngine:
    return TransformersEngine(spec(summarizer_folder))


def translate(
    engine: TransformersEngine, texts: Sequence[str], search: Search, batch_tokens: int = PLENTY
) -> list[Generated]:
    return engine.generate(
        engine.encode(texts), search, batch_tokens=batch_tokens, forced_bos_token="eng_Latn"
    )


# Answers


@SEARCHES
def test_batches_change_neither_answers_nor_their_order(
    search: Search, translator: TransformersEngine
) -> None:
    together = translate(translator, TEXTS, search)
    assert len(set(together)) > 3
    assert translate(translator, TEXTS[::-1], search)[::-1] == together
    assert [translate(translator, [text], search)[0] for text in TEXTS] == together
    assert translate(translator, TEXTS, search, batch_tokens=60) == together


def test_no_texts_have_no_answers(translator: TransformersEngine) -> None:
    assert translate(translator, [], GREEDY) == []


@SEARCHES
def test_answers_are_those_of_plain_transformers(
    search: Search, translator: TransformersEngine
) -> None:
    folder = translator.model.name_or_path
    tokenizer, model = load_tokenizer(Path(folder)), load_model(Path(folder), "float32", "cpu")
    tokenizer.src_lang = "kor_Hang"
    expected = []
    for text in TEXTS:
        sequences = model.generate(
            **tokenizer(text, return_tensors="pt"),
            forced_bos_token_id=tokenizer.convert_tokens_to_ids("eng_Latn"),
            do_sample=False,
            num_beams=search.num_beams,
            max_new_tokens=search.max_new_tokens,
        )
        expected.append(tokenizer.batch_decode(sequences, skip_special_tokens=True)[0].strip())
    assert [answer.text for answer in translate(translator, TEXTS, search)] == expected


@SEARCHES
@pytest.mark.parametrize("code", ["eng_Latn", "kor_Hang"])
def test_the_first_token_generated_is_the_target_language(
    code: str, search: Search, translator: TransformersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate, sequences = translator.model.generate, []

    def listening(*args: Any, **kwargs: Any) -> Any:
        sequences.append(generate(*args, **kwargs))
        return sequences[-1]

    monkeypatch.setattr(translator.model, "generate", listening)
    translator.generate(
        translator.encode(KOREAN), search, batch_tokens=PLENTY, forced_bos_token=code
    )
    assert [row[0] for row in sequences[0][0]] == [
        translator.tokenizer.convert_tokens_to_ids(code)
    ] * len(KOREAN)


def test_a_target_language_the_tokenizer_does_not_know_is_never_dropped_in_silence(
    translator: TransformersEngine,
) -> None:
    with pytest.raises(AssertionError, match="fra_Latn"):
        translator.generate(
            translator.encode(KOREAN), GREEDY, batch_tokens=PLENTY, forced_bos_token="fra_Latn"
        )


# The end


@SEARCHES
@pytest.mark.parametrize("kind", ["translator", "summarizer"])
def test_an_answer_is_unfinished_exactly_when_the_limit_cut_it(
    kind: str, search: Search, request: pytest.FixtureRequest
) -> None:
    """The summariser's configuration forces an end token at the limit, which would make a cut
    answer look finished."""
    engine = request.getfixturevalue(kind)
    code = "eng_Latn" if kind == "translator" else None
    wish = torch.zeros(engine.model.config.vocab_size)
    for strength, finished in ((-100.0, False), (100.0, True)):
        wish[engine.tokenizer.eos_token_id] = strength
        hook = engine.model.get_output_embeddings().register_forward_hook(
            lambda _module, _inputs, logits: logits + wish
        )
        try:
            answers = engine.generate(
                engine.encode(TEXTS[:3]), search, batch_tokens=PLENTY, forced_bos_token=code
            )
        finally:
            hook.remove()
        assert [answer.finished for answer in answers] == [finished] * 3


def test_the_configurations_forced_end_token_is_what_the_summariser_has(
    summarizer_folder: Path,
) -> None:
    """Without it the test above would prove nothing."""
    assert (
        json.loads((summarizer_folder / "generation_config.json").read_text())[
            "forced_eos_token_id"
        ]
        == 2
    )


@pytest.mark.parametrize(
    "suggested",
    [
        {"num_beams": 5, "length_penalty": 3.0, "early_stopping": True},
        {"min_length": 30},
        {"min_new_tokens": 8},
        {"max_length": 4},
        {"forced_eos_token_id": 2},
        {"no_repeat_ngram_size": 1},
        {"encoder_no_repeat_ngram_size": 1},
        {"repetition_penalty": 9.0},
        {"do_sample": True, "temperature": 9.0, "top_k": 0},
        {"num_beams": 4, "num_return_sequences": 2},
        {"exponential_decay_length_penalty": [1, 5.0]},
        {"suppress_tokens": [5, 6, 7, 8, 9]},
    ],
    ids=lambda suggested: ", ".join(suggested),
)
def test_what_the_checkpoint_suggests_for_the_search_is_never_mixed_in(
    suggested: dict[str, Any],
    summarizer: TransformersEngine,
    summarizer_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = shutil.copytree(summarizer_folder, tmp_path / "model")
    file = folder / "generation_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | suggested))
    suggesting = TransformersEngine(spec(folder))
    for search in (GREEDY, BEAM):
        (expected, plain), (answers, used) = (
            ask(engine, search, monkeypatch) for engine in (summarizer, suggesting)
        )
        assert answers == expected
        assert used.to_diff_dict() == plain.to_diff_dict()


def ask(
    engine: TransformersEngine, search: Search, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Generated], Any]:
    """An engine's answers, and the settings that transformers made of those it was given."""
    prepare, used = engine.model._prepare_generation_config, []

    def listening(*args: Any, **kwargs: Any) -> Any:
        used.append(prepare(*args, **kwargs))
        return used[-1]

    with monkeypatch.context() as patch:
        patch.setattr(engine.model, "_prepare_generation_config", listening)
        answers = engine.generate(engine.encode(TEXTS[:4]), search, batch_tokens=PLENTY)
    return answers, used[0][0]


@pytest.mark.parametrize(
    "asked",
    [
        {"max_new_tokens": 3},
        {"min_new_tokens": 10},
        {"length_penalty": -5.0},
        {"no_repeat_ngram_size": 1},
        {"repetition_penalty": 20.0},
        {"num_beams": 1},
    ],
    ids=lambda asked: ", ".join(asked),
)
def test_each_search_setting_arrives_at_transformers(
    asked: dict[str, Any], summarizer: TransformersEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = replace(BEAM, **asked)
    _, used = ask(summarizer, search, monkeypatch)
    assert {name: getattr(used, name) or 0 for name in vars(search)} == vars(search)
    assert used.do_sample is False and used.early_stopping is False


# Lengths


def test_length_counts_special_tokens_and_never_truncates(translator: TransformersEngine) -> None:
    assert len(translator.encode(["안녕하세요"])[0]) == len(
        translator.tokenizer("안녕하세요").input_ids
    )
    assert len(translator.encode([" ".join(KOREAN * 20)])[0]) > translator.max_positions


@pytest.mark.parametrize(("kind", "positions"), [("translator", 128), ("summarizer", 256)])
def test_the_longest_input_is_the_smaller_of_models_and_tokenizers_limit(
    kind: str, positions: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = request.getfixturevalue(kind)
    assert engine.max_positions == positions
    monkeypatch.setattr(engine.tokenizer, "model_max_length", 20)
    assert engine.max_positions == 20
    monkeypatch.setattr(engine.tokenizer, "model_max_length", 10**30)
    assert engine.max_positions == positions
