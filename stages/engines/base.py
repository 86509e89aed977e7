"""One sequence-to-sequence model in memory, behind one small interface:
`pivot_sum.stages.engines.transformers` and `pivot_sum.stages.engines.ctranslate2` are the two
programs that can run it, `pivot_sum.stages.engines.select` decides which.

One engine at a time is kept: asking for another frees the first, so a pivot run never holds two
models.
"""

from __future__ import annotations

import logging
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from pivot_sum.stages.engines.batching import CPU_BATCH, FIRST_BATCH, batches
from pivot_sum.stages.engines.padding import count
from pivot_sum.stages.engines.vocabulary import AsText, control_tokens
from pivot_sum.stages.errors import DamagedModel, StageError
from pivot_sum.stages.models.architectures import architecture

log = logging.getLogger(__name__)

HALF = ("float16", "bfloat16")
"""The number formats of 16 bits."""


class Generated(NamedTuple):
    """One answer. `finished` is false when the model was stopped by the length limit, not by its
    own end of text."""

    text: str
    finished: bool


Ready = Callable[[Mapping[int, Generated]], None]
"""Takes the answers of one batch, by their place among the texts."""


class Row(NamedTuple):
    """One answer in tokens, without the decoder's start."""

    tokens: list[int]
    finished: bool


class Rows(NamedTuple):
    """The answers of a batch, and how many positions the decoder computed for them, padding
    included."""

    rows: list[Row]
    positions: int


@dataclass(frozen=True)
class Search:
    """Generation parameters, all of them explicit: what the checkpoint suggests is overridden,
    never mixed in."""

    num_beams: int
    max_new_tokens: int
    min_new_tokens: int
    length_penalty: float
    no_repeat_ngram_size: int
    repetition_penalty: float


@dataclass(frozen=True)
class EngineSpec:
    """What to load and where: `dtype`, `device` and `engine` may be `auto`. `threads`: CPU threads
    in all, 0 takes what is there. `ensemble`: names and revisions of models that answer together
    with it. `vocabulary`: CTranslate2 can restrict answers."""

    model: str
    revision: str
    dtype: str
    device: str
    threads: int
    engine: str = "auto"
    ensemble: tuple[tuple[str, str], ...] = ()
    vocabulary: Literal["whole", "ko-en"] = "whole"


class Engine(ABC):
    """A tokenizer and a model, loaded. `config` and `generation_config` are the checkpoint's, under
    transformers' names."""

    name = "in memory"
    """The model's name, for messages."""

    dtype = "float32"
    """The number format of the weights."""

    workers = 1
    """Batches that are computed side by side."""

    def __init__(self, tokenizer: Any, config: Any, generation_config: Any, device: str) -> None:
        self.tokenizer = tokenizer
        self.config = config
        self.generation_config = generation_config
        self.device = device
        self.architecture = architecture(self.model_type)
        self._ends = self._missing_ends()
        self._control = control_tokens(tokenizer, config)
        self._as_text = AsText(self._control)
        self._told = False

    @property
    def padding_matters(self) -> bool:
        """Whether the padding of a batch can change an answer. It changes the shape of the
        attention's products and with it the order they are added in, by a unit in the last place;
        where the next step rounds to 8 bits, that can choose another word. Measured by
        `benchmarks/batch_independence.py`.
        """
        return self.device == "cpu" and self.dtype == "int8"

    @property
    def model_type(self) -> str:
        """The architecture, as config.json names it."""
        return str(self.config.model_type)

    @property
    def tokenizer_class(self) -> str:
        """The tokenizer's class, as transformers names it."""
        return str(getattr(self.tokenizer, "class_name", type(self.tokenizer).__name__))

    @property
    def max_positions(self) -> int:
        """The longest input in tokens. BART fails beyond it; NLLB's sinusoidal positions would go
        on, untrained."""
        positions = (
            getattr(self.config, "max_position_embeddings", None) or self.tokenizer.model_max_length
        )
        return int(min(positions, self.tokenizer.model_max_length))

    def encode(self, texts: Sequence[str], prefix: str = "") -> list[list[int]]:
        """The tokens of each text behind `prefix`, never cut. Around them stand the tokens that
        begin and end a text; what looks like such a token in a text itself is read as text."""
        if not texts:
            return []
        whole = [prefix + self._as_text(text) for text in texts]
        if normalized := self.architecture.normalized:
            whole = [normalized(self.tokenizer, text) for text in whole]
        begin, end = self._ends
        return [
            [*begin, *ids, *end]
            for ids in self.tokenizer(whole, truncation=False, verbose=False).input_ids
        ]

    def generate(
        self,
        encoded: Sequence[list[int]],
        search: Search,
        *,
        batch_tokens: int,
        padded: bool = False,
        forced_bos_token: str | None = None,
        ready: Ready = lambda answers: None,
    ) -> list[Generated]:
        """One answer a text, in order; the texts are as `encode` gave them. `ready` is given the
        answers of each batch, by their place, as soon as it is computed.

        Where padding can change an answer, a batch holds texts of one length, unless `padded`.

        `batch_tokens` bounds texts × longest text (in tokens) of a batch; 0 leaves it to what the
        device has memory for, which the first batch shows. Running out of memory halves the batch
        and goes on; the halves are kept for the rest of the call. Raises `StageError` when a single
        text does not fit.
        """
        if forced_bos_token is None:
            first = self.generation_config.forced_bos_token_id
        else:
            first = self.tokenizer.convert_tokens_to_ids(forced_bos_token)
            assert first is not None and first != self.tokenizer.unk_token_id, forced_bos_token
        search = self._within_positions(search)
        answers: dict[int, Generated] = {}
        budget, most = batch_tokens or FIRST_BATCH, sys.maxsize
        may_grow = not batch_tokens
        pending = sorted(range(len(encoded)), key=lambda index: -len(encoded[index]))
        while pending:
            cut = self._cut(
                pending,
                lambda index: len(encoded[index]),
                budget,
                most,
                equal=self.padding_matters and not padded,
            )
            computed = self._computed(
                [[encoded[index] for index in batch] for batch in cut], search, first
            )
            for batch in cut:
                try:
                    rows, positions = next(computed)
                except Exception as error:
                    if not self._out_of_memory(error):
                        raise
                    if len(batch) == 1:
                        raise StageError(
                            f"a text of {len(encoded[batch[0]])} tokens does not fit into the"
                            f" memory of {self.device} even alone; lower num_beams or"
                            " max_new_tokens, or use another device"
                        ) from error
                    budget, may_grow = (len(batch) // 2) * len(encoded[batch[0]]), False
                    break
                if self.dtype in HALF and any(map(self._only_padding, rows)):
                    raise self.no_numbers()
                lengths = [len(encoded[index]) for index in batch]
                count(
                    sum(lengths),
                    len(batch) * max(lengths),
                    sum(len(row.tokens) for row in rows),
                    positions,
                )
                decoded = dict(zip(batch, self._decoded(rows), strict=True))
                answers.update(decoded)
                ready(decoded)
                # The longest texts come first: of those that follow at least as many fit.
                if may_grow and (fitting := self._fitting()) and fitting >= 2 * len(batch):
                    budget, most = sys.maxsize, fitting
                    break
            else:
                break
            # Here, outside the except block, the failed batch's tensors are gone.
            self._empty_device_cache()
            pending = [index for index in pending if index not in answers]
        return [answers[index] for index in range(len(encoded))]

    def _within_positions(self, search: Search) -> Search:
        """The search with answers no longer than the model has positions for, where learned ones
        would fail. An answer that gets there is unfinished."""
        positions = getattr(self.config, "max_position_embeddings", None)
        if not positions or search.max_new_tokens <= positions:
            return search
        if not self._told:
            self._told = True
            log.warning(
                "max_new_tokens is %d, but %s has positions for answers of %d tokens: longer ones"
                " end there and are flagged unfinished",
                search.max_new_tokens,
                self.name,
                positions,
            )
        return replace(
            search,
            max_new_tokens=positions,
            min_new_tokens=min(search.min_new_tokens, positions),
        )

    def no_numbers(self) -> StageError:
        """What to raise where the model computes what is no number (NaN)."""
        if self.dtype in HALF:
            return StageError(
                f"{self.name} computes no numbers (NaN, or answers of nothing but padding) in"
                f" {self.dtype}, which is too small for it; set dtype: float32"
                + (" (or bfloat16, on a GPU that has it)" if self.dtype == "float16" else "")
            )
        return DamagedModel(
            f"{self.name} computes no numbers (NaN) in {self.dtype}: its weights are damaged, or"
            " its training diverged. Fetch it again, or take an earlier checkpoint"
        )

    def _fitting(self) -> int | None:
        """How many texts like those of the last batch the device has memory for; None where that is
        not known."""
        return None

    def _cut(
        self,
        pending: Sequence[int],
        length: Callable[[int], int],
        budget: int,
        most: int = sys.maxsize,
        *,
        equal: bool = False,
    ) -> list[list[int]]:
        if self.device != "cpu":
            return list(batches(pending, length, budget, most))
        texts, tokens = CPU_BATCH
        if self.workers > 1:
            # Two batches a worker, as far as there are texts for it: they then end at about the
            # same time.
            texts = min(texts, max(texts // 4, -(-len(pending) // (2 * self.workers))))
        return list(batches(pending, length, min(budget, tokens), texts, equal=equal))

    @abstractmethod
    def _computed(
        self, batches: Sequence[Sequence[list[int]]], search: Search, first: int | None
    ) -> Iterator[Rows]:
        """The answers of each batch, in order. `first` is the token every answer has to begin
        with.
        """

    @abstractmethod
    def _out_of_memory(self, error: Exception) -> bool: ...

    @abstractmethod
    def _empty_device_cache(self) -> None:
        """Give memory that is only kept in reserve back to the device."""

    def _only_padding(self, row: Row) -> bool:
        return set(row.tokens) == {self.tokenizer.pad_token_id}

    def _decoded(self, rows: Sequence[Row]) -> list[Generated]:
        words = [[token for token in row.tokens if token not in self._control] for row in rows]
        texts = self.tokenizer.batch_decode(
            words, skip_special_tokens=False, clean_up_tokenization_spaces=False
        )
        return [
            Generated(text.strip(), row.finished) for text, row in zip(texts, rows, strict=True)
        ]

    def _missing_ends(self) -> tuple[list[int], list[int]]:
        """What to put around a text where the tokenizer adds nothing by itself, as KoBART's does
        not."""
        if self.tokenizer("").input_ids:
            return [], []
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        return [begin] if begin is not None else [], [end] if end is not None else []
