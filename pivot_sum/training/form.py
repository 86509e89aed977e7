"""What a training recipe consists of: the form of its file."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pivot_sum.recipes.form import Listed
from pivot_sum.stages.models.trained import Placeholders
from pivot_sum.stages.text.speakers import Speakers
from pivot_sum.tracking.tools import Tool
from pivot_sum.training.conflicts import conflicts
from pivot_sum.training.ranges import STRICT, Range, range_mistakes, values_by_key

Language = Literal["ko", "en"]
Task = Literal["summarize", "translate"]
TooLong = Literal["split", "drop", "error"]
Precision = Literal["auto", "float32", "bf16", "fp16"]
TrainMetric = Literal["rouge", "chrf", "bleu", "exact_match", "loss"]

CONFLICT: Final = "conflict"
"""The type of pydantic's error where values do not go together."""
LOWER_IS_BETTER: Final = frozenset({"loss"})


class _Strict(BaseModel):
    model_config = STRICT


class TrainColumns(_Strict):
    """Which column of the data files holds what."""

    id: str = "fname"
    """the id of a row"""
    source: str | None = None
    """the texts the model reads; null: `dialogue` (Korean) or `dialogue_en` (English)"""
    target: Annotated[list[str] | None, Listed] = None
    """what it is to write; a list where a row has several references; null: `summary` or
    `summary1`, `summary2`, ... (Korean), `summary_en` (English); for a translator `dialogue` or
    `dialogue_en`"""


class Pipeline(_Strict):
    """A recipe to run whose summariser the model is trained to be: it learns on what the steps
    before it really give for the dialogues, from the cache or computed into it."""

    recipe: str = Field(min_length=1)
    """name or file of the recipe"""
    step: str | None = None
    """its summariser; null: the only one"""
    set: list[str] = []
    """changes of its steps, as `--set` takes them: to-english.num_beams=1"""
    targets: Literal["references", "translated"] = "references"
    """references: the column `target` as it is (`summary_en`); translated: the summaries of the
    data's own language, put through the recipe's translator"""


class TrainData(_Strict):
    """The data a training is made for. `--data` and `--dev` replace the files."""

    train: str | None = None
    """CSV, TSV, JSONL or Parquet; demo:training is sampled from the demo's grammar"""
    dev: str | None = None
    """the same form; scored at each evaluation; demo:dialogues are the shipped samples"""
    columns: TrainColumns = TrainColumns()
    """which column of the data files holds what"""
    over: Literal["text", "turn"] = "text"
    """for a translator: each cell as a pair, or its turns one by one, without their heads
    `#PersonN#:`"""
    directions: Literal["one", "both"] = "one"
    """for a translator: source to target only, or both ways in one model (NLLB, mBART-50, M2M-100,
    MADLAD)"""
    pipeline: Pipeline | None = None
    """for a summariser: the steps of a recipe that its inputs go through first; null: the inputs
    are as the data has them"""


class Lora(_Strict):
    """Low-rank adapters (LoRA), for `train: lora`."""

    rank: Annotated[int, Ge(1)] = 16
    """width of the adapters"""
    alpha: Annotated[int, Ge(1)] = 32
    """their weight is alpha / rank"""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.05
    """dropout in front of them"""
    target_modules: list[str] | None = None
    """names of the layers that get one; null: the attention's projections of the architecture"""


class TrainText(_Strict):
    """How texts are made tokens."""

    prefix: str = ""
    """text in front of every input, as T5 models were taught: 'summarize: '; written into the
    result, so that inference has it too"""
    placeholders: Placeholders = "plain"
    """`#Person1#` and the masks of private facts as tokens of their own (added-tokens), as text
    (plain), or as first names (names; summarisers only)"""
    max_source_tokens: Annotated[int, Ge(8)] = 512
    """longest input in tokens; the model's own limit holds too"""
    max_target_tokens: Annotated[int, Ge(4)] = 128
    """longest target in tokens"""
    too_long: TooLong = "split"
    """samples that are longer: split (a dialogue at turns, each part with the sentences of the
    summary that are nearest to it; a pair at its sentences), drop, or end with an error; a target
    that cannot be split is dropped; all are counted, none is cut"""


class TrainSearch(_Strict):
    """How dev texts are generated: the search the inference recipe will use."""

    num_beams: Annotated[int, Ge(1)] = 4
    """width of the beam search; 1 is greedy"""
    max_new_tokens: Annotated[int, Ge(1)] = 128
    """longest answer in tokens"""
    min_new_tokens: Annotated[int, Ge(0)] = 0
    """shortest answer in tokens"""
    length_penalty: float = 1.0
    """above 0 favours longer hypotheses, below 0 shorter ones"""
    no_repeat_ngram_size: Annotated[int, Ge(0)] = 0
    """no n-gram of this size occurs twice in an answer; 0 allows it"""
    repetition_penalty: Annotated[float, Gt(0)] = 1.0
    """above 1 makes tokens that occurred already less likely"""


class TrainSettings(_Strict):
    """The settings of transformers' `Seq2SeqTrainingArguments`, under their usual names."""

    learning_rate: Annotated[float, Gt(0), Le(1)] = 5e-5
    """peak of the learning rate"""
    per_device_train_batch_size: Annotated[int, Ge(1)] = 8
    """samples of a batch; halved, with twice the accumulation, where a GPU runs out of memory"""
    gradient_accumulation_steps: Annotated[int, Ge(1)] = 1
    """batches of a step"""
    per_device_eval_batch_size: Annotated[int, Ge(1)] = 16
    """samples of a batch when the dev loss is computed"""
    num_train_epochs: Annotated[float, Gt(0)] = 3.0
    """passes over the training data"""
    max_steps: Annotated[int, Ge(1)] | None = None
    """end after so many steps instead"""
    warmup_ratio: Annotated[float, Ge(0), Lt(1)] = 0.0
    """share of the steps in which the learning rate rises"""
    warmup_steps: Annotated[int, Ge(0)] = 0
    """the same as a number of steps"""
    lr_scheduler_type: Literal[
        "linear", "cosine", "constant", "constant_with_warmup", "inverse_sqrt", "polynomial"
    ] = "linear"
    """how it falls afterwards"""
    optim: Literal["adamw_torch", "adamw_torch_fused", "adafactor"] = "adamw_torch"
    """the optimizer"""
    adam_beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """decay of AdamW's mean of gradients"""
    adam_beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """and of its mean of squares; 0.98 follows faster, for training from fresh weights"""
    weight_decay: Annotated[float, Ge(0), Le(1)] = 0.0
    """decay of all weights but biases and norms"""
    max_grad_norm: Annotated[float, Gt(0)] = 1.0
    """gradients are scaled down to this norm"""
    label_smoothing_factor: Annotated[float, Ge(0), Lt(1)] = 0.0
    """share of the target that is spread over the vocabulary, in training; the dev loss is without
    it"""
    precision: Precision = "auto"
    """number format of the computation; auto: bf16 or fp16 on a GPU that has it, else float32"""
    gradient_checkpointing: bool = False
    """less memory, a third more time"""
    group_by_length: bool = False
    """batches of texts of similar length"""
    eval_strategy: Literal["epoch", "steps"] = "epoch"
    """evaluate, and keep a checkpoint, after each epoch or every `eval_steps` steps"""
    eval_steps: Annotated[int, Ge(1)] | None = None
    """steps between evaluations"""
    eval_on_start: bool = True
    """score the model before the first step, to see what training adds"""
    early_stopping_patience: Annotated[int, Ge(1)] | None = None
    """end after so many evaluations without a better score; null: never"""
    early_stopping_threshold: Annotated[float, Ge(0)] = 0.0
    """a score is better only by more than this"""
    save_steps: Annotated[int, Ge(1)] | None = None
    """keep a checkpoint every so many steps as well, between evaluations; null: only at these"""
    save_total_limit: Annotated[int, Ge(2)] = 2
    """checkpoints that are kept: the best and the last ones"""
    logging_steps: Annotated[int, Ge(1)] = 20
    """steps between points of the loss curve"""
    seed: Annotated[int, Ge(0)] = 42
    """of fresh weights, dropout and the order of the data"""
    device: Literal["auto", "cpu"] = "auto"
    """auto takes a GPU where there is one"""
    threads: Annotated[int, Ge(0)] = 0
    """CPU threads; 0 takes every core there is"""


def _several(value: Any) -> Any:
    """One name as a list of one, and `none` as none."""
    if value == "none":
        return []
    return [value] if isinstance(value, str) else value


class TrainRecipe(_Strict):
    """The file of a training recipe, checked."""

    description: str = ""
    """one line about the recipe, for people"""
    task: Task
    """what the model learns: summarize or translate"""
    source: Language
    """language of the texts it reads"""
    target: Language
    """language of the texts it writes; a summariser's is that of its dialogues"""
    model: str = Field(min_length=1)
    """where it starts: demo:NAME, a local folder, or an id on the Hugging Face hub"""
    revision: str = "main"
    """branch, tag or commit of a hub model"""
    start: Literal["pretrained", "scratch"] = "pretrained"
    """its weights, or fresh ones in its shape"""
    train: Literal["full", "decoder", "lora", "none"] = "full"
    """all weights, all but the encoder's, adapters beside them, or none: the model is scored as it
    is"""
    lora: Lora = Lora()
    """the adapters of `train: lora`"""
    data: TrainData = TrainData()
    """the data it is made for"""
    text: TrainText = TrainText()
    """how texts are made tokens"""
    search: TrainSearch = TrainSearch()
    """how dev texts are generated"""
    metric: TrainMetric = "rouge"
    """the score of the dev file by which the best checkpoint is kept; of several directions their
    mean"""
    settings: TrainSettings = TrainSettings()
    """how it is trained"""
    report_to: Annotated[
        list[Tool],
        BeforeValidator(_several, json_schema_input_type=list[Tool] | Tool | Literal["none"]),
    ] = []
    """where losses and scores are logged besides: wandb, tensorboard, mlflow, or several of them;
    none"""
    tune: dict[str, Range] = {}
    """what `pivot-sum tune` searches: for a key of this recipe, such as settings.learning_rate, its
    low and high (log, step), or choices"""

    @property
    def speakers(self) -> Speakers:
        """How the model sees speakers."""
        return "name" if self.text.placeholders == "names" else "placeholder"

    @model_validator(mode="after")
    def _fits(self) -> Self:
        values = values_by_key(TrainRecipe, self.model_dump())
        if mistakes := conflicts(values) + range_mistakes(TrainRecipe, values, self.tune):
            raise PydanticCustomError(CONFLICT, "{mistakes}", {"mistakes": "\n".join(mistakes)})
        return self
