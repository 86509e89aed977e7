"""The file of a step in a run folder: written block by block, read by the step that follows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import repeat
from pathlib import Path

from pivot_sum.data.sequences import FileSequence
from pivot_sum.running.reading import StepLine
from pivot_sum.running.results import Block
from pivot_sum.running.writing import writing

_encoded = json.JSONEncoder(ensure_ascii=False).encode


class StepFile(FileSequence[str]):
    """The texts of a step, in the order of the samples, whose ids are `ids`."""

    def __init__(self, path: Path, ids: Sequence[str], folder: Path) -> None:
        """`folder`: the run folder that messages name. Raises OSError."""
        self.path = path
        self._ids = ids
        self._folder = folder
        self._written = 0
        self._file = path.open("wb")

    @property
    def texts(self) -> Sequence[str]:
        """As `Texts.texts`."""
        return self

    def add(self, block: Block) -> None:
        """As `Texts.add`. Raises `RunFolderError`."""
        ids = self._ids[self._written : self._written + len(block.texts)]
        ends = repeat(None) if block.ends is None else block.ends
        with writing(self._folder):
            for id, text, noticed, end in zip(ids, block.texts, block.remarks, ends, strict=False):
                line = StepLine(id, text, dict(sorted(noticed.items())), end).as_json()
                self._file.write(_encoded(line).encode() + b"\n")
        self._written += len(block.texts)

    def close(self) -> None:
        """Write what is not written yet. Raises `RunFolderError`."""
        with writing(self._folder):
            self._file.close()

    def __len__(self) -> int:
        return self._written

    def __iter__(self) -> Iterator[str]:
        with self.path.open("rb") as file:
            for line in file:
                yield json.loads(line)["text"]
