"""How far a pivot will be from the direct system, before its summariser is run: from measures of
its translation, and what runs with such measures came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pivot_sum.cache import Cache
from pivot_sum.comparison.significance import SEED
from pivot_sum.data.samples import Sample
from pivot_sum.errors import PredictionRefused
from pivot_sum.prediction.measures import COMET, Measure, Translated, measures_with
from pivot_sum.prediction.regression import Regression
from pivot_sum.prediction.runs import runs_at_hand
from pivot_sum.prediction.translating import BackTranslator, drawn, translators_of
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.running.execute import Request, cache_path, keep_converted, open_samples
from pivot_sum.running.notes import say_notes
from pivot_sum.running.spending import budget_for
from pivot_sum.scoring import Metric, load_metric
from pivot_sum.stages.budget import Cost
from pivot_sum.wording import did_you_mean

if TYPE_CHECKING:
    from pivot_sum.scoring.comet import Comet

SAMPLE: Final = 50
"""Dialogues that are translated, where nothing else is asked for."""
LEAST_SYSTEMS: Final = 4
"""Each is predicted from three others, which choose their measure by lines through two."""
LEVELS: Final = (0.8, 0.95)
"""Probabilities of the intervals that are given."""


@dataclass(frozen=True)
class Learned:
    """A run that is learned from: its measures, how far its score is from the direct system's, and
    what the others would have predicted of it, by which measure (None: there are too few, or the
    measure is not at hand)."""

    folder: str
    recipe: str
    measures: Mapping[str, float | None]
    difference: float
    by: str | None = None
    expected: float | None = None
    mean_of_others: float | None = None


@dataclass(frozen=True)
class Expected:
    """The difference to expect, in points of the deciding score: pivot less direct."""

    by: str
    """The measure that predicts it."""
    difference: float
    intervals: Mapping[float, tuple[float, float]]
    """By probability: between what it will lie."""
    error: float
    """Mean absolute error over the runs, each predicted from the others, which choose the measure
    without it."""
    error_of_mean: float
    """The same where always the mean of the others is expected."""
    errors: Mapping[str, float]
    """The same by each measure alone. The smallest of them is flattered: it was chosen by them."""
    mean: float
    """The mean difference of the runs."""
    outside: tuple[str, ...]
    """Measures of the recipe that are beyond those of every run."""

    @property
    def helps(self) -> bool:
        """Whether measures predict better than the mean."""
        return self.error < self.error_of_mean


@dataclass(frozen=True)
class Prediction:
    """What `predict` found. Without `expected` there are not enough runs."""

    recipe: str
    data: str
    dialogues: int
    """Of the data; `sampled` of them were translated."""
    sampled: int
    seed: int
    measures: Mapping[str, float | None]
    direct: str | None
    """The folder of the direct run; None where there is none."""
    headline: str
    """The score that decides."""
    learned: tuple[Learned, ...]
    own: Mapping[str, float]
    """Runs of this very recipe by folder, which are not learned from, and their differences."""
    left_out: Mapping[str, str]
    """Runs that could not be learned from, and why."""
    expected: Expected | None
    notes: tuple[str, ...]
    billed: Cost
    meanings: Mapping[str, str]
    """What each measure is, by its name."""
    comet: str | None = None
    """How the COMET scores were made, where there are some."""

    @property
    def missing(self) -> int:
        """How many systems more it takes to predict."""
        return max(LEAST_SYSTEMS - len(self.learned), 0)

    def as_json(self) -> dict[str, Any]:
        """Everything, for a program."""
        told = asdict(self)
        if self.expected is not None:
            intervals = self.expected.intervals.items()
            told["expected"] |= {
                "intervals": {f"{level:.0%}": list(ends) for level, ends in intervals},
                "helps": self.expected.helps,
            }
        return told | {"systems_needed": LEAST_SYSTEMS}


def predict(
    request: Request,
    *,
    runs: Sequence[Path] = (),
    direct: Path | None = None,
    sample: int = SAMPLE,
    seed: int = SEED,
    by: str | None = None,
    metric: Metric | None = None,
    comet: str | None = None,
) -> Prediction:
    """Measure how a pivot recipe translates a sample of dialogues, and predict from the runs at
    hand how far it will be from the direct system.

    Of `request`, `stages`, `limit` and `out` are not looked at. `runs`: run folders, or folders
    that hold some; default: `runs`. `by`: the measure that predicts; default: of those that the
    recipe and all runs have, the one that predicts the runs best, each from the others. `comet`: a
    COMET model (a folder, or an id on the hub) that measures the turns too, without references.
    Everything translated is in the cache as soon as it exists; the summariser is never run. Raises
    PredictionRefused, what `runs_at_hand` raises, and what running steps and loading `comet`
    raises.
    """
    judge = None if comet is None else _reference_free(comet)
    kinds = measures_with(judge)
    _check(by, kinds)
    recipe = load_recipe(request.recipe, request.settings)
    pivot = translators_of(recipe)
    data, samples = open_samples(recipe, request.data, None)
    say_notes(recipe, data, samples)
    metric = metric or load_metric()
    hand = runs_at_hand(runs, direct, recipe, data, metric)
    enough = len(hand.pivots) >= LEAST_SYSTEMS  # what too few would need is not paid for
    budget = budget_for(
        request.budget, [*pivot.steps, *(run.pivot.back for run in hand.pivots if enough)]
    )
    path = cache_path(request.cache)
    keep_converted(path)
    chosen = drawn(samples, sample, seed)
    with Cache(path, read_only=request.offline) as cache:
        translate = BackTranslator(cache, offline=request.offline, budget=budget)
        measures = _measured(kinds, translate.of_recipe(pivot, chosen))
        learned = []
        for run in hand.pivots:
            theirs = drawn(hand.compared, sample, seed)
            found = translate.of_run(run.pivot, theirs, run.folder, run.record, back=enough)
            learned.append(
                Learned(
                    str(run.folder),
                    run.record.recipe.name,
                    _measured(kinds, found),
                    run.difference,
                )
            )
    expected, learned = _expected(measures, learned, by)
    return Prediction(
        recipe=recipe.name,
        data=str(data),
        dialogues=len(samples),
        sampled=len(chosen),
        seed=seed,
        measures=measures,
        direct=None if hand.direct is None else str(hand.direct.folder),
        headline="" if hand.direct is None else hand.direct.scores.headline,
        learned=tuple(learned),
        own={str(run.folder): run.difference for run in hand.own},
        left_out={str(folder): why for folder, why in hand.left_out},
        expected=expected,
        notes=(*translate.notes, *_on_data(chosen, hand.compared)),
        billed=budget.spent,
        meanings={name: kind.meaning for name, kind in kinds.items()},
        comet=None if judge is None else judge.signature(references=False),
    )


def _check(by: str | None, kinds: Mapping[str, Measure]) -> None:
    if by == COMET and COMET not in kinds:
        raise PredictionRefused(f"--by {COMET} takes a model: name it with --comet")
    if by is not None and by not in kinds:
        raise PredictionRefused(
            f"--by {by}: there is no such measure{did_you_mean(by, kinds)}; there are"
            f" {', '.join(kinds)}"
        )


def _reference_free(model: str) -> Comet:
    from pivot_sum.scoring.comet import Comet

    comet = Comet(model)
    if comet.needs_references:
        raise PredictionRefused(
            f"--comet {model}: it compares translations with references, and here are none. Name a"
            " model that does without, such as Unbabel/wmt22-cometkiwi-da"
        )
    return comet


def _measured(
    kinds: Mapping[str, Measure], dialogues: Sequence[Translated]
) -> dict[str, float | None]:
    return {name: measure.of(dialogues) for name, measure in kinds.items()}


def _expected(
    measures: Mapping[str, float | None], learned: list[Learned], by: str | None
) -> tuple[Expected | None, list[Learned]]:
    """The difference to expect, by one measure or the best of those that the recipe and all runs
    have; and the runs, each with what the others predict of it."""
    x = {
        name: value
        for name, value in measures.items()
        if value is not None
        and (by == name or (by is None and all(run.measures[name] is not None for run in learned)))
    }
    known = [run for run in learned if x and all(run.measures[name] is not None for name in x)]
    if len(known) < LEAST_SYSTEMS:
        return None, learned
    columns = {
        name: tuple(value for run in known if (value := run.measures[name]) is not None)
        for name in x
    }
    # One that is the same in all runs is the mean by another name.
    varying = {name: values for name, values in columns.items() if len(set(values)) > 1}
    model = Regression(varying or columns, tuple(run.difference for run in known))
    left_out = dict(zip((run.folder for run in known), model.left_out, strict=True))
    expected = Expected(
        by=model.by,
        difference=model.at(x),
        intervals={level: model.interval(x, level) for level in LEVELS},
        error=model.error,
        error_of_mean=model.error_of_mean,
        errors={name: model.line(name).error for name in model.measures},
        mean=model.line(model.by).mean,
        outside=tuple(
            name for name, seen in columns.items() if not min(seen) <= x[name] <= max(seen)
        ),
    )
    return expected, [
        replace(run, by=out.by, expected=out.expected, mean_of_others=out.mean)
        if (out := left_out.get(run.folder))
        else run
        for run in learned
    ]


def _on_data(chosen: Sequence[Sample], compared: Sequence[Sample]) -> list[str]:
    dialogues = {sample.dialogue for sample in chosen}
    if not compared or any(sample.dialogue in dialogues for sample in compared):
        return []
    return [
        "the runs are over other dialogues than these; longer or harder ones move the measures"
        " whoever translates"
    ]
