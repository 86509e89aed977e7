"""How much of a model's work is padding: texts of a batch are filled up to the longest, in the
encoder and in the decoder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Tokens:
    """Tokens a model read (encoder) and wrote (decoder), and the positions of the batches they were
    computed in."""

    encoder: int = 0
    encoder_positions: int = 0
    decoder: int = 0
    decoder_positions: int = 0

    @property
    def encoder_padding(self) -> float:
        """Share of the encoder's positions that held no token."""
        return 1 - self.encoder / self.encoder_positions if self.encoder_positions else 0.0

    @property
    def decoder_padding(self) -> float:
        """Share of the decoder's positions that held no token."""
        return 1 - self.decoder / self.decoder_positions if self.decoder_positions else 0.0

    def record(self) -> dict[str, float]:
        """Tokens, and padding in per cent of the positions computed."""
        return {
            "read": self.encoder,
            "read_padding_percent": round(100 * self.encoder_padding, 1),
            "written": self.decoder,
            "written_padding_percent": round(100 * self.decoder_padding, 1),
        }


_counting: ContextVar[Tokens | None] = ContextVar("counting", default=None)


@contextmanager
def counted() -> Iterator[Tokens]:
    """Count what the engines compute inside the block."""
    tokens = Tokens()
    before = _counting.set(tokens)
    try:
        yield tokens
    finally:
        _counting.reset(before)


def count(encoder: int, encoder_positions: int, decoder: int, decoder_positions: int) -> None:
    """Add one batch to what is being counted, if anything is."""
    tokens = _counting.get()
    if tokens is not None:
        tokens.encoder += encoder
        tokens.encoder_positions += encoder_positions
        tokens.decoder += decoder
        tokens.decoder_positions += decoder_positions
