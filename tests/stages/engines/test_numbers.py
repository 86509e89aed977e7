"""Number formats: float16 only where a model stands it, and an error that names dtype where
numbers overflow; answers beyond the learned positions; the cores of a container."""

from __future__ import annotations

import logging
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import ctranslate2
import pytest
import torch
from checkpoints import ENGLISH, make_bart
from checkpoints_families import _livelier
from transformers import AutoModelForSeq2SeqLM

from pivot_sum.stages.engines import devices, select
from pivot_sum.stages.engines.base import Engine, EngineSpec, Row, Rows, Search
from pivot_sum.stages.engines.ctranslate2 import CTranslate2Engine
from pivot_sum.stages.engines.devices import cpu_cores
from pivot_sum.stages.engines.select import choose, engine_for, free
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import DamagedModel, StageError

Small = Callable[[str], Path]
both_engines = pytest.mark.parametrize("engine_name", ["ctranslate2", "transformers"])
GREEDY = Search(1, 8, 0, 1.0, 0, 1.0)
BEAMS = Search(3, 8, 0, 1.0, 0, 1.0)


def load(folder: Path, engine_name: str, dtype: str = "float32") -> Engine:
    free()
    return engine_for(EngineSpec(str(folder), "main", dtype, "cpu", 1, engine_name))


# dtype: auto


@pytest.mark.parametrize(
    ("family", "expected"), [("bart", "float16"), ("nllb", "float16"), ("t5", "float32")]
)
@pytest.mark.parametrize("machine", ["T4", "Apple"])
def test_without_native_bfloat16_auto_is_float16_for_models_that_stand_it(
    machine: str, family: str, expected: str, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuda = machine == "T4"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    card = SimpleNamespace(major=7, minor=5)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: card)
    monkeypatch.setattr(torch.cuda, "_check_bf16_tensor_supported", lambda device: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: not cuda)
    found = choose(str(small(family)), "main", engine="transformers", dtype="auto", device="auto")
    assert found.dtype == expected


@pytest.mark.parametrize(("family", "expected"), [("bart", "float16"), ("mt5", "float32")])
def test_ctranslate2_on_a_t4_does_the_same(
    family: str, expected: str, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(select, "nvidia_gpus", lambda: 1)
    monkeypatch.setattr(select, "cuda_trouble", lambda: None)
    formats = {"float32", "float16", "int8_float32"}
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device, index: formats)
    found = choose(str(small(family)), "main", engine="auto", dtype="auto", device="auto")
    assert found == ("ctranslate2", expected, "cuda")


# What is no number


@pytest.fixture
def huge(small: Small, tmp_path: Path) -> Path:
    """A T5 whose numbers float32 holds, and float16 does not."""
    folder = shutil.copytree(small("t5"), tmp_path / "huge")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name.endswith("SelfAttention.v.weight"):
                weights *= 100_000
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("search", [GREEDY, BEAMS], ids=["greedy", "beams"])
def test_numbers_that_overflow_are_an_error_that_names_dtype(huge: Path, search: Search) -> None:
    engine = load(huge, "transformers", "float16")
    with pytest.raises(StageError, match=r"huge computes no numbers .*float16.*set dtype: float32"):
        engine.generate(engine.encode(ENGLISH), search, batch_tokens=1000)
    engine = load(huge, "transformers")
    assert engine.generate(engine.encode(ENGLISH), search, batch_tokens=1000)


def test_weights_that_are_no_numbers_are_damaged(small: Small, tmp_path: Path) -> None:
    folder = shutil.copytree(small("nllb"), tmp_path / "m")
    model = AutoModelForSeq2SeqLM.from_pretrained(folder)
    with torch.no_grad():
        model.get_encoder().layers[0].fc1.weight[0, 0] = math.nan
    model.save_pretrained(folder)
    engine = load(folder, "transformers")
    engine.tokenizer.src_lang = "eng_Latn"
    with pytest.raises(DamagedModel, match="weights are damaged, or its training diverged"):
        engine.generate(
            engine.encode(ENGLISH), GREEDY, batch_tokens=1000, forced_bos_token="kor_Hang"
        )


@pytest.mark.parametrize("engine_type", [TransformersEngine, CTranslate2Engine])
def test_answers_of_nothing_but_padding_in_16_bits_are_that_error_in_both_engines(
    engine_type: type[Engine], small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_type(EngineSpec(str(small("t5")), "main", "float32", "cpu", 1))
    pad = engine.tokenizer.pad_token_id
    monkeypatch.setattr(
        engine_type, "_computed", lambda *_: iter([Rows([Row([pad] * 8, False)], 8)])
    )
    ask = engine.encode(ENGLISH[:1])
    assert engine.generate(ask, GREEDY, batch_tokens=1000)[0].text == ""
    monkeypatch.setattr(engine, "dtype", "float16")
    with pytest.raises(StageError, match="set dtype: float32"):
        engine.generate(ask, GREEDY, batch_tokens=1000)


def test_a_score_of_ctranslate2_that_is_no_number_is_that_error(small: Small) -> None:
    engine = CTranslate2Engine(EngineSpec(str(small("t5")), "main", "float32", "cpu", 1))
    engine.dtype = "bfloat16"

    def answer(score: float) -> SimpleNamespace:
        return SimpleNamespace(
            result=lambda: SimpleNamespace(hypotheses=[["7", "1"]], scores=[score])
        )

    assert engine._rows([answer(-1.0)]).rows == [Row([7, 1], True)]
    with pytest.raises(StageError, match=r"computes no numbers .*bfloat16.*dtype: float32"):
        engine._rows([answer(-1.0), answer(math.nan)])


# Positions


@both_engines
@pytest.mark.parametrize("beams", [1, 2])
def test_answers_end_at_the_last_position_with_one_note_and_are_unfinished(
    beams: int, engine_name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = load(_livelier(make_bart(tmp_path / "m", positions=32)), engine_name)
    encoded = engine.encode(["Hello."])
    long = Search(beams, 100, 90, 1.0, 0, 1.0)  # no answer ends by itself before the limit
    with caplog.at_level(logging.WARNING, logger="pivot_sum.stages.engines.base"):
        answers = engine.generate(encoded, long, batch_tokens=1000)
        assert engine.generate(encoded, long, batch_tokens=1000) == answers
    assert [answer.finished for answer in answers] == [False]
    notes = [record.message for record in caplog.records if "max_new_tokens" in record.message]
    assert len(notes) == 1
    assert "is 100, but" in notes[0] and "answers of 32 tokens" in notes[0]


# Cores


def group(root: Path, own: str, files: dict[str, str]) -> Path:
    for name, content in {"proc/self/cgroup": own, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


V2 = "0::/docker/abc\n"
V1 = "3:cpuset:/\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n"
SYS = "sys/fs/cgroup"


@pytest.mark.parametrize(
    ("own", "files", "expected"),
    [
        (V2, {f"{SYS}/cpu.max": "200000 100000\n"}, 2),
        (V2, {f"{SYS}/docker/abc/cpu.max": "150000 100000\n"}, 2),
        (V2, {f"{SYS}/docker/abc/cpu.max": "max 100000\n"}, 8),
        (V2, {f"{SYS}/docker/cpu.max": "50000 100000", f"{SYS}/docker/abc/cpu.max": "max 1"}, 1),
        (V1, {f"{SYS}/cpu/cpu.cfs_quota_us": "300000", f"{SYS}/cpu/cpu.cfs_period_us": "1000"}, 8),
        (V1, {f"{SYS}/cpu/cpu.cfs_quota_us": "3000", f"{SYS}/cpu/cpu.cfs_period_us": "1000"}, 3),
        (
            V1,
            {
                f"{SYS}/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "-1",
                f"{SYS}/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000",
            },
            8,
        ),
        (V2, {f"{SYS}/cpu.max": "banana"}, 8),
        (V1, {}, 8),
        ("", {}, 8),
    ],
)
def test_the_time_a_container_is_given_bounds_the_cores(
    own: str,
    files: dict[str, str],
    expected: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = group(tmp_path, own, files)
    quotas = devices._quotas
    monkeypatch.setattr(devices, "_quotas", lambda _: quotas(root))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(8)), raising=False)
    assert cpu_cores() == expected


def test_no_more_cores_than_the_process_is_bound_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = group(tmp_path, V2, {f"{SYS}/cpu.max": "400000 100000\n"})
    quotas = devices._quotas
    monkeypatch.setattr(devices, "_quotas", lambda _: quotas(root))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {3}, raising=False)
    assert cpu_cores() == 1
    assert list(quotas(tmp_path / "nowhere")) == []


def test_torch_takes_no_more_threads_than_there_are_cores(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        monkeypatch.setattr("pivot_sum.stages.engines.transformers.cpu_cores", lambda: 3)
        TransformersEngine(EngineSpec(str(small("bart")), "main", "float32", "cpu", 0))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
