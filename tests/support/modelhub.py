"""A model hub without a network, and the cache key of a stage."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import huggingface_hub
import pytest
from hubserver import new_process

from pivot_sum.cache import row_key
from pivot_sum.stages.base import Stage, resolved_identity

HUB_MODEL = "somebody/nllb"
TEXT = "#Person1#: 안녕하세요, 오늘 오후에 시간 있으세요?\n#Person2#: 네."


def key(stage: Stage, text: str = TEXT) -> str:
    return row_key(resolved_identity(stage), text).hex()


@pytest.fixture
def hub(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """A model hub without a network: each revision is a commit of its own, unless put into this
    table. It holds BARTs."""
    new_process()
    commits: dict[str, str] = {}
    config = tmp_path_factory.mktemp("hub") / "config.json"
    config.write_text('{"model_type": "bart"}', encoding="utf-8")
    monkeypatch.setattr(
        huggingface_hub, "hf_hub_download", lambda name, file, revision: str(config)
    )

    def model_info(self: object, name: str, revision: str, timeout: float) -> SimpleNamespace:
        return SimpleNamespace(
            sha=commits.get(revision, hashlib.sha1(f"{name}@{revision}".encode()).hexdigest())
        )

    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    return commits
