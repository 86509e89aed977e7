"""A training under way: from its last whole checkpoint to the end, and what is left of it."""

from __future__ import annotations

import gc
import logging
import math
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import torch
from transformers import TrainerState

from pivot_sum.data.trained_on import write_trained_on
from pivot_sum.errors import TrainingRefused, TrainingStopped
from pivot_sum.running.folder import utc_now
from pivot_sum.stages.models.checkpoints import first_line
from pivot_sum.stages.models.trained import write_note
from pivot_sum.tracking.tools import TrackedRun
from pivot_sum.training import tracked
from pivot_sum.training.card import write_card
from pivot_sum.training.checkpoints import (
    CHECKPOINTS,
    STATE,
    last_checkpoint,
    name_best_here,
    steps_of,
    was_stopped,
)
from pivot_sum.training.encoding import Encoded, Encoder, counts_line
from pivot_sum.training.evaluation import Evaluation
from pivot_sum.training.examples import TrainFile
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.model import Loaded, TrainedEngine, load, save
from pivot_sum.training.page import no_better, write_page
from pivot_sum.training.progress import Shown
from pivot_sum.training.record import (
    Point,
    TrainingRecord,
    TrainPlan,
    is_better_than_start,
    write_record,
)
from pivot_sum.training.trainer import (
    OnSave,
    OwnTrainer,
    Reporter,
    StepTime,
    make_trainer,
    model_note,
    precision_here,
)

log = logging.getLogger(__name__)

_UNFINISHED: Final = "unfinished"


def plan(recipe: TrainRecipe, files: tuple[TrainFile, TrainFile]) -> TrainPlan:
    """What a training would do, found by loading the model and encoding the data."""
    loaded = load(recipe)
    encoder = Encoder(TrainedEngine(loaded, recipe.model), recipe)
    train, dev = (encoder.pairs(file.examples) for file in files)
    settings = recipe.settings
    batches = math.ceil(len(train.features) / settings.per_device_train_batch_size)
    steps = math.ceil(batches / settings.gradient_accumulation_steps)
    in_all = settings.max_steps or math.ceil(steps * settings.num_train_epochs)
    return TrainPlan(
        train=dict(train.counts),
        dev=dict(dev.counts),
        features=len(train.features),
        steps_an_epoch=steps,
        steps=0 if recipe.train == "none" else in_all,
        parameters=loaded.parameters,
        trainable=loaded.trainable,
    )


class Work:
    """One call that trains. `callbacks` of transformers' trainer are told of every step, and so are
    the `runs` of tracking tools."""

    def __init__(
        self,
        recipe: TrainRecipe,
        folder: Path,
        record: TrainingRecord,
        files: tuple[TrainFile, TrainFile],
        callbacks: tuple[Any, ...] = (),
        runs: Sequence[TrackedRun] = (),
    ) -> None:
        self.recipe, self.folder, self.record = recipe, folder, record
        self.files, self.callbacks, self.runs = files, callbacks, runs
        self.checkpoints = folder / CHECKPOINTS
        settings = recipe.settings
        if not record.batch[0]:
            record.batch = (
                settings.per_device_train_batch_size,
                settings.gradient_accumulation_steps,
            )
        self.eval_batch = settings.per_device_eval_batch_size
        self._before, self._started = record.seconds, 0.0

    def run(self, shown: Shown) -> None:
        """Train to the end, and write the result."""
        if self.recipe.settings.threads:
            torch.set_num_threads(self.recipe.settings.threads)
        write_record(self.record, self.folder)
        self._started = time.monotonic()
        while not self._attempt(shown):
            # Here, outside of the except block, the failed batch's tensors are gone.
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _attempt(self, shown: Shown) -> bool:
        """Train from the last checkpoint to the end; False where the batch had to be made smaller
        and training has to begin from there again."""
        loaded = load(self.recipe)
        checkpoint = last_checkpoint(self.checkpoints)
        trainer = self._trainer(loaded, checkpoint, shown)
        try:
            self._train(trainer, checkpoint, shown)
        except torch.OutOfMemoryError as error:
            self._make_smaller(shown, error)
            return False
        except KeyboardInterrupt:
            kept = last_checkpoint(self.checkpoints)
            raise KeyboardInterrupt(
                f"step {trainer.state.global_step:,} of {trainer.state.max_steps:,};"
                + (f" the checkpoint of step {steps_of(kept):,} is kept and" if kept else "")
                + " the same command goes on"
                + (" from there" if kept else ", from the start")
            ) from None
        self._finish(loaded, trainer)
        if said := no_better(self.record):
            shown.line(said)
        return True

    def _trainer(self, loaded: Loaded, checkpoint: Path | None, shown: Shown) -> OwnTrainer:
        engine = TrainedEngine(loaded, self.recipe.model)
        encoder = Encoder(engine, self.recipe)
        train, dev = (
            self._encoded(encoder, file, use, shown)
            for file, use in zip(self.files, ("train", "dev"), strict=True)
        )
        evaluation = Evaluation(self.recipe, engine, encoder, self.files[1].examples)
        record = self.record
        record.parameters, record.trainable = loaded.parameters, loaded.trainable
        record.best_by = evaluation.best_by
        record.precision = precision_here(self.recipe.settings, loaded.network.config.model_type)
        self.step_time = StepTime(record.step_seconds)
        trainer = make_trainer(
            self.recipe,
            loaded,
            train.features,
            dev.features,
            evaluation,
            self.checkpoints,
            batch=record.batch,
            eval_batch=self.eval_batch,
            resumed=checkpoint is not None,
            callbacks=[
                self.step_time,
                Reporter(shown, evaluation.best_by),
                *tracked.callbacks(self.runs, evaluation.signatures),
                *self.callbacks,
            ],
        )
        trainer.add_callback(OnSave(lambda: self._note(trainer)))
        record.device = _device_name(trainer.args.device)
        return trainer

    def _encoded(self, encoder: Encoder, file: TrainFile, use: str, shown: Shown) -> Encoded:
        encoded = encoder.pairs(file.examples)
        recorded = self.record.train if use == "train" else self.record.dev
        recorded.counts = dict(encoded.counts)
        if not encoded.features:
            raise TrainingRefused(
                f"{file.name}: none of its {encoded.counts['pairs']:,} pairs fits into"
                f" {encoder.source_limit} source and {encoder.target_limit} target tokens. Raise"
                " text.max_source_tokens and text.max_target_tokens, or take a model that reads"
                " longer texts"
            )
        if line := counts_line(encoded.counts):
            shown.line(f"{use} file: {line}")
        return encoded

    def _train(self, trainer: OwnTrainer, checkpoint: Path | None, shown: Shown) -> None:
        if self.recipe.train == "none":
            trainer.evaluate()
            trainer.state.best_global_step = 0
        elif checkpoint is None:
            trainer.train()
        else:
            name_best_here(checkpoint)
            shown.line(f"going on from the checkpoint of step {steps_of(checkpoint):,}")
            if was_stopped(checkpoint):
                trainer.state = TrainerState.load_from_json(str(checkpoint / STATE))
                trainer._load_best_model()
            else:
                trainer.train(resume_from_checkpoint=str(checkpoint))
        self._note(trainer)

    def _make_smaller(self, shown: Shown, error: Exception) -> None:
        """Half of the batch, or less where only that divides it: a step is to see as many samples
        as before."""
        size, accumulation = self.record.batch
        if size == 1:
            raise TrainingStopped(
                f"not even one sample fits into the memory of the device ({first_line(error)})."
                " Lower text.max_source_tokens, set settings.gradient_checkpointing: true, train:"
                " lora, or take a smaller model"
            ) from error
        smaller = next(part for part in range(size // 2, 0, -1) if size % part == 0)
        self.record.batch = (smaller, accumulation * (size // smaller))
        self.eval_batch = max(1, self.eval_batch // 2)
        write_record(self.record, self.folder)
        shown.line(
            f"out of memory with batches of {size}: going on with batches of {smaller} and"
            f" {self.record.batch[1]} of them a step, so a step sees as many samples as before"
        )

    def _note(self, trainer: OwnTrainer) -> None:
        """Write down how far it is."""
        state, record = trainer.state, self.record
        record.steps, record.epochs = state.global_step, round(float(state.epoch or 0), 3)
        record.seconds = round(self._before + time.monotonic() - self._started, 1)
        record.step_seconds = round(self.step_time.seconds, 3)
        record.peak_memory = max(record.peak_memory, _peak_memory(trainer.args.device))
        record.best_step = state.best_global_step
        record.signatures = record.signatures | trainer.evaluation.signatures
        record.history = [point for entry in state.log_history if (point := _point(entry))]
        for point in record.history:
            dev = {
                name.removeprefix("eval_"): value
                for name, value in point.values.items()
                if name.startswith("eval_")
            }
            if dev and point.step == 0:
                record.at_start = dev
            if dev and point.step == record.best_step:
                record.scores = dev
        record.better_than_start = is_better_than_start(record)
        write_record(record, self.folder)

    def _finish(self, loaded: Loaded, trainer: OwnTrainer) -> None:
        """Write the model with its note, card and curves; the record that says so comes last."""
        record, unfinished = self.record, self.folder / _UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            save(loaded, unfinished)
            write_note(model_note(self.recipe), unfinished)
            if self.recipe.train != "none":  # else it has seen nothing
                train, dev = (chain(*file.dialogues.values()) for file in self.files)
                write_trained_on(unfinished, train, dev)
            for path in list(unfinished.iterdir()):
                place = self.folder / path.name
                if place.is_dir():
                    shutil.rmtree(place)
                path.replace(place)
                if place.suffix == ".safetensors":
                    place.chmod(0o644)  # safetensors leaves it readable by its owner alone
            unfinished.rmdir()
            record.status, record.finished = "finished", utc_now()
            write_card(record, self.folder)
            write_page(record, self.folder)
        # OSError, safetensors' own
        except Exception as error:
            raise TrainingStopped(
                f"the model cannot be written to {self.folder}: {first_line(error)}. The"
                " checkpoints are kept: make room and type the same command again, it goes on from"
                " there"
            ) from error
        write_record(record, self.folder)


_MEASURED: Final = frozenset({"loss", "grad_norm", "learning_rate"})
_TIMES: Final = ("_runtime", "_per_second")


def _point(entry: Mapping[str, Any]) -> Point | None:
    """An entry of the trainer's log as a point of the history; None for its summary at the end."""
    values = {
        name: float(value)
        for name, value in entry.items()
        if name in _MEASURED or (name.startswith("eval_") and not name.endswith(_TIMES))
    }
    return (
        Point(step=entry["step"], epoch=entry.get("epoch") or 0.0, values=values)
        if values
        else None
    )


def _device_name(device: Any) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


def _peak_memory(device: Any) -> int:
    """The most memory that was in use, in bytes: of the GPU, else of the process, where the system
    says (0 where it does not)."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    if sys.platform == "win32":
        return 0
    status = Path("/proc/self/status")
    if status.is_file():  # Linux, whose `ru_maxrss` begins at that of the process that started us
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return 1024 * int(line.split()[1])
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
