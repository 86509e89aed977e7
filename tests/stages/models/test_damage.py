"""Checkpoints that cannot be used: each is refused with its folder, the culprit and one line of
what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from pivot_sum.stages.engines.base import EngineSpec
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import DamagedModel, MissingTokenizer, WrongCheckpoint
from pivot_sum.stages.models.checkpoints import load_model, load_tokenizer


def cut_short(folder: Path) -> str:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])
    return "model.safetensors"


def empty(folder: Path) -> str:
    (folder / "model.safetensors").write_bytes(b"")
    return "model.safetensors"


def without_a_tensor(folder: Path) -> str:
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.encoder.layers.0.fc1.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return "model.encoder.layers.0.fc1.weight"


def configured_for_another_size(folder: Path) -> str:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"encoder_ffn_dim": 96}))
    return "config.json"


def configured_for_more_layers(folder: Path) -> str:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"decoder_layers": 2}))
    return "config.json"


def with_a_config_that_is_not_json(folder: Path) -> str:
    (folder / "config.json").write_text("<html>404</html>")
    return "config.json"


def without_config(folder: Path) -> str:
    (folder / "config.json").unlink()
    return "config.json"


def without_weights(folder: Path) -> str:
    (folder / "model.safetensors").unlink()
    return "no weights"


def without_a_shard(folder: Path) -> str:
    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    half = dict(list(tensors.items())[::2])
    save_file(half, folder / first, metadata={"format": "pt"})
    places = {name: first if name in half else second for name in tensors}
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": places})
    )
    return second


@pytest.mark.parametrize("loading", ["model", "transformers", "ctranslate2"])
@pytest.mark.parametrize(
    "damage",
    [
        cut_short,
        empty,
        without_a_tensor,
        configured_for_another_size,
        configured_for_more_layers,
        with_a_config_that_is_not_json,
        without_config,
        without_weights,
        without_a_shard,
    ],
)
def test_a_damaged_checkpoint_is_refused_with_folder_and_culprit(
    damage: Callable[[Path], str], loading: str, nllb: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    culprit = damage(folder)
    with pytest.raises(DamagedModel) as caught:
        if loading == "model":
            load_model(folder, "float32", "cpu")
        else:
            engine: Any = {"transformers": TransformersEngine, "ctranslate2": CTranslate2Engine}[
                loading
            ]
            engine(EngineSpec(str(folder), "main", "float32", "cpu", 0))
    message = str(caught.value)
    assert str(folder) in message and culprit in message
    assert "\n" not in message


def test_an_empty_folder_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(DamagedModel, match="no weights"):
        load_model(tmp_path, "float32", "cpu")


# Tokenizers and kinds of model


def test_a_folder_without_tokenizer_files_is_named(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model", ignore=shutil.ignore_patterns("token*"))
    with pytest.raises(MissingTokenizer) as caught:
        TransformersEngine(EngineSpec(str(folder), "main", "float32", "cpu", 0))
    assert str(folder) in str(caught.value) and "tokenizer.json" in str(caught.value)


def test_a_tokenizer_that_cannot_be_read_is_named_in_one_line(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(MissingTokenizer) as caught:
        load_tokenizer(folder)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_a_decoder_only_model_is_the_wrong_kind(tmp_path: Path) -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    GPT2LMHeadModel(
        GPT2Config(vocab_size=20, n_embd=8, n_layer=1, n_head=1, n_positions=16)
    ).save_pretrained(tmp_path)
    with pytest.raises(WrongCheckpoint, match=r"gpt2.*not an encoder-decoder"):
        load_model(tmp_path, "float32", "cpu")
