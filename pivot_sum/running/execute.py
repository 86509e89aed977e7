"""What the commands call: open the recipe, the data and the cache, run, and record the run."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from pivot_sum import PivotSumError
from pivot_sum.cache import Cache
from pivot_sum.data.files import data_path
from pivot_sum.data.samples import SampleFile
from pivot_sum.errors import DataFileMissing, ExecutorRefused, RunFolderError
from pivot_sum.recipes.recipe import Recipe, chosen_steps, load_recipe
from pivot_sum.running.executor import LOCAL, Executor, Local, Where
from pivot_sum.running.folder import RunFolder, new_folder
from pivot_sum.running.notes import say_notes
from pivot_sum.running.plan import StepPlan, plan
from pivot_sum.running.progress import step_progress
from pivot_sum.running.run import Run
from pivot_sum.running.runner import SHARD, ProgressMaker, Runner
from pivot_sum.running.spending import Limit, budget_for, shortfall, total
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.models.kept import CONVERTED_VARIABLE

log = logging.getLogger(__name__)

CACHE_VARIABLE = "PIVOT_SUM_CACHE"
DEFAULT_CACHE = Path(".pivot-sum") / "cache.sqlite3"


@dataclass(frozen=True)
class Request:
    """What a user asked to be run, as typed on the command line."""

    recipe: str
    data: str | None = None
    stages: str | None = None
    settings: Sequence[str] = ()
    limit: int | None = None
    offline: bool = False
    cache: Path | None = None
    out: Path | None = None
    budget: Limit = None
    shard: int | None = None
    """Samples whose missing texts are computed together; None: `SHARD`."""
    where: Where = field(default_factory=Where)
    """Where missing texts are computed."""


def cache_path(option: Path | None) -> Path:
    """`--cache`, else the environment variable, else the default below the working folder."""
    return option or Path(os.environ.get(CACHE_VARIABLE) or DEFAULT_CACHE)


def keep_converted(cache: Path) -> None:
    """Let checkpoints that have to be converted be kept beside the cache, where the environment
    names no other place."""
    os.environ.setdefault(CONVERTED_VARIABLE, str(cache.parent / "models"))


def open_samples(recipe: Recipe, data: str | None, limit: int | None) -> tuple[Path, SampleFile]:
    """The data file and its samples: `--data`, else the recipe's own file. Raises the data
    errors.
    """
    name = data or recipe.data.file
    if name is None:
        raise DataFileMissing(
            f"recipe {recipe.name} names no data file; add --data FILE (CSV, TSV, JSONL or Parquet)"
        )
    path = data_path(name)
    return path, SampleFile(path, recipe.columns, limit)


def execute(
    request: Request, progress: ProgressMaker = step_progress, budget: Budget | None = None
) -> Run:
    """Run what is asked for. Everything computed is in the cache as soon as it exists, so running
    again is the resume. `budget`: one that several runs share; default: the request's own.

    Offline, nothing is written unless everything was found. Raises the
    errors of pivot-sum (`PivotSumError`).
    """
    recipe = load_recipe(request.recipe, request.settings)
    chosen = chosen_steps(recipe, request.stages)
    budget = budget or budget_for(request.budget, [recipe.steps[place] for place in chosen])
    data, samples = open_samples(recipe, request.data, request.limit)
    say_notes(recipe, data, samples)
    path = cache_path(request.cache)
    keep_converted(path)
    target = new_folder(recipe.name, request.out)
    options = {
        "stages": request.stages,
        "set": list(request.settings),
        "limit": request.limit,
        "offline": request.offline,
        "budget": request.budget,
    }
    with (
        _executor(request.where, recipe) as executor,
        Cache(path, read_only=request.offline) as cache,
    ):
        folder = RunFolder(target, recipe, data, samples, **options)
        runner = Runner(
            samples,
            cache,
            progress,
            offline=request.offline,
            budget=budget,
            shard=request.shard or SHARD,
            executor=executor,
        )
        trouble = _discarded(folder) if request.offline else _recorded_failure(folder, budget)
        with trouble:
            folder.start()
            for position, result in enumerate(runner.run(recipe.steps, chosen, folder.step_file)):
                folder.add_step(position, result)
                texts = result.texts
        whole = chosen[-1] == len(recipe.steps) - 1
        folder.finish((" ".join(text.split()) for text in texts) if whole else None)
    return Run(target, folder.record, samples)


def _executor(where: Where, recipe: Recipe) -> AbstractContextManager[Executor]:
    """The executor that was asked for, to be closed when the run is over. Raises
    `ExecutorRefused`."""
    if where.on == LOCAL:
        if where.actors is not None or where.gpus is not None:
            raise ExecutorRefused(
                "--actors and --gpus-per-actor are for Ray; add --on ray, or leave them out"
            )
        return nullcontext(Local())
    from pivot_sum.running.ray_executor import RayExecutor

    return RayExecutor(where, [recipe.folder])


@contextmanager
def _discarded(folder: RunFolder) -> Iterator[None]:
    """Leave nothing of a replay that failed: nothing was computed that could be lost."""
    try:
        yield
    except BaseException:
        folder.discard()
        raise


@contextmanager
def _recorded_failure(folder: RunFolder, budget: Budget) -> Iterator[None]:
    before = {unit: -amount for unit, amount in budget.spent.items()}
    try:
        try:
            yield
        finally:  # also what was billed for answers that a failure lost
            spent = total(budget.spent, before)
            folder.record.spent = {unit: amount for unit, amount in spent.items() if amount} or None
    except KeyboardInterrupt:
        folder.fail("interrupted")
        raise
    except RunFolderError:
        raise  # the folder itself cannot be written
    except Exception as error:  # a bug too: what crashed must not look as if it were still going on
        folder.fail(
            str(error) if isinstance(error, PivotSumError) else f"{type(error).__name__}: {error}"
        )
        raise


def explain(request: Request) -> list[StepPlan]:
    """What `execute` would find in the cache and what it would compute. Nothing is written or
    computed. Raises what `execute` raises before it computes."""
    recipe = load_recipe(request.recipe, request.settings)
    chosen = chosen_steps(recipe, request.stages)
    budget = budget_for(request.budget, [recipe.steps[place] for place in chosen])
    data, samples = open_samples(recipe, request.data, request.limit)
    say_notes(recipe, data, samples)
    path = cache_path(request.cache)
    opened = Cache(path, read_only=True) if path.exists() else nullcontext()
    with opened as cache:
        plans = plan(samples, recipe.steps[: max(chosen) + 1], cache, offline=request.offline)
    paid = [(step, step.cost) for place in chosen if (step := plans[place]).cost is not None]
    and_more = any(step.waiting for step, _ in paid)
    if said := shortfall(budget, [cost for _, cost in paid if cost], and_more=and_more):
        log.warning("%s", said)
    return plans
