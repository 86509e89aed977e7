"""Converting for CTranslate2: once, whole or not at all, known by content; what goes wrong is
said.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import KOREAN

from pivot_sum.stages.engines import conversion as ctranslate2_convert
from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.tokenizer import FileTokenizer
from pivot_sum.stages.errors import DamagedModel, StageError, WrongCheckpoint
from pivot_sum.stages.models.checkpoints import load_model, load_tokenizer

Small = Callable[[str], Path]

GREEDY = Search(1, 8, 0, 1.0, 0, 1.0)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where converted checkpoints are kept during a test."""
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "kept"))
    return tmp_path / "kept"


def load(folder: Path, dtype: str = "float32") -> CTranslate2Engine:
    return CTranslate2Engine(EngineSpec(str(folder), "main", dtype, "cpu", 1))


def names(kept: Path) -> list[str]:
    return sorted(path.name for path in kept.iterdir()) if kept.exists() else []


def test_a_model_is_converted_once_and_a_note_says_so(
    nllb: Path, kept: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(nllb.iterdir())
    with caplog.at_level(logging.WARNING, logger="stages"):
        load(nllb, "int8")
    [message] = [record.getMessage() for record in caplog.records]
    [name] = names(kept)
    assert str(nllb) in message and str(kept / name) in message and "int8" in message
    assert "ctranslate2-4." in name and name.endswith("-int8-2")
    assert sorted(nllb.iterdir()) == before

    monkeypatch.setattr(
        ctranslate2_convert, "_convert", lambda *_: pytest.fail("converted a second time")
    )
    caplog.clear()
    load(nllb, "int8")
    assert not caplog.records


def test_another_format_or_content_is_converted_again_and_another_place_is_not(
    nllb: Path, kept: Path, tmp_path: Path
) -> None:
    load(nllb)
    load(nllb, "int8")
    assert len(names(kept)) == 2
    folder = shutil.copytree(nllb, tmp_path / "moved")
    load(folder)
    assert len(names(kept)) == 2
    model = load_model(folder, "float32", "cpu")
    with torch.no_grad():
        model.get_input_embeddings().weight[5] += 1
    model.save_pretrained(folder)
    load(folder)
    assert len(names(kept)) == 3


def test_a_pickle_is_converted_too(nllb: Path, kept: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(
        nllb, tmp_path / "pickled", ignore=shutil.ignore_patterns("*.safetensors")
    )
    torch.save(dict(load_model(nllb, "float32", "cpu").state_dict()), folder / "pytorch_model.bin")
    answers = [
        loaded.generate(
            loaded.encode(KOREAN), GREEDY, batch_tokens=1000, forced_bos_token="eng_Latn"
        )
        for loaded in map(load, (nllb, folder))
    ]
    assert answers[0] == answers[1]


# Whole or not at all


def test_a_full_disk_is_named_and_nothing_is_left(
    nllb: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ctranslate2.specs.model_spec import ModelSpec

    def save(self: Any, folder: str) -> None:
        (Path(folder) / "model.bin").write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ModelSpec, "save", save)
    with pytest.raises(
        StageError,
        match=r"cannot be kept in .*: No space left on device\. Make room .*PIVOT_SUM_MODELS",
    ):
        load(nllb)
    assert names(kept) == []


def test_a_place_that_cannot_be_written_is_named(
    nllb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(StageError, match=r"cannot be kept in .*file/models"):
        load(nllb)


def test_two_processes_that_convert_at_once_both_get_a_whole_model(nllb: Path, kept: Path) -> None:
    code = (
        f"from pivot_sum.stages.translate import Translate\nprint(Translate(model={str(nllb)!r},"
        f" source='ko', target='en', max_new_tokens=9, guards=())([{KOREAN[0]!r}]))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(2)
    ]
    ended = [(*process.communicate(timeout=300), process.returncode) for process in processes]
    assert [code for *_, code in ended] == [0, 0], ended
    assert ended[0][0] == ended[1][0]
    assert len(names(kept)) == 1


# What cannot be used


def cut_short(folder: Path) -> None:
    os.truncate(folder / "model.bin", (folder / "model.bin").stat().st_size // 2)


def without_weights(folder: Path) -> None:
    (folder / "model.bin").unlink()


def without_facts(folder: Path) -> None:
    (folder / "pivot-sum.json").unlink()


def with_broken_facts(folder: Path) -> None:
    (folder / "pivot-sum.json").write_text('{"config": {')


def with_a_broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")


@pytest.mark.parametrize(
    "damage",
    [cut_short, without_weights, without_facts, with_broken_facts, with_a_broken_tokenizer],
)
def test_a_damaged_conversion_is_named_and_deleting_it_puts_it_right(
    damage: Callable[[Path], None], nllb: Path, kept: Path
) -> None:
    load(nllb)
    [name] = names(kept)
    damage(kept / name)
    with pytest.raises(
        DamagedModel,
        match=rf"converted model in {kept / name} cannot be read: .*Delete that folder",
    ) as caught:
        load(nllb)
    assert "\n" not in str(caught.value)
    shutil.rmtree(kept / name)
    load(nllb)


def test_what_the_converter_does_not_know_is_refused_with_the_other_engine_named(
    small: Small, kept: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(small("bart"), tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"activation_function": "tanh"}))
    with pytest.raises(
        WrongCheckpoint,
        match=r"CTranslate2 cannot run the model in .*model: .*engine: transformers",
    ):
        load(folder)
    assert names(kept) == []


def test_a_marian_whose_padding_means_something_is_refused(
    small: Small, kept: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(small("marian-ko-en"), tmp_path / "model")
    model = load_model(folder, "float32", "cpu")
    with torch.no_grad():
        model.get_input_embeddings().weight[-1] = 1
    model.save_pretrained(folder)
    with pytest.raises(WrongCheckpoint, match=r"padding token .*engine: transformers"):
        load(folder)
    assert names(kept) == []


# The tokenizer that is kept with it


TEXTS = [
    *KOREAN,
    "",
    " ",
    "a  b\n\nc\t",
    "<s> </s> <unk> <pad>",
    "한글 ＡＢ 🙂\u200b",
    "#Person1#: ⟦1⟧ <x id='1'/>",
]


@pytest.mark.parametrize(
    "family", ["nllb", "mbart50", "madlad", "bart", "kobart", "t5", "mt5", "pegasus"]
)
def test_the_kept_tokenizer_reads_and_writes_as_transformers_does(
    family: str, small: Small
) -> None:
    engine, original = load(small(family)), load_tokenizer(small(family))
    assert (
        type(engine.tokenizer).__name__ == "FileTokenizer"
        and engine.tokenizer_class == type(original).__name__
    )
    for language in {"nllb": ["kor_Hang", "eng_Latn"], "mbart50": ["ko_KR", "en_XX"]}.get(
        family, [None]
    ):
        if language:
            original.src_lang = engine.tokenizer.src_lang = language
        rows = original(TEXTS).input_ids
        assert engine.tokenizer(TEXTS).input_ids == rows
        assert engine.tokenizer(TEXTS[0]).input_ids == rows[0]
        decoded = original.batch_decode(
            rows, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        assert engine.tokenizer.batch_decode(rows) == decoded
    for token in ("eng_Latn", "</s>", "en_XX", "nothing of this kind"):
        assert engine.tokenizer.convert_tokens_to_ids(token) == original.convert_tokens_to_ids(
            token
        )
    assert engine.tokenizer.convert_ids_to_tokens(5) == original.convert_ids_to_tokens(5)
    assert engine.max_positions == min(
        original.model_max_length, engine.config.__dict__.get("max_position_embeddings", 10**40)
    )


@pytest.mark.parametrize("family", ["m2m100", "marian-ko-en"])
def test_a_tokenizer_in_python_stays_with_transformers(
    family: str, small: Small, kept: Path
) -> None:
    assert type(load(small(family)).tokenizer) is type(load_tokenizer(small(family)))
    assert not list(kept.glob("*/tokenizer.json"))


def test_a_tokenizer_that_does_not_write_alike_when_it_is_read_back_is_not_kept(
    nllb: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileTokenizer, "batch_decode", lambda self, rows, **_: ["?" for _ in rows])
    assert type(load(nllb).tokenizer).__name__ == "NllbTokenizer"
    assert not list(kept.glob("*/tokenizer.json"))
