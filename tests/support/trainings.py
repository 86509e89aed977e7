"""Small trainings: a data file of few words, a recipe for the small checkpoints, and calls that
train."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from pivot_sum.training.progress import training_progress
from pivot_sum.training.recipe import checked_recipe
from pivot_sum.training.train import Training, TrainRequest, train

PLACES = {
    "도서관": "the library",
    "병원": "the clinic",
    "카페": "the cafe",
    "지하철역": "the station",
}
TIMES = {"세 시": "at 3", "네 시": "at 4", "오후": "today"}

TINY: dict[str, Any] = {
    "task": "summarize",
    "source": "ko",
    "target": "ko",
    "model": "bart",
    "text": {"max_source_tokens": 256, "max_target_tokens": 128},
    "search": {"num_beams": 1, "max_new_tokens": 60},
    "settings": {
        "learning_rate": 3e-3,
        "per_device_train_batch_size": 12,
        "num_train_epochs": 2,
        "device": "cpu",
    },
}
"""A recipe for a small BART in the folder `bart`."""

TRANSLATE: dict[str, Any] = {
    **TINY,
    "task": "translate",
    "target": "en",
    "metric": "chrf",
    "data": {"over": "turn"},
    "text": {"max_source_tokens": 100, "max_target_tokens": 100},
    "search": {"num_beams": 1, "max_new_tokens": 12},
}


def rows(number: int, *, first: int = 0) -> list[dict[str, str]]:
    """Dialogues of two turns with their summaries, in both languages."""
    found = []
    for index in range(first, first + number):
        place, where = list(PLACES.items())[index % 4]
        time, when = list(TIMES.items())[index // 4 % 3]
        found.append(
            {
                "fname": f"d{index}",
                "dialogue": f"#Person1#: {time}에 {place}에서 만나요.\n#Person2#: 네, {index}번.",
                "summary": f"#Person1#은 #Person2#에게 {place}에서 만나자고 한다.",
                "dialogue_en": f"#Person1#: Meet me {when} at {where}.\n#Person2#: Yes, {index}.",
                "summary_en": f"#Person1# wants to meet #Person2# at {where}.",
            }
        )
    return found


def write_rows(path: Path, made: Sequence[Mapping[str, str]]) -> Path:
    """A CSV file of these rows."""
    text = StringIO()
    writer = csv.DictWriter(text, list(made[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def with_files(folder: Path, *, train_rows: int = 48, dev_rows: int = 6) -> Path:
    """The folder with `train.csv` and `dev.csv`."""
    write_rows(folder / "train.csv", rows(train_rows))
    write_rows(folder / "dev.csv", rows(dev_rows, first=900))
    return folder


def request(
    folder: Path, *settings: str, out: str = "out", callbacks: Sequence[Any] = (), **changes: Any
) -> TrainRequest:
    """What to train in a folder with files: TINY with other values."""
    recipe = checked_recipe({**TINY, **changes}, "tiny", settings)
    files = str(folder / "train.csv"), str(folder / "dev.csv")
    return TrainRequest("tiny", recipe, *files, folder / out, tuple(callbacks))


def trained(folder: Path, *settings: str, **changes: Any) -> Training:
    """Train as `request` says, with progress in lines."""
    return train(request(folder, *settings, **changes), training_progress)
