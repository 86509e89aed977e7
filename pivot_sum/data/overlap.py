"""Dialogues that two files share: the same, or nearly the same, whatever their ids.

Two dialogues are the same when their letters and digits are, without speakers, placeholders,
case, spaces and punctuation. They are nearly the same when the sets of their character trigrams
overlap by a Jaccard index of at least a threshold (Broder 1997, "On the resemblance and
containment of documents"). The index is exact: an inverted index over trigrams is fast enough for
tens of thousands of dialogues, so nothing is estimated by MinHash.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from pivot_sum.data.samples import Sample
from pivot_sum.stages.text.placeholders import PLACEHOLDER

if TYPE_CHECKING:
    from numpy import int64
    from numpy.typing import NDArray

THRESHOLD: Final = 0.3
"""The Jaccard index from which on two dialogues are nearly the same; docs/augmentation.md says how
it was chosen."""

_NOT_COMPARED = re.compile(r"[\W_]+")
_CHARACTER_BITS = 21
"""Every code point fits into so many bits, and three of them into an integer of 64."""


def normalised(dialogue: str) -> str:
    """The letters and digits of a dialogue in one case, without speakers and other placeholders."""
    text = unicodedata.normalize("NFKC", PLACEHOLDER.sub(" ", dialogue)).casefold()
    return _NOT_COMPARED.sub("", text)


def dialogue_hash(dialogue: str) -> str:
    """16 hexadecimal digits that two dialogues share when they are the same once normalised."""
    return hashlib.sha256(normalised(dialogue).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Pair:
    """Two dialogues that are the same (`similarity` 1.0 and `exact`) or nearly so."""

    first: str
    """Its id in the first file."""
    second: str
    similarity: float
    """Jaccard index of the character trigrams, 0 to 1."""
    exact: bool


@dataclass(frozen=True)
class Overlap:
    """What two files share."""

    pairs: tuple[Pair, ...]
    """The likest first; a dialogue may be in several."""
    first_dialogues: int
    second_dialogues: int
    threshold: float

    @property
    def first_ids(self) -> tuple[str, ...]:
        """Dialogues of the first file that the second has too, each once."""
        return tuple(dict.fromkeys(pair.first for pair in self.pairs))

    @property
    def second_ids(self) -> tuple[str, ...]:
        """Dialogues of the second file that the first has too, each once."""
        return tuple(dict.fromkeys(pair.second for pair in self.pairs))

    @property
    def exact_ids(self) -> tuple[str, ...]:
        """Dialogues of the second file that the first has word for word."""
        return tuple(dict.fromkeys(pair.second for pair in self.pairs if pair.exact))

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        return {
            "first_dialogues": self.first_dialogues,
            "second_dialogues": self.second_dialogues,
            "threshold": self.threshold,
            "shared_of_first": len(self.first_ids),
            "shared_of_second": len(self.second_ids),
            "exact_of_second": len(self.exact_ids),
            "pairs": [asdict(pair) for pair in self.pairs],
        }


def overlap(
    first: Sequence[Sample], second: Sequence[Sample], threshold: float = THRESHOLD
) -> Overlap:
    """The dialogues of `second` that are in `first` too, or nearly (Jaccard index of at least
    `threshold`, which is above 0)."""
    known = [normalised(sample.dialogue) for sample in first]
    asked = [normalised(sample.dialogue) for sample in second]
    pairs = [
        Pair(first[left].id, second[right].id, similarity, known[left] == asked[right])
        for left, right, similarity in _alike(known, asked, threshold)
    ]
    pairs.sort(key=lambda pair: (not pair.exact, -pair.similarity, pair.second, pair.first))
    return Overlap(tuple(pairs), len(first), len(second), threshold)


def alike_within(dialogues: Sequence[str], threshold: float = THRESHOLD) -> list[tuple[int, int]]:
    """The pairs of positions, the smaller first, of dialogues that are the same or nearly so."""
    texts = [normalised(dialogue) for dialogue in dialogues]
    return sorted(
        (left, right) for left, right, _ in _alike(texts, texts, threshold) if left < right
    )


def _alike(
    known: Sequence[str], asked: Sequence[str], threshold: float
) -> Iterator[tuple[int, int, float]]:
    """(position in known, position in asked, Jaccard index) of texts that are alike.

    Texts of fewer than three characters have no trigrams: they are alike when they are equal.
    """
    import numpy as np

    same = defaultdict(list)
    for place, text in enumerate(known):
        same[text].append(place)
    sets = [_trigrams(text) for text in known]
    sizes = np.array([len(grams) for grams in sets], np.int64)
    grams = np.concatenate([*sets, np.empty(0, np.int64)])
    owners = np.repeat(np.arange(len(known)), sizes)
    order = np.argsort(grams, kind="stable")
    grams, owners = grams[order], owners[order]
    for right, text in enumerate(asked):
        wanted = _trigrams(text)
        if not len(wanted):
            yield from ((left, right, 1.0) for left in same.get(text, ()))
            continue
        starts, ends = np.searchsorted(grams, wanted), np.searchsorted(grams, wanted, "right")
        found = np.concatenate([owners[a:b] for a, b in zip(starts, ends, strict=True)])
        shared = np.bincount(found, minlength=len(known))
        index = shared / (sizes + len(wanted) - shared)
        for left in np.flatnonzero(index >= threshold):
            yield int(left), right, float(index[left])


def _trigrams(text: str) -> NDArray[int64]:
    """The distinct trigrams of a text, each as one number."""
    import numpy as np

    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)
    if len(points) < 3:
        return np.empty(0, np.int64)
    shift = _CHARACTER_BITS
    return np.unique((points[:-2] << 2 * shift) | (points[1:-1] << shift) | points[2:])
