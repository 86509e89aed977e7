"""The transformers engine: one sequence-to-sequence model in memory, greedy or beam search, batches that fit.

One engine at a time is kept: asking for another frees the first, so a pivot run never holds two models.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from stages.checkpoints import load_model, load_tokenizer
from stages.errors import StageError
from stages.models import fetch


class Generated(NamedTuple):
    """One answer. `finished` is false when the model was stopped by the length limit, not by its own end of text."""

    text: str
    finished: bool


@dataclass(frozen=True)
class Search:
    """Generation parameters, all of them spelled out: what the checkpoint suggests is overridden, never mixed in."""

    num_beams: int
    max_new_tokens: int
    min_new_tokens: int
    length_penalty: float
    no_repeat_ngram_size: int
    repetition_penalty: float


@dataclass(frozen=True)
class EngineSpec:
    """What to load and where: `dtype` and `device` may be `auto`."""

    model: str
    revision: str
    dtype: str
    device: str
    threads: int


_in_memory: dict[EngineSpec, Engine] = {}


def engine_for(spec: EngineSpec) -> Engine:
    """The engine for a spec, loaded on first use. Raises what `stages.models` and `stages.checkpoints` raise."""
    if spec not in _in_memory:
        free()
        _in_memory[spec] = Engine(spec)
    return _in_memory[spec]


def free() -> None:
    """Forget the model in memory and give its memory back."""
    _in_memory.clear()
    gc.collect()  # modules hold reference cycles; without this two models would be in memory while the next one loads
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def resolve_device(device: str) -> str:
    """`auto` is CUDA where there is one, then Apple's MPS, then the CPU. Raises `StageError` for one that is not here."""
    if device == "cpu":
        return device
    import torch

    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if device == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    here = [*(["cuda"] if cuda else []), *(["mps"] if mps else []), "cpu"]
    numbered = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if cuda else []
    if device not in here + numbered:
        raise StageError(f"there is no device {device!r} that torch can use here; there are: auto, {', '.join(here + numbered)}")
    return device


def resolve_dtype(dtype: str, device: str) -> str:
    """`auto` is 16-bit on a GPU and float32 on a CPU, where bfloat16 without AMX is several times slower."""
    if dtype != "auto":
        return dtype  # without torch: a run that finds everything in the cache never imports it
    import torch

    place = (resolve_device(device) if device == "auto" else device).partition(":")[0]
    if place == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float16"
    return "float16" if place == "mps" else "float32"


class Engine:
    """A tokenizer and a model, loaded."""

    def __init__(self, spec: EngineSpec) -> None:
        import torch

        if spec.threads:
            torch.set_num_threads(spec.threads)
        self.device = resolve_device(spec.device)
        folder = fetch(spec.model, spec.revision)
        self.tokenizer = load_tokenizer(folder)
        self.model = load_model(folder, resolve_dtype(spec.dtype, spec.device), self.device)
        # Replaced in the model itself: `generate` fills whatever a call leaves open from here.
        self.model.generation_config = _only_tokens(self.model.generation_config, self.model_type)
        self._ends = self._missing_ends()
        self._unspoken = self._language_tokens()

    @property
    def model_type(self) -> str:
        """The architecture, as config.json names it."""
        return str(self.model.config.model_type)

    @property
    def max_positions(self) -> int:
        """The longest input in tokens. BART fails beyond it; NLLB's sinusoidal positions would go on, untrained."""
        positions = getattr(self.model.config, "max_position_embeddings", None) or self.tokenizer.model_max_length
        return int(min(positions, self.tokenizer.model_max_length))

    def length(self, text: str) -> int:
        """Number of tokens of a text, special tokens included."""
        return len(self.encode([text])[0])

    def generate(
        self, texts: Sequence[str], search: Search, *, batch_tokens: int, forced_bos_token: str | None = None
    ) -> list[Generated]:
        """One answer a text, in order.

        `batch_tokens` bounds texts × longest text (in tokens) of a batch. Running out of memory halves the batch and goes
        on; the halves are kept for the rest of the call. Raises `StageError` when a single text does not fit.
        """
        if not texts:
            return []
        encoded = self.encode(texts)
        settings = self._settings(search, forced_bos_token)
        answers: dict[int, Generated] = {}
        budget = batch_tokens
        pending = sorted(range(len(texts)), key=lambda index: -len(encoded[index]))
        while pending:
            batch = next(batches(pending, lambda index: len(encoded[index]), budget))
            try:
                outputs = self._generate_batch([encoded[index] for index in batch], settings)
            except Exception as error:
                if not _out_of_memory(error):
                    raise
                if len(batch) == 1:
                    raise StageError(
                        f"a text of {len(encoded[batch[0]])} tokens does not fit into the memory of {self.device} even "
                        "alone; lower num_beams or max_new_tokens, or use another device"
                    ) from error
                budget = (len(batch) // 2) * len(encoded[batch[0]])
                outputs = None
            if outputs is None:  # outside the except block, so that the failed batch's tensors are gone first
                self._empty_device_cache()
                continue
            answers.update(zip(batch, outputs, strict=True))
            pending = pending[len(batch) :]
        return [answers[index] for index in range(len(texts))]

    def _missing_ends(self) -> tuple[list[int], list[int]]:
        """What to put around a text where the tokenizer adds nothing by itself, as KoBART's does not."""
        if self.tokenizer("").input_ids:
            return [], []
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        return [begin] if begin is not None else [], [end] if end is not None else []

    def _language_tokens(self) -> frozenset[int]:
        """What decoding would leave in the text as `__en__` or `<unk>`: M2M-100's tokenizer does not count the language tokens
        and the padding words behind its vocabulary as special.
        """
        if not hasattr(self.tokenizer, "id_to_lang_token"):
            return frozenset()
        return frozenset(range(self.tokenizer.vocab_size, self.model.config.vocab_size))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text, special tokens included, never cut."""
        if self.model_type == "marian":
            # Its training data went through Moses' punctuation rules; the tokenizer offers them, but does not apply them.
            texts = [self.tokenizer.normalize(text) for text in texts]
        begin, end = self._ends
        return [[*begin, *ids, *end] for ids in self.tokenizer(list(texts), truncation=False, verbose=False).input_ids]

    def _settings(self, search: Search, forced_bos_token: str | None) -> Any:
        import copy

        settings = copy.deepcopy(self.model.generation_config)
        settings.update(
            do_sample=False,
            num_beams=search.num_beams,
            max_new_tokens=search.max_new_tokens,
            min_new_tokens=search.min_new_tokens or None,
            length_penalty=search.length_penalty,
            no_repeat_ngram_size=search.no_repeat_ngram_size,
            repetition_penalty=search.repetition_penalty,
            # False is the search that keeps a good long hypothesis alive; True stops at the first short bad ones (STACK.md).
            early_stopping=False,
        )
        if forced_bos_token is not None:
            token = self.tokenizer.convert_tokens_to_ids(forced_bos_token)
            assert token is not None and token != self.tokenizer.unk_token_id, forced_bos_token
            settings.forced_bos_token_id = token
        return settings

    def _generate_batch(self, encoded: Sequence[list[int]], settings: Any) -> list[Generated]:
        import torch

        padded = self.tokenizer.pad({"input_ids": list(encoded)}, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            sequences = self.model.generate(
                input_ids=padded.input_ids, attention_mask=padded.attention_mask, generation_config=settings
            )
        end = self.model.generation_config.eos_token_id
        ends = set(end) if isinstance(end, list) else {end}
        rows: list[list[int]] = sequences.tolist()
        spoken = [[token for token in row if token not in self._unspoken] for row in rows]
        texts = self.tokenizer.batch_decode(spoken, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        # The first token is the decoder's start, which in BART and NLLB is the end token too.
        finished = [any(token in ends for token in row[1:]) for row in rows]
        return [Generated(text.strip(), done) for text, done in zip(texts, finished, strict=True)]

    def _empty_device_cache(self) -> None:
        import torch

        if self.device.startswith("cuda"):
            torch.cuda.empty_cache()
        elif self.device == "mps":
            torch.mps.empty_cache()


def _only_tokens(suggested: Any, model_type: str) -> Any:
    """A checkpoint's generation settings without the search it suggests, which `Search` spells out.

    What goes, among others: a minimum length, and the end token BART forces at the limit, which would make a cut text look
    finished. What stays for Marian is the ban on the padding token, which is its decoder's start and would otherwise win.
    """
    from transformers import GenerationConfig

    kept = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id")
    tokens = {name: getattr(suggested, name) for name in kept}
    return GenerationConfig(**tokens, bad_words_ids=[[suggested.pad_token_id]] if model_type == "marian" else None)


def batches(pending: Sequence[int], length: Callable[[int], int], budget: int) -> Iterator[list[int]]:
    """Cut a longest-first list into batches of at most `budget` tokens, padding included; never an empty batch."""
    start = 0
    while start < len(pending):
        size = max(1, budget // max(1, length(pending[start])))
        yield list(pending[start : start + size])
        start += size


def _out_of_memory(error: Exception) -> bool:
    import torch

    # The allocators of CPU and MPS have no class of their own for this.
    return isinstance(error, torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and ("can't allocate memory" in str(error) or "MPS backend out of memory" in str(error))
    )
