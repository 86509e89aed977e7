"""Which tokens of a vocabulary are no text, the same for both engines, whether a model has room for
all of them, and whether two tokenizers are the same.

No text are: the tokens a tokenizer calls by name (start, end, unknown, separator, padding, mask),
the language tokens of translators, and what published tokenizers hold in reserve (T5's sentinels,
KoBART's `<unused0>`). Any other token is text, also one that the tokenizer calls special: who
trained with `#Person1#` as a special token wants to read it in the summary.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.architectures import architecture

NAMED = ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
"""What the tokens are for that transformers' tokenizers call by name."""

_SHOWN = 5


def control_tokens(tokenizer: Any, config: Any) -> dict[int, str | None]:
    """The tokens that are no text, by id, each with how it is written where the tokenizer says."""
    entry = architecture(config.model_type)
    control: dict[int, str | None] = {}
    for name in NAMED:
        number = getattr(tokenizer, f"{name}_token_id", None)
        if number is not None:
            control[number] = tokenizer.convert_ids_to_tokens(number)
    control |= dict.fromkeys(entry.unmarked_tokens(tokenizer, config))
    for number, token in tokenizer.added_tokens_decoder.items():
        if entry.is_language(token.content) or entry.is_reserved(token.content):
            control[number] = token.content
    return control


class AsText:
    """Keeps what somebody typed from being read as a control token: a space goes behind the first
    character of `</s>`, which stays text that way in every kind of tokenizer."""

    def __init__(self, control: dict[int, str | None]) -> None:
        self._written = [token for token in control.values() if token and len(token) > 1]

    def __call__(self, text: str) -> str:
        # Most tokenizers make full-width letters ordinary ones before they look a word up.
        narrow = text.translate(_NARROW)
        places = {
            found.start() + 1
            for token in self._written
            if token in narrow
            for found in re.finditer(f"(?={re.escape(token)})", narrow)
        }
        for place in sorted(places, reverse=True):
            text = f"{text[:place]} {text[place:]}"
        return text


_NARROW = {code + 0xFEE0: code for code in range(0x21, 0x7F)}


def require_room(tokenizer: Any, config: Any, folder: Path) -> None:
    """Raise `WrongCheckpoint` where a token that can be read has no row among the embeddings:
    transformers would fail in the middle of a run, and CTranslate2 reads another token.

    More rows than tokens are fine (they are padding), and so is a mask or a reserved token beyond
    the end, which no text can hold: bart-large-cnn has such a mask.
    """
    size = getattr(config, "vocab_size", None)
    if size is None:
        return
    entry = architecture(config.model_type)
    beyond = sorted(
        (number, token)
        for token, number in tokenizer.get_vocab().items()
        if number >= size and number != tokenizer.mask_token_id and not entry.is_reserved(token)
    )
    if beyond:
        shown = ", ".join(token for _, token in beyond[:_SHOWN])
        raise WrongCheckpoint(
            f"the tokenizer in {folder} does not fit the model: the model has {size} embeddings,"
            f" the tokenizer numbers its tokens up to {beyond[-1][0]}, and the model cannot read"
            f" {shown}{' ...' if len(beyond) > _SHOWN else ''} ({len(beyond)} in all). Use the"
            " tokenizer files the model was trained with, or give the model rows for them"
            " (model.resize_token_embeddings(len(tokenizer))) and train it"
        )


def tokenizer_differences(first: Any, other: Any) -> list[str]:
    """What two loaded tokenizers do differently, in words for a message; empty where both read and
    write every text alike.

    Not compared: what a caller sets before it uses one (source language, length limit).
    """
    ours, theirs = first.get_vocab(), other.get_vocab()
    said = []
    if differ := sorted(
        token for token in ours.keys() | theirs.keys() if ours.get(token) != theirs.get(token)
    ):
        shown = ", ".join(differ[:_SHOWN])
        said.append(
            f"{len(differ)} tokens of their tokenizers are not in both or have another number"
            f" ({shown}{' ...' if len(differ) > _SHOWN else ''})"
        )
    for name in NAMED:
        token = f"{name}_token"
        if (a := getattr(first, f"{token}_id")) != (b := getattr(other, f"{token}_id")):
            said.append(f"their tokenizers have {b} and {a} as {token}_id")
    if not said and _rules(first) != _rules(other):
        said.append("their tokenizers cut texts differently")
    return said


def _rules(tokenizer: Any) -> list[Any]:
    """How a tokenizer cuts a text."""
    inner = getattr(tokenizer, "backend_tokenizer", None)
    if inner is None:
        return [
            part.serialized_model_proto()
            for _, part in sorted(vars(tokenizer).items())
            if hasattr(part, "serialized_model_proto")
        ]
    rules = json.loads(inner.to_str()) | {"truncation": None, "padding": None}
    if not hasattr(tokenizer, "src_lang"):
        return [rules]
    # What it puts around a text depends on the language it was set to last; its class says how.
    return [type(tokenizer).__name__, rules | {"post_processor": None}]
