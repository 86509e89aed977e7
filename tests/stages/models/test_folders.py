"""From a model's name to a folder, and to a fingerprint of what is in it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models import hashes, hub
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.models.hub import (
    content_key,
    fetch,
    fingerprint,
    local_folder,
    model_type,
    name_and_revision,
)

HUB_ID = "somebody/some-model"


# Names


@pytest.fixture
def demo_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("translator", "summarizer"):
        (tmp_path / "demo" / name).mkdir(parents=True)
    monkeypatch.setattr(hub, "DEMO_FOLDER", tmp_path / "demo")
    return tmp_path / "demo"


def test_a_demo_name_is_the_folder_of_that_name(demo_models: Path) -> None:
    assert local_folder("demo:translator") == demo_models / "translator"


@pytest.mark.parametrize("name", ["demo:translater", "demo:", "demo:../demo/translator"])
def test_an_unknown_demo_name_is_refused_with_the_known_ones(demo_models: Path, name: str) -> None:
    with pytest.raises(ModelUnreachable) as caught:
        local_folder(name)
    assert repr(name) in str(caught.value)
    assert "demo:summarizer, demo:translator" in str(caught.value)


def test_demo_models_missing_altogether_raise_doubt_about_the_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "DEMO_FOLDER", tmp_path / "nowhere")
    with pytest.raises(ModelUnreachable, match="is the install whole"):
        local_folder("demo:translator")


def test_a_folder_that_exists_wins_over_a_hub_id_of_the_same_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "somebody" / "some-model").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert local_folder(HUB_ID) == Path(HUB_ID)


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-model").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    assert local_folder("~/my-model") == tmp_path / "my-model"


@pytest.mark.parametrize(
    "name", ["./gone", "../gone", "some/deep/gone", "my models/nllb", "", "C:\\models"]
)
def test_a_path_that_does_not_exist_is_refused_with_the_absolute_path(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnreachable) as caught:
        local_folder(name)
    assert str(Path(name).absolute()) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_absolute_path_that_does_not_exist_is_never_asked_of_the_hub(tmp_path: Path) -> None:
    with pytest.raises(ModelUnreachable, match="does not exist"):
        fetch(str(tmp_path / "gone"), "main")


@pytest.mark.parametrize(
    "name", [HUB_ID, "gpt2", "facebook/nllb-200-distilled-600M", "google/flan-t5.v1_1"]
)
def test_a_hub_id_is_no_local_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert local_folder(name) is None


# Fingerprints of folders


def test_a_moved_folder_keeps_its_fingerprint(nllb: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(nllb, tmp_path / "elsewhere")
    assert fingerprint(str(moved), "main") == fingerprint(str(nllb), "v2")


@pytest.mark.parametrize(
    "name",
    ["README.md", "training_args.bin", "optimizer.pt", "trainer_state.json", ".gitattributes"],
)
def test_what_cannot_change_an_output_is_outside_the_fingerprint(
    name: str, nllb: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    (folder / name).write_text("anything")
    (folder / "checkpoint-100").mkdir()
    (folder / "checkpoint-100" / "model.safetensors").write_text("older weights")
    assert content_hash(folder) == content_hash(nllb)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "generation_config.json", "tokenizer.json"]
)
def test_one_changed_byte_of_what_matters_changes_the_fingerprint(
    name: str, nllb: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    content = bytearray((folder / name).read_bytes())
    content[-2] ^= 1
    (folder / name).write_bytes(content)
    assert content_hash(folder) != content_hash(nllb)


def test_renaming_a_file_changes_the_fingerprint(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    (folder / "tokenizer.json").rename(folder / "other.json")
    assert content_hash(folder) != content_hash(nllb)


def test_the_time_of_a_file_is_outside_the_fingerprint(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    os.utime(folder / "config.json", (0, 0))
    assert content_hash(folder) == content_hash(nllb)


def test_a_file_that_did_not_change_is_read_once(
    nllb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    monkeypatch.setattr(hashes, "_SETTLED", -1)  # as if the files had lain there for long
    first = content_hash(folder)
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes() + b"!")
    changed = content_hash(folder)
    assert changed != first
    with monkeypatch.context() as patch:
        patch.setattr(hashes.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
        assert content_hash(folder) == changed


def test_a_file_that_was_written_just_now_is_not_taken_for_unchanged(
    nllb: Path, tmp_path: Path
) -> None:
    """Two writes within a tick of the file system's clock cannot be told apart by their times."""
    folder = shutil.copytree(nllb, tmp_path / "model")
    file = folder / "config.json"
    hashes = set()
    for number in range(20):
        file.write_text(f"{number:02d}")
        hashes.add(content_hash(folder))
    assert len(hashes) == 20


def test_the_architecture_is_the_one_config_names(nllb: Path, tmp_path: Path) -> None:
    assert model_type(str(nllb), "main") == "m2m_100"
    assert model_type(str(tmp_path), "main") is None


def test_the_key_of_a_folder_is_its_content(nllb: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    assert content_key(str(folder), "main") == content_key(str(nllb), "v2")
    (folder / "config.json").write_text("{}")
    assert content_key(str(folder), "main") != content_key(str(nllb), "main")


def test_a_folder_with_an_at_in_its_name_is_no_id_with_a_revision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine@2026").mkdir()
    assert name_and_revision("mine@2026") == ("mine@2026", "main")
    assert name_and_revision("mine@2027") == ("mine", "2027")
