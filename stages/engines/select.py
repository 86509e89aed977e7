"""Which program runs a model, on which device and in which number format, when a recipe says
`auto`.

The answer is part of a stage's identity, so it is found without loading anything, and without torch
wherever that is possible: a run that finds everything in the cache must not spend seconds on an
import.
"""

from __future__ import annotations

import gc
import logging
import platform
import sys
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

from pivot_sum.stages.engines.base import Engine, EngineSpec
from pivot_sum.stages.engines.devices import (
    cuda_trouble,
    device_numbers,
    nvidia_gpus,
    resolve_dtype,
    stands_float16,
)
from pivot_sum.stages.errors import StageError
from pivot_sum.stages.models.architectures import architecture
from pivot_sum.stages.models.hub import model_type

log = logging.getLogger(__name__)

_DEVICES = ("auto", "cpu", "cuda", "mps")

INT8_NEEDS_CTRANSLATE2 = "int8 is a number format of CTranslate2 only (engine: ctranslate2)"


class Choice(NamedTuple):
    """What `auto` stands for. For transformers the device may still be `auto`: torch is asked when
    the model is loaded."""

    engine: str
    dtype: str
    device: str


NO_ENSEMBLES = "CTranslate2 has no ensembles"


def choose(
    model: str, revision: str, *, engine: str, dtype: str, device: str, ensemble: bool = False
) -> Choice:
    """What runs a model, or an `ensemble` with it, here. `auto` is CTranslate2 wherever it can run
    the model, for it is several times as fast; why it is not is logged once.

    Raises `StageError` where what is asked for cannot be had, and `ModelUnreachable`.
    """
    if engine == "transformers":
        return _with_transformers(dtype, device, model, revision)
    if device.partition(":")[0] not in _DEVICES:
        raise StageError(
            f"there is no device {device!r}; there are: {', '.join(_DEVICES)}, and with a number"
            " cuda:1, or several for ctranslate2: cuda:0,1"
        )
    device_numbers(device)
    explicit = engine == "ctranslate2" or dtype == "int8"
    place, trouble = _ctranslate2_device(device, explicit)
    if trouble is None and place == "cpu" and dtype in ("bfloat16", "float16"):
        trouble = f"CTranslate2 has no {dtype} on a CPU (it has int8 and float32)"
    if trouble is None and ensemble:
        trouble = NO_ENSEMBLES
    if (
        trouble is None
        and engine == "auto"
        and not architecture(kind := model_type(model, revision)).ctranslate2
    ):
        trouble = f"CTranslate2 cannot run the architecture {kind!r} of {model}"
    if trouble is None:
        return Choice("ctranslate2", _ctranslate2_dtype(dtype, place, model, revision), place)
    if explicit:
        raise StageError(
            f"{trouble}; set engine: transformers"
            + (" and another dtype" if dtype == "int8" else "")
        )
    _log_once(trouble)
    return _with_transformers(dtype, device, model, revision)


def _with_transformers(dtype: str, device: str, model: str, revision: str) -> Choice:
    if dtype == "int8":
        raise StageError(INT8_NEEDS_CTRANSLATE2)
    return Choice(
        "transformers",
        resolve_dtype(dtype, device, lambda: stands_float16(model, revision)),
        device,
    )


@cache
def _log_once(reason: str) -> None:
    log.warning("the slower engine, transformers, is used: %s", reason)


def _ctranslate2_device(device: str, explicit: bool) -> tuple[str, str | None]:
    """The device CTranslate2 would run on, and why it cannot, or why another engine is better off
    (None: nothing of this).

    Where it cannot use the GPU, `auto` leaves the model to transformers if torch can; an engine
    insisted on stays on the CPU.
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
    return "cpu", None if explicit or not _torch_has_gpu() else trouble


def _ctranslate2_dtype(dtype: str, device: str, model: str, revision: str) -> str:
    if dtype != "auto":
        return dtype
    if device == "cpu":
        return "int8"
    import ctranslate2

    formats = ctranslate2.get_supported_compute_types("cuda", device_numbers(device)[0])
    if "bfloat16" in formats:
        return "bfloat16"
    half = "float16" in formats and stands_float16(model, revision)
    return "float16" if half else "float32"


def _torch_has_gpu() -> bool:
    import torch

    return torch.cuda.is_available() or torch.backends.mps.is_available()


_in_memory: dict[EngineSpec, Engine] = {}


def engine_for(spec: EngineSpec) -> Engine:
    """The engine for a spec, loaded on first use. Raises what `pivot_sum.stages.models.hub`,
    `pivot_sum.stages.engines.select` and `pivot_sum.stages.models.checkpoints` raise.
    """
    if spec not in _in_memory:
        free()
        choice = choose(
            spec.model,
            spec.revision,
            engine=spec.engine,
            dtype=spec.dtype,
            device=spec.device,
            ensemble=bool(spec.ensemble),
        )
        chosen = replace(spec, engine=choice.engine, dtype=choice.dtype, device=choice.device)
        if choice.engine == "ctranslate2":
            from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine

            _in_memory[spec] = CTranslate2Engine(chosen)
        else:
            from pivot_sum.stages.engines.transformers import TransformersEngine

            _in_memory[spec] = TransformersEngine(chosen)
    return _in_memory[spec]


def free() -> None:
    """Forget the model in memory and give its memory back."""
    _in_memory.clear()
    # modules hold reference cycles; without this two models would be in memory while the next one
    # loads
    gc.collect()
    if "torch" in sys.modules:
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()
