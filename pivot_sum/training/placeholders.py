"""Placeholders in training: as tokens of their own, as text, or as first names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pivot_sum.errors import TrainingRefused
from pivot_sum.stages.models.checkpoints import load_tokenizer
from pivot_sum.stages.text.placeholders import PLACEHOLDER, PRIVATE_FACTS

PEOPLE: Final = 7
"""DialogSum's dialogues have at most so many speakers."""

ADDED: Final = (
    *(f"#Person{number}#" for number in range(1, PEOPLE + 1)),
    *(f"#{fact}#" for fact in PRIVATE_FACTS),
)
"""The placeholders that can become tokens."""

_SAMPLES: Final = (
    "#Person1#은 #Person2#에게 전화번호 #PhoneNumber#를 알려 준다.",
    "#Person1# tells #Person2#, then #Person3#'s #Address# is sent.",
    "안녕하세요, #Person1#",
)
"""Texts that must come through the tokenizer as they are."""


def add_tokens(tokenizer: Any, config_folder: Path, name: str) -> Any:
    """The tokenizer with the placeholders as plain added tokens (special ones are deleted when
    somebody decodes with `skip_special_tokens`).

    Tokenizers that mark the beginning of words put a space behind an added token; where the file
    can say that they must not, it says so. Raises `TrainingRefused` where a text with placeholders
    still does not come back as it was, also after saving and loading.
    """
    known = set(tokenizer.get_vocab().values())
    tokenizer.add_tokens([token for token in ADDED if token not in tokenizer.get_vocab()])
    _mark_only_the_beginning(tokenizer)
    with TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        (Path(folder) / "config.json").write_bytes((config_folder / "config.json").read_bytes())
        again = load_tokenizer(Path(folder))
    ids = [again.convert_tokens_to_ids(token) for token in ADDED]
    for text in _SAMPLES:
        read = again(text, add_special_tokens=False).input_ids
        back = again.decode(read, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        if back.strip() != text or not set(ids) & set(read):
            raise TrainingRefused(
                f"the tokenizer of {name} ({type(again).__name__}) does not give texts with added"
                f" tokens back as they were: {text!r} becomes {back!r}. Set text.placeholders:"
                " plain, with which the model learns them as text"
            )
    if _reserved(again) & set(ids) - known:
        raise TrainingRefused(
            f"the tokenizer of {name} ({type(again).__name__}) numbers added tokens as it does its"
            " languages. Set text.placeholders: plain, with which the model learns them as text"
        )
    return again


def _mark_only_the_beginning(tokenizer: Any) -> None:
    """Let a tokenizer of the sentencepiece kind mark the beginning of a text, not that of each
    part between added tokens."""
    from tokenizers import Regex, decoders, normalizers, pre_tokenizers

    inner = getattr(tokenizer, "backend_tokenizer", None)
    if inner is None or not isinstance(inner.decoder, decoders.Metaspace):
        return
    if isinstance(inner.pre_tokenizer, pre_tokenizers.Sequence):
        # T5's cuts at whitespace first, and loses that in front of an added token. What it makes of
        # several spaces or a line end stays: one space.
        squeezed = normalizers.Replace(Regex(r"\s+"), " ")
        inner.normalizer = normalizers.Sequence([*_parts(inner.normalizer), squeezed])
    inner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    inner.decoder = decoders.Metaspace(prepend_scheme="first")


def _parts(normalizer: Any) -> list[Any]:
    return [] if normalizer is None else [normalizer]


def _reserved(tokenizer: Any) -> set[int]:
    """Ids of language tokens that the vocabulary does not list (M2M-100)."""
    return set(getattr(tokenizer, "id_to_lang_token", {}))


def resize(model: Any, tokenizer: Any, pieces: Mapping[int, list[int]]) -> None:
    """Give every token a row among the embeddings; a new one begins as the mean of the `pieces`
    that it was read as before. Rows beyond the tokenizer's, which published models have, are
    used first; input and output stay tied where they were.
    """
    import torch

    size = model.get_input_embeddings().weight.shape[0]
    needed = max(pieces, default=0) + 1
    if needed > size:
        model.resize_token_embeddings(needed, mean_resizing=False)
    tables = {
        id(table.weight): table.weight
        for table in (model.get_input_embeddings(), model.get_output_embeddings())
        if table is not None
    }
    with torch.no_grad():
        for weight in tables.values():
            for token, old in pieces.items():
                weight[token] = weight[old].mean(dim=0)


def pieces_of(tokenizer: Any) -> dict[str, list[int]]:
    """The ids each placeholder is read as while it is no token; of those that are tokens, none."""
    known = tokenizer.get_vocab()
    return {
        token: tokenizer(token, add_special_tokens=False).input_ids
        for token in ADDED
        if token not in known
    }


def with_label_names(text: str, labels: Mapping[str, str]) -> str:
    """A target with the names that its source was given (`with_labels`)."""
    return PLACEHOLDER.sub(lambda match: labels.get(match.group(), match.group()), text)


def counted(texts: Iterable[str]) -> int:
    """How many placeholders the texts hold."""
    return sum(len(PLACEHOLDER.findall(text)) for text in texts)
