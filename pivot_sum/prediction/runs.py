"""The runs at hand that can be learned from: pivots over the dialogues of one direct run, each with
how far its score is from that of the direct one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pivot_sum import PivotSumError
from pivot_sum.attribution.pipeline import Direct, pipeline_of
from pivot_sum.comparison.labels import naming
from pivot_sum.comparison.systems import System, load_system, samples_for
from pivot_sum.data.samples import Sample, dialogues_of, file_sha256, ids_of, references_of
from pivot_sum.data.sequences import texts_of
from pivot_sum.errors import (
    NotComparable,
    OracleMissing,
    PredictionRefused,
    RunFolderError,
    ScoreRefused,
)
from pivot_sum.prediction.translating import Translators, translators_of
from pivot_sum.recipes.recipe import Recipe, recorded_recipe
from pivot_sum.running.reading import RUN_FILE, RUNS, read_run, runs_below
from pivot_sum.running.record import RunRecord
from pivot_sum.scoring import Metric, Scores, measure


@dataclass(frozen=True)
class DirectRun:
    """The direct run that pivots are compared with, its dialogues, and its scores."""

    folder: Path
    system: System
    samples: Sequence[Sample]
    scores: Scores


@dataclass(frozen=True)
class PivotRun:
    """A run of a pivot over the dialogues of the direct run."""

    folder: Path
    record: RunRecord
    pivot: Translators
    difference: float
    """How far its deciding score is above the direct run's, in points."""


@dataclass
class RunsAtHand:
    """What was found to learn from."""

    direct: DirectRun | None = None
    pivots: list[PivotRun] = field(default_factory=list)
    """One a system, the newest first."""
    own: list[PivotRun] = field(default_factory=list)
    """Runs of the very recipe that is to be predicted, which would know the answer."""
    left_out: list[tuple[Path, str]] = field(default_factory=list)
    """Runs that cannot be learned from, and why."""

    @property
    def compared(self) -> Sequence[Sample]:
        """The dialogues over which all are compared."""
        return () if self.direct is None else self.direct.samples


class _Found(NamedTuple):
    """A run folder, and the recipe that was run."""

    folder: Path
    record: RunRecord
    recipe: Recipe


def runs_at_hand(
    folders: Sequence[Path], direct: Path | None, recipe: Recipe, data: Path, metric: Metric
) -> RunsAtHand:
    """The runs in some folders (a run folder, or one that holds such; default: `runs`).

    `direct`: the direct run; default: the newest over `data`, else the newest. Raises
    RunFolderError where a folder that was named is none, and NotComparable, ScoreRefused and
    PredictionRefused where the direct run that was named cannot serve.
    """
    hand = RunsAtHand()
    found = list(_recipes(_runs(folders), hand.left_out))
    hand.direct = (
        _newest_direct(found, file_sha256(data), metric)
        if direct is None
        else _named_direct(direct, metric)
    )
    systems: dict[str, Path] = {}
    for run in found:
        try:
            pivot = translators_of(run.recipe)
        except PredictionRefused:
            continue  # another kind of recipe, of no concern here
        try:
            compared = _compared(run, pivot, hand.direct, metric)
        except (NotComparable, ScoreRefused) as error:
            hand.left_out.append((run.folder, _what(error)))
            continue
        identities = [step.identity for step in run.record.steps]
        made = _declared(run.recipe) + json.dumps(identities, sort_keys=True)
        if compared is None:
            continue
        if _declared(run.recipe) == _declared(recipe):
            hand.own.append(compared)
        elif made in systems:
            hand.left_out.append((run.folder, f"the same system as {systems[made]}"))
        else:
            systems[made] = run.folder
            hand.pivots.append(compared)
    return hand


def _runs(folders: Sequence[Path]) -> list[tuple[Path, RunRecord]]:
    """The runs in the folders, the newest first, each once."""
    found: dict[Path, tuple[Path, RunRecord]] = {}
    for folder in folders or [RUNS]:
        runs = list(runs_below(folder))
        if (folder / RUN_FILE).exists():
            runs.append((folder, read_run(folder)))
        elif folders and not runs:
            raise RunFolderError(
                f"--runs {folder}: there is no run there; name a run folder, or a folder that"
                " holds some"
            )
        found |= {path.resolve(): (path, record) for path, record in runs}
    return sorted(found.values(), key=lambda run: (run[1].started, run[0].name), reverse=True)


def _recipes(
    runs: Sequence[tuple[Path, RunRecord]], left_out: list[tuple[Path, str]]
) -> Iterator[_Found]:
    for folder, record in runs:
        try:
            recipe = recorded_recipe(record.recipe.model_dump(), folder / RUN_FILE)
        except PivotSumError as error:  # a stage that is no more, a later version's field
            left_out.append((folder, _what(error)))
        else:
            yield _Found(folder, record, recipe)


def _named_direct(folder: Path, metric: Metric) -> DirectRun:
    record = read_run(folder)
    if not _is_direct(recorded_recipe(record.recipe.model_dump(), folder / RUN_FILE)):
        raise PredictionRefused(
            f"--direct {folder} is a run of {record.recipe.name}, which is no direct pipeline: one"
            " that summarises Korean and never translates. Name a run of such a recipe"
        )
    return _opened(folder, metric)


def _newest_direct(found: Sequence[_Found], data: str, metric: Metric) -> DirectRun | None:
    """The newest direct run that can be scored; first of those over a data file, by its SHA-256."""
    for run in sorted(found, key=lambda run: run.record.data.sha256 != data):
        if _is_direct(run.recipe):
            try:
                return _opened(run.folder, metric)
            except (NotComparable, ScoreRefused):
                continue
    return None


def _is_direct(recipe: Recipe) -> bool:
    try:
        return isinstance(pipeline_of(recipe), Direct)
    except OracleMissing:
        return False


def _opened(folder: Path, metric: Metric) -> DirectRun:
    system = load_system(str(folder))
    samples = samples_for([system])
    return DirectRun(folder, system, samples, _scores(system, samples, metric))


def _compared(
    run: _Found, pivot: Translators, direct: DirectRun | None, metric: Metric
) -> PivotRun | None:
    """A pivot's run, held against the direct one; None without one. Raises NotComparable and
    ScoreRefused."""
    system = load_system(str(run.folder))
    if direct is None:
        return None
    samples_for([direct.system, system])
    scores = _scores(system, direct.samples, metric)
    return PivotRun(run.folder, run.record, pivot, scores.final - direct.scores.final)


def _scores(system: System, samples: Sequence[Sample], metric: Metric) -> Scores:
    with naming(str(system.folder)):
        return measure(
            metric,
            texts_of(ids_of(samples), system.texts),
            references_of(samples),
            dialogues_of(samples),
        )


def _declared(recipe: Recipe) -> str:
    steps = [[step.over, step.declared_identity()] for step in recipe.steps]
    return json.dumps(steps, sort_keys=True)


def _what(error: PivotSumError) -> str:
    """The beginning of a message: what is wrong, without what to do about it."""
    return " ".join(re.split(r"\. |\nCorrect ", str(error))[0].split())
