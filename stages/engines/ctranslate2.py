"""The CTranslate2 engine: int8 on a CPU, 16-bit on CUDA; several times as fast as transformers, and
started without torch."""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any

from pivot_sum.stages.engines.base import (
    HALF,
    Engine,
    EngineSpec,
    Generated,
    Ready,
    Row,
    Rows,
    Search,
)
from pivot_sum.stages.engines.conversion import FACTS, TOKENIZER, converted
from pivot_sum.stages.engines.devices import cpu_cores, device_numbers
from pivot_sum.stages.engines.korean_english import read_list
from pivot_sum.stages.engines.tokenizer import FileTokenizer
from pivot_sum.stages.errors import DamagedModel, StageError
from pivot_sum.stages.models.checkpoints import first_line, load_tokenizer
from pivot_sum.stages.models.hub import fetch

PATIENCE = 2
"""Hypotheses that have to be finished before a beam search stops, per beam. With 1, CTranslate2's
default, a few short bad ones win over the good one that is still being written; with 2 the answers
are those of transformers' search.
"""

MOST_WORKERS = 8
"""Each worker has activations of its own, so a machine of many cores gets several threads a worker
instead."""


class CTranslate2Engine(Engine):
    """On a CPU several batches run side by side, each on a core of its own: that beats several
    cores on one batch."""

    def __init__(self, spec: EngineSpec) -> None:
        import ctranslate2

        self.name, self.dtype = spec.model, spec.dtype
        folder = fetch(spec.model, spec.revision)
        device, numbers = spec.device.partition(":")[0], device_numbers(spec.device)
        # On a CPU workers on threads of their own; on GPUs one worker each.
        workers, threads = _shared_out(spec.threads or cpu_cores()) if device == "cpu" else (1, 0)
        self.workers = workers * len(numbers)
        compute_type = "int8_float32" if spec.dtype == "int8" else spec.dtype
        formats = ctranslate2.get_supported_compute_types(device, numbers[0])
        if compute_type not in formats:
            raise StageError(
                f"CTranslate2 has no {spec.dtype} on this {spec.device}, it has"
                f" {', '.join(sorted(formats))}; set another dtype, or engine: transformers"
            )
        restricted = spec.vocabulary == "ko-en"
        kept = converted(folder, spec.model, spec.revision, spec.dtype, korean_english=restricted)
        try:
            facts = json.loads((kept / FACTS).read_text(encoding="utf-8"))
            self._translator = ctranslate2.Translator(
                str(kept),
                device=device,
                device_index=numbers,
                compute_type=compute_type,
                inter_threads=workers,
                intra_threads=threads,
            )
            self._listed = read_list(kept) if restricted else None
            file = (
                FileTokenizer(kept / TOKENIZER, facts["tokenizer"]) if facts["tokenizer"] else None
            )
            config, tokens = (
                SimpleNamespace(**facts["config"]),
                SimpleNamespace(**facts["generation"]),
            )
        # RuntimeError, ValueError, KeyError, OSError; tokenizers raises Exception itself
        except Exception as error:
            if self._out_of_memory(error):
                raise StageError(
                    f"the model {spec.model} does not fit into the memory of {spec.device}"
                ) from error
            raise DamagedModel(
                f"the converted model in {kept} cannot be read: {first_line(error)}. Delete that"
                " folder; it is made again"
            ) from error
        super().__init__(file or load_tokenizer(folder), config, tokens, spec.device)

    def generate(
        self,
        encoded: Sequence[list[int]],
        search: Search,
        *,
        ready: Ready = lambda answers: None,
        **how: Any,
    ) -> list[Generated]:
        """As every engine does. Texts that need the whole vocabulary share no batch with others, so
        that no answer depends on the texts beside it."""
        if self._listed is None:
            return super().generate(encoded, search, ready=ready, **how)
        found: dict[int, Generated] = {}
        for restricted in (True, False):
            places = [
                place
                for place, tokens in enumerate(encoded)
                if self._restricts([tokens]) is restricted
            ]

            def told(answers: Mapping[int, Generated], places: list[int] = places) -> None:
                ready({places[index]: answer for index, answer in answers.items()})

            texts = [encoded[place] for place in places]
            found |= zip(places, super().generate(texts, search, ready=told, **how), strict=True)
        return [found[place] for place in range(len(encoded))]

    def _restricts(self, encoded: Iterable[list[int]]) -> bool:
        """Whether the answers to these texts hold only tokens of the list. Where a text does not,
        its answer may have to hold others too."""
        return self._listed is not None and all(map(self._listed.issuperset, encoded))

    def _computed(
        self, batches: Sequence[Sequence[list[int]]], search: Search, first: int | None
    ) -> Iterator[Rows]:
        # No more than this are under way, so that an interruption does not have to wait for all of
        # them.
        waiting: deque[list[Any]] = deque()
        remaining = iter(batches)
        while True:
            waiting += [
                self._start(batch, search, first)
                for batch in islice(remaining, 2 * self.workers - len(waiting))
            ]
            if not waiting:
                return
            yield self._rows(waiting.popleft())

    def _start(self, encoded: Sequence[list[int]], search: Search, first: int | None) -> list[Any]:
        """Hand a batch to the workers; what comes back waits for its answers."""
        return list(
            self._translator.translate_batch(
                [[str(token) for token in row] for row in encoded],
                target_prefix=None if first is None else [[str(first)]] * len(encoded),
                asynchronous=True,
                beam_size=search.num_beams,
                patience=PATIENCE if search.num_beams > 1 else 1,
                max_decoding_length=search.max_new_tokens,
                min_decoding_length=search.min_new_tokens,
                length_penalty=search.length_penalty,
                no_repeat_ngram_size=search.no_repeat_ngram_size,
                repetition_penalty=search.repetition_penalty,
                max_input_length=0,  # never cut
                end_token=[str(token) for token in self._end_tokens],
                return_end_token=True,
                use_vmap=self._restricts(encoded),
                return_scores=self.dtype in HALF,  # which takes greedy search a little time
            )
        )

    @property
    def _end_tokens(self) -> list[int]:
        ends = self.generation_config.eos_token_id
        return ends if isinstance(ends, list) else [ends]

    def _rows(self, started: Sequence[Any]) -> Rows:
        ends = self._end_tokens
        results = [answer.result() for answer in started]
        if any(math.isnan(score) for result in results for score in result.scores[:1]):
            raise self.no_numbers()
        answers = [[int(token) for token in result.hypotheses[0]] for result in results]
        rows = [Row(tokens, bool(tokens) and tokens[-1] in ends) for tokens in answers]
        # A text that is finished leaves the batch: the decoder pads nothing.
        return Rows(rows, sum(map(len, answers)))

    def _empty_device_cache(self) -> None:
        """There is nothing to do: what a failed batch used is free again."""

    def _out_of_memory(self, error: Exception) -> bool:
        return isinstance(error, MemoryError) or (
            isinstance(error, RuntimeError)
            and ("out of memory" in str(error) or "ALLOC_FAILED" in str(error))
        )


def _shared_out(cores: int) -> tuple[int, int]:
    """Workers, and threads of each."""
    workers = min(cores, MOST_WORKERS)
    return workers, cores // workers
