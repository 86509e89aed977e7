"""chrF and BLEU of sacrebleu as metrics of summaries: the mean over the summaries of the
sentence-level scores.

sacrebleu's corpus scores are not means of anything a sample has, so no test could be made of them
dialogue by dialogue; the signatures say which of the two is reported.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, ClassVar

from pivot_sum.scoring.checks import require_language
from pivot_sum.scoring.metric import References, Texts
from pivot_sum.scoring.tokenizers import Tokenizer
from pivot_sum.scoring.units import Units


@dataclass(frozen=True)
class ChrF:
    """chrF2 on the characters of the texts as they are. Several references: the best of them."""

    one_by_one: ClassVar[bool] = True
    name: str = "chrf"

    @property
    def signature(self) -> str:
        return f"chrF2|mean-of-sentences|nc:6|nw:0|over-refs:max|sacrebleu:{version('sacrebleu')}"

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The chrF2 of each summary."""
        return [
            self._chrf.sentence_score(hypothesis, list(known)).score if hypothesis.strip() else 0.0
            for hypothesis, known in zip(hypotheses, references, strict=True)
        ]

    @cached_property
    def _chrf(self) -> Any:
        from sacrebleu.metrics import CHRF

        return CHRF(char_order=6, word_order=0, beta=2)


@dataclass(frozen=True)
class Bleu:
    """BLEU-4 on the units of a tokenizer, placeholders whole, smoothed as sacrebleu does for
    sentences. Several references count as one that has the n-grams of all."""

    one_by_one: ClassVar[bool] = True
    tokenizer: Tokenizer
    name: str = "bleu"

    @property
    def signature(self) -> str:
        return (
            f"BLEU-4|mean-of-sentences|{self._units.signature}|eff:yes|smooth:exp|over-refs:joint"
            f"|sacrebleu:{version('sacrebleu')}"
        )

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The sentence BLEU of each summary. Raises ScoreRefused where the references are in a
        language that the tokenizer is not for."""
        require_language(references, self.tokenizer.name)
        return [
            self._bleu.sentence_score(self._cut(hypothesis), list(map(self._cut, known))).score
            for hypothesis, known in zip(hypotheses, references, strict=True)
        ]

    def _cut(self, text: str) -> str:
        return " ".join(self._units.tokenize(text))

    @cached_property
    def _units(self) -> Units:
        return Units(self.tokenizer, "whole")

    @cached_property
    def _bleu(self) -> Any:
        from sacrebleu.metrics import BLEU

        return BLEU(tokenize="none", effective_order=True, smooth_method="exp")
