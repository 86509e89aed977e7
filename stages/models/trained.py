"""What a model that `pivot-sum train` made asks of whoever uses it: a note in its folder, which is
part of the folder's content hash. A stage whose fields are left at their defaults follows it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from pivot_sum.stages.errors import DamagedModel, ModelUnreachable
from pivot_sum.stages.models.hub import hub_copy, local_folder

Placeholders = Literal["added-tokens", "plain", "names"]

NOTE: Final = "pivot_sum.json"
"""The note's file, beside config.json."""


@dataclass(frozen=True)
class Trained:
    """How the texts were written that a model learned from. The defaults are those of a model
    without a note."""

    placeholders: Placeholders = "plain"
    """As tokens of their own, as text, or as first names."""
    prefix: str = ""
    """What stood in front of every input."""


def write_note(trained: Trained, folder: Path) -> None:
    """Put the note into a model's folder."""
    text = json.dumps(asdict(trained), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / NOTE).write_text(text, encoding="utf-8")


def trained(model: str, revision: str) -> Trained:
    """The note of a model whose files are here, by the name the user gives it. One without a note
    has the defaults, and so has a name that leads nowhere, which whoever loads the model says.
    Raises `DamagedModel` for a note that cannot be read."""
    try:
        folder = local_folder(model) or hub_copy(model, revision)
    except ModelUnreachable:
        folder = None
    return note_in(folder) if folder else Trained()


def note_in(folder: Path) -> Trained:
    """The note in a model's folder. Raises `DamagedModel` for one that cannot be read."""
    file = folder / NOTE
    if not file.is_file():
        return Trained()
    try:
        return Trained(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise DamagedModel(
            f"{file} cannot be read: {error}. It says how the model was trained: copy it again"
        ) from error
