"""Models of the hub, fetched by our own code from a hub on this machine: downloads that broke off,
and what is found again without the hub."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest
import torch
from commandline import pivot_sum
from hubserver import (
    BUSY,
    GATED,
    OFFLINE,
    HubServer,
    is_the_hub,
    new_process,
    running,
    small_model,
    went_offline,
)
from safetensors.torch import load_file, save_file

from pivot_sum.stages.errors import DamagedModel, ModelUnreachable
from pivot_sum.stages.models.checkpoints import load_model, with_safetensors
from pivot_sum.stages.models.hub import fetch, fingerprint, model_type
from pivot_sum.stages.models.weights import lacking, weight_files

MODEL = "somebody/bart"
FIRST, SECOND = "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"
INDEX = "pytorch_model.bin.index.json"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A hub that the hub client asks, which has fetched nothing yet and has no token."""
    with running() as server:
        is_the_hub(server, tmp_path, monkeypatch)
        monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "converted"))
        yield server


def sharded(source: Path, folder: Path, kind: str) -> Path:
    """The checkpoint with its weights in two files and an index, as large models lie on the hub."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    weights = load_file(source / "model.safetensors")
    stem, suffix = kind.split(".")
    places = {}
    for number, part in enumerate((sorted(weights)[::2], sorted(weights)[1::2]), start=1):
        file = f"{stem}-0000{number}-of-00002.{suffix}"
        tensors = {name: weights[name].clone() for name in part}
        if suffix == "bin":
            torch.save(tensors, folder / file)
        else:
            save_file(tensors, folder / file, metadata={"format": "pt"})
        places |= dict.fromkeys(part, file)
    (folder / f"{kind}.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": places}), encoding="utf-8"
    )
    return folder


# Downloads that broke off


@pytest.mark.parametrize("kind", ["pytorch_model.bin", "model.safetensors"])
@pytest.mark.parametrize("withheld", ["shard", "index", "tokenizer.json"])
def test_a_download_that_broke_off_is_completed_by_the_next_run(
    withheld: str,
    kind: str,
    bart: Path,
    tmp_path: Path,
    hub: HubServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = sharded(bart, tmp_path / "source", kind)
    missing = {
        "shard": kind.replace(".", "-00002-of-00002."),
        "index": f"{kind}.index.json",
    }.get(withheld, withheld)
    commit = hub.publish(MODEL, source)
    hub.withheld = (missing,)
    with pytest.raises(ModelUnreachable, match="HF_TOKEN"):  # the refusal of the one file
        fetch(MODEL, "main")
    snapshot = next((tmp_path / "hub").glob("models--*/snapshots/*"))
    assert not (snapshot / missing).exists()
    with monkeypatch.context() as patch:
        patch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
        # and maybe other files that were still under way when the one was refused
        with pytest.raises(ModelUnreachable, match=f"earlier lacks .*{re.escape(missing)}"):
            fetch(MODEL, commit)
    hub.withheld = ()
    folder = fetch(MODEL, "main")
    assert folder == snapshot and folder.name == commit
    for file in source.iterdir():
        if file.suffix != ".txt" or not file.name.startswith("merges"):
            assert (folder / file.name).read_bytes() == file.read_bytes()
    model = load_model(folder, "float32", "cpu")
    expected = load_model(bart, "float32", "cpu").state_dict()
    assert all(torch.equal(weight, expected[name]) for name, weight in model.state_dict().items())


@pytest.mark.parametrize("withheld", [SECOND, INDEX])
def test_half_a_model_is_refused_without_the_hub_and_nothing_is_made_of_it(
    withheld: str,
    bart: Path,
    tmp_path: Path,
    hub: HubServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub.publish(MODEL, sharded(bart, tmp_path / "source", "pytorch_model.bin"))
    hub.withheld = (SECOND, withheld)
    with pytest.raises(ModelUnreachable) as caught:
        fetch(MODEL, "main")
    assert SECOND in str(caught.value) and "the copy begun earlier lacks" in str(caught.value)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    snapshot = next((tmp_path / "hub").glob("models--*/snapshots/*"))
    with pytest.raises(ModelUnreachable) as caught:
        fetch(MODEL, snapshot.name)
    assert SECOND in str(caught.value) and "HF_HUB_OFFLINE" in str(caught.value)
    with pytest.raises(ModelUnreachable):  # a part of a model is not what the name stands for
        fingerprint(MODEL, "main")
    with pytest.raises(DamagedModel, match=SECOND):
        with_safetensors(snapshot)
    assert not (tmp_path / "converted").exists()


@pytest.mark.parametrize("kind", ["pytorch_model.bin", "model.safetensors"])
@pytest.mark.parametrize("indexed", [True, False])
def test_a_local_folder_that_lacks_a_file_is_refused_with_its_name(
    indexed: bool, kind: str, bart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIVOT_SUM_MODELS", str(tmp_path / "converted"))
    folder = sharded(bart, tmp_path / "model", kind)
    missing = kind.replace(".", "-00001-of-00002.")
    (folder / missing).unlink()
    if not indexed:
        (folder / f"{kind}.index.json").unlink()
    with pytest.raises(DamagedModel) as caught:
        load_model(folder, "float32", "cpu")
    message = str(caught.value)
    assert str(folder) in message and missing in message and "1 of the 2 files" in message
    assert "00002-of-00002" not in message
    assert not (tmp_path / "converted").exists()


def test_the_weights_are_those_of_one_kind(tmp_path: Path) -> None:
    """A repository may hold both; of pickles beside safetensors only the index is fetched."""
    index = {"weight_map": {"a": FIRST, "b": SECOND}}
    (tmp_path / INDEX).write_text(json.dumps(index))
    assert weight_files(tmp_path) == lacking(tmp_path) == [FIRST, SECOND]
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert weight_files(tmp_path) == ["model.safetensors"] and lacking(tmp_path) == []
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    assert weight_files(tmp_path) == ["pytorch_model.bin"]
    (tmp_path / "pytorch_model.bin").unlink()
    (tmp_path / FIRST).write_bytes(b"")
    (tmp_path / "pytorch_model-00007-of-00009.bin").write_bytes(b"")  # of an older conversion
    assert weight_files(tmp_path) == [FIRST, SECOND] and lacking(tmp_path) == [SECOND]


@pytest.mark.parametrize(
    "index",
    [
        "{",
        "[]",
        "{}",
        '{"weight_map": {}}',
        '{"weight_map": {"a": 1}}',
        '{"weight_map": {"a": "../b.bin"}}',
    ],
)
def test_an_index_that_cannot_be_read_is_named(index: str, tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text(index)
    with pytest.raises(DamagedModel, match=r"pytorch_model\.bin\.index\.json"):
        with_safetensors(tmp_path)


# What is found again without the hub


@pytest.mark.parametrize("how", OFFLINE)
def test_what_was_fetched_is_found_again_without_the_hub(
    how: str, tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = hub.publish(MODEL, small_model(tmp_path / "source", 1))
    hub.publish(MODEL, tmp_path / "source", "v1/tested")
    for revision in ("main", "v1/tested"):
        known = fingerprint(MODEL, revision)
        assert known == {"hub": MODEL, "commit": commit}
    folder = fetch(MODEL, "main")
    assert fetch(MODEL, "v1/tested") == folder
    went_offline(monkeypatch, hub, how)
    for revision in ("main", "v1/tested", commit):
        assert fingerprint(MODEL, revision) == {"hub": MODEL, "commit": commit}
        assert model_type(MODEL, revision) == "bart"
        assert fetch(MODEL, revision) == folder
    with pytest.raises(ModelUnreachable):
        fingerprint(MODEL, "never-fetched")


def test_a_name_stands_for_what_was_last_fetched_whole(
    tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = hub.publish(MODEL, small_model(tmp_path / "old", 1))
    fetch(MODEL, "main")
    new = hub.publish(MODEL, small_model(tmp_path / "new", 2))
    new_process()
    hub.withheld = ("model.safetensors",)
    with pytest.raises(ModelUnreachable):
        fetch(MODEL, "main")
    with monkeypatch.context() as patch:
        went_offline(patch, hub, "HF_HUB_OFFLINE")
        assert fetch(MODEL, "main").name == fingerprint(MODEL, "main")["commit"] == old
    new_process()
    hub.withheld = ()
    assert fetch(MODEL, "main").name == new
    went_offline(monkeypatch, hub, "HF_HUB_OFFLINE")
    assert fetch(MODEL, "main").name == fingerprint(MODEL, "main")["commit"] == new


@pytest.mark.slow
@pytest.mark.parametrize("refusal", [BUSY, GATED])
def test_weights_of_another_commit_than_the_identity_names_are_never_loaded(
    refusal: tuple[int, str], tmp_path: Path, hub: HubServer
) -> None:
    """The hub stops to answer, or a branch moves, between the two questions."""
    old = hub.publish(MODEL, small_model(tmp_path / "old", 1))
    fetch(MODEL, "main")
    new = hub.publish(MODEL, small_model(tmp_path / "new", 2))
    new_process()
    assert fingerprint(MODEL, "main")["commit"] == new
    hub.refusal = refusal
    with pytest.raises(ModelUnreachable):
        fetch(MODEL, "main")
    assert fingerprint(MODEL, "main")["commit"] == fetch(MODEL, "main").name == old
    hub.refusal = None
    assert fingerprint(MODEL, "main")["commit"] == fetch(MODEL, "main").name == old
    new_process()
    hub.commits[MODEL, old] = tmp_path / "old"
    assert fingerprint(MODEL, "main")["commit"] == new
    hub.names[MODEL, "main"] = old
    assert fetch(MODEL, "main").name == new


def test_a_copy_fetched_by_an_earlier_version_is_found_once_the_hub_was_asked(
    tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fetched by commit and noted no name."""
    commit = hub.publish(MODEL, small_model(tmp_path / "source", 1))
    huggingface_hub.snapshot_download(MODEL, revision=commit)
    assert not list((tmp_path / "hub").glob("models--*/refs/*"))
    downloads = [asked for asked in hub.asked if asked.startswith("GET") and "resolve" in asked]
    fetch(MODEL, "main")
    assert downloads == [
        asked for asked in hub.asked if asked.startswith("GET") and "resolve" in asked
    ]
    went_offline(monkeypatch, hub, "HF_HUB_OFFLINE")
    assert fetch(MODEL, "main").name == commit


def test_a_hub_folder_that_takes_no_note_is_used_all_the_same(
    tmp_path: Path, hub: HubServer
) -> None:
    """A folder many people share may be read-only."""
    commit = hub.publish(MODEL, small_model(tmp_path / "source", 1))
    huggingface_hub.snapshot_download(MODEL, revision=commit)
    (next((tmp_path / "hub").glob("models--*")) / "refs").write_text("no folder")
    assert fetch(MODEL, "main").name == commit


def test_a_run_goes_on_without_the_hub_with_texts_it_has_never_seen(
    bart: Path, tmp_path: Path
) -> None:
    for name, text in (("a", "안녕하세요."), ("b", "반갑습니다.")):
        (tmp_path / f"{name}.csv").write_text(
            f'fname,dialogue\n{name},"#Person1#: {text}"\n', encoding="utf-8"
        )
    (tmp_path / "direct.yaml").write_text(
        f"steps:\n  - {{name: summarize, stage: summarize, model: {MODEL}, language: ko,"
        " num_beams: 1, max_new_tokens: 8, retries: []}\n",
        encoding="utf-8",
    )
    run = ["run", "direct.yaml", "--json", "--data"]
    with running() as server:
        server.publish(MODEL, bart)
        env = {
            "HF_ENDPOINT": server.url,
            "HF_HOME": str(tmp_path / "hf"),
            "HF_HUB_OFFLINE": "0",
            "NO_PROXY": "127.0.0.1",
        }
        first = json.loads(pivot_sum(tmp_path, *run, "a.csv", env=env).stdout)
        asked = len(server.asked)
        offline = {**env, "HF_HUB_OFFLINE": "1"}
        second = json.loads(pivot_sum(tmp_path, *run, "b.csv", env=offline).stdout)
        assert len(server.asked) == asked
    assert [first["steps"][0]["computed"], second["steps"][0]["computed"]] == [1, 1]
