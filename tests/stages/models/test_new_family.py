"""A new family of models is one entry in the table of architectures."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN
from transformers import (
    AutoConfig,
    MvpConfig,
    MvpForConditionalGeneration,
    UMT5Config,
    UMT5ForConditionalGeneration,
)

from pivot_sum.stages.engines.select import free
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.architectures import ARCHITECTURES, Architecture
from pivot_sum.stages.models.summarisers import Summariser
from pivot_sum.stages.models.translators import TargetPrefix
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.text.placeholders import count
from pivot_sum.stages.translate import Translate

Small = Callable[[str], Path]

STAGES = Path(__file__).parents[3] / "stages"


@pytest.fixture(autouse=True)
def none_in_memory() -> Iterator[None]:
    yield
    free()


def remade(folder: Path, copy: Path, model: Any, config: Any, **fields: Any) -> str:
    """A checkpoint of another architecture, with the tokenizer and the size of one in `folder`."""
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*.safetensors"))
    old = AutoConfig.from_pretrained(folder, local_files_only=True).to_dict()
    names = ("vocab_size", "pad_token_id", "eos_token_id", "decoder_start_token_id", *fields)
    torch.manual_seed(1)
    model(config(**{name: old[name] for name in names} | fields)).save_pretrained(copy)
    return str(copy)


def summarize(model: str, **fields: Any) -> Summarize:
    return Summarize(model=model, language="en", max_new_tokens=6, guards=(), retries=(), **fields)


def test_a_summariser_of_an_architecture_that_was_not_there(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = {"encoder_layers": 1, "decoder_layers": 1, "d_model": 32}
    model = remade(
        small("bart"), tmp_path / "mvp", MvpForConditionalGeneration, MvpConfig, **layers
    )
    with pytest.raises(WrongCheckpoint, match=r"\(mvp\) is no summariser; this stage knows"):
        summarize(model)(ENGLISH)
    monkeypatch.setitem(ARCHITECTURES, "mvp", Architecture(summariser=Summariser("MVP")))
    stage = summarize(model)
    assert stage.resolve()["engine"] == "transformers"
    answers = stage(ENGLISH)
    assert all(answers) and answers == [stage([text])[0] for text in ENGLISH]


def test_a_translator_of_an_architecture_that_was_not_there(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 1, "num_heads": 2}
    model = remade(
        small("madlad"), tmp_path / "umt5", UMT5ForConditionalGeneration, UMT5Config, **size
    )
    stage = Translate(model=model, source="ko", target="en", max_new_tokens=6, guards=())
    with pytest.raises(WrongCheckpoint, match="'umt5', which this stage cannot translate with"):
        stage(KOREAN)
    family = TargetPrefix("Ours", "ours/umt5-mt", {"ko": "<2ko>", "en": "<2en>"})
    monkeypatch.setitem(ARCHITECTURES, "umt5", Architecture(translators=(family,)))
    texts = [*KOREAN, "#Person1#은 #Person2#를 만났다."]
    answers = stage(texts)
    assert [count(answer) for answer in answers] == [count(text) for text in texts]
    assert stage(texts[::-1]) == answers[::-1]


def test_an_entry_may_let_ctranslate2_run_it(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = summarize(str(small("bart")), dtype="float32", num_beams=1)
    assert stage.resolve()["engine"] == "ctranslate2"
    monkeypatch.setitem(ARCHITECTURES, "bart", Architecture(summariser=Summariser("BART")))
    assert stage.resolve()["engine"] == "transformers"


def test_no_other_file_asks_for_an_architecture_by_name() -> None:
    kinds = list(ARCHITECTURES)
    named = re.compile(rf"""["'](?:{"|".join(kinds)})["']|model_type (?:==|!=|in|not in) """)
    found = {
        str(path.relative_to(STAGES)): match.group()
        for path in STAGES.rglob("*.py")
        if (match := named.search(path.read_text(encoding="utf-8")))
    }
    assert found == {"models/architectures.py": '"m2m_100"'}
