"""Which tokens of a multilingual vocabulary an answer in Korean or English can need, by the
characters they stand for.

With a vocabulary of 256,206 tokens most of the work of a beam search is to score, normalise and
sort all of them at every step, and most are of languages that no answer here is in. CTranslate2
computes only the tokens that a file `vmap.txt` beside the model lists. What it is given to read is
not restricted, so no text is read in another way; one that holds a token the list lacks (Hanja,
Cyrillic, an accent of Vietnamese) may need such tokens in its answer, and gets the whole
vocabulary.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pivot_sum.stages.engines.vocabulary import control_tokens
from pivot_sum.stages.models.architectures import architecture
from pivot_sum.stages.text.scripts import HANGUL

RULE = 1
"""Counts changes of which tokens are listed: part of the identity, and of the name of a converted
model."""

LIST = "vmap.txt"
"""CTranslate2's name for the file."""

_PLAIN = re.compile(f"[\0-ÿ{HANGUL}]*")
_MARKS = "\ufe0e\ufe0f\u20e3"
"""What follows a character to make it an emoji, or none; the key of 1️⃣."""
_CATEGORIES = ("P", "S", "Z", "Cf", "No", "Nl")
"""Punctuation, symbols (emoji, and the character for a part of one, which bytes stand for), spaces,
joiners, and numbers that are no digits of another script (①, Ⅳ), as Unicode calls them."""


def can_need(text: str) -> bool:
    """Whether an answer in Korean or English can need what a token stands for: each character is
    ASCII, Latin-1 (é, ñ), Hangul, or of no script (punctuation, symbols, emoji)."""
    return _PLAIN.fullmatch(text) is not None or all(map(_character, text))


def _character(character: str) -> bool:
    return (
        _PLAIN.fullmatch(character) is not None
        or character in _MARKS
        or unicodedata.category(character).startswith(_CATEGORIES)
    )


def needed_tokens(tokenizer: Any, config: Any) -> list[int]:
    """The ids, in order, of the tokens an answer in Korean or English can need.

    Of those that are no text, other languages and what is held in reserve go, and so do rows of the
    model that the tokenizer has no token for (it calls M2M-100's eight `<unk>`: these stay).
    """
    entry = architecture(config.model_type)
    languages = {token for family in entry.translators for token in family.tokens.values()}
    control = control_tokens(tokenizer, config)
    kept, texts = set(), []
    for number in range(config.vocab_size - entry.padding_only_starts):
        token = tokenizer.convert_ids_to_tokens(number)
        if token is None:
            continue
        if number not in control:
            texts.append(number)
        elif token in languages or not (entry.is_language(token) or entry.is_reserved(token)):
            kept.add(number)
    decoded = tokenizer.batch_decode(
        [[number] for number in texts],
        skip_special_tokens=False,
        clean_up_tokenization_spaces=False,
    )
    kept.update(number for number, text in zip(texts, decoded, strict=True) if can_need(text))
    return sorted(kept)


def write_list(tokens: Sequence[int], folder: Path) -> None:
    """Write the tokens as what every answer may hold: the entry of the file without a word of the
    source in front of it."""
    (folder / LIST).write_text("\t" + " ".join(map(str, tokens)) + "\n", encoding="utf-8")


def read_list(folder: Path) -> frozenset[int]:
    """The tokens of a converted model's list. Raises `OSError` and `ValueError`."""
    return frozenset(map(int, (folder / LIST).read_text(encoding="utf-8").split()))
