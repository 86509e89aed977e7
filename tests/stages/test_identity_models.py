"""What of a model changes a cache key: its files, its commit on the hub, the engine and the number
format."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from hubserver import new_process
from modelhub import HUB_MODEL, hub, key

from pivot_sum.stages.base import resolved_identity
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate

__all__ = ["hub"]

# The model's files


def copied(folder: Path, target: Path) -> Path:
    return Path(shutil.copytree(folder, target))


def translate_with(model: Path) -> Translate:
    return Translate(model=str(model), source="ko", target="en")


@pytest.mark.parametrize(
    "name",
    [
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "config.json",
        "generation_config.json",
    ],
)
def test_one_byte_of_a_file_of_the_model_changes_the_key(
    name: str, nllb: Path, tmp_path: Path
) -> None:
    model = copied(nllb, tmp_path / "model")
    before = key(translate_with(model))
    content = bytearray((model / name).read_bytes())
    for place in (0, len(content) // 2, len(content) - 1):
        content[place] ^= 1
        (model / name).write_bytes(content)
        assert key(translate_with(model)) != before
        content[place] ^= 1
    (model / name).write_bytes(content)
    assert key(translate_with(model)) == before


def test_every_file_the_checkpoint_consists_of_is_in_the_key(
    nllb: Path, bart: Path, tmp_path: Path
) -> None:
    for number, folder in enumerate((nllb, bart)):
        for file in sorted(folder.iterdir()):
            model = copied(folder, tmp_path / f"{number}-{file.name}")
            (model / file.name).unlink()
            assert content_hash(model) != content_hash(folder), file.name


def test_the_name_of_a_file_of_the_model_changes_the_key(nllb: Path, tmp_path: Path) -> None:
    model = copied(nllb, tmp_path / "model")
    (model / "tokenizer.json").rename(model / "tokenizer2.json")  # same contents in the same order
    assert key(translate_with(model)) != key(translate_with(nllb))


def test_moving_or_renaming_the_folder_of_a_model_keeps_the_key(nllb: Path, tmp_path: Path) -> None:
    model = copied(nllb, tmp_path / "model")
    (tmp_path / "deep").mkdir()
    moved = model.rename(tmp_path / "deep" / "other name")
    assert key(translate_with(moved)) == key(translate_with(nllb))


def test_a_relative_path_and_an_absolute_one_share_the_key(
    nllb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(nllb.parent)
    assert key(translate_with(Path(nllb.name))) == key(translate_with(nllb))


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", ".gitattributes", "training_args.bin", "trainer_state.json"]
)
def test_files_that_cannot_change_an_output_keep_the_key(
    name: str, nllb: Path, tmp_path: Path
) -> None:
    model = copied(nllb, tmp_path / "model")
    (model / name).write_text("about this model", encoding="utf-8")
    (model / "runs").mkdir()
    (model / "runs" / "events.json").write_text("{}", encoding="utf-8")
    assert key(translate_with(model)) == key(translate_with(nllb))


def test_the_revision_of_a_local_folder_means_nothing(nllb: Path) -> None:
    assert key(replace(translate_with(nllb), revision="v2")) == key(translate_with(nllb))


def test_a_folder_that_does_not_exist_is_an_error_not_a_key(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreachable, match="does not exist"):
        key(translate_with(tmp_path / "nothing here"))


# Models of the hub


def summarize(**fields: Any) -> Summarize:
    return Summarize(**{"model": HUB_MODEL, "language": "en", **fields})


def test_a_revision_stands_for_its_commit_so_two_names_of_one_commit_share_the_key(
    hub: dict[str, str],
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    hub.update({"main": commit, "v1.0": commit, commit: commit})
    assert len({key(summarize(revision=name)) for name in ("main", "v1.0", commit)}) == 1
    assert resolved_identity(summarize())["model"] == {"hub": HUB_MODEL, "commit": commit}


def test_a_branch_that_moves_changes_the_key(hub: dict[str, str]) -> None:
    before = key(summarize())
    hub["main"] = "f" * 40
    new_process()
    assert key(summarize()) != before


def test_without_the_hub_its_own_folder_says_which_commit_was_fetched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_network(*args: object, **settings: object) -> None:
        raise OSError("no network")

    new_process()
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", no_network)
    commit = "a" * 40
    fetched = f"/hub/models--somebody--nllb/snapshots/{commit}/config.json"
    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda name, file, revision: fetched
    )
    assert resolved_identity(summarize(engine="transformers"))["model"] == {
        "hub": HUB_MODEL,
        "commit": commit,
    }

    new_process()
    monkeypatch.setattr(
        huggingface_hub, "try_to_load_from_cache", lambda name, file, revision: None
    )
    with pytest.raises(
        ModelUnreachable, match=r"'somebody/nllb' \(revision main\) cannot be reached: no network"
    ):
        key(summarize())


# The engine and the number format


@pytest.mark.parametrize(
    ("device", "bfloat16", "used"),
    [
        ("cpu", False, "float32"),
        ("mps", False, "float16"),
        ("cuda", True, "bfloat16"),
        ("cuda:1", True, "bfloat16"),
        ("cuda", False, "float16"),
    ],
)
def test_dtype_auto_is_the_format_that_is_used_on_the_device(
    device: str, bfloat16: bool, used: str, hub: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **_: bfloat16)
    stage = summarize(engine="transformers", device=device)
    assert resolved_identity(stage)["dtype"] == used
    assert key(stage) == key(summarize(engine="transformers", dtype=used))


@pytest.mark.parametrize(
    ("cuda", "mps", "used"),
    [(False, False, "float32"), (False, True, "float16"), (True, True, "bfloat16")],
)
def test_device_auto_takes_cuda_then_mps_then_the_cpu(
    cuda: bool, mps: bool, used: str, hub: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: cuda)
    monkeypatch.setattr("torch.cuda.is_bf16_supported", lambda **_: True)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: mps)
    assert resolved_identity(summarize(engine="transformers"))["dtype"] == used


def test_a_dtype_that_is_given_does_not_depend_on_the_device(hub: dict[str, str]) -> None:
    assert key(summarize(dtype="bfloat16", device="cuda")) == key(
        summarize(dtype="bfloat16", device="cpu")
    )


def test_engine_auto_is_the_engine_that_is_used_and_its_format(hub: dict[str, str]) -> None:
    identity = resolved_identity(summarize(device="cpu"))
    assert (identity["engine"], identity["dtype"]) == ("ctranslate2", "int8")
    assert key(summarize(device="cpu")) == key(
        summarize(engine="ctranslate2", dtype="int8", device="cpu")
    )


def test_each_engine_and_each_quantisation_has_a_key_of_its_own(hub: dict[str, str]) -> None:
    kinds = [("transformers", "float32"), ("ctranslate2", "float32"), ("ctranslate2", "int8")]
    assert len(
        {key(summarize(engine=engine, dtype=dtype, device="cpu")) for engine, dtype in kinds}
    ) == len(kinds)
