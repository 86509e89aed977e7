"""Which engine, number format and device `auto` stands for, without loading a model or importing
torch."""

from __future__ import annotations

import ctypes
import logging
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import torch

from pivot_sum.errors import RecipeInvalid
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.stages.engines import devices
from pivot_sum.stages.engines import select as engine_choice
from pivot_sum.stages.engines.devices import (
    cuda_trouble,
    device_numbers,
    nvidia_gpus,
    resolve_device,
    resolve_dtype,
)
from pivot_sum.stages.engines.select import Choice, choose
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.models.architectures import ARCHITECTURES

Small = Callable[[str], Path]
Machine = Callable[..., None]


@pytest.fixture(autouse=True)
def said_afresh() -> Iterator[None]:
    """Reasons are logged once a process, and drivers asked once."""
    asked = (engine_choice._log_once, nvidia_gpus, cuda_trouble)
    for question in asked:
        question.cache_clear()
    yield
    for question in asked:
        question.cache_clear()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Makes this one look like another machine: what CTranslate2 and torch find there."""

    def machine(
        *,
        installed: bool = True,
        gpus: int = 0,
        trouble: str | None = None,
        torch_cuda: bool = False,
        apple: bool = False,
    ) -> None:
        monkeypatch.setattr(
            engine_choice, "find_spec", lambda name: object() if installed else None
        )
        monkeypatch.setattr(engine_choice, "nvidia_gpus", lambda: gpus)
        monkeypatch.setattr(
            engine_choice, "cuda_trouble", lambda: trouble if gpus else "there is no NVIDIA GPU"
        )
        monkeypatch.setattr(engine_choice.sys, "platform", "darwin" if apple else "linux")
        monkeypatch.setattr(
            engine_choice.platform, "machine", lambda: "arm64" if apple else "x86_64"
        )
        monkeypatch.setattr(torch.cuda, "is_available", lambda: torch_cuda)
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: apple)
        formats = {"float32", "float16", "bfloat16", "int8_float32"}
        monkeypatch.setattr(
            ctranslate2, "get_supported_compute_types", lambda device, index: formats
        )

    machine()
    return machine


def chosen(folder: Path, engine: str = "auto", dtype: str = "auto", device: str = "auto") -> Choice:
    return choose(str(folder), "main", engine=engine, dtype=dtype, device=device)


GPU: dict[str, Any] = {"gpus": 1, "torch_cuda": True}
NO_CUBLAS: dict[str, Any] = {**GPU, "trouble": "CTranslate2 needs libcublas.so.12"}


@pytest.mark.parametrize(
    ("here", "asked", "expected"),
    [
        ({}, {}, Choice("ctranslate2", "int8", "cpu")),
        ({}, {"dtype": "float32"}, Choice("ctranslate2", "float32", "cpu")),
        ({}, {"dtype": "bfloat16", "device": "cpu"}, Choice("transformers", "bfloat16", "cpu")),
        ({}, {"engine": "transformers", "device": "cpu"}, Choice("transformers", "float32", "cpu")),
        ({}, {"device": "cuda", "dtype": "float16"}, Choice("transformers", "float16", "cuda")),
        ({"installed": False}, {}, Choice("transformers", "float32", "auto")),
        (GPU, {}, Choice("ctranslate2", "bfloat16", "cuda")),
        (GPU, {"device": "cuda:1"}, Choice("ctranslate2", "bfloat16", "cuda:1")),
        (GPU, {"device": "cuda:0,1"}, Choice("ctranslate2", "bfloat16", "cuda:0,1")),
        (GPU, {"device": "cpu"}, Choice("ctranslate2", "int8", "cpu")),
        (GPU, {"dtype": "float16"}, Choice("ctranslate2", "float16", "cuda")),
        (GPU, {"engine": "transformers"}, Choice("transformers", "bfloat16", "auto")),
        (NO_CUBLAS, {}, Choice("transformers", "bfloat16", "auto")),
        (NO_CUBLAS | {"torch_cuda": False}, {}, Choice("ctranslate2", "int8", "cpu")),
        (NO_CUBLAS, {"engine": "ctranslate2"}, Choice("ctranslate2", "int8", "cpu")),
        (NO_CUBLAS, {"dtype": "int8"}, Choice("ctranslate2", "int8", "cpu")),
        ({"apple": True}, {}, Choice("transformers", "float16", "auto")),
        ({"apple": True}, {"device": "cpu"}, Choice("ctranslate2", "int8", "cpu")),
        ({"apple": True}, {"engine": "ctranslate2"}, Choice("ctranslate2", "int8", "cpu")),
    ],
    ids=str,
)
def test_auto_is_ctranslate2_wherever_it_can_run_the_model(
    here: dict[str, Any], asked: dict[str, str], expected: Choice, machine: Machine, nllb: Path
) -> None:
    machine(**here)
    assert chosen(nllb, **asked) == expected


@pytest.mark.parametrize(
    ("here", "asked", "reason"),
    [
        ({"installed": False}, {}, "not installed .pip install ctranslate2"),
        ({}, {"dtype": "float16"}, "no float16 on a CPU"),
        (NO_CUBLAS, {}, "needs libcublas"),
        ({"apple": True}, {}, "does not run on Apple's GPU"),
    ],
)
def test_the_reason_for_the_slower_engine_is_said_once(
    here: dict[str, Any],
    asked: dict[str, str],
    reason: str,
    machine: Machine,
    nllb: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine(**here)
    with caplog.at_level(logging.WARNING, logger="pivot_sum.stages.engines.select"):
        chosen(nllb, **asked)
        chosen(nllb, **asked)
    [message] = [record.getMessage() for record in caplog.records]
    assert re.search(reason, message) and "transformers" in message


@pytest.mark.parametrize(
    ("here", "asked", "message"),
    [
        (
            {"installed": False},
            {"engine": "ctranslate2"},
            "not installed .*set engine: transformers$",
        ),
        (
            {"installed": False},
            {"dtype": "int8"},
            "not installed .*set engine: transformers and another dtype",
        ),
        ({}, {"engine": "ctranslate2", "dtype": "bfloat16"}, "no bfloat16 on a CPU"),
        ({}, {"engine": "ctranslate2", "device": "cuda"}, "no NVIDIA GPU"),
        ({"apple": True}, {"engine": "ctranslate2", "device": "mps"}, "Apple's GPU"),
        (
            {},
            {"engine": "transformers", "dtype": "int8"},
            "int8 is a number format of CTranslate2 only",
        ),
        ({}, {"device": "banana"}, "no device 'banana'; there are: auto, cpu, cuda"),
    ],
)
def test_what_was_asked_for_and_cannot_be_had_is_an_error(
    here: dict[str, Any], asked: dict[str, str], message: str, machine: Machine, nllb: Path
) -> None:
    machine(**here)
    with pytest.raises(StageError, match=message):
        chosen(nllb, **asked)


def test_every_architecture_the_stages_know_can_be_converted() -> None:
    assert all(entry.ctranslate2 for entry in ARCHITECTURES.values())


@pytest.mark.parametrize(
    "config", ['{"model_type": "prophetnet"}', "{}", "[]", "<html>404</html>", None]
)
def test_a_model_ctranslate2_does_not_know_is_left_to_transformers(
    config: str | None, machine: Machine, nllb: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(nllb, tmp_path / "model")
    (folder / "config.json").write_text(config) if config else (folder / "config.json").unlink()
    assert chosen(folder).engine == "transformers"


def test_a_recipe_that_wants_int8_of_transformers_is_refused(tmp_path: Path) -> None:
    settings = ["to-english.engine=transformers", "to-english.dtype=int8"]
    with pytest.raises(
        RecipeInvalid, match=r"\(to-english\)\.dtype: int8 is a number format of CTranslate2 only"
    ):
        load_recipe("demo-pivot", settings)


def test_choosing_imports_neither_torch_nor_transformers(small: Small) -> None:
    code = (
        "import sys; from pivot_sum.stages.translate import"
        f" Translate\nprint(Translate(model={str(small('nllb'))!r}, source='ko',"
        " target='en').resolve()['engine'])\nprint(sorted({'torch', 'transformers',"
        " 'ctranslate2', 'numpy', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.split("\n")[:2] == ["ctranslate2", "[]"], done.stderr


# NVIDIA's libraries, as far as that can be tested without a GPU


class Driver:
    """NVIDIA's driver with two GPUs."""

    def cuInit(self, flags: int) -> int:
        return 0

    def cuDeviceGetCount(self, number: Any) -> int:
        number._obj.value = 2
        return 0


def test_the_driver_says_how_many_gpus_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver())
    assert nvidia_gpus() == 2


def test_without_a_driver_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert nvidia_gpus() == 0 and cuda_trouble() == "there is no NVIDIA GPU"


def test_what_ctranslate2_lacks_for_cuda_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "nvidia_gpus", lambda: 1)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 0)
    assert cuda_trouble() == "this build of CTranslate2 has no CUDA"
    cuda_trouble.cache_clear()
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    assert cuda_trouble() == "CTranslate2 needs libcublas.so.12 (pip install nvidia-cublas-cu12)"


def test_cublas_is_found_where_pip_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "nvidia" / "cublas" / "lib" / "libcublas.so.12"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    loaded: list[str] = []
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(devices, "nvidia_gpus", lambda: 1)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(ctypes, "CDLL", lambda name, mode: loaded.append(name))
    assert cuda_trouble() is None
    assert loaded == [str(file)]


# Devices, as torch finds them


@pytest.mark.parametrize(
    ("cuda", "bf16", "mps", "device", "dtype"),
    [
        (True, True, False, "cuda", "bfloat16"),
        (True, False, False, "cuda", "float16"),
        (False, False, True, "mps", "float16"),
        (False, False, False, "cpu", "float32"),
    ],
)
def test_for_transformers_auto_is_the_best_device_there_is_and_its_number_format(
    cuda: bool, bf16: bool, mps: bool, device: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2 * cuda)
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation=True: bf16 or including_emulation,
    )
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert (resolve_device("auto"), resolve_dtype("auto", "auto")) == (device, dtype)
    assert resolve_dtype("auto", "cpu") == "float32"
    assert resolve_dtype("float32", "cuda:1") == "float32"
    if cuda:
        assert resolve_device("cuda:1") == "cuda:1"


@pytest.mark.parametrize("device", ["cuda", "cuda:7", "mps", "banana"])
def test_a_device_that_is_not_here_is_refused_with_those_that_are(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(StageError, match=f"there is no device '{device}' .*there are: auto, cpu"):
        resolve_device(device)


def test_a_device_may_be_several_gpus() -> None:
    found = [device_numbers(device) for device in ("cpu", "cuda", "cuda:1", "cuda:0,3")]
    assert found == [[0], [0], [1], [0, 3]]
    for wrong in ("cuda:", "cuda:x", "cuda:0,", "cuda:1,1"):
        with pytest.raises(StageError, match="names no GPUs; write cuda, cuda:1, or cuda:0,1"):
            device_numbers(wrong)
