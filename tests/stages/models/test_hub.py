"""From the id of a model on the hub to a folder and a commit, with and without a network."""

from __future__ import annotations

from pathlib import Path

import pytest

from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.hub import (
    content_key,
    fetch,
    fingerprint,
    model_type,
)

HUB_ID = "somebody/some-model"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NEXT_COMMIT = "89abcdef0123456789abcdef0123456789abcdef"


@pytest.fixture
def hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty local hub cache; the hub itself is switched off."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def put_into(hub_cache: Path, files: dict[str, str], commit: str = COMMIT) -> Path:
    """A snapshot as the hub client leaves it after a download."""
    repository = hub_cache / f"models--{HUB_ID.replace('/', '--')}"
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    for name, content in files.items():
        (snapshot / name).write_text(content)
    (repository / "refs").mkdir(exist_ok=True)
    (repository / "refs" / "main").write_text(commit)
    return snapshot


class FakeHub:
    """What stands in for the hub: one repository, and a list of what was asked for."""

    def __init__(self, files: list[str], commit: str = COMMIT) -> None:
        self.files = files
        self.sha = commit
        self.downloads: list[list[str]] = []

    def __call__(self) -> FakeHub:  # HfApi()
        return self

    def model_info(self, name: str, revision: str, timeout: float) -> FakeHub:
        return self

    def list_repo_files(self, name: str, revision: str) -> list[str]:
        return self.files

    def snapshot_download(
        self, name: str, *, revision: str, allow_patterns: list[str], local_files_only: bool = False
    ) -> str:
        if local_files_only:
            raise FileNotFoundError("nothing here yet")
        self.downloads.append(allow_patterns)
        return f"/downloaded/{revision}"


def install(hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    monkeypatch.setattr("huggingface_hub.HfApi", hub)
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub.snapshot_download)
    return hub


def test_the_architecture_of_a_hub_model_is_known_without_its_weights(hub_cache: Path) -> None:
    put_into(hub_cache, {"config.json": '{"model_type": "bart"}'})
    assert model_type(HUB_ID, "main") == "bart"


def test_the_key_of_a_hub_model_is_its_commit(hub_cache: Path) -> None:
    put_into(hub_cache, {"config.json": "{}"})
    before = content_key(HUB_ID, "main")
    assert before == content_key(HUB_ID, COMMIT)
    put_into(hub_cache, {"config.json": "{}"}, NEXT_COMMIT)
    assert content_key(HUB_ID, "main") != before


@pytest.mark.parametrize("ask", [fingerprint, fetch, model_type])
def test_without_a_network_and_without_a_copy_a_hub_id_is_unreachable_in_one_line(
    ask: object, hub_cache: Path
) -> None:
    with pytest.raises(ModelUnreachable) as caught:
        ask(HUB_ID, "main")  # type: ignore[operator]
    message = str(caught.value)
    assert HUB_ID in message and "\n" not in message
    assert "--set STEP.model=FOLDER" in message and "--offline" in message


def test_without_a_network_the_local_copy_gives_commit_and_folder(hub_cache: Path) -> None:
    snapshot = put_into(hub_cache, {"config.json": "{}", "model.safetensors": "weights"})
    assert fingerprint(HUB_ID, "main") == {"hub": HUB_ID, "commit": COMMIT}
    assert fetch(HUB_ID, "main") == snapshot


def test_without_a_network_a_commit_itself_is_a_revision(hub_cache: Path) -> None:
    snapshot = put_into(hub_cache, {"config.json": "{}", "pytorch_model.bin": "weights"})
    assert fingerprint(HUB_ID, COMMIT)["commit"] == COMMIT
    assert fetch(HUB_ID, COMMIT) == snapshot


def test_without_a_network_an_unknown_revision_is_unreachable(hub_cache: Path) -> None:
    put_into(hub_cache, {"config.json": "{}", "model.safetensors": "weights"})
    with pytest.raises(ModelUnreachable, match="revision v9"):
        fingerprint(HUB_ID, "v9")


def test_a_local_copy_without_weights_is_not_taken_for_the_model(hub_cache: Path) -> None:
    """It is what loading only the tokenizer leaves behind."""
    put_into(hub_cache, {"config.json": "{}", "tokenizer.json": "{}"})
    with pytest.raises(ModelUnreachable, match="cannot be reached"):
        fetch(HUB_ID, "main")


def test_a_branch_that_moved_gives_another_commit(
    hub_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_into(hub_cache, {"config.json": "{}"})
    install(FakeHub([], commit=NEXT_COMMIT), monkeypatch)
    assert fingerprint(HUB_ID, "main") == {"hub": HUB_ID, "commit": NEXT_COMMIT}


def test_a_pickle_is_not_downloaded_where_there_are_safetensors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = install(FakeHub(["config.json", "model.safetensors", "pytorch_model.bin"]), monkeypatch)
    assert fetch(HUB_ID, "main") == Path("/downloaded") / COMMIT
    assert hub.downloads == [["*.json", "*.model", "*.spm", "*.txt", "*.safetensors"]]


def test_a_pickle_is_downloaded_where_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = install(FakeHub(["config.json", "pytorch_model.bin", "training_args.bin"]), monkeypatch)
    fetch(HUB_ID, "main")
    assert hub.downloads == [["*.json", "*.model", "*.spm", "*.txt", "pytorch_model*.bin"]]


def test_a_failing_download_is_one_line_with_the_hubs_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = install(FakeHub(["config.json", "model.safetensors"]), monkeypatch)

    def fail(*_: object, **__: object) -> str:
        raise OSError("No space left on device\nand a long trace")

    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)
    with pytest.raises(ModelUnreachable) as caught:
        fetch(HUB_ID, "main")
    assert "No space left on device. " in str(caught.value) and "long trace" not in str(
        caught.value
    )
    assert hub.downloads == []
