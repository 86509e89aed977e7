"""Where did the points go? A run's loss against the reference, shared out among its parts by
putting oracles in their places."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from pivot_sum.attribution.combinations import (
    OWN,
    OracleRunner,
    OracleRuns,
    Trace,
    first_references,
    try_direct,
    try_pivot,
)
from pivot_sum.attribution.pipeline import Direct, Pivot, pipeline_of
from pivot_sum.attribution.result import Attribution, Combination, Estimate, StageLoss, estimates
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
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.execute import cache_path
from pivot_sum.scoring import DEFAULT_TOKENIZER, Scorer, Scores, load_tokenizer
from pivot_sum.scoring.translation import score_translations
from pivot_sum.stages.models.checkpoints import CONVERTED_VARIABLE

RESAMPLES = 1_000
SEED = 12345
ROUNDING = 1e-9
"""In points: what is smaller comes from adding figures up in another order."""


def attribute(
    folder: Path,
    data: str | None = None,
    settings: Sequence[str] = (),
    *,
    tokenizer: str = DEFAULT_TOKENIZER,
    offline: bool = False,
    cache: Path | None = None,
    budget: int | None = None,
) -> Attribution:
    """Take a finished run apart. `data` and `settings` (`data.columns.NAME=COLUMN`) name a file
    with the same dialogues that has the English originals, where the run's own has none.

    What oracles have to be sent through the run's stages is in the cache as soon as it exists.
    Raises OracleMissing, NotComparable, ScoreRefused and the rest of
    `pivot_sum.PivotSumError`. Nothing is written but the cache.
    """
    source = open_source(folder, data, settings)
    road = pipeline_of(source.recipe)
    scorer = Scorer(load_tokenizer(tokenizer))
    references = [sample.references for sample in source.samples]
    scorer.score(
        source.texts[source.recipe.steps[-1].name], references
    )  # refused before anything is computed
    tried = (
        try_direct(source, road)
        if isinstance(road, Direct)
        else _through_the_cache(source, road, offline, cache, budget)
    )
    scores: dict[Coalition, Scores] = {}
    for coalition, trace in tried.traces.items():
        equal = tried.same.get(coalition, (None, ""))[0]
        scores[coalition] = (
            scores[equal] if equal is not None else scorer.score(_last(trace), references)
        )
    return _shared_out(source, road, tried, scores, scorer)


def _through_the_cache(
    source: Source, road: Pivot, offline: bool, cache: Path | None, budget: int | None
) -> OracleRuns:
    path = cache_path(cache)
    os.environ.setdefault(CONVERTED_VARIABLE, str(path.parent / "models"))
    with Cache(path, read_only=offline) as opened:
        require_same_stages(source, opened, offline=offline)
        return try_pivot(source, road, OracleRunner(source, opened, offline=offline, budget=budget))


def _shared_out(
    source: Source,
    road: Direct | Pivot,
    tried: OracleRuns,
    scores: Mapping[Coalition, Scores],
    scorer: Scorer,
) -> Attribution:
    players, everything = tried.players, frozenset(tried.players)
    ids = [sample.id for sample in source.samples]
    orders = feasible_orders(players, tried.after)
    points = {coalition: [row.final for row in found.rows] for coalition, found in scores.items()}
    values = [
        {coalition: column[row] for coalition, column in points.items()}
        for row in range(len(source.samples))
    ]
    lost = [marginals(players, value) for value in values]
    averaged = [shares(orders, value) for value in values]
    columns: dict[tuple[str, str | Coalition], list[float]] = {
        ("loss", ""): [value[everything] - value[OWN] for value in values]
    }
    columns |= {("loss", player): [row[player] for row in lost] for player in players}
    columns |= {("shapley", player): [row[player] for row in averaged] for player in players}
    columns |= {("final", coalition): points[coalition] for coalition in scores}
    found = dict(zip(columns, estimates(list(columns.values()), RESAMPLES, SEED), strict=True))
    final = {coalition: found["final", coalition] for coalition in scores}
    by_order = [
        marginals(order, {coalition: final[coalition].mean for coalition in final})
        for order in orders
    ]
    stages = tuple(
        StageLoss(
            name=player,
            steps=tried.steps[player],
            oracle=tried.oracles[player],
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
        actual=final[OWN],
        ceiling=final[everything],
        loss=found["loss", ""],
        stages=stages,
        orders=tuple(orders),
        combinations=tuple(
            _combination(coalition, tried, scores, final) for coalition in coalitions(players)
        ),
        signature=scores[OWN].signature,
        diagnostics=_diagnostics(source, road, tried, scorer),
        notes=tuple(tried.notes),
        dialogues=tuple(
            _dialogue(row, source, tried, points, lost[row]) for row in range(len(ids))
        ),
        billed=tried.billed,
    )


def _combination(
    coalition: Coalition,
    tried: OracleRuns,
    scores: Mapping[Coalition, Scores],
    final: Mapping[Coalition, Estimate],
) -> Combination:
    oracles = _named(coalition, tried.players)
    if not feasible(coalition, tried.after):
        [(later, earlier)] = tried.after.items()
        return Combination(
            oracles,
            "no data says how the translation of a summary that the run made should read, so"
            f" {later} has an oracle only behind that of {earlier}",
        )
    equal, why = tried.same.get(coalition, (coalition, ""))
    if why:
        return Combination(
            oracles, why, scores[coalition], final[equal], _named(equal, tried.players)
        )
    return Combination(oracles, tried.what[coalition], scores[coalition], final[coalition])


def _diagnostics(
    source: Source, road: Direct | Pivot, tried: OracleRuns, scorer: Scorer
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
        others = scorer.score(first_references(source), [known[1:] for known in references])
        told["one_reference_against_the_others"] = others.as_json()
    if isinstance(road, Pivot) and tried.round_trip is not None:
        told["round_trip"] = scorer.score(_last(tried.round_trip), references).as_json()
        if any(sample.english_dialogue for sample in source.samples):
            ids = [sample.id for sample in source.samples]
            translated = dict(zip(ids, source.texts[road.to_english.name], strict=True))
            with suppress(
                ScoreRefused
            ):  # no original has as many turns as its translation: a note says so
                told["to_english"] = score_translations(translated, source.samples).as_json()
    return told


def _dialogue(
    row: int,
    source: Source,
    tried: OracleRuns,
    points: Mapping[Coalition, Sequence[float]],
    lost: Mapping[str, float],
) -> dict[str, Any]:
    tests = [
        {
            "oracles": list(_named(coalition, tried.players)),
            "final": points[coalition][row],
            "steps": {step: texts[row] for step, texts in tried.traces[coalition].items()},
        }
        for coalition in points
        if coalition not in tried.same
    ]
    return {"id": source.samples[row].id, "oracle": True, "loss": dict(lost), "combinations": tests}


def _last(trace: Trace) -> list[str]:
    """The last step's texts on one line each, as predictions are written."""
    return [" ".join(text.split()) for text in list(trace.values())[-1]]


def _named(coalition: Coalition, players: Sequence[str]) -> tuple[str, ...]:
    """The players of a coalition in the order of the recipe."""
    return tuple(player for player in players if player in coalition)
