"""OpenVINO and ONNX Runtime beside CTranslate2: `python benchmarks/formats.py [nllb|bart]
[--openvino-python FILE] [--onnx-python FILE] [--texts N] [--rounds R] [--kept FOLDER]`.

Full-size architectures with random weights (speed does not depend on what they are), in 8 bits,
tokens prepared beforehand, answers of a forced length, greedy and with four beams: CTranslate2 with
a worker a core, the others by transformers' `generate` with all cores for one batch, in batches of
the same size. The packages that run these models with the others refuse our transformers, so each
runs in the Python it is given, of an environment of its own:

    python -m venv ov && ov/bin/pip install "optimum-intel[openvino]==2.2.0" torch==2.13.0
    python -m venv ort && ort/bin/pip install "optimum-onnx[onnxruntime]==0.1.0" torch==2.13.0

Each way in a process of its own, by turns. Making the files takes longer than answering with them:
those that are in the folder of `--kept` already are used. Prints, in Markdown, tokens per second of
the best hypothesis, CTranslate2 as a multiple of the way by the clock and by the time of the
processors (steadier beside other work), and memory; and what this machine has for 8 bits.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import median

from shapes import CORES, SHAPES, Shape, make_model, make_texts, target_prefix

from pivot_sum.stages.engines.conversion import converted
from pivot_sum.stages.models.hub import fetch

MEASURED = Path(__file__).with_name("formats_measured.py")
LABELS = {"ctranslate2": "CTranslate2", "openvino": "OpenVINO", "onnx": "ONNX Runtime"}
Measured = dict[str, float]


class Failed(Exception):
    """A format that cannot be made or run here, with the last line it said."""


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("shapes", nargs="*", help=f"of {', '.join(SHAPES)}; default: all")
    parser.add_argument("--openvino-python", type=Path)
    parser.add_argument("--onnx-python", type=Path)
    parser.add_argument("--texts", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kept", type=Path)
    asked = parser.parse_args(arguments)
    pythons = {
        "ctranslate2": Path(sys.executable),
        "openvino": asked.openvino_python,
        "onnx": asked.onnx_python,
    }
    print(
        f"{date.today()}, {CORES} cores, {platform.machine()}, Python {platform.python_version()},"
        f" {asked.rounds} rounds\n{eight_bits()}\n"
    )
    for name in asked.shapes or SHAPES:
        with tempfile.TemporaryDirectory() as passing:
            place = asked.kept / name if asked.kept else Path(passing)
            place.mkdir(parents=True, exist_ok=True)
            os.environ["PIVOT_SUM_MODELS"] = str(place / "converted")
            table(SHAPES[name], place, pythons, asked.texts, asked.rounds)


def eight_bits() -> str:
    """What this machine has for multiplying 8-bit numbers, and whether CTranslate2 takes bf16
    beside them."""
    import ctranslate2

    flags = Path("/proc/cpuinfo").read_text().partition("flags")[2].partition("\n")[0].split()
    kinds = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")
    has = [kind for kind in kinds if kind in flags]
    mixed = "int8_bfloat16" in ctranslate2.get_supported_compute_types("cpu")
    return (
        f"The processor has {', '.join(has) or 'none'} of {', '.join(kinds)}; CTranslate2"
        f" {'takes' if mixed else 'refuses'} int8 with bf16 (int8_bfloat16)."
    )


def table(
    shape: Shape, place: Path, pythons: dict[str, Path | None], number: int, rounds: int
) -> None:
    """One architecture, each format by turns."""
    if not (place / "model").exists():
        make_model(shape, place / "model")
    folders, failed = {}, {}
    for kind, python in pythons.items():
        try:
            folders[kind] = _made(kind, python, place)
        except Failed as error:
            failed[kind] = str(error)
    print(
        f"{shape.name}, batches of {shape.batch}\n\n"
        "| search | format | tok/s | CTranslate2 is, by the clock | by the processors | peak MB |\n"
        "|---|---|--:|--:|--:|--:|"
    )
    for beams in (4, 1):
        request = place / "request.json"
        request.write_text(json.dumps(_request(shape, beams, number)))
        found: dict[str, list[Measured]] = {kind: [] for kind in folders}
        for _ in range(rounds):
            for kind in list(found):
                try:
                    output = _run(pythons[kind], "answer", kind, folders[kind], request)
                    found[kind].append(json.loads(output.splitlines()[-1]))
                except Failed as error:
                    failed[kind] = str(error)
                    del found[kind]
        search = "greedy" if beams == 1 else f"beam {beams}"
        for kind, runs in found.items():
            print(f"| {search} | {LABELS[kind]} | {_cells(found['ctranslate2'], runs)} |")
    for kind, line in failed.items():
        print(f"\n{LABELS[kind]} was not measured: {line}")
    print(flush=True)


def _made(kind: str, python: Path | None, place: Path) -> Path:
    """The files of a format, made from the checkpoint."""
    if kind == "ctranslate2":
        return converted(place / "model", str(place / "model"), "main", "int8")
    if not (place / kind).exists():
        _run(python, "make", kind, place / "model", place / kind)
    return place / kind


def _run(python: Path | None, command: str, kind: str, folder: Path, other: Path) -> str:
    if python is None:
        raise Failed("no Python with its packages was given")
    done = subprocess.run(
        [python, MEASURED, command, kind, folder, other],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"},
    )
    if done.returncode:
        raise Failed((done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1])
    return done.stdout


def _request(shape: Shape, beams: int, number: int) -> dict[str, object]:
    """The rows of tokens and how they are to be answered."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(fetch(shape.borrowed, "main") / "tokenizer.json"))
    rows = [tokenizer.encode(text).ids for text in make_texts(shape, 2 * number)]
    # Of one length, so that no way has padding to compute.
    rows = [row[: shape.length] for row in rows if len(row) >= shape.length][:number]
    first = target_prefix(shape, tokenizer)
    return {
        "rows": rows,
        "beams": beams,
        "batch": shape.batch,
        "length": shape.answer,
        "first": int(first[0]) if first else None,
    }


def _cells(first: Sequence[Measured], runs: Sequence[Measured]) -> str:
    """Tokens per second, ratios to the first and memory."""
    speed = median(run["tokens"] / run["clock"] for run in runs)
    cells = [f"{speed:.1f}"]
    for what in ("clock", "processors"):
        each = sorted(run[what] / one[what] for one, run in zip(first, runs, strict=True))
        cells.append("" if runs is first else f"{each[0]:.2f} to {each[-1]:.2f} ×")
    cells.append(f"{max(run['peak'] for run in runs):,.0f}")
    return " | ".join(cells)


if __name__ == "__main__":
    main(sys.argv[1:])
