"""Texts through an encoder of transformers: tokens, batches, hidden states."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from pivot_sum.stages.models.hub import fingerprint, name_and_revision

if TYPE_CHECKING:
    import torch

TEXTS_A_BATCH: Final = 32

_UNLIMITED: Final = 1_000_000
"""transformers writes a huge number where a tokenizer knows no limit."""

log = logging.getLogger(__name__)


def identity(model: str) -> str:
    """A model's name with the beginning of its content hash, or of its commit on the hub, as in a
    signature. Raises ModelUnreachable."""
    name, revision = name_and_revision(model)
    known = fingerprint(name, revision)
    content: str = known.get("sha256") or known["commit"]
    return f"{name.rstrip('/').rpartition('/')[2] if 'sha256' in known else name}@{content[:12]}"


def max_tokens(tokenizer: Any, config: Any) -> int:
    """How many tokens of a text the encoder reads, special ones included."""
    positions: int = config.max_position_embeddings
    if "roberta" in config.model_type or config.model_type == "camembert":
        positions -= config.pad_token_id + 1  # they count from behind the padding's
    limit: int = tokenizer.model_max_length
    return min(positions, limit if limit < _UNLIMITED else positions)


def tokens(tokenizer: Any, texts: Sequence[str], limit: int, what: str) -> list[list[int]]:
    """The token ids of each text with special tokens, at most `limit`; a note says how many texts
    are longer, and that `what` does not see their ends."""
    rows: list[list[int]] = tokenizer(list(texts), truncation=False, verbose=False).input_ids
    if longer := sum(len(row) > limit for row in rows):
        log.warning(
            "%s reads the first %s tokens of a text: %s of %s texts are longer, and their ends are"
            " not seen",
            what,
            f"{limit:,}",
            f"{longer:,}",
            f"{len(rows):,}",
        )
        rows = tokenizer(list(texts), truncation=True, max_length=limit).input_ids
    return rows


def hidden_states(
    model: Any, rows: Sequence[Sequence[int]]
) -> Iterator[tuple[Sequence[int], tuple[torch.Tensor, ...], torch.Tensor]]:
    """Batch by batch of texts of like length: the places of its rows, the hidden states of all
    layers (the first are the embeddings), and which positions hold tokens."""
    import torch

    pad = model.config.pad_token_id or 0
    order = sorted(range(len(rows)), key=lambda place: (len(rows[place]), tuple(rows[place])))
    for first in range(0, len(order), TEXTS_A_BATCH):
        places = order[first : first + TEXTS_A_BATCH]
        width = max(len(rows[place]) for place in places)
        ids = torch.full((len(places), width), pad)
        mask = torch.zeros((len(places), width), dtype=torch.long)
        for line, place in enumerate(places):
            length = len(rows[place])
            ids[line, :length] = torch.tensor(rows[place])
            mask[line, :length] = 1
        ids, mask = ids.to(model.device), mask.to(model.device)
        with torch.inference_mode():
            found = model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        yield places, found.hidden_states, mask
