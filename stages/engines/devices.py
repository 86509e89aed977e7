"""What this machine has to run a model on: NVIDIA's GPUs, what CTranslate2 and torch can use of
them."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pivot_sum.stages.errors import StageError


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
    # Once it is in memory CTranslate2 finds it by its name; where pip put it, nothing looks by
    # itself.
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
    return [
        file
        for folder in folders
        for part in ("lib", "bin")
        if (file := Path(folder) / part / library).is_file()
    ]


def resolve_device(device: str) -> str:
    """For transformers: `auto` is CUDA where there is one, then Apple's MPS, then the CPU. Raises
    `StageError` for one that is not here.
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
        raise StageError(
            f"there is no device {device!r} that torch can use here; there are: auto,"
            f" {', '.join(here + numbered)}"
        )
    return device


def resolve_dtype(dtype: str, device: str) -> str:
    """For transformers: `auto` is 16-bit on a GPU and float32 on a CPU, where bfloat16 without AMX
    is several times slower."""
    if dtype != "auto":
        return dtype  # without torch: a run that finds everything in the cache never imports it
    import torch

    place = (resolve_device(device) if device == "auto" else device).partition(":")[0]
    if place == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "float16" if place == "mps" else "float32"
