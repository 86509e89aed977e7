"""From a checkpoint to a folder CTranslate2 can load: made once, kept beside the cache.

CTranslate2 names tokens by their text. Here they are called by their number instead ("0", "1",
...), so nothing depends on the text: several tokenizers leave tokens out of their vocabulary, or
write two alike.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pivot_sum.stages.engines import tokenizer as file_tokenizer
from pivot_sum.stages.engines.korean_english import RULE, needed_tokens, write_list
from pivot_sum.stages.engines.vocabulary import require_room
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.architectures import Architecture, architecture
from pivot_sum.stages.models.checkpoints import (
    first_line,
    load_config,
    load_model,
    load_tokenizer,
)
from pivot_sum.stages.models.hub import content_key
from pivot_sum.stages.models.kept import keep

FACTS = "pivot-sum.json"
"""What an engine has to know beside CTranslate2's own files: `config`, `generation`, and
`tokenizer` (or null)."""

TOKENIZER = "tokenizer.json"

_FORM = 2
"""Counts changes of what this module writes: folders of another form are not used."""

_TOKENS = (
    "bos_token_id",
    "eos_token_id",
    "pad_token_id",
    "decoder_start_token_id",
    "forced_bos_token_id",
)


def converted(
    folder: Path, model: str, revision: str, dtype: str, *, korean_english: bool = False
) -> Path:
    """The folder with the converted model, which is made the first time. `dtype` is that of the
    weights. With `korean_english` the tokens that answers are restricted to lie beside it.

    Raises `WrongCheckpoint` for a model CTranslate2 cannot run, what
    `pivot_sum.stages.models.checkpoints` raises for a damaged one, and `StageError` where there is
    no room for the result.
    """
    import ctranslate2

    name = (
        f"{content_key(model, revision)[:32]}-ctranslate2-{ctranslate2.__version__}-{dtype}-{_FORM}"
        + (f"-ko-en-{RULE}" if korean_english else "")
    )
    return keep(
        name,
        f"converting {folder} for CTranslate2 ({dtype})",
        lambda target: _convert(folder, dtype, target, korean_english),
    )


def _convert(folder: Path, dtype: str, target: Path, korean_english: bool) -> None:
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]  # ctranslate2 has no types
        """CTranslate2's own, with our loading and the numbers in place of texts."""

        def load_model(self, model_class: Any, name: str, **settings: Any) -> Any:
            for field, value in special.converter_config(model.config).items():
                setattr(model.config, field, value)
            return model

        def load_tokenizer(self, tokenizer_class: Any, name: str, **settings: Any) -> Any:
            return _Numbers(model, special)

        def _load(self) -> Any:
            specification = super()._load()
            if not special.padding_only_starts:  # else CTranslate2's decoder starts from nothing
                tokens = model.generation_config
                start = (
                    tokens.bos_token_id
                    if tokens.decoder_start_token_id is None
                    else tokens.decoder_start_token_id
                )
                specification.config.decoder_start_token = str(start)
            return specification

    tokenizer = load_tokenizer(folder)  # first: it is quicker to fail
    require_room(tokenizer, load_config(folder), folder)
    model = load_model(folder, "float32", "cpu")
    special = architecture(model.config.model_type)
    if special.padding_only_starts:
        _require_plain_padding(model, folder)
    facts = {
        "config": json.loads(model.config.to_json_string(use_diff=False)),
        "generation": {name: getattr(model.generation_config, name) for name in _TOKENS},
    }
    try:
        # Into a folder that is there already, hence force.
        Converter(str(folder)).convert(str(target), quantization=dtype, force=True)
    except OSError:
        raise
    except (
        Exception
    ) as error:  # the converter raises nearly everything: ValueError, KeyError, AttributeError
        raise WrongCheckpoint(
            f"CTranslate2 cannot run the model in {folder}: {first_line(error)}. Use the other"
            " engine (engine: transformers)"
        ) from error
    if korean_english:
        write_list(needed_tokens(tokenizer, model.config), target)
    facts["tokenizer"] = file_tokenizer.write(tokenizer, target / TOKENIZER)
    (target / FACTS).write_text(json.dumps(facts), encoding="utf-8")


def _require_plain_padding(model: Any, folder: Path) -> None:
    """CTranslate2 drops such a padding token: it has to be the last, and nothing but zeros, as in
    every published model."""
    pad = model.generation_config.pad_token_id
    if pad != model.config.vocab_size - 1 or model.get_input_embeddings().weight[pad].any():
        raise WrongCheckpoint(
            f"the model in {folder} ({model.config.model_type}) has a padding token that is not the"
            " last of its vocabulary, or not zero; CTranslate2 cannot run it. Use the other engine"
            " (engine: transformers)"
        )


class _Numbers:
    """Stands in for a tokenizer: its tokens are called by their number."""

    def __init__(self, model: Any, special: Architecture) -> None:
        # Such a padding token is dropped by the converter.
        self.size = model.config.vocab_size - special.padding_only_starts
        ends = model.generation_config.eos_token_id
        self.eos_token = self.bos_token = self.pad_token = str(
            ends[0] if isinstance(ends, list) else ends
        )
        self.unk_token_id = 0
        self.unk_token = "0"
        self.special_tokens_map: dict[str, Any] = {}

    def get_vocab(self) -> dict[str, int]:
        return {str(number): number for number in range(self.size)}

    def convert_ids_to_tokens(self, number: int) -> str:
        return str(number)
