"""A training that cannot go on says why, and what to do."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from trainings import rows, trained, with_files, write_rows
from transformers import TrainerCallback

from pivot_sum.errors import TrainingStopped
from pivot_sum.training import work
from pivot_sum.training.record import TrainingRecord


def test_a_disk_that_is_full_at_the_card_is_said_and_the_same_command_ends_it(
    bart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = (with_files(tmp_path), f"model={bart}", "settings.max_steps=1")

    def full(record: TrainingRecord, folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(work, "write_card", full)
    with pytest.raises(TrainingStopped, match=r"No space left.*make room"):
        trained(*asked)
    monkeypatch.undo()
    assert trained(*asked).record.status == "finished"


def test_a_loss_that_is_no_number_ends_the_training(bart: Path, tmp_path: Path) -> None:
    wild = ("settings.learning_rate=1", "settings.max_grad_norm=1e30", "settings.logging_steps=1")
    write_rows(tmp_path / "train.csv", rows(24))
    write_rows(tmp_path / "dev.csv", rows(2, first=900))

    class Breaking(TrainerCallback):  # type: ignore[misc]  # transformers has no types
        def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            with torch.no_grad():
                next(given["model"].parameters()).fill_(float("nan"))

    with pytest.raises(TrainingStopped, match=r"no number \(NaN\) at step 1.*learning_rate"):
        trained(tmp_path, f"model={bart}", *wild, callbacks=[Breaking()])
