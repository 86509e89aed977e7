"""The Python API: what the command line does, as functions that give values.

`import pivot_sum` offers all of it: `pivot_sum.run(...)`, `pivot_sum.compare(...)`, and so on.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pivot_sum.api_arguments import (
    Settings,
    columns_of,
    file_of,
    path_of,
    setting_list,
    whole,
)
from pivot_sum.comparison.compare import Comparison
from pivot_sum.comparison.compare import compare as compare_systems
from pivot_sum.comparison.significance import LEAST_RESAMPLES, RESAMPLES, SEED
from pivot_sum.comparison.systems import load_systems
from pivot_sum.data.files import DEMO_DIALOGUES
from pivot_sum.data.memory import Data, read_data
from pivot_sum.data.samples import Columns, Sample, dialogues_of, on_disk
from pivot_sum.errors import NotComparable
from pivot_sum.prediction import SAMPLE, Prediction
from pivot_sum.prediction import predict as predict_difference
from pivot_sum.run_score import score_run, scoring_trouble
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.executor import LOCAL, Where
from pivot_sum.running.progress import no_progress, step_progress
from pivot_sum.running.reading import read_predictions
from pivot_sum.running.run import Run
from pivot_sum.running.spending import Limit
from pivot_sum.scoring import (
    DEFAULT_METRICS,
    DEFAULT_TOKENIZER,
    Metric,
    OverReferences,
    Placeholders,
    Scores,
    load_metric,
    load_metrics,
    measure,
)
from pivot_sum.scoring.checks import beginning, paired
from pivot_sum.wording import some

log = logging.getLogger(__name__)

System: TypeAlias = Run | str | Path


def run(
    recipe: str | Path = "demo-pivot",
    data: Data | None = None,
    *,
    stages: str | None = None,
    settings: Settings = (),
    limit: int | None = None,
    offline: bool = False,
    cache: str | Path | None = None,
    out: str | Path | None = None,
    budget: Limit = None,
    shard: int | None = None,
    on: str = LOCAL,
    actors: int | None = None,
    gpus_per_actor: float | None = None,
    score: bool = True,
    progress: bool = True,
) -> Run:
    """Run a recipe over data. What is computed is kept in the cache: the same call again goes on
    where the last one stopped.

    Args:
        recipe: a recipe file, or the name of one that comes with the program.
        data: a file (CSV, TSV, JSONL, Parquet), a folder of Parquet files, a pandas DataFrame, a
            split of a `datasets.Dataset`, or dicts in a list or any other iterable, such as a
            `datasets.IterableDataset`; the recipe's own file where it is left out. Rows are written
            beside the cache as they come, so that the run can be looked at later.
        stages: a part of the recipe, `"FIRST..LAST"` or `"A,B"`.
        settings: changed fields, `{"summarize.num_beams": 1}` or `["summarize.num_beams=1"]`.
        limit: only the first so many dialogues.
        offline: answer from the cache or fail; no model is loaded and nobody is asked.
        cache: the cache file; default: `$PIVOT_SUM_CACHE` or `.pivot-sum/cache.sqlite3`.
        out: the run folder; default: `runs/RECIPE-TIME`.
        budget: what services may bill in this run: a number, which counts in the unit that the
            recipe's steps are billed in, or `"50000tokens"`, `"2.50USD"`.
        shard: dialogues whose missing texts are computed together (10,000 where it is left out).
            Fewer need less memory; the answers are the same.
        on: where models run: `"local"` (this process), `"ray"` (this machine), `"ray://HOST"` or
            `"HOST:PORT"` (a Ray cluster). The answers are the same.
        actors: with Ray, processes that compute side by side; one a GPU where it is left out, or
            where there are none one a machine.
        gpus_per_actor: with Ray, the share of a GPU that each gets; 1 where there are any.
        score: whether to score the summaries where the data has references.
        progress: whether to say on stderr how far the run is.

    Raises:
        PivotSumError: each says what is wrong, where, and what to do next.
        ValueError: an argument that no run can have, such as a limit of 0.
    """
    whole("limit", limit, 1)
    whole("shard", shard, 1)
    whole("actors", actors, 1)
    request = Request(
        recipe=str(recipe),
        data=file_of(data, cache),
        stages=stages,
        settings=setting_list(settings),
        limit=limit,
        offline=offline,
        cache=path_of(cache),
        out=path_of(out),
        budget=budget,
        shard=shard,
        where=Where(on, actors, gpus_per_actor),
    )
    if score and (trouble := scoring_trouble(request)):
        log.warning("this run will not be scored: %s", trouble)
    made = execute(request, step_progress if progress else no_progress)
    if score and isinstance(reason := score_run(made), str):
        log.warning("not scored: %s", reason)
    return made


def load_run(folder: str | Path) -> Run:
    """The run of a run folder. Raises RunFolderError where it is none."""
    return Run.load(folder)


def read_samples(
    data: Data = DEMO_DIALOGUES,
    columns: Columns | Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> list[Sample]:
    """The dialogues of a file or of rows in memory, in order, with ids, references and English
    originals. `columns` says what the columns are called: a `Columns`, or a mapping of its fields.
    Raises the data errors.
    """
    whole("limit", limit, 1)
    return read_data(data, columns_of(columns), limit)


def compare(
    *systems: System,
    data: Data | None = None,
    limit: int | None = None,
    offline: bool = False,
    cache: str | Path | None = None,
    budget: Limit = None,
    metrics: str | Sequence[str | Metric] = DEFAULT_METRICS,
    tokenizer: str = DEFAULT_TOKENIZER,
    over_references: OverReferences = "mean",
    cluster: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Compare systems over the same dialogues: scores, differences with 95 % CI and p-value, and
    baselines. The others are compared with the first.

    `systems`: runs, run folders, predictions files or recipes; recipes are run, from the cache
    where possible, with the options of `run`. `data`: what to compare over; the first run's data
    where it is left out. `metrics`: names as for `--metric`, or metrics; the first decides.
    `cluster`: the column of what dialogues share (a scene, a source document); the tests then draw
    clusters of dialogues. Raises NotComparable, ScoreRefused, MetricInvalid, TokenizerMissing, and
    what `run` raises.
    """
    whole("limit", limit, 1)
    whole("resamples", resamples, LEAST_RESAMPLES)
    if len(systems) < 2:
        raise NotComparable("compare takes two systems or more: runs, run folders, files, recipes")
    names = [str(one.folder if isinstance(one, Run) else one) for one in systems]
    # First, because a recipe may run for hours.
    asked = load_metrics(metrics, tokenizer=tokenizer, over_references=over_references)
    loaded, samples = load_systems(
        names,
        file_of(data, cache),
        limit,
        cluster=cluster,
        offline=offline,
        cache=path_of(cache),
        budget=budget,
    )
    return compare_systems(loaded, samples, asked, resamples, seed)


def predict(
    recipe: str | Path,
    data: Data | None = None,
    *,
    runs: Sequence[str | Path] = (),
    direct: Run | str | Path | None = None,
    sample: int = SAMPLE,
    seed: int = SEED,
    by: str | None = None,
    settings: Settings = (),
    metric: str | Metric = DEFAULT_METRICS[0],
    tokenizer: str = DEFAULT_TOKENIZER,
    comet: str | Path | None = None,
    offline: bool = False,
    cache: str | Path | None = None,
    budget: Limit = None,
) -> Prediction:
    """Is a pivot worth it, before its summariser is run? Measures how a recipe translates a sample
    of dialogues, and predicts its difference to the direct system from runs at hand.

    `runs`: run folders, or folders that hold some; default: `runs`. `direct`: the run to compare
    with; default: the newest direct one among them. `by`: the measure that predicts; default: the
    first that is at hand. `comet`: a COMET model that does without references, a folder or an id on
    the hub, which measures the translations too. The rest is as for `run` and `compare`. Raises
    PredictionRefused where the recipe is no pivot, and what `run` and `score` raise.
    """
    whole("sample", sample, 1)
    return predict_difference(
        Request(
            str(recipe),
            file_of(data, cache),
            settings=setting_list(settings),
            offline=offline,
            cache=path_of(cache),
            budget=budget,
        ),
        runs=[Path(folder) for folder in runs],
        direct=direct.folder if isinstance(direct, Run) else path_of(direct),
        sample=sample,
        seed=seed,
        by=by,
        metric=load_metric(metric, tokenizer=tokenizer),
        comet=None if comet is None else str(comet),
    )


def score(
    predictions: Run | str | Path | Mapping[str, str],
    data: Data | None = None,
    *,
    columns: Columns | Mapping[str, Any] | None = None,
    limit: int | None = None,
    metric: str | Metric = DEFAULT_METRICS[0],
    tokenizer: str = DEFAULT_TOKENIZER,
    placeholders: Placeholders = "whole",
    over_references: OverReferences = "mean",
) -> Scores:
    """ROUGE-1, -2 and -L F1 of summaries against references, or another metric (a name as for
    `--metric`, or a metric), with the signature of how it was done.

    `predictions`: a run, a run folder, a predictions file, or summaries by id. `data`: the
    references, only the first `limit` where given; the run's own data where it is left out, else
    the shipped dialogues. Raises ScoreRefused where the scores would mean nothing,
    MetricInvalid, TokenizerMissing, and the data errors.
    """
    whole("limit", limit, 1)
    columns = columns_of(columns)
    if not isinstance(predictions, Run | str | Path | Mapping):
        raise TypeError(
            f"predictions: {type(predictions).__name__} is none of a run, a run folder, a"
            " predictions file and summaries by id; of a DataFrame:"
            " dict(zip(frame.id, frame.summary))"
        )
    if isinstance(predictions, str | Path) and Path(predictions).is_dir():
        predictions = load_run(predictions)
    texts: Mapping[str, str]
    samples: Sequence[Sample]
    if isinstance(predictions, Run):
        made, record = predictions, predictions.record
        texts, name = read_predictions(made.folder), made.folder
        if data is None:
            samples, source = on_disk(made.samples), Path(record.data.file)
        else:
            samples = read_data(data, columns or record.recipe.columns)
            source = _name(data)
    else:
        data = DEMO_DIALOGUES if data is None else data
        samples, source = read_data(data, columns), _name(data)
        if isinstance(predictions, Mapping):
            texts, name = dict(predictions), Path("predictions")
            if bare := [str(id) for id, text in texts.items() if not isinstance(text, str)]:
                raise TypeError(f"predictions: no text for {some(bare)}; an empty summary is ''")
        else:
            texts, name = read_predictions(Path(predictions)), Path(predictions)
    texts, samples = beginning(texts, samples, limit)
    hypotheses, references = paired(texts, samples, name, source)
    [asked] = load_metrics(
        [metric], tokenizer=tokenizer, over_references=over_references, ways=(placeholders,)
    ).values()
    return measure(asked, hypotheses, references, dialogues_of(samples))


def _name(data: Data) -> Path:
    return Path(data if isinstance(data, str | Path) else type(data).__name__)
