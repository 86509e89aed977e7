"""Comparing contenders over the same samples: scores, differences with their chance, and what the
baselines reach."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from pivot_sum.comparison import frames
from pivot_sum.comparison.significance import RESAMPLES, SEED, Interval, paired
from pivot_sum.comparison.systems import Contender, naming
from pivot_sum.data.samples import Sample
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.verdicts import verdict
from pivot_sum.scoring import (
    DEFAULT_TOKENIZER,
    METRICS,
    OverReferences,
    Placeholders,
    Rouge,
    Scorer,
    Scores,
    baselines,
    load_tokenizer,
)
from pivot_sum.stages.clean import Clean

if TYPE_CHECKING:
    import pandas

WAYS: tuple[Placeholders, ...] = get_args(Placeholders)
_TIE = 1e-9
"""In points: how far two scores of one dialogue may be apart by rounding alone."""


@dataclass(frozen=True)
class Row:
    """What one contender or baseline reached."""

    label: str
    kind: Literal["system", "baseline"]
    scores: Mapping[Placeholders, Scores]
    length: float
    """Mean length of its summaries in characters."""
    verdicts: Mapping[str, int]
    """Summaries by what became of the placeholders of their dialogue: `kept`, `lost` (none is left)
    or `invented`."""
    flags: Mapping[str, int]
    """What the steps of its run noticed: flags, and placeholders that were not simply kept. Empty
    without a run. This and all below is of the whole run."""
    seconds: float | None = None
    """What its run took, answers from the cache included; None without a run."""
    cached: float | None = None
    """The share of its run's texts that came from the cache, 0 to 1."""
    billed: int | None = None
    """Characters that services billed in its run; None where no step is billed."""
    run_samples: int | None = None
    """Dialogues of its run, which may be more than are compared."""

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        own = {
            name: value
            for name, value in vars(self).items()
            if name not in ("scores", "verdicts", "flags")
        }
        scores = {way: scores.as_json() for way, scores in self.scores.items()}
        return {**own, "verdicts": dict(self.verdicts), "flags": dict(self.flags), "scores": scores}


@dataclass(frozen=True)
class Difference:
    """How far one row is above another, in points."""

    label: str
    against: str
    by_metric: Mapping[str, Interval]
    """`rouge1`, `rouge2`, `rougeL` and `final`, placeholders whole."""
    raw: Interval
    """`final` with placeholders raw."""
    wins: int
    """Dialogues whose final score (placeholders whole) is higher than the other's; ties and losses
    alike."""
    ties: int
    losses: int

    @property
    def final(self) -> Interval:
        """The difference that decides."""
        return self.by_metric["final"]

    @property
    def dialogues(self) -> int:
        """How many it is a mean of."""
        return self.wins + self.ties + self.losses

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        intervals = {name: interval._asdict() for name, interval in self.by_metric.items()}
        return {**vars(self), "by_metric": intervals, "raw": self.raw._asdict()}


@dataclass(frozen=True)
class Comparison:
    """Contenders compared over the same samples, which are sorted by id, as are the rows of all
    scores."""

    samples: tuple[Sample, ...]
    contenders: tuple[Contender, ...]
    rows: tuple[Row, ...]
    """The contenders in their order, then the baselines."""
    differences: tuple[Difference, ...]
    """Each contender but the first against the first."""
    over_baseline: tuple[Difference, ...]
    """Each contender against the strongest baseline; none where no baseline could be scored."""
    refused: Mapping[str, str]
    """Baselines that could not be scored, with the reason."""
    resamples: int
    seed: int

    @property
    def systems(self) -> tuple[Row, ...]:
        """The rows of the contenders."""
        return tuple(row for row in self.rows if row.kind == "system")

    @property
    def signatures(self) -> dict[Placeholders, str]:
        """How the scores were made."""
        return {way: scores.signature for way, scores in self.rows[0].scores.items()}

    def as_json(self) -> dict[str, Any]:
        """Everything but the texts, for a program."""
        return {
            "samples": len(self.samples),
            "signatures": self.signatures,
            "resamples": self.resamples,
            "seed": self.seed,
            "rows": [row.as_json() for row in self.rows],
            "differences": [difference.as_json() for difference in self.differences],
            "over_baseline": [difference.as_json() for difference in self.over_baseline],
            "refused_baselines": dict(self.refused),
        }

    def to_pandas(self) -> pandas.DataFrame:
        """One row a system, then one a baseline, with scores and differences from the first."""
        return frames.to_pandas(self)

    def _repr_html_(self) -> str:
        return frames.to_html(self)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(row.label for row in self.systems)}>"


def compare(
    contenders: Sequence[Contender],
    samples: Sequence[Sample],
    tokenizer: str = DEFAULT_TOKENIZER,
    over_references: OverReferences = "mean",
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Score the contenders and the baselines, and test each contender against the first.

    The order of the samples changes nothing. Each contender has to have a text for each sample, as
    `gather` sees to. Raises ScoreRefused and TokenizerMissing.
    """
    ordered = tuple(sorted(samples, key=lambda sample: sample.id))
    cutter = load_tokenizer(tokenizer)
    scorers = {way: Scorer(cutter, way, over_references) for way in WAYS}
    dialogues = Clean()(
        [sample.dialogue for sample in ordered]
    )  # a damaged placeholder was never to be kept

    def row(
        label: str, texts: Sequence[str], kind: Literal["system", "baseline"], **of_run: Any
    ) -> Row:
        scores = {
            way: scorer.score(texts, [sample.references for sample in ordered])
            for way, scorer in scorers.items()
        }
        length = math.fsum(map(len, texts)) / len(texts)
        found = (
            verdict("select", dialogue, text, {})
            for dialogue, text in zip(dialogues, texts, strict=True)
        )
        verdicts: Counter[str] = Counter(name for name in found if name)
        return Row(
            label,
            kind,
            scores,
            length,
            dict(sorted(verdicts.items())),
            of_run.pop("flags", {}),
            **of_run,
        )

    systems = []
    for contender in contenders:
        with naming(contender.label):
            texts = [contender.texts[sample.id] for sample in ordered]
            systems.append(row(contender.label, texts, "system", **_of_run(contender)))
    lines: list[Row] = []
    refused = {}
    for name, texts in baselines(ordered).items():
        try:
            lines.append(row(name, texts, "baseline"))
        # a turn may be in another language: no reason to do without the contenders' scores
        except ScoreRefused as error:
            refused[name] = str(error)
    strongest = max(lines, key=lambda line: line.scores["whole"].final, default=None)
    return Comparison(
        ordered,
        tuple(contenders),
        (*systems, *lines),
        tuple(difference(system, systems[0], resamples, seed) for system in systems[1:]),
        tuple(difference(system, strongest, resamples, seed) for system in systems)
        if strongest
        else (),
        refused,
        resamples,
        seed,
    )


def difference(row: Row, against: Row, resamples: int = RESAMPLES, seed: int = SEED) -> Difference:
    """How far `row` is above `against`, dialogue by dialogue, with the tests of
    `significance.paired`."""

    def apart(way: Placeholders, metric: str) -> list[float]:
        pairs = zip(row.scores[way].rows, against.scores[way].rows, strict=True)
        return [points(ours, metric) - points(theirs, metric) for ours, theirs in pairs]

    by_metric = {metric: apart("whole", metric) for metric in (*METRICS, "final")}
    final = by_metric["final"]
    wins, losses = sum(value > _TIE for value in final), sum(value < -_TIE for value in final)
    return Difference(
        row.label,
        against.label,
        {metric: paired(values, resamples, seed) for metric, values in by_metric.items()},
        paired(apart("raw", "final"), resamples, seed),
        wins,
        len(final) - wins - losses,
        losses,
    )


def points(rouge: Rouge, metric: str) -> float:
    """One figure in points (0 to 100): `rouge1`, `rouge2`, `rougeL` or `final`."""
    return rouge.final if metric == "final" else 100 * float(getattr(rouge, metric))


def _of_run(contender: Contender) -> dict[str, Any]:
    if contender.record is None:
        return {}
    steps = contender.record.steps
    flags: Counter[str] = Counter()
    for step in steps:
        flags.update(step.flags)
        flags.update(
            {
                f"placeholder {name}": number
                for name, number in step.verdicts.items()
                if name != "kept"
            }
        )
    billed = [step.billed_characters for step in steps if step.billed_characters is not None]
    return {
        "flags": dict(sorted(flags.items())),
        "seconds": math.fsum(step.seconds for step in steps),
        "cached": sum(step.cached for step in steps) / max(1, sum(step.unique for step in steps)),
        "billed": sum(billed) if billed else None,
        "run_samples": contender.record.data.samples,
    }
