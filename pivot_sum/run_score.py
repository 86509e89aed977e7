"""The score a finished run ends with, kept in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pivot_sum.data.samples import ids_of
from pivot_sum.data.sequences import OnDisk, texts_of
from pivot_sum.errors import ScoreRefused, TokenizerMissing
from pivot_sum.recipes.recipe import load_recipe
from pivot_sum.running.execute import Request, open_samples
from pivot_sum.running.reading import read_predictions
from pivot_sum.running.run import Run, write_scores
from pivot_sum.wording import counted


def scoring_trouble(request: Request) -> str | None:
    """Why the run of a request cannot be scored here, to be said before anything is computed; None
    where it can, or where there is nothing to score. Raises what opening recipe and data raises."""
    from pivot_sum.scoring import load_tokenizer

    try:
        load_tokenizer()
    except TokenizerMissing as error:
        recipe = load_recipe(request.recipe, request.settings)
        _, samples = open_samples(recipe, request.data, request.limit)
        korean = recipe.data.reference_language != "en"  # English has a tokenizer of its own
        return str(error) if korean and all(sample.references for sample in samples) else None
    return None


def score_run(run: Run) -> Mapping[str, Any] | str | None:
    """Score a run by the default metric and write `scores.json`; gives the scores, or why there are
    none, or None where nothing is to be scored: a part of the recipe ran, no dialogue has a
    reference (a test file), or an oracle stood in the place of a step.

    Raises RunFolderError, and what reading the data and the predictions raises.
    """
    if run.record.predictions is None or run.record.oracles:
        return None
    references = OnDisk(sample.references for sample in run.samples)
    ids = ids_of(run.samples)
    if bare := [id for id, known in zip(ids, references, strict=True) if not known]:
        if len(bare) == len(ids):
            return None
        return (
            f"{run.record.data.file} has no reference summary for {counted(bare)} of"
            f" {len(ids):,} dialogues. Fill them in, and name the new file with --data"
        )
    summaries = texts_of(ids, read_predictions(run.folder))
    from pivot_sum.scoring import DEFAULT_TOKENIZER, load_metrics, measure
    from pivot_sum.scoring.tokenizers import ENGLISH

    english = run.record.recipe.data.reference_language == "en"
    try:
        [metric] = load_metrics(
            tokenizer=ENGLISH if english else DEFAULT_TOKENIZER,
            ways=("raw",) if english else ("whole",),
        ).values()
        scores = measure(metric, summaries, references).as_json()
    except (TokenizerMissing, ScoreRefused) as error:
        return str(error)
    write_scores(run.folder, scores)
    return scores
