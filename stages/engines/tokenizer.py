"""A checkpoint's tokenizer without transformers, whose import takes longer than a whole run of the
demo.

The tokenizers of NLLB, mBART, BART, T5 and Pegasus are, inside, one `tokenizers.Tokenizer`. When a
checkpoint is converted for CTranslate2 that inner tokenizer is written down, and the little that
transformers adds to it. M2M-100's and Marian's are written in Python around sentencepiece; they
stay with transformers.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pivot_sum.stages.engines.vocabulary import NAMED

_FACTS = (*(f"{name}_token_id" for name in NAMED), "model_max_length")

_SAMPLES = (
    "",
    "Hello, #Person1#! 안녕하세요, 3시에 만나요.",
    '#Person1#: 네.\n#Person2#:  ㅋㅋ\tIt\'s  fine …  ⟦1⟧ <x id="1"/> ',
    " ＡＢ①\u200b한\u1112\u1161\u11ab 🙂 </s>",
)
"""Texts on which two readings of one tokenizer would differ: whitespace, line ends, composed
letters, a special token."""


class FileTokenizer:
    """The part of transformers' tokenizer that engines and families use, under the same names.
    `facts` is what `write` gave.

    Where the source language is part of the text (NLLB, mBART-50), `src_lang` names it.
    """

    def __init__(self, file: Path, facts: dict[str, Any]) -> None:
        from tokenizers import Tokenizer

        self._inner = Tokenizer.from_file(str(file))
        self._inner.no_truncation()
        self._inner.no_padding()
        self.class_name: str = facts["class_name"]
        self.src_lang: str | None = facts["src_lang"]
        self._framed: bool = self.src_lang is not None
        for fact in _FACTS:
            setattr(self, fact, facts[fact])
        self.unk_token_id: int | None
        self.bos_token_id: int | None
        self.eos_token_id: int | None
        self.model_max_length: int

    def __call__(self, texts: str | list[str], **_: Any) -> SimpleNamespace:
        """`input_ids` of a text, or of each text, special tokens included, never cut."""
        several = [texts] if isinstance(texts, str) else texts
        ids = [
            encoding.ids
            for encoding in self._inner.encode_batch(several, add_special_tokens=not self._framed)
        ]
        if self._framed:
            language, end = self.convert_tokens_to_ids(self.src_lang), self.eos_token_id
            assert language is not None and end is not None
            ids = [[language, *row, end] for row in ids]
        return SimpleNamespace(input_ids=ids[0] if isinstance(texts, str) else ids)

    def batch_decode(
        self, rows: Sequence[Sequence[int]], *, skip_special_tokens: bool = False, **_: Any
    ) -> list[str]:
        """The texts of rows of ids."""
        return list(self._inner.decode_batch(rows, skip_special_tokens=skip_special_tokens))

    @property
    def added_tokens_decoder(self) -> dict[int, Any]:
        """The tokens that were added to the vocabulary, by id."""
        return dict(self._inner.get_added_tokens_decoder())

    def convert_tokens_to_ids(self, token: Any) -> int | None:
        """The id of a token; that of `<unk>` where it is unknown."""
        known = self._inner.token_to_id(token)
        return self.unk_token_id if known is None else int(known)

    def convert_ids_to_tokens(self, number: int) -> str | None:
        """The token of an id."""
        token: str | None = self._inner.id_to_token(number)
        return token


def write(tokenizer: Any, file: Path) -> dict[str, Any] | None:
    """Write the inner tokenizer of one of transformers' to a file and give the facts that go with
    it.

    None, and no file, where there is no inner tokenizer, or reading it back does not give the same
    tokens and texts.
    """
    inner = getattr(tokenizer, "backend_tokenizer", None)
    if inner is None:
        return None
    facts = {name: getattr(tokenizer, name) for name in _FACTS}
    facts |= {
        "class_name": type(tokenizer).__name__,
        "src_lang": getattr(tokenizer, "src_lang", None),
    }
    inner.save(str(file))
    copy = FileTokenizer(file, facts)
    ids = tokenizer(list(_SAMPLES)).input_ids
    texts = tokenizer.batch_decode(
        ids, skip_special_tokens=False, clean_up_tokenization_spaces=False
    )
    if copy(list(_SAMPLES)).input_ids == ids and copy.batch_decode(ids) == texts:
        return facts
    file.unlink()
    return None
