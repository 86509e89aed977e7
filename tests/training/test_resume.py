"""A training that was interrupted goes on, and ends as if nothing had happened."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from commandline import environment
from trainings import request, trained, with_files
from transformers import TrainerCallback

from pivot_sum.errors import TrainingFolderError, TrainingStopped
from pivot_sum.stages.models.checkpoints import load_model
from pivot_sum.training import train as training
from pivot_sum.training import work
from pivot_sum.training.checkpoints import is_whole, last_checkpoint, steps_of
from pivot_sum.training.placeholders import ADDED
from pivot_sum.training.record import LOCK, alone_in, write_record
from pivot_sum.training.train import Training, begin

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds until a training that keeps no checkpoint is taken for broken."""

STEPS = (
    "settings.num_train_epochs=5",
    "settings.eval_strategy=steps",
    "settings.eval_steps=3",  # the fourth of the four steps of an epoch is in the next
    "settings.group_by_length=true",
    "settings.early_stopping_patience=2",
    "settings.gradient_accumulation_steps=2",
    "settings.per_device_train_batch_size=6",
)


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


@pytest.fixture(scope="module")
def undisturbed(bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = with_files(tmp_path_factory.mktemp("undisturbed"))
    trained(folder, f"model={bart}", *STEPS)
    return folder


def kill_after(checkpoint: str, folder: Path, bart: Path, steps: tuple[str, ...]) -> None:
    """Start a training in `folder`, and kill -9 it when a checkpoint is whole."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'tests' / 'support')!r})\n"
        "from pathlib import Path\nfrom trainings import trained\n"
        f"trained(Path({str(folder)!r}), {f'model={bart}'!r}, *{steps!r})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(folder), stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while not (folder / "out" / "checkpoints" / checkpoint / "trainer_state.json").exists():
            assert process.poll() is None, "the training ended before it could be killed"
            assert time.monotonic() < deadline, "the training kept nothing"
            time.sleep(0.002)
    finally:
        process.kill()
        process.wait()


def test_a_killed_training_ends_with_the_same_weights_bit_for_bit(
    undisturbed: Path, bart: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(undisturbed / "train.csv", tmp_path)
    shutil.copy(undisturbed / "dev.csv", tmp_path)
    kill_after("checkpoint-6", tmp_path, bart, STEPS)
    assert not (tmp_path / "out" / "model.safetensors").exists()
    moved = tmp_path / "moved"
    (tmp_path / "out").rename(moved)
    made = trained(tmp_path, f"model={bart}", *STEPS, out="moved")
    assert re.search(r"going on from the checkpoint of step [369]\b", capsys.readouterr().err)
    whole = Training.load(undisturbed / "out").record
    assert weights(moved) == weights(undisturbed / "out")
    assert (made.record.steps, made.record.best_step) == (whole.steps, whole.best_step)
    assert made.record.scores == whole.scores and made.record.at_start == whole.at_start


OFTEN = ("settings.num_train_epochs=3", "settings.early_stopping_patience=2")
"""Evaluated at steps 4, 8 and 12."""


@pytest.fixture(scope="module")
def by_epoch(bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Training:
    """A training that keeps checkpoints at its evaluations only."""
    return trained(with_files(tmp_path_factory.mktemp("by-epoch")), f"model={bart}", *OFTEN)


def interrupted(folder: Path, *settings: str, before_step: int) -> None:
    """A training that Ctrl-C ends before it makes a step."""
    failing = Failing(iter([None] * (before_step - 1) + [KeyboardInterrupt()]))
    with pytest.raises(KeyboardInterrupt):
        trained(folder, *settings, callbacks=[failing])


def same_result(one: Training, other: Training) -> bool:
    return weights(one.folder) == weights(other.folder) and all(
        getattr(one.record, name) == getattr(other.record, name)
        for name in ("steps", "best_step", "scores", "at_start", "key")
    )


@pytest.mark.parametrize(("before_step", "goes_on_from"), [(4, 3), (5, 4), (8, 6), (12, 9)])
def test_checkpoints_between_evaluations_change_nothing_of_the_result(
    before_step: int,
    goes_on_from: int,
    by_epoch: Training,
    bart: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = (with_files(tmp_path), f"model={bart}", *OFTEN, "settings.save_steps=3")
    interrupted(*asked, before_step=before_step)
    made = trained(*asked)
    said = f"going on from the checkpoint of step {goes_on_from}\n"
    assert said in capsys.readouterr().err
    assert same_result(made, by_epoch)
    assert len(list((made.folder / "checkpoints").iterdir())) == 2


def test_how_often_checkpoints_are_kept_may_change_on_the_way(
    by_epoch: Training, bart: Path, tmp_path: Path
) -> None:
    asked = (with_files(tmp_path), f"model={bart}", *OFTEN)
    interrupted(*asked, before_step=6)
    assert same_result(trained(*asked, "settings.save_steps=1"), by_epoch)


def test_a_training_killed_between_evaluations_ends_with_the_same_weights(
    by_epoch: Training, bart: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    often = (*OFTEN, "settings.save_steps=2")
    kill_after("checkpoint-6", with_files(tmp_path), bart, often)  # which may be half-written
    made = trained(tmp_path, f"model={bart}", *often)
    assert re.search(r"going on from the checkpoint of step [468]\b", capsys.readouterr().err)
    assert same_result(made, by_epoch)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "optimizer.pt", "rng_state.pth", "trainer_state.json"]
)
def test_a_half_written_checkpoint_is_known_as_such(
    name: str, undisturbed: Path, tmp_path: Path
) -> None:
    shutil.copytree(undisturbed / "out" / "checkpoints", tmp_path / "checkpoints")
    last = last_checkpoint(tmp_path / "checkpoints")
    assert last is not None and is_whole(last)
    file = last / name
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert not is_whole(last)
    kept = last_checkpoint(tmp_path / "checkpoints")
    assert kept is not None and steps_of(kept) < steps_of(last)
    assert not last.exists()


def test_a_training_that_was_killed_before_its_result_writes_it(
    undisturbed: Path, bart: Path, tmp_path: Path
) -> None:
    """Early stopping had ended it: not one step more is trained."""
    shutil.copytree(undisturbed, tmp_path, dirs_exist_ok=True)
    (tmp_path / "out" / "model.safetensors").unlink()
    record = Training.load(tmp_path / "out").record
    started = record.model_copy(update={"status": "started"})
    (tmp_path / "out" / "training.json").write_text(started.model_dump_json(), encoding="utf-8")
    made = trained(tmp_path, f"model={bart}", *STEPS)
    assert made.record.steps == record.steps and made.record.status == "finished"
    assert weights(tmp_path / "out") == weights(undisturbed / "out")


@pytest.mark.parametrize("regime", ["decoder", "lora"])
def test_a_training_interrupted_by_ctrl_c_says_what_is_kept_and_goes_on(
    regime: str, bart: Path, tmp_path: Path
) -> None:
    with_files(tmp_path)
    settings = (
        f"model={bart}",
        f"train={regime}",
        "text.placeholders=added-tokens",
        "settings.num_train_epochs=3",
        "settings.eval_on_start=false",
    )
    failing = Failing(iter([None] * 6 + [KeyboardInterrupt()]))
    with pytest.raises(KeyboardInterrupt, match=r"^step 6 of 12; the checkpoint of step 4 is kept"):
        trained(tmp_path, *settings, callbacks=[failing])
    made = trained(tmp_path, *settings)
    whole = trained(tmp_path, *settings, out="whole")
    assert weights(made.folder) == weights(whole.folder)
    assert made.record.scores == whole.record.scores
    old, new = load_model(bart, "float32", "cpu"), load_model(made.folder, "float32", "cpu")
    frozen = "model.encoder.layers.0.fc1.weight"
    assert torch.equal(old.state_dict()[frozen], new.state_dict()[frozen])
    learned = "model.decoder.layers.0.self_attn.q_proj.weight"
    assert not torch.equal(old.state_dict()[learned], new.state_dict()[learned])
    added = new.get_input_embeddings().weight[len(old.get_input_embeddings().weight) :]
    assert len(added) == len(ADDED) and len(torch.unique(added, dim=0)) == len(ADDED)


class Failing(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Raises an error at the beginning of some steps, each time it is asked."""

    def __init__(self, errors: Iterator[BaseException | None]) -> None:
        self.errors = errors
        self.batches: list[tuple[int, int]] = []

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.batches.append((args.per_device_train_batch_size, args.gradient_accumulation_steps))
        if error := next(self.errors, None):
            raise error


def out_of_memory() -> BaseException:
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


def test_out_of_memory_halves_the_batch_and_doubles_the_accumulation(
    bart: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failing = Failing(iter([out_of_memory(), out_of_memory()]))
    epoch = "settings.num_train_epochs=1"
    made = trained(with_files(tmp_path), f"model={bart}", epoch, callbacks=[failing])
    assert failing.batches[:3] == [(12, 1), (6, 2), (3, 4)]
    assert made.record.batch == (3, 4) and made.record.steps == 4
    said = capsys.readouterr().err
    assert "out of memory with batches of 12: going on with batches of 6 and 2 of them" in said


def test_a_batch_that_cannot_be_halved_goes_to_a_part_that_divides_it(
    bart: Path, tmp_path: Path
) -> None:
    failing = Failing(iter([out_of_memory()]))
    settings = ("settings.max_steps=1", "settings.per_device_train_batch_size=15")
    made = trained(with_files(tmp_path), f"model={bart}", *settings, callbacks=[failing])
    assert made.record.batch == (5, 3)


def test_one_sample_that_does_not_fit_is_an_error(bart: Path, tmp_path: Path) -> None:
    failing = Failing(iter([out_of_memory()] * 9))
    with pytest.raises(TrainingStopped, match="not even one sample fits into the memory"):
        trained(with_files(tmp_path), f"model={bart}", callbacks=[failing])


def test_a_disk_that_is_full_at_a_checkpoint_keeps_the_one_before(
    bart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_files(tmp_path)
    epochs = "settings.num_train_epochs=3"
    save = torch.save

    def full(value: Any, file: Any, **options: Any) -> None:
        if "checkpoint-8" in str(file):
            Path(file).write_bytes(b"half")
            raise RuntimeError("PytorchStreamWriter failed writing file data/3: file write failed")
        save(value, file, **options)

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(TrainingStopped) as stopped:
        trained(tmp_path, f"model={bart}", epochs)
    assert "the checkpoint of step 8 cannot be written" in str(stopped.value)
    assert "The checkpoint of step 4 is kept. Make room" in str(stopped.value)
    monkeypatch.undo()
    [kept] = (tmp_path / "out" / "checkpoints").iterdir()
    assert kept.name == "checkpoint-4"
    made = trained(tmp_path, f"model={bart}", epochs)
    whole = trained(tmp_path, f"model={bart}", epochs, out="whole")
    assert weights(made.folder) == weights(whole.folder)


def test_a_folder_in_which_another_process_trains_is_left_alone(bart: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    half = out / "checkpoints" / "checkpoint-4"
    with alone_in(out):
        with_files(tmp_path)
        record, _ = begin(request(tmp_path, f"model={bart}"))
        write_record(record, out)
        half.mkdir(parents=True)
        with pytest.raises(TrainingFolderError, match="another process is training in"):
            trained(tmp_path, f"model={bart}")
        assert half.is_dir()


def test_what_another_process_finished_meanwhile_is_not_trained_again(
    by_epoch: Training, bart: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It held the lock when we looked, and has removed it when we get ours."""
    out = with_files(tmp_path) / "out"
    started = by_epoch.record.model_copy(update={"status": "started"})
    write_record(started, out)

    @contextmanager
    def late(folder: Path) -> Iterator[None]:
        write_record(by_epoch.record, folder)
        with alone_in(folder):
            assert (folder / LOCK).exists()
            yield

    monkeypatch.setattr(training, "alone_in", late)
    monkeypatch.setattr(work, "Work", None)
    assert trained(tmp_path, f"model={bart}", *OFTEN).record == by_epoch.record
    assert [path.name for path in out.iterdir()] == ["training.json"]
