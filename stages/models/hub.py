"""From a model's name to a folder of files, and to a fingerprint that changes when the weights do.

A name is `demo:NAME` (shipped with the program), a local folder, or an id on the Hugging Face hub.
Nothing here imports torch; `pivot_sum.stages.models.checkpoints` turns what it finds into something
that can be loaded.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pivot_sum.stages.errors import DamagedModel, ModelUnreachable
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.models.unreachable import unreachable
from pivot_sum.stages.models.weights import lacking, weight_files

log = logging.getLogger(__name__)

DEMO_PREFIX = "demo:"
DEMO_FOLDER = Path(__file__).parent / "demo"

_HUB_ID = re.compile(r"[\w][\w.-]*(/[\w][\w.-]*)?")
_PATTERNS = ["*.json", "*.model", "*.spm", "*.txt"]
_SAFETENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")


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
            f"model folder {name!r} does not exist (looked in {folder.absolute()}); give the"
            " folder of a model, or its id on the Hugging Face hub (OWNER/NAME)"
        )
    return None


def name_and_revision(name: str) -> tuple[str, str]:
    """A model's name without the `@REVISION` that may stand behind an id on the hub, and that
    revision. A folder may have an @ in its name."""
    if Path(name).expanduser().is_dir():
        return name, "main"
    model, at, revision = name.rpartition("@")
    return (model, revision) if at and _HUB_ID.fullmatch(model) and revision else (name, "main")


def fingerprint(name: str, revision: str) -> dict[str, Any]:
    """What a model name stands for now: a local folder by content, a hub model by commit.

    Raises `ModelUnreachable` when neither the hub nor its local copy knows the name.
    """
    folder = local_folder(name)
    if folder is not None:
        return {"sha256": content_hash(folder)}
    return {"hub": name, "commit": _hub_commit(name, revision)[0]}


def content_key(name: str, revision: str) -> str:
    """The fingerprint as one string of hexadecimal digits, fit for the name of a folder. Raises
    `ModelUnreachable`."""
    return hashlib.sha256(
        json.dumps(fingerprint(name, revision), sort_keys=True).encode()
    ).hexdigest()


def by_content(models: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Several models, by name and revision, in an order that only what they hold decides. Raises
    `ModelUnreachable`."""
    if len(models) == 1:
        return list(models)
    return sorted(models, key=lambda model: content_key(*model))


def model_type(name: str, revision: str) -> str | None:
    """The architecture config.json names; None where it names none or cannot be read, which whoever
    loads the model will say.

    Of a hub model only that file is fetched. Raises `ModelUnreachable`.
    """
    folder = local_folder(name)
    if folder is None:
        from huggingface_hub import hf_hub_download

        commit, _ = _hub_commit(name, revision)
        try:
            folder = Path(hf_hub_download(name, "config.json", revision=commit)).parent
        except Exception as error:  # as in `fetch`
            raise unreachable(name, revision, error) from error
    try:
        named = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return named if isinstance(named, str) else None


def hub_copy(name: str, revision: str) -> Path | None:
    """The folder of what was fetched of a hub model already; None where nothing was."""
    answer = _asked.get(_key(name, revision))
    return _copy(name, answer if isinstance(answer, str) else revision)


def fetch(name: str, revision: str) -> Path:
    """A folder holding the model's files; of a hub model, what is not here yet is downloaded.

    Safetensors are preferred; `pytorch_model.bin` is fetched only where there is nothing else.
    Where the hub does not answer, or refuses, a copy from an earlier download will do if its
    weights are whole. Raises `ModelUnreachable`.
    """
    folder = local_folder(name)
    if folder is not None:
        return folder
    commit, problem = _hub_commit(name, revision)
    if problem is None:
        try:
            folder = _complete(name, commit)
            _remember_commit(folder, revision)
            return folder
        # the hub client raises many kinds: HTTP, offline mode, time-outs, full disks
        except Exception as error:
            problem = error
    here = _copy(name, commit)
    try:
        missing = _missing(name, here) if here else []
        if here and not missing and weight_files(here):
            return here
    except DamagedModel:  # an index cut short: only the hub could put it right
        missing = []
    _asked.pop(_key(name, revision), None)  # whoever tries again asks again
    raise unreachable(name, revision, problem, missing) from problem


def _complete(name: str, commit: str) -> Path:
    """The folder with all the hub has of a model; what is not here yet is downloaded."""
    from huggingface_hub import HfApi, snapshot_download

    files = HfApi().list_repo_files(name, revision=commit)
    here = _copy(name, commit)
    if here and all((here / file).is_file() for file in _wanted(files)):
        return here
    return Path(snapshot_download(name, revision=commit, allow_patterns=_patterns(files)))


def _missing(name: str, folder: Path) -> list[str]:
    """What a copy lacks of the files the hub has, as the hub client noted them when the download
    began; of a copy another program made, at least the weights are known. Raises `DamagedModel`.

    A tokenizer or generation_config.json that is not there yet would not fail: another one, or
    another default, would take its place, under the same commit.
    """
    from huggingface_hub import get_cached_repo_tree
    from huggingface_hub.errors import CachedRepoTreeNotFoundError

    try:
        files = [file.path for file in get_cached_repo_tree(name, revision=folder.name)]
    except CachedRepoTreeNotFoundError:
        files = []
    return [file for file in _wanted(files) if not (folder / file).is_file()] or lacking(folder)


def _patterns(files: list[str]) -> list[str]:
    """What is fetched of a repository with these files."""
    weights = "*.safetensors" if any(map(_SAFETENSORS.fullmatch, files)) else "pytorch_model*.bin"
    return [*_PATTERNS, weights]


def _wanted(files: list[str]) -> list[str]:
    from huggingface_hub.utils import filter_repo_objects

    return sorted(filter_repo_objects(files, allow_patterns=_patterns(files)))


_asked: dict[tuple[str, ...], str | Exception] = {}
"""What the hub said when this process first asked what a revision stands for: a commit, or why it
did not say."""


def _hub_commit(name: str, revision: str) -> tuple[str, Exception | None]:
    """The commit a revision stands for; or, with what went wrong, the one it stood for when the
    model was last fetched. Raises `ModelUnreachable` where that is not known either.

    A process asks once. Otherwise a branch that moves, or a hub that stops or begins to answer,
    between the question for the identity and the loading of the weights would store the answers of
    one commit under another.
    """
    key = _key(name, revision)
    answer = _asked[key] if key in _asked else _ask(name, revision)
    if isinstance(answer, str):
        _asked[key] = answer
        return answer, None
    copy = _copy(name, revision)
    if copy is None:
        raise unreachable(name, revision, answer) from answer
    _asked[key] = answer
    return copy.name, answer


def _key(name: str, revision: str) -> tuple[str, ...]:
    """What `_asked` goes by: the hub and the folder of its client belong to the question."""
    from huggingface_hub import constants

    return constants.ENDPOINT, constants.HF_HUB_CACHE, name, revision


def _ask(name: str, revision: str) -> str | Exception:
    from huggingface_hub import HfApi

    try:
        commit = HfApi().model_info(name, revision=revision, timeout=10).sha
        return str(commit) if commit else ValueError("the hub named no commit")
    except Exception as error:  # as in `fetch`
        return error


def _copy(name: str, revision: str) -> Path | None:
    """The hub client's folder of what was fetched of a revision; it is called like the commit."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, "config.json", revision=revision)
    return Path(config).parent if isinstance(config, str) else None


def _remember_commit(folder: Path, revision: str) -> None:
    """Note which commit the revision stood for, where the hub client looks when it cannot ask:
    `refs/REVISION` beside `snapshots/COMMIT`.

    The client notes that by itself only for what is fetched by the revision's name. We fetch by
    commit, because between asking and fetching the name may come to stand for another; and we note
    it when everything is there, so that a name never leads to a part of a model.
    """
    snapshots = folder.parent
    if snapshots.name != "snapshots" or revision == folder.name:
        return
    reference = snapshots.parent / "refs" / revision
    try:
        if reference.is_file() and reference.read_text() == folder.name:
            return
        reference.parent.mkdir(parents=True, exist_ok=True)
        unfinished = reference.with_name(f"{reference.name}.{os.getpid()}.unfinished")
        unfinished.write_text(folder.name)
        os.replace(unfinished, reference)
    except OSError as error:  # a folder shared by many may be read-only
        log.debug("%s cannot be written: %s", reference, error)
