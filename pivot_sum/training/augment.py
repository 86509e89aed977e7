"""More training data from what there is: every row of a file, and behind them rows made from these
by back-translation and by changing words. Dialogues that a dev or test file has too make none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from pivot_sum.cache import Cache
from pivot_sum.data.files import data_path
from pivot_sum.data.overlap import THRESHOLD, Overlap, overlap
from pivot_sum.data.readers import read_table
from pivot_sum.data.samples import Columns, Sample, read_samples, reference_columns, samples_of
from pivot_sum.data.splits import AUGMENTED_FROM
from pivot_sum.data.tables import Table
from pivot_sum.errors import AugmentationRefused, DataOverlaps
from pivot_sum.recipes.recipe import Recipe, Step, load_recipe
from pivot_sum.recipes.settings import chosen_columns
from pivot_sum.running.execute import cache_path, keep_converted
from pivot_sum.running.progress import step_progress
from pivot_sum.running.runner import ProgressMaker
from pivot_sum.running.spending import Limit, budget_for, total
from pivot_sum.stages.budget import Budget
from pivot_sum.stages.clean import Clean
from pivot_sum.stages.text.placeholders import count
from pivot_sum.training.augment_back import back_translate, round_trip
from pivot_sum.training.augment_filter import COPY, Band, damaged, similarity
from pivot_sum.training.augment_words import WordChange

AUGMENTATION: Final = "augmentation"
"""The column that says how an augmented row came about."""

BACK_TRANSLATION: Final = "back-translation"

SAME_FILE: Final = 0.5
"""From this share of a file's dialogues on, word for word, data is that file or holds it."""

Part = Literal["dialogue", "summary", "both"]


@dataclass(frozen=True)
class Augmenting:
    """What is asked for: data, and the ways to make more of it."""

    data: str
    recipe: str | None = None
    """Whose translators make the round trip; None: no back-translation."""
    settings: Sequence[str] = ()
    of: Part = "dialogue"
    """What is translated. Words are changed in dialogues only: a summary has to stay true."""
    band: Band = field(default_factory=Band)
    words: Sequence[WordChange] = ()
    apart_from: Sequence[str] = ()
    """Dev and test files."""
    threshold: float = THRESHOLD
    limit: int | None = None
    offline: bool = False
    cache: Path | None = None
    budget: Limit = None


class Tried(NamedTuple):
    """One attempt at a new row."""

    id: str
    """Of the row it was to be made from."""
    way: str
    reason: str | None
    """Why it was left out; None where it was kept."""
    similarity: float | None
    """chrF of the dialogue, or of the first summary where only summaries are changed."""


@dataclass
class Augmented:
    """The rows of the data and the new ones behind them, with every attempt."""

    table: Table
    rows: int
    """Of the data itself."""
    overlaps: Mapping[str, Overlap]
    """What the data shares with each dev or test file."""
    tried: list[Tried] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    """What services billed, by unit."""

    def counts(self) -> dict[str, dict[str, Any]]:
        """By the way of making them: `tried`, `kept`, and `rejected` by reason."""
        found: dict[str, dict[str, Any]] = {}
        for one in self.tried:
            of_way = found.setdefault(one.way, {"tried": 0, "kept": 0, "rejected": Counter()})
            of_way["tried"] += 1
            if one.reason is None:
                of_way["kept"] += 1
            else:
                of_way["rejected"][one.reason] += 1
        return {
            way: {**one, "rejected": dict(one["rejected"].most_common())}
            for way, one in found.items()
        }

    def as_json(self) -> dict[str, Any]:
        """Counts and attempts, for a program."""
        return {
            "rows": self.rows,
            "added": len(self.table.rows) - self.rows,
            "overlaps": {name: found.as_json() for name, found in self.overlaps.items()},
            "spent": self.spent,
            "ways": self.counts(),
            "tried": [one._asdict() for one in self.tried],
        }


class _New(NamedTuple):
    """A row to be, or why it is none."""

    sample: Sample
    dialogue: str
    references: Sequence[str]
    reason: str | None
    similarity: float | None


def augment(asked: Augmenting, progress: ProgressMaker = step_progress) -> Augmented:
    """Augment a data file. Nothing is written but the cache, where every translation is as soon as
    it exists: the same again goes on where it stopped.

    Raises AugmentationRefused, DataOverlaps where the data is a dev or test file or holds most of
    one, and what reading data and running steps raise.
    """
    if asked.recipe is None and not asked.words:
        raise AugmentationRefused(
            "nothing to do: name a recipe with translators out of Korean and back into it"
            " (--recipe pivot-nllb-bart), or --swap, --delete, --synonyms FILE"
        )
    recipe = load_recipe(asked.recipe, asked.settings) if asked.recipe else None
    columns = recipe.columns if recipe else chosen_columns(asked.settings)
    path = data_path(asked.data)
    table = read_table(path, asked.limit)
    samples = samples_of(table, str(path), columns)
    overlaps = {
        name: _apart(samples, asked.data, name, columns, asked.threshold)
        for name in asked.apart_from
    }
    shared = {id_: name for name, found in overlaps.items() for id_ in found.first_ids}
    own = [
        sample
        for sample, row in zip(samples, table.rows, strict=True)
        if not row.get(AUGMENTED_FROM)
    ]
    free = [sample for sample in own if sample.id not in shared]
    made = _Collected(table, samples, columns, overlaps)
    ways: list[tuple[str, str, Iterator[_New]]] = []
    if recipe:
        steps = round_trip(recipe)
        budget = budget_for(asked.budget, steps)
        news, identity = _back_translated(recipe, steps, free, asked, budget, progress)
        made.result.spent = total(budget.spent)
        provenance = f"{BACK_TRANSLATION}:{recipe.name}-{identity}"
        ways.append((BACK_TRANSLATION, provenance, iter(news)))
    for change in asked.words:
        name = change.operation + (f"{change.copy}" if change.copy > 1 else "")
        ways.append((name, change.provenance, _changed(free, change)))
    for way, provenance, found in ways:
        for sample in own:
            if sample.id in shared:
                made.leave_out(sample, way, f"in {shared[sample.id]}")
        for new in found:
            made.add(new, way, provenance)
    return made.result


def _apart(
    samples: Sequence[Sample], data: str, name: str, columns: Columns, threshold: float
) -> Overlap:
    """What the data shares with a file it is to be kept apart from. Raises DataOverlaps where it is
    that file, or holds it."""
    found = overlap(samples, read_samples(data_path(name), columns), threshold)
    exact = {pair.first for pair in found.pairs if pair.exact}
    for part, whole, what in (
        (len(exact), found.first_dialogues, f"dialogues of {data} are in {name}"),
        (len(found.exact_ids), found.second_dialogues, f"dialogues of {name} are in {data}"),
    ):
        if part > SAME_FILE * whole:
            raise DataOverlaps(
                f"{part:,} of {whole:,} {what}, word for word: dev and test data are never"
                " augmented. Name training data, or leave those dialogues out of it: pivot-sum"
                f" overlap {data} {name} --write CLEAN.csv"
            )
    return found


def _back_translated(
    recipe: Recipe,
    steps: Sequence[Step],
    samples: Sequence[Sample],
    asked: Augmenting,
    budget: Budget,
    progress: ProgressMaker,
) -> tuple[list[_New], str]:
    """What became of each sample, and the identity of the steps."""
    texts = [(sample.id, text) for sample in samples for text in _chosen(sample, asked.of)]
    path = cache_path(asked.cache)
    keep_converted(path)
    with Cache(path, read_only=asked.offline) as cache:
        result = back_translate(texts, steps, cache, progress, offline=asked.offline, budget=budget)
    cleaned = Clean(language=recipe.data.language)([text for _, text in texts])
    places = iter(range(len(texts)))
    news = []
    for sample in samples:
        mine = [next(places) for _ in _chosen(sample, asked.of)]
        reasons = [
            # A recipe that writes speakers' names as placeholders does not do so in the summary.
            "speakers by name"
            if count(cleaned[at]) != count(result.sources[at])
            else asked.band.reason(
                result.sources[at], result.texts[at], result.remarks[at], recipe.data.language
            )
            for at in mine
        ]
        near = similarity(result.sources[mine[0]], result.texts[mine[0]]) if mine else None
        new = [result.texts[at] for at in mine]
        dialogue = sample.dialogue if asked.of == "summary" else new.pop(0)
        # One copy among several texts is no reason to leave the others out.
        faults = [reason for reason in reasons if reason not in (None, COPY)]
        reason = (
            faults[0] if faults else None if None in reasons else COPY if mine else "no summary"
        )
        news.append(_New(sample, dialogue, new or sample.references, reason, near))
    return news, result.identity


def _chosen(sample: Sample, of: Part) -> list[str]:
    """The texts of a sample that are translated."""
    return [
        *([sample.dialogue] if of != "summary" else []),
        *(sample.references if of != "dialogue" else []),
    ]


def _changed(samples: Sequence[Sample], change: WordChange) -> Iterator[_New]:
    # In a dialogue on one line, words would change speakers.
    cleaned = Clean()([sample.dialogue for sample in samples])
    for sample, source in zip(samples, cleaned, strict=True):
        dialogue = change(source, sample.id)
        reason = "unchanged" if dialogue == source else damaged(source, dialogue)
        yield _New(sample, dialogue, sample.references, reason, similarity(source, dialogue))


class _Collected:
    """New rows behind those of a table, each once and with an id of its own."""

    def __init__(
        self,
        table: Table,
        samples: Sequence[Sample],
        columns: Columns,
        overlaps: Mapping[str, Overlap],
    ) -> None:
        added = [name for name in (AUGMENTED_FROM, AUGMENTATION) if name not in table.names]
        rows = [{**row, **dict.fromkeys(added, "")} for row in table.rows]
        self.result = Augmented(Table([*table.names, *added], rows), len(rows), overlaps)
        self._columns = columns
        self._references = reference_columns(table.names, columns)
        self._rows = {sample.id: row for sample, row in zip(samples, rows, strict=True)}
        self._ids = set(self._rows)
        self._known = {(sample.dialogue, sample.references) for sample in samples}

    def leave_out(self, sample: Sample, way: str, reason: str) -> None:
        """Count a sample that was not tried."""
        self.result.tried.append(Tried(sample.id, way, reason, None))

    def add(self, new: _New, way: str, provenance: str) -> None:
        """Count an attempt, and add its row where it is good."""
        sample, content = new.sample, (new.dialogue, tuple(new.references))
        reason = new.reason or ("duplicate" if content in self._known else None)
        near = None if new.similarity is None else round(new.similarity, 2)
        self.result.tried.append(Tried(sample.id, way, reason, near))
        if reason:
            return
        self._known.add(content)
        id_ = f"{sample.id}+{way}"
        while id_ in self._ids:
            id_ += "+"
        self._ids.add(id_)
        references = iter(new.references)
        row = dict(self._rows[sample.id])
        for name in self._references:
            row[name] = _replaced(row.get(name), references)
        row[self._columns.id] = id_
        row[self._columns.dialogue] = new.dialogue
        row |= {AUGMENTED_FROM: sample.id, AUGMENTATION: provenance}
        self.result.table.rows.append(row)


def _replaced(value: Any, references: Iterator[str]) -> Any:
    """A cell of references with its texts replaced in order; blank ones stay, as they are none."""
    if isinstance(value, list):
        return [_replaced(item, references) for item in value]
    return next(references) if value is not None and str(value).strip() else value
