"""What this machine has to run a model on: NVIDIA's GPUs, what CTranslate2 and torch can use of
them."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pivot_sum.stages.errors import StageError
from pivot_sum.stages.models.architectures import architecture
from pivot_sum.stages.models.hub import model_type


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


def device_numbers(device: str) -> list[int]:
    """The GPUs that a device names: `cuda:0,1` two, `cuda` the first. Raises `StageError`."""
    _, colon, numbers = device.partition(":")
    found = numbers.split(",") if colon else ["0"]
    if not all(number.isdecimal() for number in found) or len(set(found)) < len(found):
        raise StageError(
            f"device {device!r} names no GPUs; write cuda, cuda:1, or cuda:0,1 for two of them"
        )
    return [int(number) for number in found]


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


def resolve_dtype(dtype: str, device: str, float16: Callable[[], bool] = lambda: True) -> str:
    """For transformers: `auto` is 16-bit on a GPU and float32 on a CPU, where bfloat16 without AMX
    is several times slower. On a GPU without bfloat16 of its own (a T4 only emulates it) and on
    Apple's it is float16 if that is enough for the model, which is asked only there.
    """
    if dtype != "auto":
        return dtype  # without torch: a run that finds everything in the cache never imports it
    import torch

    place = (resolve_device(device) if device == "auto" else device).partition(":")[0]
    if place == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return "bfloat16"
    if place in ("cuda", "mps"):
        return "float16" if float16() else "float32"
    return "float32"


def stands_float16(model: str, revision: str) -> bool:
    """Whether float16, whose largest number is 65,504, is enough for a model. Reads config.json
    only. Raises `ModelUnreachable`."""
    return architecture(model_type(model, revision)).float16


def cpu_cores() -> int:
    """The cores this process may use: those it is bound to, and no more than a container was given
    the time of. OMP_NUM_THREADS, which torch and CTranslate2 would obey, is obeyed here."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    # Rounded up: two workers use a quota of 1.5 cores, one would leave a third of it.
    return max(1, min(bound or 1, *map(math.ceil, _quotas(Path("/"))), sys.maxsize))


def _quotas(root: Path) -> Iterator[float]:
    """The cores that Linux control groups (version 2: `cpu.max`, version 1: `cpu.cfs_quota_us`)
    give this process; those around its own hold too."""
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        # Version 1 is mounted by the name of its controllers. A container may see its own group as
        # the root while its path is still that of the host, so folders that are not there are
        # passed over.
        for mount in {controllers, "cpu" if controllers else ""}:
            group = Path(path.lstrip("/"))
            for folder in (group, *group.parents):
                quota = _quota(root / "sys/fs/cgroup" / mount / folder)
                if quota is not None:
                    yield quota


def _quota(folder: Path) -> float | None:
    for files in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            words = " ".join((folder / name).read_text(encoding="utf-8") for name in files).split()
            quota, period = (float(word) for word in words)
        except (OSError, ValueError):  # no such file, or "max": no limit
            continue
        if quota > 0 and period > 0:  # -1: no limit
            return quota / period
    return None
