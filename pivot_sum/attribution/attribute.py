"""Error attribution: a run's loss against the reference, shared out among its parts by putting
oracles in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pivot_sum.attribution.by_kind import by_kind
from pivot_sum.attribution.combinations import (
    OWN,
    OracleRunner,
    OracleRuns,
    Trace,
    direct_oracles,
    first_references,
    pivot_oracles,
)
from pivot_sum.attribution.pipeline import Direct, Pivot, pipeline_of
from pivot_sum.attribution.result import Attribution, Combination, StageLoss
from pivot_sum.attribution.shapley import (
    Coalition,
    coalitions,
    feasible,
    feasible_orders,
    marginals,
    shares,
)
from pivot_sum.attribution.source import Source, open_source, require_same_stages
from pivot_sum.cache import Cache
from pivot_sum.comparison.significance import RESAMPLES, SEED, Estimate, estimates
from pivot_sum.data.samples import clusters_of
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.execute import cache_path, keep_converted
from pivot_sum.running.spending import Limit, budget_for
from pivot_sum.scoring import Metric, Scores, load_metric, measure
from pivot_sum.scoring.translation import score_translations
from pivot_sum.stages.budget import Budget

ROUNDING = 1e-9
"""In points: what is smaller comes from adding numbers up in another order."""


def attribute(
    folder: Path,
    data: str | None = None,
    settings: Sequence[str] = (),
    *,
    metric: Metric | None = None,
    offline: bool = False,
    cache: Path | None = None,
    budget: Limit = None,
) -> Attribution:
    """Take a finished run apart. `data` and `settings` (`data.columns.NAME=COLUMN`) name a file
    with the same dialogues that has the English originals, where the run's own has none. The loss
    is in points of the metric, by default of ROUGE with placeholders whole.

    What oracles have to be sent through the run's stages is in the cache as soon as it exists.
    Raises OracleMissing, NotComparable, ScoreRefused, MetricInvalid and the rest of
    `pivot_sum.PivotSumError`. Nothing is written but the cache.
    """
    source = open_source(folder, data, settings)
    pipeline = pipeline_of(source.recipe)
    allowed = budget_for(budget, source.recipe.steps)
    scored = _Scored(source, metric or load_metric())
    scored(source.texts[source.recipe.steps[-1].name])  # refused before anything is computed
    runs = (
        direct_oracles(source, pipeline)
        if isinstance(pipeline, Direct)
        else _through_the_cache(source, pipeline, offline, cache, allowed)
    )
    scores: dict[Coalition, Scores] = {}
    for coalition, trace in runs.traces.items():
        equal = runs.same.get(coalition, (None, ""))[0]
        scores[coalition] = scores[equal] if equal is not None else scored(_last(trace))
    return _shared_out(source, pipeline, runs, scores, scored)


class _Scored:
    """Scores summaries of the samples of a run."""

    def __init__(self, source: Source, metric: Metric) -> None:
        self.metric = metric
        self.references = [sample.references for sample in source.samples]
        self.sources = [sample.dialogue for sample in source.samples]

    def __call__(
        self, texts: Sequence[str], references: Sequence[Sequence[str]] | None = None
    ) -> Scores:
        """The scores against the references of the samples, or others. Raises ScoreRefused."""
        return measure(self.metric, texts, references or self.references, self.sources)


def _through_the_cache(
    source: Source, pipeline: Pivot, offline: bool, cache: Path | None, budget: Budget
) -> OracleRuns:
    path = cache_path(cache)
    keep_converted(path)
    with Cache(path, read_only=offline) as opened:
        require_same_stages(source, opened, offline=offline)
        return pivot_oracles(
            source, pipeline, OracleRunner(source, opened, offline=offline, budget=budget)
        )


def _shared_out(
    source: Source,
    pipeline: Direct | Pivot,
    runs: OracleRuns,
    scores: Mapping[Coalition, Scores],
    scored: _Scored,
) -> Attribution:
    players, everything = runs.players, frozenset(runs.players)
    ids = [sample.id for sample in source.samples]
    orders = feasible_orders(players, runs.after)
    points = {coalition: found.finals for coalition, found in scores.items()}
    values = [
        {coalition: column[row] for coalition, column in points.items()}
        for row in range(len(source.samples))
    ]
    lost = [marginals(players, value) for value in values]
    averaged = [shares(orders, value) for value in values]
    columns: dict[tuple[str, str | Coalition], Sequence[float]] = {
        ("loss", ""): [value[everything] - value[OWN] for value in values]
    }
    columns |= {("loss", player): [row[player] for row in lost] for player in players}
    columns |= {("shapley", player): [row[player] for row in averaged] for player in players}
    columns |= {("final", coalition): points[coalition] for coalition in scores}
    clusters = clusters_of(source.samples)
    intervals = estimates(list(columns.values()), clusters=clusters)
    found = dict(zip(columns, intervals, strict=True))
    final = {coalition: found["final", coalition] for coalition in scores}
    by_order = [
        marginals(order, {coalition: final[coalition].mean for coalition in final})
        for order in orders
    ]
    stages = tuple(
        StageLoss(
            name=player,
            steps=runs.steps[player],
            oracle=runs.oracles[player],
            loss=found["loss", player].mean,
            low=found["loss", player].low,
            high=found["loss", player].high,
            shapley=found["shapley", player],
            by_order=tuple(gains[player] for gains in by_order),
            dialogues=sum(loss > ROUNDING for loss in columns["loss", player]),
            worst=max(zip(columns["loss", player], ids, strict=True))[1],
        )
        for player in players
    )
    items = by_kind(source, lambda texts: scored(_on_lines(texts)).finals, lost, runs.steps)
    return Attribution(
        run={
            "recipe": source.recipe.name,
            "started": source.record.started,
            "data": source.data.name,
            "samples": source.record.data.samples,
        },
        samples=len(ids),
        seed=SEED,
        resamples=RESAMPLES,
        clusters=None if clusters is None else len(set(clusters)),
        actual=final[OWN],
        ceiling=final[everything],
        loss=found["loss", ""],
        stages=stages,
        orders=tuple(orders),
        combinations=tuple(
            _combination(coalition, runs, scores, final) for coalition in coalitions(players)
        ),
        metric=scores[OWN].metric,
        headline=scores[OWN].headline,
        signature=scores[OWN].signature,
        diagnostics=_diagnostics(source, pipeline, runs, scored),
        notes=tuple(runs.notes),
        dialogues=tuple(
            _dialogue(row, source, runs, scores, lost[row])
            | {"items": [item.with_places() for item in items.dialogues[ids[row]]]}
            for row in range(len(ids))
        ),
        by_kind=items,
        billed=runs.billed,
    )


def _combination(
    coalition: Coalition,
    runs: OracleRuns,
    scores: Mapping[Coalition, Scores],
    final: Mapping[Coalition, Estimate],
) -> Combination:
    oracles = _named(coalition, runs.players)
    if not feasible(coalition, runs.after):
        [(later, earlier)] = runs.after.items()
        return Combination(
            oracles,
            "no data says how the translation of a summary that the run made should read, so"
            f" {later} has an oracle only behind that of {earlier}",
        )
    equal, why = runs.same.get(coalition, (coalition, ""))
    if why:
        return Combination(
            oracles, why, scores[coalition], final[equal], _named(equal, runs.players)
        )
    return Combination(oracles, runs.what[coalition], scores[coalition], final[coalition])


def _diagnostics(
    source: Source, pipeline: Direct | Pivot, runs: OracleRuns, scored: _Scored
) -> dict[str, Any]:
    """What belongs to no stage: how far apart references are, and what translation does by
    itself.
    """
    references = [sample.references for sample in source.samples]
    told: dict[str, Any] = {
        "one_reference_against_the_others": None,
        "round_trip": None,
        "to_english": None,
    }
    if all(len(known) > 1 for known in references):
        others = scored(first_references(source), [known[1:] for known in references])
        told["one_reference_against_the_others"] = others.as_json()
    if isinstance(pipeline, Pivot) and runs.round_trip is not None:
        told["round_trip"] = scored(_last(runs.round_trip)).as_json()
        if any(sample.english_dialogue for sample in source.samples):
            ids = [sample.id for sample in source.samples]
            translated = dict(zip(ids, source.texts[pipeline.to_english.name], strict=True))
            with suppress(
                ScoreRefused
            ):  # no original has as many turns as its translation: a note says so
                told["to_english"] = score_translations(translated, source.samples).as_json()
    return told


def _dialogue(
    row: int,
    source: Source,
    runs: OracleRuns,
    scores: Mapping[Coalition, Scores],
    lost: Mapping[str, float],
) -> dict[str, Any]:
    tests = [
        {
            "oracles": list(_named(coalition, runs.players)),
            found.headline: found.finals[row],
            "steps": {step: texts[row] for step, texts in runs.traces[coalition].items()},
        }
        for coalition, found in scores.items()
        if coalition not in runs.same
    ]
    return {"id": source.samples[row].id, "oracle": True, "loss": dict(lost), "combinations": tests}


def _last(trace: Trace) -> list[str]:
    """The last step's texts as predictions are written."""
    return _on_lines(list(trace.values())[-1])


def _on_lines(texts: Sequence[str]) -> list[str]:
    """Texts on one line each."""
    return [" ".join(text.split()) for text in texts]


def _named(coalition: Coalition, players: Sequence[str]) -> tuple[str, ...]:
    """The players of a coalition in the order of the recipe."""
    return tuple(player for player in players if player in coalition)
