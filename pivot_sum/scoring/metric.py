"""What a metric is, and how one is asked: a value for each summary, and a signature that says how
the values were made."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, Final, Protocol, runtime_checkable

from pivot_sum import __version__
from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring.checks import require_comparable, wrong_script
from pivot_sum.stages.outside import named_where_raised

_HAIR: Final = 1e-6
Texts = Sequence[str]
References = Sequence[Sequence[str]]


@runtime_checkable
class Metric(Protocol):
    """The smallest metric: a name, a signature, and a value for each summary.

    It is given lists. One that has `one_by_one = True` goes over its texts in order, one sample
    after another, and is given sequences: those of a large run stay on disk.
    """

    @property
    def name(self) -> str:
        """What it is called in tables and in JSON."""

    @property
    def signature(self) -> str:
        """All that its values depend on beside the texts: settings and versions."""

    def score(self, hypotheses: Texts, references: References, sources: Texts, /) -> list[float]:
        """A value for each hypothesis, 0 to 100, more is better, and 0 for an empty one.
        `references` are one or several a hypothesis, `sources` the dialogues. A value depends on
        its own sample alone."""


@dataclass(frozen=True)
class Parts:
    """The values of a metric that has several."""

    values: Mapping[str, Sequence[float]]
    """By part, in the order in which they are shown."""
    means: Mapping[str, float]
    """Over all samples, by part: the mean of its values, however the metric rounds it."""
    headline: str
    """The part that decides: who is ahead, what a stage lost, which summary serves."""
    signature: str


@runtime_checkable
class MetricWithParts(Metric, Protocol):
    """A metric that makes several values at once, as ROUGE does. `score` gives those of the
    headline."""

    def parts(self, hypotheses: Texts, references: References, sources: Texts, /) -> Parts:
        """All values of all samples."""


@dataclass(frozen=True)
class Scores:
    """The values of many samples, and how they were made. All values are points, 0 to 100."""

    metric: str
    headline: str
    """The part that decides; the metric's name where it has only one."""
    values: Mapping[str, Sequence[float]]
    """By part; one a sample, in the order of the hypotheses."""
    means: Mapping[str, float]
    """By part, over the samples. The order of the samples does not change them."""
    empty: int
    """Hypotheses without any text."""
    wrong_script: int
    """Hypotheses written in another script than their references; too many are refused."""
    signature: str

    @cached_property
    def finals(self) -> Sequence[float]:
        """The values that decide, one a sample."""
        return self.values[self.headline]

    @property
    def final(self) -> float:
        """The mean that decides."""
        return self.means[self.headline]

    @property
    def samples(self) -> int:
        """How many summaries were scored."""
        return len(self.finals)

    def as_json(self) -> dict[str, Any]:
        """The means by part, the counts and the signature."""
        return {
            **self.means,
            "samples": self.samples,
            "empty": self.empty,
            "wrong_script": self.wrong_script,
            "signature": self.signature,
        }


def measure(
    metric: Metric, hypotheses: Texts, references: References, sources: Texts | None = None
) -> Scores:
    """The scores of hypotheses against the references of the same positions. `sources` are the
    dialogues; without them a metric is given empty ones.

    Raises ScoreRefused where the scores would mean nothing: no samples, unequal lengths, a sample
    without references, text in the wrong script; and MetricInvalid where the metric gives something
    else than a number for each sample.
    """
    require_comparable(hypotheses, references)
    wrong = wrong_script(hypotheses, references)
    asked = (hypotheses, references, [""] * len(hypotheses) if sources is None else sources)
    if not getattr(metric, "one_by_one", False):
        asked = (list(hypotheses), list(references), list(asked[2]))
    if isinstance(metric, MetricWithParts):
        with _raising(metric):
            found = metric.parts(*asked)
    else:
        with _raising(metric):
            given = metric.score(*asked)
        values = checked(metric, given, len(hypotheses))
        found = Parts(
            {metric.name: values},
            {metric.name: mean(values)},
            metric.name,
            signed(metric.signature, references),
        )
    return Scores(
        metric.name,
        found.headline,
        {
            part: array("d", checked(metric, values, len(hypotheses)))
            for part, values in found.values.items()
        },
        found.means,
        sum(not hypothesis.strip() for hypothesis in hypotheses),
        wrong,
        found.signature,
    )


def similarities(metric: Metric, hypotheses: Texts, others: Texts, sources: Texts) -> list[float]:
    """How like another text each hypothesis is: its value with that text as the only reference.
    Nothing is checked but what the metric gives. Raises MetricInvalid."""
    with _raising(metric):
        values = metric.score(hypotheses, [(other,) for other in others], sources)
    return checked(metric, values, len(hypotheses))


def _raising(metric: Metric) -> AbstractContextManager[None]:
    return named_where_raised(metric, f"the metric {metric.name}", MetricInvalid)


def checked(metric: Metric, values: object, samples: int) -> list[float]:
    """The values as floats. Raises MetricInvalid, naming the metric, where they are not one finite
    number a sample."""
    if not isinstance(values, Sequence) and hasattr(values, "tolist"):
        values = values.tolist()  # an array of numpy or torch
    if not isinstance(values, Sequence) or isinstance(values, str):
        raise MetricInvalid(
            f"the metric {metric.name} gave {type(values).__name__} {values!r:.80} instead of a"
            " list of numbers. Its `score` has to return a float for each summary"
        )
    if len(values) != samples:
        raise MetricInvalid(
            f"the metric {metric.name} gave {len(values):,} values for {samples:,} summaries. Its"
            " `score` has to return a float for each summary, in order"
        )
    for place, value in enumerate(values):
        # NaN and the infinities are outside of every range. An F1 times 100 may end a hair above.
        if (
            isinstance(value, bool)
            or not isinstance(value, Real)
            or not -_HAIR < float(value) < 100 + _HAIR
        ):
            raise MetricInvalid(
                f"the metric {metric.name} gave {value!r:.80} for summary {place + 1} of"
                f" {samples:,}. Its `score` has to return a number from 0 to 100 for each summary;"
                " say there what a text without a value scores, for instance 0"
            )
    return [float(value) for value in values]


def mean(values: Sequence[float]) -> float:
    """The sum rounded once, so that the order of the values changes nothing, over their number."""
    return math.fsum(values) / len(values)


def signed(signature: str, references: References) -> str:
    """The signature of values: the metric's own, how many references a sample has, samples and our
    version."""
    return f"{signature}|{references_of(references)}|n:{len(references)}|v:{__version__}"


def references_of(references: References) -> str:
    """`refs:3`, or `refs:1-3` where samples have differently many."""
    counts = sorted({len(known) for known in references})
    return f"refs:{'-'.join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))}"
