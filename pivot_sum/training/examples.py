"""What a model learns from: pairs of a source text and its targets, as a data file has them."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pivot_sum.data.files import data_path
from pivot_sum.data.memory import data_file
from pivot_sum.data.overlap import overlap
from pivot_sum.data.readers import file_sha256, read_table
from pivot_sum.data.samples import Columns, Sample, read_samples
from pivot_sum.errors import ColumnMissing, TrainingDataRefused
from pivot_sum.scoring.checks import TOLERATED
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.stages.text.segmentation import split
from pivot_sum.training.form import Language, TrainRecipe
from pivot_sum.wording import some

log = logging.getLogger(__name__)

DEMO_TRAINING: Final = "demo:training"
"""The name of dialogues sampled from the demo's grammar; none of them is a shipped one."""
_DEMO_PASSES: Final = 12
_LANGUAGES: Final = {"ko": "Korean", "en": "English", "other": "neither Korean nor English"}


@dataclass(frozen=True)
class Example:
    """A source text and what may be written for it. `id`: that of the row, and behind it the turn
    where a row has several."""

    id: str
    source: str
    targets: tuple[str, ...]
    languages: tuple[Language, Language]
    """From, into."""

    @property
    def direction(self) -> str:
        """`ko-en`; of a summary `ko-ko`."""
        return "-".join(self.languages)


@dataclass(frozen=True)
class TrainFile:
    """A file that was read: its name, its content by hash, its rows, and the examples made of
    them."""

    name: str
    sha256: str
    rows: int
    examples: tuple[Example, ...]
    dialogues: Mapping[str, Sequence[str]]
    """The dialogue of each row, by column: in every language that the file has it in."""
    unpaired: int = 0
    """Dialogues that were left out: their turns are not as many as those of their translation."""


Through = Callable[[Sequence[Example]], list[Example]]
"""What rows go through before they are learned from."""


class RowsRead(NamedTuple):
    """The rows of a data file as they are there."""

    name: str
    path: Path
    rows: list[Example]


def read_rows(recipe: TrainRecipe, name: str | None, use: str) -> RowsRead:
    """The rows of a data file. `use`: train or dev, for messages. Raises `TrainingDataRefused`
    where there is no file or rows lack their target, and the data errors."""
    if not name:
        option = "--data" if use == "train" else "--dev"
        why = (
            ""
            if use == "train"
            else ": without one nothing says which checkpoint is the best, or when to stop."
            " Keep a part of the training file out of it for that"
        )
        raise TrainingDataRefused(
            f"there is no {use} file{why}. Name it with {option} FILE, or as data.{use} in the"
            " recipe"
        )
    path = _demo_training() if name == DEMO_TRAINING else data_path(name)
    rows = _rows(recipe, path)
    _require_targets(rows, name)
    return RowsRead(name, path, rows)


def read_file(recipe: TrainRecipe, read: RowsRead, through: Through | None = None) -> TrainFile:
    """The examples of rows, in both directions where the recipe says so. With `through`, the hash
    is that of the examples, not of the file: what they went through makes other data of it.

    Raises `TrainingDataRefused` where texts are in another language than the recipe's, and what
    `through` raises.
    """
    name, path, rows = read
    if through:
        rows = through(rows)
    _require_language([row.source for row in rows], recipe.source, name, "source texts")
    _require_language([row.targets[0] for row in rows], recipe.target, name, "targets")
    examples, unpaired = _by_turn(rows) if recipe.data.over == "turn" else (rows, 0)
    if not examples:
        raise TrainingDataRefused(
            f"{name}: no dialogue has as many turns as its translation, so there is nothing to"
            " learn; check the columns, or set data.over: text"
        )
    if recipe.data.directions == "both":
        examples = [*examples, *map(_turned, examples)]
    content = _hash(examples) if through else file_sha256(path)
    return TrainFile(name, content, len(rows), tuple(examples), _dialogues(recipe, path), unpaired)


def _hash(examples: Sequence[Example]) -> str:
    rows = [[example.id, example.source, *example.targets] for example in examples]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def require_distinct(train: TrainFile, dev: TrainFile) -> None:
    """Raises `TrainingDataRefused` where the dev file is the training file. Dialogues that both
    have, or nearly, get a note."""
    if train.sha256 == dev.sha256:
        raise TrainingDataRefused(
            f"{dev.name} is the training file itself: a model is not scored on what it learned."
            " Name another file with --dev"
        )
    if train.name == DEMO_TRAINING:
        return  # its dialogues are made after patterns, alike on purpose, and none is a shipped one
    for column in train.dialogues:
        if column in dev.dialogues:
            _say_shared(train, dev, column)
            return


def _say_shared(train: TrainFile, dev: TrainFile, column: str) -> None:
    def samples(file: TrainFile) -> list[Sample]:
        texts = file.dialogues[column]
        return [Sample(str(place), text, (), None, None) for place, text in enumerate(texts)]

    scored = samples(dev)
    shared = overlap(samples(train), scored)
    if shared.pairs:
        log.warning(
            "%s of %s dialogues of %s are in %s too, or nearly (%s word for word): the dev score"
            " flatters the model. `pivot-sum overlap` shows them, and writes a file without them",
            f"{len(shared.second_ids):,}",
            f"{len(scored):,}",
            dev.name,
            train.name,
            f"{len(shared.exact_ids):,}",
        )


def _rows(recipe: TrainRecipe, path: Path) -> list[Example]:
    columns, pipeline = recipe.data.columns, recipe.data.pipeline
    source = columns.source or _DIALOGUE["ko" if pipeline else recipe.source]
    targets = tuple(columns.target) if columns.target is not None else None
    if targets is None and recipe.task == "translate":
        targets = (_DIALOGUE[recipe.target],)
    elif (
        targets is None
        and recipe.target == "en"
        and not (pipeline and pipeline.targets == "translated")
    ):
        targets = ("summary_en",)
    try:
        samples = read_samples(path, Columns(columns.id, source, targets))
    except ColumnMissing as error:
        raise ColumnMissing(
            f"{error} Here they are data.columns.id, source and target: --set"
            " data.columns.source=NAME --set 'data.columns.target=[NAME]'"
        ) from error
    languages = (recipe.source, recipe.target)
    return [Example(sample.id, sample.dialogue, sample.references, languages) for sample in samples]


_DIALOGUE: Final = {"ko": "dialogue", "en": "dialogue_en"}
_COLUMNS: Final = tuple(_DIALOGUE.values())


def _dialogues(recipe: TrainRecipe, path: Path) -> dict[str, list[str]]:
    table = read_table(path)
    names = [name for name in table.names if name in (recipe.data.columns.source, *_COLUMNS)]
    return {name: [str(row[name] or "") for row in table.rows] for name in names}


def _require_targets(rows: Sequence[Example], name: str) -> None:
    if bare := [row.id for row in rows if not row.targets]:
        raise TrainingDataRefused(
            f"{name}: {len(bare):,} of {len(rows):,} rows have no target (an empty reference):"
            f" {some(bare)}. Fill them in or remove them; which column it is: data.columns.target"
        )


def _require_language(texts: Iterable[str], language: Language, name: str, what: str) -> None:
    scripts = [main_script(text) for text in texts]
    wrong = [script for script in scripts if script and script != language]
    if len(wrong) > max(1, TOLERATED * len(scripts)) or (wrong and len(wrong) == len(scripts)):
        raise TrainingDataRefused(
            f"{name}: {len(wrong):,} of {len(scripts):,} {what} are {_LANGUAGES[wrong[0]]}, and the"
            f" recipe says {_LANGUAGES[language]}. Check data.columns, or source and target, of"
            " the recipe"
        )


def _by_turn(rows: Sequence[Example]) -> tuple[list[Example], int]:
    """The turns of dialogues that have as many as their translation, and how many have not."""
    turns: list[Example] = []
    unpaired = 0
    for row in rows:
        source, target = row.languages
        mine = split(row.source, "turn", source).units
        theirs = split(row.targets[0], "turn", target).units
        if len(mine) != len(theirs):
            unpaired += 1
            continue
        turns += [
            Example(f"{row.id}#{number}", text, (translation,), row.languages)
            for number, (text, translation) in enumerate(zip(mine, theirs, strict=True), 1)
        ]
    return turns, unpaired


def _turned(example: Example) -> Example:
    source, target = example.languages
    return Example(example.id, example.targets[0], (example.source,), (target, source))


def _demo_training() -> Path:
    """The file of sampled dialogues, written beside the cache's default place."""
    from pivot_sum.demo.train_data import sampled_rows

    return Path(data_file(sampled_rows(_DEMO_PASSES), Path(".pivot-sum")))
