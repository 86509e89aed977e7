"""Reading checkpoints: safetensors as they are, pickles once and without running code, damage named
and refused."""

from __future__ import annotations

import json
import logging
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN

from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import DamagedModel, MissingTokenizer
from pivot_sum.stages.models import checkpoints
from pivot_sum.stages.models.checkpoints import load_model, load_tokenizer, with_safetensors

GREEDY = Search(1, 8, 0, 1.0, 0, 1.0)


@pytest.fixture(autouse=True)
def converted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where converted checkpoints are kept during a test."""
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "converted"))
    return tmp_path / "converted"


def with_pickle(source: Path, folder: Path, weights: dict[str, Any]) -> Path:
    """The checkpoint with `pytorch_model.bin` in place of its safetensors."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(weights, folder / "pytorch_model.bin")
    return folder


def in_two_shards(source: Path, folder: Path, weights: dict[str, Any]) -> Path:
    """The same, as two files and their index, as large models lie on the hub."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    names = sorted(weights)
    index = {}
    for number, part in enumerate((names[::2], names[1::2]), start=1):
        file = f"pytorch_model-0000{number}-of-00002.bin"
        torch.save({name: weights[name].clone() for name in part}, folder / file)
        index |= dict.fromkeys(part, file)
    (folder / "pytorch_model.bin.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": index})
    )
    return folder


@pytest.fixture
def weights(nllb: Path) -> dict[str, Any]:
    """All weights by name, the tied ones under each of their names."""
    return dict(load_model(nllb, "float32", "cpu").state_dict())


@pytest.fixture(params=[with_pickle, in_two_shards], ids=["one pickle", "two shards"])
def pickled(
    request: pytest.FixtureRequest, nllb: Path, tmp_path: Path, weights: dict[str, Any]
) -> Path:
    make: Callable[[Path, Path, dict[str, Any]], Path] = request.param
    return make(nllb, tmp_path / "pickled", weights)


# Pickles


def test_a_pickle_gives_the_same_weights_tensor_by_tensor(
    pickled: Path, weights: dict[str, Any]
) -> None:
    loaded = load_model(pickled, "float32", "cpu").state_dict()
    assert loaded.keys() == weights.keys()
    assert {
        "lm_head.weight",
        "model.shared.weight",
        "model.encoder.embed_tokens.weight",
    } <= loaded.keys()  # tied
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)


def test_a_pickle_is_converted_once_and_a_warning_says_so(
    pickled: Path,
    converted: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = sorted(path.name for path in pickled.iterdir())
    with caplog.at_level(logging.WARNING, logger="pivot_sum.stages.models.checkpoints"):
        folder = with_safetensors(pickled)
    [message] = [record.getMessage() for record in caplog.records]
    assert str(pickled) in message and str(folder) in message
    assert [path.name for path in converted.iterdir()] == [folder.name]
    assert list(folder.glob("*.safetensors")) and not list(folder.glob("*.bin*"))
    assert sorted(path.name for path in pickled.iterdir()) == before

    caplog.clear()
    monkeypatch.setattr(checkpoints, "_convert", lambda *_: pytest.fail("converted a second time"))
    assert with_safetensors(pickled) == folder
    assert not caplog.records


def test_a_changed_pickle_is_converted_again(
    nllb: Path, tmp_path: Path, weights: dict[str, Any]
) -> None:
    first = with_safetensors(with_pickle(nllb, tmp_path / "one", weights))
    other = {name: tensor + 1 for name, tensor in weights.items()}
    assert with_safetensors(with_pickle(nllb, tmp_path / "two", other)) != first


def test_a_converted_model_translates_like_its_original(pickled: Path, nllb: Path) -> None:
    answers = []
    for folder in (nllb, pickled):
        engine = TransformersEngine(EngineSpec(str(folder), "main", "float32", "cpu", 0))
        answers.append(
            engine.generate(
                engine.encode(KOREAN[:2]), GREEDY, batch_tokens=1000, forced_bos_token="eng_Latn"
            )
        )
    assert answers[0] == answers[1]


def test_safetensors_are_used_as_they_lie_even_beside_a_pickle(
    nllb: Path, tmp_path: Path, converted: Path
) -> None:
    folder = shutil.copytree(nllb, tmp_path / "both")
    (folder / "pytorch_model.bin").write_bytes(b"never read")
    assert with_safetensors(folder) == folder
    load_model(folder, "float32", "cpu")
    assert not converted.exists()


class CreatesAFile:
    """What a hostile pickle does when it is read the ordinary way."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.marker,)


@pytest.mark.parametrize(
    "save", [torch.save, lambda content, path: path.write_bytes(pickle.dumps(content, protocol=2))]
)
def test_a_pickle_that_wants_to_run_code_is_refused_and_does_not_run(
    save: Callable[[Any, Path], Any], nllb: Path, tmp_path: Path, converted: Path
) -> None:
    marker = tmp_path / "marker"
    folder = with_pickle(nllb, tmp_path / "model", {})
    save({"weight": torch.zeros(1), "payload": CreatesAFile(marker)}, folder / "pytorch_model.bin")
    with pytest.raises(DamagedModel, match=r"pytorch_model\.bin") as caught:
        load_model(folder, "float32", "cpu")
    assert "\n" not in str(caught.value)
    assert not marker.exists()
    assert not converted.exists() or not list(converted.iterdir())


@pytest.mark.parametrize(
    "content", [{"model": {"weight": torch.zeros(1)}}, {"step": 3}, [torch.zeros(1)]]
)
def test_a_pickle_of_anything_but_named_tensors_is_refused(
    content: Any, nllb: Path, tmp_path: Path
) -> None:
    folder = with_pickle(nllb, tmp_path / "model", content)
    with pytest.raises(DamagedModel, match=r"pytorch_model\.bin"):
        load_model(folder, "float32", "cpu")


def test_a_pickle_cut_short_is_refused_and_leaves_nothing_behind(
    nllb: Path, tmp_path: Path, weights: dict[str, Any], converted: Path
) -> None:
    folder = with_pickle(nllb, tmp_path / "model", weights)
    content = (folder / "pytorch_model.bin").read_bytes()
    (folder / "pytorch_model.bin").write_bytes(content[: len(content) // 2])
    with pytest.raises(DamagedModel, match=r"pytorch_model\.bin"):
        load_model(folder, "float32", "cpu")
    assert not converted.exists() or not list(converted.iterdir())


def test_a_missing_shard_is_noticed_and_fetching_it_puts_it_right(
    nllb: Path, tmp_path: Path, weights: dict[str, Any]
) -> None:
    folder = in_two_shards(nllb, tmp_path / "model", weights)
    shard = folder / "pytorch_model-00002-of-00002.bin"
    shard.rename(tmp_path / "aside.bin")
    with pytest.raises(DamagedModel, match="lack"):
        load_model(folder, "float32", "cpu")
    (tmp_path / "aside.bin").rename(shard)
    load_model(folder, "float32", "cpu")


def test_code_that_comes_with_a_checkpoint_is_never_run(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    marker = tmp_path / "marker"
    (folder / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Config: pass\n")
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer |= {"tokenizer_class": "Evil", "auto_map": {"AutoTokenizer": ["evil.Config", None]}}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    with suppress(
        MissingTokenizer
    ):  # where the architecture names a tokenizer of its own, that one is loaded
        load_tokenizer(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {
        "model_type": "evil",
        "auto_map": {"AutoConfig": "evil.Config", "AutoModelForSeq2SeqLM": "evil.Config"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(DamagedModel):
        load_model(folder, "float32", "cpu")
    assert not marker.exists()


# What is loaded


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_weights_are_in_the_number_format_asked_for(dtype: str, nllb: Path) -> None:
    assert load_model(nllb, dtype, "cpu").dtype == getattr(torch, dtype)


def test_a_checkpoint_in_16_bit_is_loaded_in_32_where_asked(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "half")
    load_model(nllb, "bfloat16", "cpu").save_pretrained(folder)
    assert load_model(folder, "float32", "cpu").dtype == torch.float32


def test_a_loaded_model_drops_nothing_at_random(nllb: Path) -> None:
    assert not load_model(nllb, "float32", "cpu").training


def test_a_summariser_loads_whole(bart: Path) -> None:
    assert len(load_tokenizer(bart)(ENGLISH[0]).input_ids) > 2
    assert load_model(bart, "float32", "cpu").config.model_type == "bart"
