"""Comparing systems over the same samples: scores, differences with their p-values, and what the
baselines reach."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pivot_sum.comparison import frames
from pivot_sum.comparison.differences import Difference, differences
from pivot_sum.comparison.disagreement import Disagreement, disagreements
from pivot_sum.comparison.ends import cleaned, ends, judged
from pivot_sum.comparison.labels import naming
from pivot_sum.comparison.significance import RESAMPLES, SEED
from pivot_sum.comparison.systems import System
from pivot_sum.comparison.trained import SeenInTraining, seen_in_training
from pivot_sum.data.samples import Sample, clusters_of, dialogues_of, ids_of, on_disk, references_of
from pivot_sum.data.sequences import Picked, texts_of
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.spending import total
from pivot_sum.running.verdicts import Verdict
from pivot_sum.scoring import Metric, Scores, baselines, load_metrics, measure
from pivot_sum.scoring.metrics import columns

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True)
class Row:
    """What one system or baseline reached."""

    label: str
    kind: Literal["system", "baseline"]
    scores: Mapping[str, Scores]
    """By the key of the metric; the first decides."""
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
    """The share of its run's texts that came from the cache, 0 to 1. Steps that only tidy up count
    where there are no others: what they take is next to nothing."""
    billed: Mapping[str, float] | None = None
    """What services billed in its run, by unit; None where no step is billed."""
    run_samples: int | None = None
    """Dialogues of its run, which may be more than are compared."""
    seen: tuple[SeenInTraining, ...] = ()
    """What its models have seen in training of the dialogues they are scored on here."""

    @property
    def deciding(self) -> Scores:
        """The scores by the metric that decides."""
        return next(iter(self.scores.values()))

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        own = {
            name: value
            for name, value in vars(self).items()
            if name not in ("scores", "verdicts", "flags", "seen")
        }
        return {
            **own,
            "seen_in_training": [seen._asdict() for seen in self.seen],
            "verdicts": dict(self.verdicts),
            "flags": dict(self.flags),
            "scores": {key: scores.as_json() for key, scores in self.scores.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """Systems compared over the same samples."""

    samples: Sequence[Sample]
    """Sorted by id, as are the values of all scores. They are on disk, and read when they are asked
    for."""
    compared: tuple[System, ...]
    rows: tuple[Row, ...]
    """The systems in their order, then the baselines."""
    differences: tuple[Difference, ...]
    """Each system but the first against the first."""
    over_baseline: tuple[Difference, ...]
    """Each system against the strongest baseline; none where no baseline could be scored."""
    refused: Mapping[str, str]
    """Baselines that could not be scored, with the reason."""
    resamples: int
    seed: int
    clusters: int | None = None
    """Into how many clusters the samples fall, which are drawn as a whole; None where the data
    names none and samples are drawn."""
    disagreements: tuple[Disagreement, ...] = ()
    """What the other metrics say of each pair of systems, beside the one that decides."""

    @property
    def drawn(self) -> int:
        """How many clusters or samples there are to draw from."""
        return len(self.samples) if self.clusters is None else self.clusters

    @property
    def systems(self) -> tuple[Row, ...]:
        """The rows of the systems."""
        return tuple(row for row in self.rows if row.kind == "system")

    @property
    def scores(self) -> Mapping[str, Scores]:
        """Those of the first system by the key of the metric: what can be asked of all rows."""
        return self.rows[0].scores

    @property
    def signatures(self) -> dict[str, str]:
        """How the scores were made, by the key of the metric."""
        return {key: scores.signature for key, scores in self.scores.items()}

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The key and part of each value that is tested: of the first metric all."""
        return columns(self.scores)

    def as_json(self) -> dict[str, Any]:
        """Everything but the texts, for a program."""
        return {
            "samples": len(self.samples),
            "signatures": self.signatures,
            "metrics": {
                key: {"name": scores.metric, "headline": scores.headline}
                for key, scores in self.scores.items()
            },
            "resamples": self.resamples,
            "seed": self.seed,
            "clusters": self.clusters,
            "rows": [row.as_json() for row in self.rows],
            "differences": [difference.as_json() for difference in self.differences],
            "over_baseline": [difference.as_json() for difference in self.over_baseline],
            "refused_baselines": dict(self.refused),
            "disagreements": [one.as_json() for one in self.disagreements],
        }

    def to_pandas(self) -> pandas.DataFrame:
        """One row a system, then one a baseline, with scores and differences from the first."""
        return frames.to_pandas(self)

    def _repr_html_(self) -> str:
        return frames.to_html(self)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(row.label for row in self.systems)}>"


def compare(
    systems: Sequence[System],
    samples: Sequence[Sample],
    metrics: Mapping[str, Metric] | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Score the systems and the baselines, and test each system against the first.

    `metrics` are those of `load_metrics`, ROUGE by default; the first decides. The order of the
    samples changes nothing. Each system has to have a text for each sample, as `load_systems` sees
    to. Where the samples name clusters, these are what the tests draw. Raises ScoreRefused,
    MetricInvalid and TokenizerMissing.
    """
    metrics = load_metrics() if metrics is None else metrics
    ids = ids_of(samples)
    ordered = on_disk(Picked(samples, sorted(range(len(ids)), key=ids.__getitem__)))
    ids = sorted(ids)
    references, sources = references_of(ordered), dialogues_of(ordered)

    def row(
        label: str,
        texts: Sequence[str],
        found: Sequence[Verdict | None],
        kind: Literal["system", "baseline"],
        **of_run: Any,
    ) -> Row:
        scores = {
            key: measure(metric, texts, references, sources) for key, metric in metrics.items()
        }
        return Row(
            label,
            kind,
            scores,
            math.fsum(map(len, texts)) / len(texts),
            dict(sorted(Counter(end for end in found if end).items())),
            of_run.pop("flags", {}),
            **of_run,
        )

    rows = []
    for system in systems:
        with naming(system.label):
            texts = texts_of(ids, system.texts)
            found = ends(system, ordered)
            seen = seen_in_training(system, ordered)
            rows.append(row(system.label, texts, found, "system", **_of_run(system), seen=seen))
    lines: list[Row] = []
    refused = {}
    dialogues = cleaned(sources)
    for name, texts in baselines(ordered).items():
        try:
            lines.append(row(name, texts, judged(dialogues, texts), "baseline"))
        # a turn may be in another language: no reason to do without the systems' scores
        except ScoreRefused as error:
            refused[name] = str(error)
    strongest = max(lines, key=lambda line: line.deciding.final, default=None)
    clusters = clusters_of(ordered)
    return Comparison(
        ordered,
        tuple(systems),
        (*rows, *lines),
        differences(rows[1:], rows[0], resamples, seed, clusters),
        differences(rows, strongest, resamples, seed, clusters) if strongest else (),
        refused,
        resamples,
        seed,
        None if clusters is None else len(set(clusters)),
        disagreements(rows, ids, resamples, seed, clusters),
    )


def _of_run(system: System) -> dict[str, Any]:
    if system.record is None:
        return {}
    steps = system.record.steps
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
    slow = [step for step in steps if step.task not in ("clean", "polish")] or steps
    billed = [step.billed for step in steps if step.billed is not None]
    return {
        "flags": dict(sorted(flags.items())),
        "seconds": math.fsum(step.seconds for step in steps),
        "cached": sum(step.cached for step in slow) / max(1, sum(step.unique for step in slow)),
        "billed": total(*billed) if billed else None,
        "run_samples": system.record.data.samples,
    }
