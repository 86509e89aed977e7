"""How each format of `formats.py` is made and answers. It runs in the Python that has the format's
packages, which need another transformers than ours, so nothing of ours is imported here.

    python formats_measured.py make FORMAT CHECKPOINT FOLDER
    python formats_measured.py answer FORMAT FOLDER REQUEST       prints what it took, as JSON
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Answer = Callable[[Sequence[list[int]], int], int]
"""Rows of tokens and the length of the answers to the number of tokens answered."""

CORES = os.cpu_count() or 1


def make_openvino(checkpoint: Path, folder: Path) -> None:
    """Weights in 8 bits; what OpenVINO multiplies them with it rounds to 8 bits itself, where the
    machine gains by it."""
    from optimum.intel import OVModelForSeq2SeqLM, OVWeightQuantizationConfig

    OVModelForSeq2SeqLM.from_pretrained(
        checkpoint,
        export=True,
        compile=False,
        quantization_config=OVWeightQuantizationConfig(bits=8),
    ).save_pretrained(folder)


def make_onnx(checkpoint: Path, folder: Path) -> None:
    """Weights in 8 bits; what they are multiplied with is rounded to 8 bits as it comes."""
    from optimum.onnxruntime import ORTModelForSeq2SeqLM, ORTQuantizer
    from optimum.onnxruntime.configuration import AutoQuantizationConfig

    whole = folder / "float32"
    ORTModelForSeq2SeqLM.from_pretrained(checkpoint, export=True, use_merged=False).save_pretrained(
        whole
    )
    vnni = "avx512_vnni" in Path("/proc/cpuinfo").read_text()
    for_machine = AutoQuantizationConfig.avx512_vnni if vnni else AutoQuantizationConfig.avx2
    how = for_machine(is_static=False, per_channel=True)
    for file in sorted(whole.glob("*.onnx")):
        ORTQuantizer.from_pretrained(whole, file_name=file.name).quantize(
            save_dir=folder,
            quantization_config=how,
            file_suffix="",
            use_external_data_format=True,
        )


def load_ctranslate2(folder: Path, beams: int, batch: int, first: int | None) -> Answer:
    """CTranslate2 with a worker of one thread a core."""
    import ctranslate2

    translator = ctranslate2.Translator(
        str(folder), compute_type="int8_float32", inter_threads=CORES, intra_threads=1
    )

    def answer(rows: Sequence[list[int]], length: int) -> int:
        results = translator.translate_batch(
            [list(map(str, row)) for row in rows],
            target_prefix=None if first is None else [[str(first)]] * len(rows),
            max_batch_size=max(1, min(batch, len(rows) // CORES)),
            beam_size=beams,
            patience=2 if beams > 1 else 1,
            max_decoding_length=length,
            min_decoding_length=length,
        )
        return sum(len(result.hypotheses[0]) for result in results)

    return answer


def load_openvino(folder: Path, beams: int, batch: int, first: int | None) -> Answer:
    """transformers' `generate` over OpenVINO, which takes all cores for one batch."""
    from optimum.intel import OVModelForSeq2SeqLM

    model = OVModelForSeq2SeqLM.from_pretrained(
        folder, ov_config={"INFERENCE_NUM_THREADS": str(CORES), "PERFORMANCE_HINT": "LATENCY"}
    )
    return _generating(model, beams, batch, first)


def load_onnx(folder: Path, beams: int, batch: int, first: int | None) -> Answer:
    """transformers' `generate` over ONNX Runtime, with all cores for one batch."""
    import onnxruntime
    from optimum.onnxruntime import ORTModelForSeq2SeqLM

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = CORES
    model = ORTModelForSeq2SeqLM.from_pretrained(
        folder, use_merged=False, session_options=options, provider="CPUExecutionProvider"
    )
    return _generating(model, beams, batch, first)


def _generating(model: Any, beams: int, batch: int, first: int | None) -> Answer:
    import torch

    torch.set_num_threads(CORES)
    model.generation_config.max_length = None

    def answer(rows: Sequence[list[int]], length: int) -> int:
        found = 0
        for start in range(0, len(rows), batch):
            ids = torch.tensor(rows[start : start + batch])
            answers = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                num_beams=beams,
                do_sample=False,
                min_new_tokens=length,
                max_new_tokens=length,
                forced_bos_token_id=first,
            )
            assert answers.shape == (len(ids), 1 + length), answers.shape
            found += len(ids) * length
        return found

    return answer


MAKE = {"openvino": make_openvino, "onnx": make_onnx}
LOAD = {"ctranslate2": load_ctranslate2, "openvino": load_openvino, "onnx": load_onnx}


def peak() -> float:
    """The most memory this process held, in MB; `getrusage` gives its parent's, where that is
    more."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main(arguments: Sequence[str]) -> None:
    """Make a format's files, or answer with them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("command", choices=["make", "answer"])
    parser.add_argument("format", choices=list(LOAD))
    parser.add_argument("read", type=Path, help="the checkpoint, or the format's files")
    parser.add_argument("other", type=Path, help="the folder to make, or the request")
    asked = parser.parse_args(arguments)
    if asked.command == "make":
        MAKE[asked.format](asked.read, asked.other)
        return
    request = json.loads(asked.other.read_text())
    answer = LOAD[asked.format](asked.read, request["beams"], request["batch"], request["first"])
    answer(request["rows"][: 2 * CORES], 2)  # warm
    clock, processors = time.perf_counter(), time.process_time()
    tokens = answer(request["rows"], request["length"])
    print(
        json.dumps(
            {
                "tokens": tokens,
                "clock": time.perf_counter() - clock,
                "processors": time.process_time() - processors,
                "peak": peak(),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
