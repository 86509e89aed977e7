"""Who is compared: run folders, predictions files and recipes, brought together over the same
dialogues."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Literal

from pivot_sum.comparison.labels import distinct_labels
from pivot_sum.data.files import DEMO_FILE, data_path
from pivot_sum.data.samples import READERS, Columns, Sample, SampleFile, file_sha256, on_disk
from pivot_sum.data.sequences import TextsById
from pivot_sum.errors import NotComparable, PredictionsUnreadable, RecipeMissing, ScoreRefused
from pivot_sum.recipes.recipe import Recipe, load_recipe, recipe_path
from pivot_sum.run_score import score_run
from pivot_sum.running.execute import Request, execute, open_samples
from pivot_sum.running.reading import RUN_FILE, data_of_run, lost_data, read_predictions, read_run
from pivot_sum.running.record import RunRecord
from pivot_sum.running.spending import Limit, budget_for
from pivot_sum.wording import counted

log = logging.getLogger(__name__)

BEGINNING = ", or compare what both have of its beginning with --limit N"
"""What a command that has --limit offers for systems that do not answer the same dialogues."""


@dataclass(frozen=True)
class System:
    """One side of a comparison: a summary for each id, and the run they come from where there is
    one."""

    label: str
    texts: Mapping[str, str]
    folder: Path | None = None
    record: RunRecord | None = None
    """The run's `run.json`."""


def load_systems(
    names: Sequence[str],
    data: str | None = None,
    limit: int | None = None,
    *,
    cluster: str | None = None,
    offline: bool = False,
    cache: Path | None = None,
    budget: Limit = None,
) -> tuple[list[System], Sequence[Sample]]:
    """The systems in the order of `names`, no two of one label, and the samples they all answer,
    in the order of the data. `cluster`: the column of their clusters, else the one that the first
    recipe names which names any.

    What is there already is read and checked first; only then are recipes run, over the same data
    and as far as the others go. `budget`: what services may bill for all recipes together. Raises
    NotComparable, ScoreRefused where a sample has no reference, and what reading files and running
    recipes raise.
    """
    recipes = {
        place: load_recipe(name) for place, name in enumerate(names) if _kind(name) == "recipe"
    }
    found = {place: load_system(name) for place, name in enumerate(names) if place not in recipes}
    shared = budget_for(budget, [step for recipe in recipes.values() for step in recipe.steps])
    own = [
        recipes[place].name if place in recipes else found[place].label
        for place in range(len(names))
    ]
    labels = distinct_labels(own, names)
    found = {place: replace(one, label=labels[place]) for place, one in found.items()}
    path, columns = _source(list(found.values()), list(recipes.values()), data, cluster)
    everything = SampleFile(path, columns)
    samples = _answered(list(found.values()), path, columns, everything, limit, BEGINNING)
    _require_references(samples, path)
    last = 1 + everything.ids.index(samples[-1].id)
    for place in recipes:
        log.warning("running recipe %s", names[place])
        request = Request(
            names[place], str(path), limit=last, offline=offline, cache=cache, budget=budget
        )
        ran = execute(request, budget=shared)
        score_run(ran)  # by the default metric, as `run` does: lists of runs show it
        found[place] = replace(load_system(str(ran.folder)), label=labels[place])
    return [found[place] for place in range(len(names))], samples


def load_system(name: str) -> System:
    """The system that a run folder, a predictions file (CSV, JSONL) or a recipe names.

    A recipe is run over its own data, from the cache where possible. Raises NotComparable for a
    run that is not finished, was partial or saw a reference, and what reading and running raise.
    """
    kind = _kind(name)
    if kind == "predictions":
        return System(Path(name).stem, read_predictions(Path(name)))
    if kind == "recipe":
        return load_system(str(execute(Request(name)).folder))
    folder = Path(name)
    record = read_run(folder)
    if record.status != "finished":
        why = f": {record.error}" if record.error else ""
        raise NotComparable(
            f"run {folder} is not finished ({record.status}{why}). Type the same again; it goes on"
            " from the cache"
        )
    if record.oracles:
        raise NotComparable(
            f"run {folder} put references in place of its own answers"
            f" ({', '.join(record.oracles)}), so it says nothing about the recipe. Compare a run"
            " without oracles"
        )
    if record.predictions is None:
        raise NotComparable(
            f"run {folder} has no summaries: it ran {len(record.steps)} of"
            f" {len(record.recipe.steps)} steps (--stages {record.options.stages}). Run"
            " the recipe to its end"
        )
    texts = read_predictions(folder)
    return System(record.recipe.name, texts, folder, record)


def samples_for(
    systems: Sequence[System], data: str | None = None, cluster: str | None = None
) -> Sequence[Sample]:
    """The samples that all systems answer, in the order of the data.

    The data is `data`, else the file the first run was made from, else the demo's; `cluster` as in
    `load_systems`. Runs have to be made from the same dialogues. Raises NotComparable, and the data
    errors.
    """
    path, columns = _source(systems, [], data, cluster)
    return _answered(systems, path, columns, SampleFile(path, columns))


def require_system(name: str) -> None:
    """Raise where a name is no run folder, predictions file or recipe: NotComparable,
    PredictionsUnreadable."""
    _kind(name)


def _kind(name: str) -> Literal["run", "predictions", "recipe"]:
    path = Path(name)
    if (path / RUN_FILE).is_file():
        return "run"
    if path.suffix.lower() in (".yaml", ".yml"):
        return "recipe"
    if path.is_file():
        return "predictions"
    if path.suffix.lower() in READERS:
        raise PredictionsUnreadable(
            f"There is no file {path}. Name a predictions file (CSV with fname,summary), a run"
            " folder or a recipe"
        )
    try:
        recipe_path(name)
    except RecipeMissing as error:
        if path.is_dir():
            return "run"  # reading it says what is missing
        raise NotComparable(
            f"{name} is neither a run folder nor a predictions file nor a recipe: {error}"
        ) from error
    return "recipe"


def _source(
    systems: Iterable[System], recipes: Sequence[Recipe], data: str | None, cluster: str | None
) -> tuple[Path, Columns]:
    """The data file, and how its columns are called."""
    runs = [system for system in systems if system.record]
    named = [run.record.recipe.columns for run in runs if run.record] + [
        recipe.columns for recipe in recipes
    ]
    cluster = cluster or next((columns.cluster for columns in named if columns.cluster), None)
    columns = replace(named[0] if named else Columns(), cluster=cluster)
    for recipe in recipes:
        if replace(recipe.columns, cluster=cluster) != columns:
            raise NotComparable(
                f"recipe {recipe.name} reads other columns than the others. Run it by itself with"
                " --set data.columns.NAME=COLUMN, then compare its run folder"
            )
    if data is not None:
        path = data_path(data)
    elif runs:
        path = _data_of(runs[0])
    elif recipes:
        path, _ = open_samples(recipes[0], None, 1)
    else:
        path = DEMO_FILE
    for recipe in recipes:
        if (
            data is None
            and recipe.data.file
            and file_sha256(open_samples(recipe, None, 1)[0]) != file_sha256(path)
        ):
            raise NotComparable(
                f"recipe {recipe.name} is made for {recipe.data.file}, but the others answer"
                f" {path}. Say over which data to compare them with --data FILE"
            )
    return path, columns


def _data_of(run: System) -> Path:
    """The data file a run was made from, where it is still as it was. Raises NotComparable."""
    assert run.folder and run.record
    path = data_of_run(run.folder, run.record)
    if path is not None:
        return path
    data = run.record.data
    lost = lost_data(run.folder, run.record)
    raise NotComparable(
        f"run {run.folder} was made from {lost.file}, which {lost.what}{lost.looked}, so its"
        " dialogues cannot be checked. Name that file with --data (SHA-256"
        f" {data.sha256[:12]}…), or run the recipe again; where you know the dialogues to be the"
        " same, compare its predictions.csv"
    )


def _answered(
    systems: Sequence[System],
    path: Path,
    columns: Columns,
    samples: SampleFile,
    limit: int | None = None,
    or_else: str = "",
) -> Sequence[Sample]:
    """Those of the samples that all systems answer. Raises NotComparable where these are not the
    same for all; `or_else` is what else the command offers then.
    """
    for system in systems:
        _require_same_dialogues(system, path, columns, samples)
    if limit is None and systems:
        first, *others = systems
        for other in others:
            _require_same_ids(first, other, or_else)
        known = set(samples.ids)
        if unknown := [id_ for id_ in first.texts if id_ not in known]:
            raise NotComparable(
                f"{first.label} answers {counted(unknown)} of {len(first.texts):,} ids that {path}"
                " does not have. Name the data it was made from with --data FILE"
            )
        return on_disk(sample for sample in samples if sample.id in first.texts)
    ids = samples.ids[:limit]
    for system in systems:
        if missing := [id_ for id_ in ids if id_ not in system.texts]:
            raise NotComparable(
                f"{system.label} has no summary for {counted(missing)} of the first"
                f" {len(ids):,} dialogues of {path}. Choose a smaller --limit, or name the data"
                " it was made from with --data FILE"
            )
    return on_disk(islice(samples, limit))


def _require_same_ids(first: System, other: System, or_else: str) -> None:
    parts = [
        f"{counted(missing)} only in {one.label}"
        for one, two in ((first, other), (other, first))
        if (missing := [id_ for id_ in one.texts if id_ not in two.texts])
    ]
    if parts:
        raise NotComparable(
            f"{first.label} and {other.label} do not answer the same dialogues: {'; '.join(parts)}."
            f" Run both over the same data{or_else}"
        )


def _require_same_dialogues(
    system: System, path: Path, columns: Columns, samples: SampleFile
) -> None:
    """A run may be made from another file than the samples (other order, references added), not
    from other dialogues."""
    if not system.record:
        return
    record = system.record
    read = replace(record.recipe.columns, cluster=columns.cluster)
    if record.data.sha256 == file_sha256(path) and read == columns:
        return
    own = _data_of(system)
    theirs, ours = (
        TextsById((sample.id, sample.dialogue) for sample in dialogues)
        for dialogues in (SampleFile(own, record.recipe.columns), samples)
    )
    if other := [id_ for id_ in system.texts if theirs.get(id_) != ours.get(id_)]:
        raise NotComparable(
            f"run {system.folder} was made from {own}, whose dialogues are not those of {path}:"
            f" {counted(other)} of {len(system.texts):,} differ. Run the recipe over {path}, or"
            " compare runs of the same data"
        )


def _require_references(samples: Sequence[Sample], path: Path) -> None:
    """What scoring would refuse too, said before anything is run."""
    if bare := [sample.id for sample in samples if not sample.references]:
        raise ScoreRefused(
            f"{path} has no reference summary for {counted(bare)} of {len(samples):,} dialogues, so"
            " they cannot be scored. Name data that has them with --data; a test file has none"
        )
