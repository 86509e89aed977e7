"""The run that is taken apart: its record, its recipe as it can run again, its texts, and the data
they are scored against."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pivot_sum.cache import Cache
from pivot_sum.data.files import data_path
from pivot_sum.data.samples import Sample, file_sha256, read_samples
from pivot_sum.errors import NotComparable, OracleMissing, ScoreRefused, UnknownStep
from pivot_sum.recipes.recipe import Recipe, recorded_recipe
from pivot_sum.running.reading import RUN_FILE, data_of_run, lost_data, read_run, step_lines
from pivot_sum.running.record import RunRecord
from pivot_sum.running.sources import Sources, cleaning
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.wording import counted, some


@dataclass(frozen=True)
class Source:
    """A finished run and its samples, ordered by id. `texts`: what each step gave for each of them,
    by the step's name."""

    folder: Path
    record: RunRecord
    recipe: Recipe
    data: Path
    samples: Sequence[Sample]
    texts: Mapping[str, Sequence[str]]

    @property
    def dialogues(self) -> Sources:
        """The dialogues as the run's steps saw them, whatever texts an oracle puts in their
        place."""
        steps = self.recipe.steps
        sources = Sources.of([sample.dialogue for sample in self.samples], steps)
        if (at := cleaning(steps)) is not None:
            sources.cleaned = self.texts[steps[at].name]
        if first := next((step for step in steps if step.translates), None):
            sources.translated = self.texts[first.name]
        return sources


def open_source(folder: Path, data: str | None = None, settings: Sequence[str] = ()) -> Source:
    """Read a run and its data, or other data with the same dialogues. `settings` change the
    recipe's `data.columns`.

    Raises RunFolderError, NotComparable, UnknownStep, ScoreRefused, the recipe's and the data
    errors.
    """
    record = read_run(folder)
    if record.status != "finished" or record.predictions is None:
        partial = " and ran a part of its recipe" if record.status == "finished" else ""
        raise NotComparable(
            f"{folder} holds no whole run: it is {record.status}{partial}. Run the recipe to its"
            " end first"
        )
    if foreign := [setting for setting in settings if not setting.startswith("data.columns.")]:
        raise UnknownStep(
            f"--set {foreign[0]}: only data.columns can be changed here; the steps are those of"
            " the run"
        )
    recipe = recorded_recipe(record.recipe.model_dump(), folder / RUN_FILE, settings)
    texts = {step.name: step_lines(folder, step) for step in record.steps}
    path, samples = _samples(folder, record, recipe, data)
    ran = texts[recipe.steps[-1].name]
    samples = sorted(
        (sample for sample in samples if sample.id in ran), key=lambda sample: sample.id
    )
    if not samples:
        raise NotComparable(f"{path} holds none of the dialogues of {folder}: no id is in both")
    if bare := [sample.id for sample in samples if not sample.references]:
        raise ScoreRefused(
            f"{path} has no reference summary for {counted(bare)} of {len(samples):,} dialogues."
            " Name data that has them with --data, or their columns with --set"
            " data.columns.references=COLUMN"
        )
    return Source(
        folder,
        record,
        recipe,
        path,
        samples,
        {name: [by_id[sample.id].text for sample in samples] for name, by_id in texts.items()},
    )


def _samples(
    folder: Path, record: RunRecord, recipe: Recipe, data: str | None
) -> tuple[Path, list[Sample]]:
    own = data_of_run(folder, record)
    path = own if data is None else data_path(data)
    if path is None:
        lost = lost_data(folder, record)
        raise NotComparable(
            f"the data of {folder}, {lost.file}, {lost.what}; name it with --data FILE{lost.looked}"
        )
    samples = read_samples(path, recipe.columns)
    if data is not None and file_sha256(path) != record.data.sha256:
        if own is None:
            lost = lost_data(folder, record)
            raise NotComparable(
                f"--data {data} is another file than that of {folder}, {lost.file}, which"
                f" {lost.what}: whether the dialogues"
                " are the same cannot be seen. Put it back, or run the recipe over the new file"
            )
        ran = {sample.id: sample.dialogue for sample in read_samples(own, record.recipe.columns)}
        if other := [
            sample.id
            for sample in samples
            if ran.get(sample.id, sample.dialogue) != sample.dialogue
        ]:
            raise NotComparable(
                f"--data {data}: {len(other):,} of {len(samples):,} dialogues are not those that"
                f" {folder} summarised ({some(other)}). Run the recipe over this file, or name one"
                " with the same dialogues"
            )
    return path, samples


def english(samples: Sequence[Sample], what: str) -> list[str] | None:
    """The `english_dialogue` or `english_summary` of each sample; None where the data has none at
    all.

    Raises `OracleMissing` where only some have one, or they are not English.
    """
    texts = [getattr(sample, what) for sample in samples]
    if not any(texts):
        return None
    named = what.replace("_", " ")
    if missing := [sample.id for sample, text in zip(samples, texts, strict=True) if not text]:
        raise OracleMissing(
            f"{len(missing):,} of {len(samples):,} dialogues have no {named} ({some(missing)})."
            " Fill them in, or give with --data a file that holds only the dialogues that have one"
        )
    scripts = [script for text in texts if (script := main_script(text)) is not None]
    foreign = sum(script != "en" for script in scripts)
    if foreign * 2 > len(scripts):
        raise OracleMissing(
            f"the {named} is not English in {foreign:,} of {len(samples):,} dialogues. Name the"
            f" right column with --set data.columns.{what}=NAME"
        )
    return texts


def require_same_stages(source: Source, cache: Cache, *, offline: bool) -> None:
    """Oracles go through the very stages that made the run. Raises `NotComparable` where a name has
    come to mean another."""
    for step, made in zip(source.recipe.steps, source.record.steps, strict=True):
        declared = step.declared_identity()
        now = cache.resolution(declared) if offline else step.resolved_identity()
        if now is None:
            continue  # the runner says what is missing
        now = json.loads(json.dumps(now))
        before = made.identity
        if changed := [
            field for field in sorted({*now, *before}) if now.get(field) != before.get(field)
        ]:
            what = "; ".join(
                f"{field}: {before.get(field)!r} then, {now.get(field)!r} now" for field in changed
            )
            raise NotComparable(
                f"step {step.name} is not what it was when {source.folder} was made ({what}). Run"
                " the recipe again, then attribute the new run"
            )
