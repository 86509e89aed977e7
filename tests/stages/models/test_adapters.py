"""A folder with an adapter is refused, alone and beside its base model, whatever is installed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from pivot_sum.stages.engines.base import EngineSpec
from pivot_sum.stages.engines.select import engine_for, free
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.adapters import refuse_adapter
from pivot_sum.stages.models.checkpoints import load_model

Small = Callable[[str], Path]
both_engines = pytest.mark.parametrize("engine_name", ["ctranslate2", "transformers", "auto"])


def adapter(folder: Path, **settings: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "adapter_model.safetensors").write_bytes(b"")
    return folder


def refused(folder: Path, engine_name: str) -> str:
    free()
    with pytest.raises(WrongCheckpoint) as caught:
        engine_for(EngineSpec(str(folder), "main", "float32", "cpu", 1, engine_name))
    return str(caught.value)


@both_engines
def test_an_adapter_alone_is_called_an_adapter_and_its_base_is_named(
    engine_name: str, tmp_path: Path
) -> None:
    folder = adapter(tmp_path / "only", peft_type="LORA", base_model_name_or_path="org/base")
    message = refused(folder, engine_name)
    assert f"{folder} holds an adapter (adapter_config.json, LORA) for the base model org/base" in (
        message
    )
    assert f"Adapted.from_pretrained({str(folder)!r}).merge_and_unload()" in message
    assert "AutoTokenizer.from_pretrained('org/base')" in message
    assert "config.json cannot be read" not in message and "move adapter_*" not in message


@both_engines
def test_an_adapter_beside_a_model_is_refused_though_that_model_could_run(
    engine_name: str, small: Small, tmp_path: Path
) -> None:
    folder = adapter(shutil.copytree(small("bart"), tmp_path / "both"), peft_type="LORA")
    message = refused(folder, engine_name)
    assert "a model beside it" in message and "does not name" in message
    assert f"move adapter_* out of {folder}" in message
    for left in folder.glob("adapter_*"):
        left.unlink()
    free()
    assert engine_for(EngineSpec(str(folder), "main", "float32", "cpu", 1, engine_name))


def test_what_is_installed_makes_no_difference(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = adapter(shutil.copytree(small("bart"), tmp_path / "both"), peft_type="LORA")
    without = refused(folder, "transformers")
    monkeypatch.setitem(sys.modules, "peft", ModuleType("peft"))
    assert refused(folder, "transformers") == without
    with pytest.raises(WrongCheckpoint, match="holds an adapter"):
        load_model(folder, "float32", "cpu")


def test_a_broken_adapter_file_is_an_adapter_too(tmp_path: Path) -> None:
    for content in ("", "[]", "{"):
        (tmp_path / "adapter_config.json").write_text(content, encoding="utf-8")
        with pytest.raises(WrongCheckpoint, match="of an unknown kind"):
            refuse_adapter(tmp_path)
