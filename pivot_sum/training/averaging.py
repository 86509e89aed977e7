"""The mean of the weights of several checkpoints, as one model.

Of the last checkpoints of one training (Vaswani et al. 2017, "Attention Is All You Need", section
6.1), or of several trainings of one base model (Wortsman et al. 2022, "Model soups", the uniform
soup).
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pivot_sum.data.trained_on import write_trained_on_all
from pivot_sum.errors import AverageRefused
from pivot_sum.stages.engines.vocabulary import tokenizer_differences
from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.checkpoints import load_tokenizer, with_safetensors
from pivot_sum.stages.models.content import content_files, content_hash
from pivot_sum.stages.models.hub import fetch, name_and_revision
from pivot_sum.stages.models.weights import weight_files
from pivot_sum.wording import number, some

CARD: Final = "README.md"

_IRRELEVANT: Final = {"_name_or_path", "transformers_version", "use_cache", "_from_model_config"}
"""Keys of config.json and generation_config.json that change no answer."""

_OF_TOKENIZER: Final = ("tokenizer", "special_tokens_map", "added_tokens", "vocab")
"""How the names of a tokenizer's files begin; tokenizers are compared by what they do."""


@dataclass(frozen=True)
class Averaged:
    """A model that was made, and of which checkpoints: their names by content hash."""

    folder: Path
    members: Mapping[str, str]
    tensors: int

    def as_json(self) -> dict[str, Any]:
        """As JSON values."""
        members = [{"name": name, "sha256": sha256} for sha256, name in self.members.items()]
        return {"folder": str(self.folder), "members": members, "tensors": self.tensors}


def average(models: Sequence[str], out: Path) -> Averaged:
    """Write the arithmetic mean of the weights of at least two models (folders or hub ids) into the
    new folder `out`, with configuration, tokenizer and a model card.

    Sums are float32 and taken in the order of the members' content hashes, so the result does not
    depend on the order they are named in. One tensor of each member is in memory at a time. `out`
    is there whole or not at all.

    Raises `AverageRefused` where `out` exists or cannot be written, or the members do not fit
    together, with every difference; and `pivot_sum.stages.errors.StageError` for a member that
    cannot be read.
    """
    if out.exists():
        raise AverageRefused(f"{out} exists and is left as it is; name another folder with --out")
    named = {name: _fetched(name) for name in models}
    members = {content_hash(folder): name for name, folder in named.items()}
    if len(members) < 2:
        same = " (they hold the same)" if len(models) > 1 else ""
        raise AverageRefused(
            f"an average needs two different checkpoints, and {', '.join(models) or 'none'}"
            f" {'are' if len(models) > 1 else 'is'} given{same}; name more folders, or a training's"
            " folder with --last N"
        )
    members = dict(sorted(members.items()))
    folders = [named[name] for name in members.values()]
    _require_alike(list(members.values()), folders)
    weights = [with_safetensors(folder) for folder in folders]
    _require_same_tensors(list(members.values()), weights)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as temporary:
            unfinished = Path(temporary) / "model"
            unfinished.mkdir()
            for file in content_files(folders[0]):
                if file.suffix not in (".safetensors", ".bin") and ".bin." not in file.name:
                    shutil.copyfile(file, unfinished / file.name)
            index = weights[0] / "model.safetensors.index.json"
            if index.is_file():
                shutil.copyfile(index, unfinished / index.name)
            tensors = sum(
                _write_mean(weights, name, unfinished / name) for name in weight_files(weights[0])
            )
            write_trained_on_all(unfinished, folders)
            (unfinished / CARD).write_text(_card(out, members, named), encoding="utf-8")
            unfinished.rename(out)
    except OSError as error:
        raise AverageRefused(
            f"{out} cannot be written: {error.strerror or error}. Make room there, or name another"
            " folder with --out"
        ) from error
    return Averaged(out, members, tensors)


def _fetched(name: str) -> Path:
    try:
        return fetch(*name_and_revision(name))
    except ModelUnreachable as error:
        if not error.of_hub:
            raise
        raise ModelUnreachable(
            f"there is no folder {Path(name).absolute()}. Name the folders of checkpoints. If it is"
            f" an id on the hub: {error.of_hub}"
        ) from error


def _require_alike(names: Sequence[str], folders: Sequence[Path]) -> None:
    """Whether all have the same configuration and tokenizer."""
    first, tokenizer = _settings(folders[0]), load_tokenizer(folders[0])
    found = []
    for name, folder in zip(names[1:], folders[1:], strict=True):
        other = _settings(folder)
        differ = sorted(key for key in first | other if first.get(key) != other.get(key))
        said = [
            f"{key} ({json.dumps(other.get(key))} and {json.dumps(first.get(key))})"
            for key in differ
        ]
        if said:
            found.append(f"{name} and {names[0]} differ in {some(said)}")
        found += [
            f"{name} and {names[0]}: {difference}"
            for difference in tokenizer_differences(tokenizer, load_tokenizer(folder))
        ]
    _refuse(found)


def _settings(folder: Path) -> dict[str, Any]:
    """Every setting in the JSON files of a model, but for those of the tokenizer, by file and
    key."""
    settings: dict[str, Any] = {}
    for file in content_files(folder):
        skipped = file.name.startswith(_OF_TOKENIZER) or file.name.endswith(".index.json")
        if file.suffix != ".json" or skipped:
            continue
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise AverageRefused(f"{file} is no JSON: {error}; fetch the model again") from error
        for key, value in values.items() if isinstance(values, dict) else [("", values)]:
            if key not in _IRRELEVANT:
                settings[f"{file.name}: {key}"] = value
    return settings


def _require_same_tensors(names: Sequence[str], folders: Sequence[Path]) -> None:
    """Whether all have the same tensors, in the same shapes and number formats."""
    first = _tensors(folders[0])
    found = []
    for name, folder in zip(names[1:], folders[1:], strict=True):
        other = _tensors(folder)
        for here, there, said in ((first, other, "lacks"), (other, first, "has besides")):
            if missing := sorted(here.keys() - there.keys()):
                found.append(f"{name} {said} {number(len(missing), 'tensor')} ({some(missing)})")
        if differ := sorted(
            f"{tensor} ({other[tensor]} and {first[tensor]})"
            for tensor in first.keys() & other.keys()
            if first[tensor] != other[tensor]
        ):
            found.append(f"{name} and {names[0]} differ in the tensors {some(differ)}")
    _refuse(found)


def _refuse(found: Sequence[str]) -> None:
    if found:
        raise AverageRefused(
            f"these models have no average: {'; '.join(found)}. Take checkpoints of one training,"
            " or trainings of the same base model; models of one tokenizer that differ otherwise"
            " can answer together instead (ensemble: in a recipe)"
        )


def _tensors(folder: Path) -> dict[str, str]:
    """Shape and number format of every tensor, by its name, from the heads of the files."""
    return {
        name: f"{tensor['dtype']} {tensor['shape']}"
        for file in weight_files(folder)
        for name, tensor in _head(folder / file)[1]
    }


def _head(file: Path) -> tuple[bytes, list[tuple[str, dict[str, Any]]]]:
    """The head of a safetensors file as it is, and its tensors in the order of their bytes: eight
    bytes with a length, then JSON, then the tensors one after the other."""
    with file.open("rb") as opened:
        length = opened.read(8)
        head = length + opened.read(*struct.unpack("<Q", length))
    tensors = [item for item in json.loads(head[8:]).items() if item[0] != "__metadata__"]
    return head, sorted(tensors, key=lambda item: item[1]["data_offsets"])


def _write_mean(folders: Sequence[Path], name: str, target: Path) -> int:
    """Write one file of the first member with the mean of all members in the place of its tensors;
    how many tensors it has."""
    import torch

    head, tensors = _head(folders[0] / name)
    with ExitStack() as stack, target.open("wb") as file:
        readers = [_Reader(folder, stack) for folder in folders]
        file.write(head)
        for tensor, _ in tensors:
            mean = _mean(tensor, (reader(tensor) for reader in readers))
            file.write(mean.contiguous().flatten().view(torch.uint8).numpy().data)
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave a name without its content
    return len(tensors)


class _Reader:
    """Reads single tensors of a model, whichever of its files they are in."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        from safetensors import safe_open

        opened = [
            stack.enter_context(safe_open(str(folder / file), framework="pt"))
            for file in weight_files(folder)
        ]
        self._files: dict[str, Any] = {}
        for file in opened:
            self._files |= dict.fromkeys(file.keys(), file)

    def __call__(self, name: str) -> Any:
        return self._files[name].get_tensor(name)


def _mean(name: str, tensors: Iterator[Any]) -> Any:
    import torch

    first = next(tensors)
    if not first.is_floating_point():  # counters and the like
        if not all(torch.equal(first, other) for other in tensors):
            raise AverageRefused(
                f"the tensor {name} holds whole numbers that differ between the members, which have"
                " no mean; these are no checkpoints of one model"
            )
        return first
    total, count = first.to(torch.promote_types(first.dtype, torch.float32), copy=True), 1
    for other in tensors:
        total += other
        count += 1
    return (total / count).to(first.dtype)


def _card(out: Path, members: Mapping[str, str], named: Mapping[str, Path]) -> str:
    """The model card: what it is, of what, how to use it; and the cards of its members, so that
    what they were trained on stays known."""
    rows = "\n".join(f"| {name} | `{sha256}` |" for sha256, name in members.items())
    card = f"""# {out.name}

The arithmetic mean of the weights of {len(members)} checkpoints, made by `pivot-sum average`
(Vaswani et al. 2017, Wortsman et al. 2022). Licences and training data are those of its members.

| member | SHA-256 of its content |
|---|---|
{rows}

Use it in any recipe: `--set STEP.model={out}`
"""
    cards: dict[str, list[str]] = {}
    for name in members.values():
        file = named[name] / CARD
        if file.is_file():
            cards.setdefault(file.read_text(encoding="utf-8").strip(), []).append(name)
    return card + "".join(
        f"\n## The card of {', '.join(names)}\n\n{text}\n" for text, names in cards.items()
    )
