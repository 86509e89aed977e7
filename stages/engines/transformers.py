"""The transformers engine (torch): CUDA, MPS and CPU, every architecture this project knows."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from pivot_sum.stages.engines.base import Engine, EngineSpec, Row, Rows, Search
from pivot_sum.stages.engines.decoding import beam_search, greedy, prepare
from pivot_sum.stages.engines.devices import (
    cpu_cores,
    resolve_device,
    resolve_dtype,
    stands_float16,
)
from pivot_sum.stages.engines.ensemble import ensemble, members_of
from pivot_sum.stages.models.architectures import architecture
from pivot_sum.stages.models.checkpoints import load_model

MEMORY_SHARE = 0.7
"""Of the free memory, what a batch may be expected to take: a short text can have a long answer."""


class CudaMemory:
    """The memory of a CUDA device, in bytes."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.before = 0

    def begin(self) -> None:
        """Watch what is allocated from now on."""
        import torch

        torch.cuda.reset_peak_memory_stats(self.device)
        self.before = torch.cuda.memory_allocated(self.device)

    def used(self) -> int:
        """The most that was allocated since `begin`, beyond what was allocated then."""
        import torch

        return torch.cuda.max_memory_allocated(self.device) - self.before

    def free(self) -> int:
        """What could be allocated now: what the device has left, and what torch keeps in
        reserve.
        """
        import torch

        reserve = torch.cuda.memory_reserved(self.device) - torch.cuda.memory_allocated(self.device)
        return torch.cuda.mem_get_info(self.device)[0] + reserve


class TransformersEngine(Engine):
    """`generate`, with the decoding methods of `pivot_sum.stages.engines.decoding` for the
    architectures they know, a padded batch at a time."""

    def __init__(self, spec: EngineSpec) -> None:
        import torch

        torch.set_num_threads(spec.threads or min(cpu_cores(), torch.get_num_threads()))
        device = resolve_device(spec.device)
        members = members_of(spec)
        self.name = " + ".join(member.name for member in members)
        self.dtype = resolve_dtype(
            spec.dtype, spec.device, lambda: stands_float16(spec.model, spec.revision)
        )
        models = [load_model(member.folder, self.dtype, device) for member in members]
        self._ours = all([prepare(model) for model in models])
        for model in models:
            # Replaced in the model itself: `generate` fills whatever a call leaves open from here.
            model.generation_config = _only_tokens(
                model.generation_config,
                ban_padding=architecture(model.config.model_type).padding_only_starts,
            )
        self.model = ensemble(members, models)
        tokenizer = members[0].tokenizer
        tokenizer.model_max_length = min(member.tokenizer.model_max_length for member in members)
        super().__init__(tokenizer, self.model.config, self.model.generation_config, device)
        self.memory = CudaMemory(device) if device.startswith("cuda") else None
        self._last: tuple[int, int] | None = None  # texts of the last batch, and the bytes it took

    def _computed(
        self, batches: Sequence[Sequence[list[int]]], search: Search, first: int | None
    ) -> Iterator[Rows]:
        settings = self._settings(search, first)
        for batch in batches:
            if self.memory:
                self.memory.begin()
            rows = self._generate_batch(batch, settings)
            if self.memory:
                self._last = len(batch), self.memory.used()
            yield rows

    def _fitting(self) -> int | None:
        if self.memory is None or self._last is None:
            return None
        texts, used = self._last
        return int(MEMORY_SHARE * self.memory.free() * texts / max(1, used))

    def _settings(self, search: Search, first: int | None) -> Any:
        settings = copy.deepcopy(self.generation_config)
        settings.update(
            do_sample=False,
            num_beams=search.num_beams,
            max_new_tokens=search.max_new_tokens,
            min_new_tokens=search.min_new_tokens or None,
            length_penalty=search.length_penalty,
            no_repeat_ngram_size=search.no_repeat_ngram_size,
            repetition_penalty=search.repetition_penalty,
            # False is the search that keeps a good long hypothesis alive; True stops at the first
            # short bad ones.
            early_stopping=False,
        )
        settings.forced_bos_token_id = first
        return settings

    def _generate_batch(self, encoded: Sequence[list[int]], settings: Any) -> Rows:
        import torch

        padded = self.tokenizer.pad({"input_ids": list(encoded)}, return_tensors="pt").to(
            self.device
        )
        method = (
            {"custom_generate": greedy if settings.num_beams == 1 else beam_search}
            if self._ours
            else {}
        )
        overflow = _Overflow()
        with torch.inference_mode():
            found = self.model.generate(
                input_ids=padded.input_ids,
                attention_mask=padded.attention_mask,
                generation_config=settings,
                logits_processor=[overflow],
                **method,
            )
        if overflow.seen:
            raise self.no_numbers()
        # The first token is the decoder's start, which in BART and NLLB is the end token too.
        answers, positions = found if self._ours else (found[:, 1:].tolist(), found[:, 1:].numel())
        end = self.generation_config.eos_token_id
        ends = set(end) if isinstance(end, list) else {end}
        return Rows([_until_end(tokens, ends) for tokens in answers], positions)

    def _out_of_memory(self, error: Exception) -> bool:
        import torch

        # The allocators of CPU and MPS have no class of their own for this.
        words = ("can't allocate memory", "MPS backend out of memory")
        return isinstance(error, torch.OutOfMemoryError) or (
            isinstance(error, RuntimeError) and any(word in str(error) for word in words)
        )

    def _empty_device_cache(self) -> None:
        import torch

        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()
        elif self.device == "mps":
            torch.mps.empty_cache()


class _Overflow:
    """Looks, as a rule on tokens that changes nothing, whether scores are numbers. One that is none
    makes all scores of its text none, so a few of the vocabulary tell."""

    def __init__(self) -> None:
        self.seen: Any = False

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        self.seen = scores[:, :64].isnan().any() | self.seen
        return scores


def _until_end(tokens: list[int], ends: set[int]) -> Row:
    """The tokens up to the end token, and whether there is one; what follows is padding."""
    for place, token in enumerate(tokens):
        if token in ends:
            return Row(tokens[: place + 1], True)
    return Row(tokens, False)


def _only_tokens(suggested: Any, *, ban_padding: bool) -> Any:
    """A checkpoint's generation settings without the search it suggests, which `Search` sets.

    What goes, among others: a minimum length, and the end token BART forces at the limit, which
    would make a cut text look finished.
    """
    from transformers import GenerationConfig

    kept = (
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
        "decoder_start_token_id",
        "forced_bos_token_id",
    )
    tokens = {name: getattr(suggested, name) for name in kept}
    return GenerationConfig(
        **tokens, bad_words_ids=[[suggested.pad_token_id]] if ban_padding else None
    )
