"""From a model's name to a folder of files, and to a fingerprint that changes when the weights do.

A name is `demo:NAME` (shipped with the program), a local folder, or an id on the Hugging Face hub.
Nothing here imports torch; `pivot_sum.stages.models.checkpoints` turns what it finds into something
that can be loaded.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from pathlib import Path
from typing import Any

from pivot_sum.stages.errors import ModelUnreachable

DEMO_PREFIX = "demo:"
DEMO_FOLDER = Path(__file__).parent / "demo"

# What can change an output: configuration, vocabulary, weights. Model cards and training leftovers
# cannot.
_SUFFIXES = {".json", ".model", ".spm", ".txt", ".safetensors", ".bin"}
_NOT_WEIGHTS = {
    "training_args.bin",
    "optimizer.bin",
    "scheduler.bin",
    "trainer_state.json",
    "all_results.json",
}
_HUB_ID = re.compile(r"[\w][\w.-]*(/[\w][\w.-]*)?")
_PATTERNS = ["*.json", "*.model", "*.spm", "*.txt"]


def local_folder(name: str) -> Path | None:
    """The folder a name stands for without asking anybody, or None where it is an id on the hub.

    Raises `ModelUnreachable` for a demo model that does not exist and for a path without a folder.
    """
    if name.startswith(DEMO_PREFIX):
        demos = {DEMO_PREFIX + path.name: path for path in DEMO_FOLDER.glob("*") if path.is_dir()}
        if name not in demos:
            known = ", ".join(sorted(demos)) or "none (is the install whole?)"
            raise ModelUnreachable(f"there is no demo model {name!r}; there are: {known}")
        return demos[name]
    folder = Path(name).expanduser()
    if name and folder.is_dir():  # an empty name would be the working folder
        return folder
    if name.startswith((".", "/", "~")) or not _HUB_ID.fullmatch(name):
        raise ModelUnreachable(
            f"model folder {name!r} does not exist (looked in {folder.absolute()}); give a folder"
            " with config.json, weights and tokenizer, or the id of a model on the Hugging Face"
            " hub such as facebook/nllb-200-distilled-600M"
        )
    return None


def content_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of every file that can change an output, so a moved folder
    keeps its identity."""
    total = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in _SUFFIXES and path.name not in _NOT_WEIGHTS:
            total.update(f"{path.name}\0{_sha256(path)}\n".encode())
    return total.hexdigest()


_hashed: dict[tuple[str, int, int, int, int], str] = {}

_SETTLED = 2_000_000_000
"""Nanoseconds after which a further change of a file is sure to show in its times; some file
systems count in seconds."""


def _sha256(path: Path) -> str:
    """SHA-256 of a file. A run asks several times for models of gigabytes, so what did not change
    is not read again."""
    state = path.stat()
    unchanged = (
        str(path.absolute()),
        state.st_ino,
        state.st_size,
        state.st_mtime_ns,
        state.st_ctime_ns,
    )
    if unchanged in _hashed:
        return _hashed[unchanged]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) > _SETTLED:
        _hashed[unchanged] = digest
    return digest


def fingerprint(name: str, revision: str) -> dict[str, Any]:
    """What a model name stands for now: a local folder by content, a hub model by commit.

    Raises `ModelUnreachable` when neither the hub nor its local copy knows the name.
    """
    folder = local_folder(name)
    if folder is not None:
        return {"sha256": content_hash(folder)}
    return {"hub": name, "commit": _hub_commit(name, revision)}


def content_key(name: str, revision: str) -> str:
    """The fingerprint as one string of hexadecimal digits, fit for the name of a folder. Raises
    `ModelUnreachable`."""
    return hashlib.sha256(
        json.dumps(fingerprint(name, revision), sort_keys=True).encode()
    ).hexdigest()


def model_type(name: str, revision: str) -> str | None:
    """The architecture config.json names; None where it names none or cannot be read, which whoever
    loads the model will say.

    Of a hub model only that file is fetched. Raises `ModelUnreachable`.
    """
    folder = local_folder(name)
    if folder is None:
        from huggingface_hub import hf_hub_download

        commit = _hub_commit(name, revision)
        try:
            folder = Path(hf_hub_download(name, "config.json", revision=commit)).parent
        except Exception as error:  # as in `fetch`
            raise _unreachable(name, revision, error) from error
    try:
        named = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return named if isinstance(named, str) else None


def fetch(name: str, revision: str) -> Path:
    """A folder holding the model's files; a hub model is downloaded the first time.

    Safetensors are preferred; `pytorch_model.bin` is fetched only where there is nothing else.
    Raises `ModelUnreachable`.
    """
    folder = local_folder(name)
    if folder is not None:
        return folder
    from huggingface_hub import HfApi, snapshot_download

    commit = _hub_commit(name, revision)
    try:
        here = Path(
            snapshot_download(
                name,
                revision=commit,
                allow_patterns=[*_PATTERNS, "*.safetensors"],
                local_files_only=True,
            )
        )
        if any(here.glob("*.safetensors")) or any(here.glob("pytorch_model*.bin")):
            return here
    except OSError:
        pass
    # Not here yet, or not whole (whoever loads only a tokenizer leaves a folder without weights):
    # ask the hub.
    try:
        files = HfApi().list_repo_files(name, revision=commit)
        weights = (
            "*.safetensors"
            if any(file.endswith(".safetensors") for file in files)
            else "pytorch_model*.bin"
        )
        return Path(snapshot_download(name, revision=commit, allow_patterns=[*_PATTERNS, weights]))
    except (
        Exception
    ) as error:  # the hub client raises many kinds: HTTP, offline mode, time-outs, full disks
        raise _unreachable(name, revision, error) from error


def _hub_commit(name: str, revision: str) -> str:
    from huggingface_hub import HfApi, try_to_load_from_cache

    try:
        commit = HfApi().model_info(name, revision=revision, timeout=10).sha
        if commit:
            return str(commit)
        error: Exception = ValueError("the hub named no commit")
    except Exception as problem:  # as above
        error = problem
    # The hub client's own folder remembers which commit the revision stood for when it was last
    # fetched.
    config = try_to_load_from_cache(name, "config.json", revision=revision)
    if isinstance(config, str):
        return Path(config).parent.name
    raise _unreachable(name, revision, error)


def _unreachable(name: str, revision: str, error: Exception) -> ModelUnreachable:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    return ModelUnreachable(
        f"model {name!r} (revision {revision}) cannot be reached: {reason}. Check the id and the"
        " network, give a local folder instead (--set STEP.model=FOLDER), or replay what is cached"
        " with --offline"
    )
