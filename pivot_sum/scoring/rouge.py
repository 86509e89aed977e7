"""ROUGE-1, -2 and -L F1 of summaries against one or many references, with a signature on every
figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from typing import Any, Final, Literal, NamedTuple

from pivot_sum import __version__
from pivot_sum.scoring.checks import wrong_script
from pivot_sum.scoring.tokenizers import Tokenizer
from pivot_sum.stages.text.placeholders import PLACEHOLDER, find

Placeholders = Literal["whole", "raw"]
"""`whole`: a placeholder is one token whatever the tokenizer makes of it; `raw`: the tokenizer sees
it as text."""

OverReferences = Literal["mean", "max"]
"""What becomes of the figures against several references of one sample: the mean is the
competition's way."""

METRICS: Final = ("rouge1", "rouge2", "rougeL")

_STAND_IN: Final = "XYZ"
_REMEMBERED: Final = 20_000
"""Texts whose tokens are kept: references come back for every system that is compared."""


class Rouge(NamedTuple):
    """F1 of ROUGE-1, ROUGE-2 and ROUGE-L, each 0 to 1."""

    rouge1: float
    rouge2: float
    rougeL: float

    @property
    def final(self) -> float:
        """The competition's score: the mean of the three, 0 to 100."""
        return 100 * math.fsum(self) / len(self)


ZERO: Final = Rouge(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Scores:
    """The figures of many samples, and how they were made."""

    rows: tuple[Rouge, ...]
    """One a sample, in the order of the hypotheses, after mean or max over its references."""
    empty: int
    """Hypotheses without any text; each scores 0."""
    wrong_script: int
    """Hypotheses written in another script than their references; too many are refused."""
    signature: str

    @cached_property
    def mean(self) -> Rouge:
        """The mean over the samples; it does not depend on their order."""
        return Rouge(
            *(math.fsum(column) / len(self.rows) for column in zip(*self.rows, strict=True))
        )

    @property
    def final(self) -> float:
        """The competition's score, 0 to 100."""
        return self.mean.final

    def as_json(self) -> dict[str, Any]:
        """The means in points (0 to 100), the counts and the signature."""
        points = {name: 100 * value for name, value in self.mean._asdict().items()}
        return {
            **points,
            "final": self.final,
            "samples": len(self.rows),
            "empty": self.empty,
            "wrong_script": self.wrong_script,
            "signature": self.signature,
        }


@dataclass(frozen=True)
class Scorer:
    """How summaries are scored: with which tokenizer, placeholders whole or raw, mean or max over
    the references."""

    tokenizer: Tokenizer
    placeholders: Placeholders = "whole"
    over_references: OverReferences = "mean"

    def score(self, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> Scores:
        """The figures of hypotheses against the references of the same positions.

        Raises ScoreRefused where they would mean nothing: no samples, unequal lengths, a sample
        without references, text in the wrong script.
        """
        wrong = wrong_script(hypotheses, references, self.tokenizer.name)
        empty = sum(not hypothesis.strip() for hypothesis in hypotheses)
        rows = tuple(
            self._row(hypothesis, known)
            for hypothesis, known in zip(hypotheses, references, strict=True)
        )
        return Scores(rows, empty, wrong, self.signature(references))

    def pair(self, hypothesis: str, reference: str) -> Rouge:
        """The figures of one hypothesis against one reference. Nothing is checked."""
        found = self._rouge.score(reference, hypothesis)
        return Rouge(*(found[metric].fmeasure for metric in METRICS))

    def tokenize(self, text: str) -> list[str]:
        """The units that are counted."""
        return list(self._tokens(text))

    def signature(self, references: Sequence[Sequence[str]]) -> str:
        """All that the figures depend on beside the texts."""
        counts = sorted({len(known) for known in references})
        return "|".join(
            (
                "rouge-f1",
                f"tok:{self.tokenizer.name}-{self.tokenizer.version}",
                f"placeholders:{self.placeholders}",
                f"refs:{'-'.join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))}",
                f"over-refs:{self.over_references}",
                f"n:{len(references)}",
                f"rouge-score-rs:{version('rouge-score-rs')}",
                f"v:{__version__}",
            )
        )

    def _row(self, hypothesis: str, references: Sequence[str]) -> Rouge:
        if not hypothesis.strip():
            return ZERO
        found = [self.pair(hypothesis, reference) for reference in references]
        over = max if self.over_references == "max" else _mean
        return Rouge(*(over(column) for column in zip(*found, strict=True)))

    @cached_property
    def _rouge(self) -> Any:
        # rouge_score in Rust: the same figures to the last bit (the tests compare them), without
        # the seconds that importing rouge_score takes.
        from rouge_score_rs import RougeScorer

        return RougeScorer(list(METRICS), tokenizer=self)

    @cached_property
    def _tokens(self) -> Callable[[str], tuple[str, ...]]:
        return lru_cache(_REMEMBERED)(self._cut)

    def _cut(self, text: str) -> tuple[str, ...]:
        if self.placeholders == "raw":
            return tuple(self.tokenizer.tokenize(text))
        return tuple(_with_stand_in(self.tokenizer, text) or _in_pieces(self.tokenizer, text))


def _with_stand_in(tokenizer: Tokenizer, text: str) -> list[str] | None:
    """The tokens of a text whose placeholders the tokenizer sees as a foreign name, which leaves it
    the sentence around them.

    None where the name does not come back as one token for each.
    """
    placeholders = find(text)
    tokens = tokenizer.tokenize(PLACEHOLDER.sub(_STAND_IN, text))
    if _STAND_IN in text or tokens.count(_STAND_IN) != len(placeholders):
        return None
    given = iter(placeholders)
    return [next(given) if token == _STAND_IN else token for token in tokens]


def _in_pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    """The tokens of what stands between the placeholders, and these."""
    tokens: list[str] = []
    end = 0
    for match in PLACEHOLDER.finditer(text):
        tokens += [*tokenizer.tokenize(text[end : match.start()]), match.group()]
        end = match.end()
    return [*tokens, *tokenizer.tokenize(text[end:])]


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
