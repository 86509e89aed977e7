"""Which program runs a model, on which device and in which number format, when a recipe says `auto`.

The answer is part of a stage's identity, so it is found without loading anything, and without torch wherever that is possible:
a run that finds everything in the cache must not spend seconds on an import.
"""

from __future__ import annotations

import ctypes
import logging
import platform
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from stages.errors import StageError
from stages.models import model_type

log = logging.getLogger(__name__)

CONVERTIBLE = {"m2m_100", "mbart", "bart", "t5", "mt5", "marian", "pegasus"}
"""The architectures CTranslate2 can run, by `model_type` of config.json; `stages.ctranslate2_convert` converts them."""

_DEVICES = ("auto", "cpu", "cuda", "mps")

INT8_NEEDS_CTRANSLATE2 = "int8 is a number format of CTranslate2 only (engine: ctranslate2)"


class Choice(NamedTuple):
    """What `auto` stands for. For transformers the device may still be `auto`: torch is asked when the model is loaded."""

    engine: str
    dtype: str
    device: str


def choose(model: str, revision: str, *, engine: str, dtype: str, device: str) -> Choice:
    """What runs a model here. `auto` is CTranslate2 wherever it can run the model, for it is several times as fast; why it is
    not is logged once.

    Raises `StageError` where what is asked for cannot be had, and `ModelUnreachable`.
    """
    if engine == "transformers":
        return _with_transformers(dtype, device)
    if device.partition(":")[0] not in _DEVICES:
        raise StageError(f"there is no device {device!r}; there are: {', '.join(_DEVICES)}, and with a number cuda:1")
    insisted = engine == "ctranslate2" or dtype == "int8"
    place, trouble = _ctranslate2_device(device, insisted)
    if trouble is None and place == "cpu" and dtype in ("bfloat16", "float16"):
        trouble = f"CTranslate2 has no {dtype} on a CPU (it has int8 and float32)"
    if trouble is None and engine == "auto" and (kind := model_type(model, revision)) not in CONVERTIBLE:
        trouble = f"CTranslate2 cannot run the architecture {kind!r} of {model}"
    if trouble is None:
        return Choice("ctranslate2", _ctranslate2_dtype(dtype, place), place)
    if insisted:
        raise StageError(f"{trouble}; set engine: transformers" + (" and another dtype" if dtype == "int8" else ""))
    _say_once(trouble)
    return _with_transformers(dtype, device)


def _with_transformers(dtype: str, device: str) -> Choice:
    if dtype == "int8":
        raise StageError(INT8_NEEDS_CTRANSLATE2)
    return Choice("transformers", resolve_dtype(dtype, device), device)


@cache
def _say_once(reason: str) -> None:
    log.warning("the slower engine, transformers, is used: %s", reason)


def _ctranslate2_device(device: str, insisted: bool) -> tuple[str, str | None]:
    """The device CTranslate2 would run on, and why it cannot, or why another engine is better off (None: nothing of this).

    Where it cannot use the GPU, `auto` leaves the model to transformers if torch can; an engine insisted on stays on the CPU.
    """
    if find_spec("ctranslate2") is None:
        return device, "CTranslate2 is not installed (pip install ctranslate2)"
    apple = "CTranslate2 does not run on Apple's GPU"
    if device == "cpu":
        return device, None
    if device == "mps":
        return device, apple
    if device != "auto":
        return device, cuda_trouble()
    if nvidia_gpus():
        trouble = cuda_trouble()
        if trouble is None:
            return "cuda", None
    elif sys.platform == "darwin" and platform.machine() == "arm64":
        trouble = apple
    else:
        return "cpu", None
    return "cpu", None if insisted or not _torch_has_gpu() else trouble


def _ctranslate2_dtype(dtype: str, device: str) -> str:
    if dtype != "auto":
        return dtype
    if device == "cpu":
        return "int8"
    import ctranslate2

    formats = ctranslate2.get_supported_compute_types("cuda", int(device.partition(":")[2] or 0))
    return next(name for name in ("bfloat16", "float16", "float32") if name in formats)


@cache
def nvidia_gpus() -> int:
    """How many GPUs NVIDIA's driver shows; asked of the driver itself, which takes no import."""
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        number = ctypes.c_int()
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(number)) == 0:
            return number.value
    return 0


@cache
def cuda_trouble() -> str | None:
    """Why CTranslate2 cannot use CUDA here; None where it can."""
    if not nvidia_gpus():
        return "there is no NVIDIA GPU"
    import ctranslate2

    if not ctranslate2.get_cuda_device_count():
        return "this build of CTranslate2 has no CUDA"
    library = "cublas64_12.dll" if sys.platform == "win32" else "libcublas.so.12"
    # Once it is in memory CTranslate2 finds it by its name; where pip put it, nothing looks by itself.
    for file in (*_packaged(library), library):
        try:
            ctypes.CDLL(str(file), ctypes.RTLD_GLOBAL)
            return None
        except OSError:
            continue
    return f"CTranslate2 needs {library} (pip install nvidia-cublas-cu12)"


def _packaged(library: str) -> list[Path]:
    try:
        package = find_spec("nvidia.cublas")
    except ModuleNotFoundError:
        return []
    folders = list(package.submodule_search_locations or ()) if package else []
    return [file for folder in folders for part in ("lib", "bin") if (file := Path(folder) / part / library).is_file()]


def _torch_has_gpu() -> bool:
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()


def resolve_device(device: str) -> str:
    """For transformers: `auto` is CUDA where there is one, then Apple's MPS, then the CPU. Raises `StageError` for one that is
    not here.
    """
    if device == "cpu":
        return device
    import torch

    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if device == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    here = [*(["cuda"] if cuda else []), *(["mps"] if mps else []), "cpu"]
    numbered = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if cuda else []
    if device not in here + numbered:
        raise StageError(f"there is no device {device!r} that torch can use here; there are: auto, {', '.join(here + numbered)}")
    return device


def resolve_dtype(dtype: str, device: str) -> str:
    """For transformers: `auto` is 16-bit on a GPU and float32 on a CPU, where bfloat16 without AMX is several times slower."""
    if dtype != "auto":
        return dtype  # without torch: a run that finds everything in the cache never imports it
    import torch

    place = (resolve_device(device) if device == "auto" else device).partition(":")[0]
    if place == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "float16" if place == "mps" else "float32"
