"""ROUGE-1, -2 and -L F1 of summaries against one or many references."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any, ClassVar, Final, Literal, NamedTuple, get_args

from pivot_sum import __version__
from pivot_sum.scoring.checks import require_language
from pivot_sum.scoring.metric import Parts, References, Texts, mean, references_of
from pivot_sum.scoring.subsequence import longest_common
from pivot_sum.scoring.tokenizers import Tokenizer
from pivot_sum.scoring.units import WAYS, Placeholders, Units

OverReferences = Literal["mean", "max"]
"""What becomes of the scores against several references of one sample: the mean is the
competition's way."""
OVER_REFERENCES: Final[tuple[OverReferences, ...]] = get_args(OverReferences)

ROUGES: Final = ("rouge1", "rouge2", "rougeL")
FINAL: Final = "final"

_LONG: Final = 4_000_000
"""Characters of one text times those of the other. rouge_score fills a table with a cell for each
pair of tokens, and so does its twin in Rust where many are different: seconds to hours for
thousands of turns."""


class RougeF1(NamedTuple):
    """F1 of ROUGE-1, ROUGE-2 and ROUGE-L, each 0 to 1."""

    rouge1: float
    rouge2: float
    rougeL: float

    @property
    def final(self) -> float:
        """The competition's score: the mean of the three, 0 to 100."""
        return 100 * math.fsum(self) / len(self)

    @property
    def points(self) -> dict[str, float]:
        """All four, 0 to 100."""
        return {**{name: 100 * value for name, value in self._asdict().items()}, FINAL: self.final}


ZERO: Final = RougeF1(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Rouge:
    """ROUGE on the units of a tokenizer, placeholders whole or raw, mean or max over the
    references. Its parts are the three and their mean, `final`, which decides."""

    one_by_one: ClassVar[bool] = True
    tokenizer: Tokenizer
    placeholders: Placeholders = "whole"
    over_references: OverReferences = "mean"

    def __post_init__(self) -> None:
        for setting, known in (("placeholders", WAYS), ("over_references", OVER_REFERENCES)):
            if (value := getattr(self, setting)) not in known:
                raise ValueError(f"{setting}={value!r}: choose {' or '.join(known)}")

    @property
    def name(self) -> str:
        return "rouge" if self.placeholders == "whole" else f"rouge-{self.placeholders}"

    @property
    def signature(self) -> str:
        return "|".join(self._signature)

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """The final score of each summary."""
        return [row.final for row in self._rows(hypotheses, references)]

    def parts(self, hypotheses: Texts, references: References, sources: Texts, /) -> Parts:
        """All scores of all summaries. Raises ScoreRefused where the references are in a language
        that the tokenizer is not for."""
        require_language(references, self.tokenizer.name)
        shares = [array("d") for _ in ROUGES]
        points = {part: array("d") for part in (*ROUGES, FINAL)}
        for row in self._rows(hypotheses, references):
            for column, share in zip(shares, row, strict=True):
                column.append(share)
            for part, value in row.points.items():
                points[part].append(value)
        middle = RougeF1(*map(mean, shares))
        name, units, *rest = self._signature
        signature = (
            name,
            units,
            references_of(references),
            rest[0],
            f"n:{len(references)}",
            *rest[1:],
            f"v:{__version__}",
        )
        return Parts(
            values=points,
            means=middle.points,
            headline=FINAL,
            signature="|".join(signature),
        )

    def rows(self, hypotheses: Texts, references: References) -> list[RougeF1]:
        """The F1 values of each summary, after mean or max over its references; an empty one has
        0."""
        return list(self._rows(hypotheses, references))

    def pair(self, hypothesis: str, reference: str) -> RougeF1:
        """The F1 values of one summary against one reference."""
        if len(hypothesis) * len(reference) <= _LONG:
            found = self._scorer.score(reference, hypothesis)
            return RougeF1(*(found[part].fmeasure for part in ROUGES))
        found = self._pairs_scorer.score(reference, hypothesis)
        one, two = (found[part].fmeasure for part in ROUGES[:2])
        return RougeF1(one, two, self._in_order(hypothesis, reference))

    def _in_order(self, hypothesis: str, reference: str) -> float:
        """ROUGE-L of two long texts, by the formula of the library."""
        ours, theirs = self.tokenize(hypothesis), self.tokenize(reference)
        common = longest_common(ours, theirs)
        if not common:
            return 0.0
        precision, recall = common / len(ours), common / len(theirs)
        return 2 * precision * recall / (precision + recall)

    def tokenize(self, text: str) -> list[str]:
        """The units that are counted."""
        return self._units.tokenize(text)

    @cached_property
    def _units(self) -> Units:
        return Units(self.tokenizer, self.placeholders)

    @property
    def _signature(self) -> tuple[str, str, str, str]:
        library = type(self._scorer).__module__.partition(".")[0].replace("_", "-")
        return (
            "rouge-f1",
            self._units.signature,
            f"over-refs:{self.over_references}",
            f"{library}:{version(library)}",
        )

    def _rows(self, hypotheses: Texts, references: References) -> Iterator[RougeF1]:
        pairs = zip(hypotheses, references, strict=True)
        return (self._row(hypothesis, known) for hypothesis, known in pairs)

    def _row(self, hypothesis: str, references: Sequence[str]) -> RougeF1:
        if not hypothesis.strip():
            return ZERO
        found = [self.pair(hypothesis, reference) for reference in references]
        over = max if self.over_references == "max" else mean
        return RougeF1(*(over(column) for column in zip(*found, strict=True)))

    @cached_property
    def _scorer(self) -> Any:
        return self._scorer_of(ROUGES)

    @cached_property
    def _pairs_scorer(self) -> Any:
        """Of ROUGE-1 and ROUGE-2 alone."""
        return self._scorer_of(ROUGES[:2])

    def _scorer_of(self, rouges: Sequence[str]) -> Any:
        try:
            # The extra `fast`: rouge_score in Rust, the same to the last bit (the tests compare
            # them) in a fifteenth of the time. Which of the two it was is in the signature.
            from rouge_score_rs import RougeScorer
        except ImportError:
            from rouge_score.rouge_scorer import RougeScorer

        return RougeScorer(list(rouges), tokenizer=self)
