"""transformers' trainer as a training recipe sets it up: our dev score, checkpoints that are whole
or gone, and steps that are told to whoever shows them."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DataCollatorForSeq2Seq,
    EarlyStoppingCallback,
    PrinterCallback,
    Seq2SeqTrainer,
    Seq2SeqTrainingArguments,
    TrainerCallback,
)

from pivot_sum.errors import TrainingDiverged, TrainingStopped
from pivot_sum.stages.models.architectures import architecture
from pivot_sum.stages.models.checkpoints import first_line
from pivot_sum.stages.models.trained import Trained, write_note
from pivot_sum.training.encoding import Feature
from pivot_sum.training.evaluation import Evaluation, perplexity, token_loss
from pivot_sum.training.form import TrainRecipe, TrainSettings
from pivot_sum.training.model import Loaded, require_precision
from pivot_sum.training.progress import Shown

IGNORED = -100
"""The label of padding, which the loss leaves out (the convention of torch and transformers)."""


class OwnTrainer(Seq2SeqTrainer):  # type: ignore[misc]  # transformers has no types
    """Evaluates by `Evaluation`, and leaves no checkpoint that is not whole. Each has the `note` of
    the model, so that averages and ensembles of checkpoints are used as the model is."""

    evaluation: Evaluation
    note: Trained
    control: Any

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: Any = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """The loss, its perplexity and our scores, by name behind `eval_`."""
        model = self.model.eval()
        batches = map(self._prepare_inputs, self.get_eval_dataloader())
        with self.compute_loss_context_manager():
            loss = token_loss(model, batches)
        values = {"loss": loss, "perplexity": perplexity(loss), **self.evaluation.score()}
        metrics = {f"{metric_key_prefix}_{name}": value for name, value in values.items()}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(
            self.args, self.state, self.control, metrics
        )
        return metrics

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        step = self.state.global_step
        folder = Path(self.args.output_dir) / f"checkpoint-{step}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_note(self.note, folder)
            super()._save_checkpoint(model, trial)
        # OSError, safetensors' own and torch's RuntimeError: nothing else happens in there
        except Exception as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise TrainingStopped(
                f"the checkpoint of step {step:,} cannot be written to {folder.parent}:"
                f" {first_line(error)}. {_kept(folder.parent)} Make room and type the same command"
                " again: it goes on from there"
            ) from error


def _kept(folder: Path) -> str:
    steps = sorted(int(path.name.rpartition("-")[2]) for path in folder.glob("checkpoint-*"))
    return f"The checkpoint of step {steps[-1]:,} is kept." if steps else "There is no earlier one."


class Collator(DataCollatorForSeq2Seq):  # type: ignore[misc]  # transformers has no types
    """Pads a batch, and gives the decoder its input: the labels behind the start token. M2M-100's
    model cannot make it, and label smoothing takes the labels away before the model could."""

    def __call__(self, features: Any, return_tensors: Any = None) -> Any:
        batch = super().__call__(features, return_tensors)
        if "decoder_input_ids" not in batch:
            labels, config = batch["labels"], self.model.config
            shifted = labels.roll(1, dims=1)
            shifted[:, 0] = config.decoder_start_token_id
            batch["decoder_input_ids"] = shifted.masked_fill(
                shifted == IGNORED, config.pad_token_id
            )
        return batch


class OnlyNumbers(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Ends a training whose loss is no number any more."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Look at the loss."""
        if logs and not math.isfinite(float(logs.get("loss", 0.0))):
            raise TrainingDiverged(
                f"the loss is no number (NaN) at step {state.global_step:,}: the training has"
                " diverged. Lower settings.learning_rate, or set settings.precision to bf16 or"
                " float32"
            )


class Reporter(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Tells of steps and evaluations."""

    def __init__(self, shown: Shown, best_by: str) -> None:
        self.shown, self.best_by = shown, best_by

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Everything is loaded."""
        if args.eval_on_start and not state.global_step:
            self.shown.line("scoring the dev file before the first step")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """A step is done."""
        self.shown.step(state.global_step, state.max_steps)

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **_: Any
    ) -> None:
        """The dev file is scored."""
        score = metrics.get(f"eval_{self.best_by}")
        self.shown.line(
            f"step {state.global_step:,} of {state.max_steps:,}: dev loss"
            f" {metrics['eval_loss']:.4f}, {self.best_by} {score:.2f}"
        )


class StepTime(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Adds up the seconds that steps take, without evaluations and checkpoints."""

    def __init__(self, before: float) -> None:
        self.seconds = before
        self._since: float | None = None

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """A step begins, of one batch or several."""
        if self._since is None:
            self._since = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop where something else than a step follows."""
        if control.should_evaluate or control.should_save:
            self._stop()

    def on_epoch_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Stop: an evaluation may follow."""
        self._stop()

    def _stop(self) -> None:
        if self._since is not None:
            if torch.cuda.is_available():
                torch.cuda.synchronize()  # steps are queued there, not done
            self.seconds += time.monotonic() - self._since
            self._since = None


class SaveBetween(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Keeps a checkpoint every so many steps, besides those of evaluations.

    transformers' own `save_steps` cannot: to load the best model in the end it asks for the same
    strategy of evaluating and saving. Which is the best is noted at evaluations alone, and that
    checkpoint is never removed.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Have a checkpoint written, but not in front of an evaluation that the end of an epoch
        brings: a training that went on from there would leave it out."""
        ends_epoch = control.should_training_stop or float(state.epoch).is_integer()
        if state.global_step % self.steps == 0 and not (
            ends_epoch and args.eval_strategy == "epoch"
        ):
            control.should_save = True


class OnSave(TrainerCallback):  # type: ignore[misc]  # transformers has no types
    """Calls a function after each checkpoint."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """A checkpoint is written."""
        self.call()


def precision_here(settings: TrainSettings, model_type: str) -> str:
    """What `auto` stands for on this machine. Raises `TrainingRefused`."""
    require_precision(settings.precision, model_type)
    if settings.precision != "auto":
        return settings.precision
    if settings.device == "cpu" or not torch.cuda.is_available():
        return "float32"
    if torch.cuda.is_bf16_supported(including_emulation=False):
        return "bf16"
    return "fp16" if architecture(model_type).float16 else "float32"


def model_note(recipe: TrainRecipe) -> Trained:
    """What the model of a recipe asks of whoever uses it."""
    return Trained(recipe.text.placeholders, recipe.text.prefix)


def make_trainer(
    recipe: TrainRecipe,
    loaded: Loaded,
    features: Sequence[Feature],
    dev_features: Sequence[Feature],
    evaluation: Evaluation,
    folder: Path,
    *,
    batch: tuple[int, int],
    eval_batch: int,
    resumed: bool,
    callbacks: Sequence[Any] = (),
) -> OwnTrainer:
    """A trainer that keeps its checkpoints in `folder`. `batch`: samples of a batch and batches of
    a step; `eval_batch`: samples of a batch when the dev loss is computed."""
    settings = recipe.settings
    precision = precision_here(settings, loaded.network.config.model_type)
    by_steps = settings.eval_strategy == "steps"
    each = {"eval_steps": settings.eval_steps, "save_steps": settings.eval_steps}
    arguments = Seq2SeqTrainingArguments(
        output_dir=str(folder),
        per_device_train_batch_size=batch[0],
        gradient_accumulation_steps=batch[1],
        per_device_eval_batch_size=eval_batch,
        num_train_epochs=settings.num_train_epochs,
        max_steps=settings.max_steps or -1,
        learning_rate=settings.learning_rate,
        # A share of the steps where it is below 1.
        warmup_steps=settings.warmup_steps or settings.warmup_ratio,
        lr_scheduler_type=settings.lr_scheduler_type,
        optim=settings.optim,
        adam_beta1=settings.adam_beta1,
        adam_beta2=settings.adam_beta2,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        label_smoothing_factor=settings.label_smoothing_factor,
        bf16=precision == "bf16",
        fp16=precision == "fp16",
        activation_checkpointing=settings.gradient_checkpointing,
        train_sampling_strategy="group_by_length" if settings.group_by_length else "random",
        eval_strategy=settings.eval_strategy,
        save_strategy=settings.eval_strategy,
        **(each if by_steps else {}),
        eval_on_start=settings.eval_on_start and not resumed,
        load_best_model_at_end=True,
        metric_for_best_model=evaluation.best_by,
        greater_is_better=evaluation.greater_is_better,
        restore_callback_states_from_checkpoint=True,
        save_total_limit=settings.save_total_limit,
        logging_steps=settings.logging_steps,
        logging_nan_inf_filter=False,
        seed=settings.seed,
        use_cpu=settings.device == "cpu",
        dataloader_pin_memory=torch.cuda.is_available(),
        disable_tqdm=True,
        report_to="none",
    )
    stopping = (
        [EarlyStoppingCallback(settings.early_stopping_patience, settings.early_stopping_threshold)]
        if settings.early_stopping_patience
        else []
    )
    between = [SaveBetween(settings.save_steps)] if settings.save_steps else []
    trainer = OwnTrainer(
        model=loaded.model,
        args=arguments,
        train_dataset=list(features),
        eval_dataset=list(dev_features),
        processing_class=loaded.tokenizer,
        data_collator=Collator(loaded.tokenizer, model=loaded.network, label_pad_token_id=IGNORED),
        callbacks=[OnlyNumbers(), *stopping, *between, *callbacks],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.evaluation = evaluation
    trainer.note = model_note(recipe)
    return trainer
