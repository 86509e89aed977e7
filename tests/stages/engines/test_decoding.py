"""The transformers engine's own decoding: the tokens of plain `generate`, with less work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN
from checkpoints_families import MAKERS
from transformers import LogitsProcessor, LogitsProcessorList

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.decoding import beam_search, greedy
from pivot_sum.stages.engines.padding import counted
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.models.architectures import ARCHITECTURES
from pivot_sum.stages.models.checkpoints import load_model
from pivot_sum.stages.models.hub import fetch
from pivot_sum.stages.text.segmentation import split

Small = Callable[[str], Path]

GREEDY = Search(1, 16, 0, 1.0, 0, 1.0)
BEAM = replace(GREEDY, num_beams=4)
SEARCHES = {
    "greedy": GREEDY,
    "greedy, at least ten tokens": replace(GREEDY, min_new_tokens=10),
    "greedy, no pair of tokens twice": replace(GREEDY, no_repeat_ngram_size=2),
    "greedy, repetitions less likely": replace(GREEDY, repetition_penalty=1.3),
    "beam": BEAM,
    "beam, short favoured": replace(BEAM, length_penalty=0.5),
    "beam, no pair of tokens twice": replace(BEAM, no_repeat_ngram_size=2),
    "beam, everything": Search(3, 16, 8, 2.0, 2, 1.3),
}
TEXTS = [*KOREAN, *ENGLISH, KOREAN[0][:5]]
FIRST = {"nllb": "eng_Latn", "mbart50": "en_XX", "m2m100": "__en__"}
PLENTY = 100_000


def engine(folder: Path | str, dtype: str = "float32") -> TransformersEngine:
    return TransformersEngine(EngineSpec(str(folder), "main", dtype, "cpu", 1))


def plain(
    loaded: TransformersEngine, model: Any, texts: Sequence[str], search: Search, first: int | None
) -> list[str]:
    """What transformers writes for each text alone, by its own decoding and its own attention."""
    model.generation_config = (
        loaded.generation_config
    )  # its own would fill in an end token at the limit, among others
    answers = []
    for tokens in loaded.encode(texts):
        row = model.generate(
            input_ids=torch.tensor([tokens]), generation_config=loaded._settings(search, first)
        )
        answers += loaded.tokenizer.batch_decode(
            [[token for token in row[0, 1:].tolist() if token not in loaded._control]],
            skip_special_tokens=False,
        )
    return [answer.strip() for answer in answers]


def first_token(loaded: TransformersEngine, code: str | None) -> int | None:
    found = (
        loaded.tokenizer.convert_tokens_to_ids(code)
        if code
        else loaded.generation_config.forced_bos_token_id
    )
    return None if found is None else int(found)


@pytest.mark.parametrize("family", MAKERS)
def test_every_family_writes_what_plain_generate_writes(family: str, small: Small) -> None:
    """All but one of eleven: weights at random make near ties, which rounding may decide either
    way."""
    loaded, model = engine(small(family)), load_model(small(family), "float32", "cpu")
    code = FIRST.get(family)
    for name, search in SEARCHES.items():
        expected = plain(loaded, model, TEXTS, search, first_token(loaded, code))
        answers = loaded.generate(
            loaded.encode(TEXTS), search, batch_tokens=PLENTY, forced_bos_token=code
        )
        assert (
            sum(answer.text == other for answer, other in zip(answers, expected, strict=True))
            >= len(TEXTS) - 1
        ), name


@pytest.mark.parametrize("search", [GREEDY, BEAM], ids=["greedy", "beam"])
@pytest.mark.parametrize("name", ["translator", "summarizer-en"])
def test_the_demo_models_write_what_plain_generate_writes(name: str, search: Search) -> None:
    loaded = engine(f"demo:{name}")
    samples = read_samples(DEMO_FILE)[::24]
    turns = [unit for sample in samples for unit in split(sample.dialogue, "turn", "ko").units]
    texts = turns if name == "translator" else [sample.english_dialogue or "" for sample in samples]
    code = "eng_Latn" if name == "translator" else None
    if code:
        loaded.tokenizer.src_lang = "kor_Hang"
    search = replace(search, max_new_tokens=96)
    model = load_model(fetch(f"demo:{name}", "main"), "float32", "cpu")
    answers = loaded.generate(
        loaded.encode(texts), search, batch_tokens=PLENTY, forced_bos_token=code
    )
    assert [answer.text for answer in answers] == plain(
        loaded, model, texts, search, first_token(loaded, code)
    )
    assert all(answer.finished for answer in answers)


def test_a_text_alone_is_not_padded_whatever_the_search(small: Small) -> None:
    loaded = engine(small("bart"))
    for search in (GREEDY, BEAM):
        with counted() as tokens:
            loaded.generate(loaded.encode(ENGLISH[:1]), search, batch_tokens=PLENTY)
        assert tokens.decoder_padding == tokens.encoder_padding == 0


def test_what_is_finished_leaves_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = engine("demo:translator")
    loaded.tokenizer.src_lang = "kor_Hang"
    turns = [
        unit
        for sample in read_samples(DEMO_FILE)[:6]
        for unit in split(sample.dialogue, "turn", "ko").units
    ]
    lengths: list[int] = []
    decoded = loaded._decoded
    monkeypatch.setattr(
        loaded,
        "_decoded",
        lambda rows: (lengths.extend(len(row.tokens) for row in rows), decoded(rows))[1],
    )
    with counted() as tokens:
        loaded.generate(
            loaded.encode(turns),
            replace(GREEDY, max_new_tokens=96),
            batch_tokens=PLENTY,
            forced_bos_token="eng_Latn",
        )
    assert tokens.decoder_positions < 0.7 * len(turns) * max(lengths)
    assert tokens.decoder == sum(lengths) < tokens.decoder_positions


def test_an_architecture_it_does_not_know_is_left_to_plain_generate(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = [
        loaded.generate(loaded.encode(TEXTS), search, batch_tokens=PLENTY)
        for loaded in [engine(small("bart"))]
        for search in (GREEDY, BEAM)
    ]
    monkeypatch.setitem(ARCHITECTURES, "bart", replace(ARCHITECTURES["bart"], own_decoding=False))
    loaded = engine(small("bart"))
    assert loaded.model.config._attn_implementation == "sdpa"
    with counted() as tokens:
        assert [
            loaded.generate(loaded.encode(TEXTS), search, batch_tokens=PLENTY)
            for search in (GREEDY, BEAM)
        ] == expected
    assert tokens.decoder_positions % len(TEXTS) == 0


class Listening(LogitsProcessor):  # type: ignore[misc,unused-ignore]  # transformers has no types
    def __init__(self) -> None:
        self.formats: set[torch.dtype] = set()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        self.formats.add(scores.dtype)
        return scores


@pytest.mark.parametrize(("penalty", "expected"), [(1.0, torch.bfloat16), (1.3, torch.float32)])
def test_greedy_scores_are_copied_to_float32_only_for_arithmetic(
    penalty: float, expected: torch.dtype, small: Small
) -> None:
    loaded = engine(small("bart"), "bfloat16")
    settings = loaded._settings(replace(GREEDY, repetition_penalty=penalty), None)
    ids = torch.tensor(loaded.encode(ENGLISH[:1]))
    listening = Listening()
    loaded.model.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        generation_config=settings,
        custom_generate=greedy,
        logits_processor=LogitsProcessorList([listening]),
    )
    assert listening.formats == {expected}


def test_the_beams_of_a_text_share_the_keys_of_what_was_read(small: Small) -> None:
    loaded = engine(small("bart"))
    rows = []
    attention = loaded.model.model.decoder.layers[0].encoder_attn
    attention.k_proj.register_forward_hook(
        lambda _module, inputs, _output: rows.append(inputs[0].shape[0])
    )
    padded = loaded.tokenizer.pad({"input_ids": loaded.encode(ENGLISH[:2])}, return_tensors="pt")
    loaded.model.generate(
        input_ids=padded.input_ids,
        attention_mask=padded.attention_mask,
        generation_config=loaded._settings(BEAM, None),
        custom_generate=beam_search,
    )
    assert rows == [2]
