"""What systems are called, in tables and in messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pivot_sum.errors import ScoreRefused


@contextmanager
def naming(label: str) -> Iterator[None]:
    """Says of whom it is that what is scored here is refused."""
    try:
        yield
    except ScoreRefused as error:
        raise ScoreRefused(f"{label} cannot be scored: {error}") from error


def distinct_labels(labels: Sequence[str], names: Sequence[str]) -> list[str]:
    """Labels no two of which are alike: what shares one is called by its file or folder, else as
    typed, else numbered."""
    for others in ([Path(name).name for name in names], [name.rstrip("/") for name in names]):
        shared = Counter(labels)
        labels = [
            other if shared[label] > 1 else label
            for label, other in zip(labels, others, strict=True)
        ]
    seen: Counter[str] = Counter()
    distinct = []
    for label in labels:
        seen[label] += 1
        distinct.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return distinct
