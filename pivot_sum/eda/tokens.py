"""How long a data file's texts are for the models of a recipe, and how many are longer than the
models read or write.

Only the tokenizers are loaded, no model, and nothing is asked of a network. A `tokenizer.json` is
read without transformers; a tokenizer that transformers makes of other files (mBART-50, OPUS-MT)
counts as a run would have it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Recipe, Step, load_recipe, shipped_recipes
from pivot_sum.stages.base import Billed, Resolvable, Stage
from pivot_sum.stages.engines.local_model import LocalModel
from pivot_sum.stages.errors import ModelUnreachable, StageError
from pivot_sum.stages.models.hub import DEMO_PREFIX, local_folder
from pivot_sum.stages.text.segmentation import split

Side = Literal["input", "answer"]
Missing = Literal["no-model", "not-downloaded", "no-tokenizer", "no-english", "no-references"]
"""Why nothing could be counted, as keys of the interface (`why:...`)."""

DEMO_RECIPES: Final = ("demo-pivot", "demo-direct")

_TOKENIZER = "tokenizer.json"


@dataclass(frozen=True)
class TokenCounts:
    """The texts of one side of a step in tokens, special tokens included."""

    recipe: str
    step: str
    model: str
    over: str
    side: Side
    limit: int
    counts: Sequence[int] = ()
    ids: Sequence[str] = ()
    """The sample each text is of."""
    why: Missing | None = None
    revision: str = "main"

    @property
    def of_demo(self) -> bool:
        """Whether a tokenizer of the demo counted, which knows few words."""
        return self.model.startswith(DEMO_PREFIX)

    @property
    def exceeding(self) -> list[str]:
        """The samples that hold a text beyond the limit, in order, each once."""
        over = (id for id, count in zip(self.ids, self.counts, strict=True) if count > self.limit)
        return list(dict.fromkeys(over))

    @property
    def texts_exceeding(self) -> int:
        """How many texts are beyond the limit."""
        return sum(count > self.limit for count in self.counts)


@dataclass(frozen=True)
class _Texts:
    """What flows into a step: one text a sample, or why it is not known before a run."""

    texts: Sequence[str] | None
    why: Missing | None = None
    summaries: bool = False


def recipes_at_hand(settings: Sequence[str] = ()) -> list[Recipe]:
    """The shipped recipes with local models all of whose tokenizers are on this machine."""
    named = sorted(name for name in shipped_recipes() if name not in DEMO_RECIPES)
    here = [name for name in named if _all_here(load_recipe(name))]
    return [load_recipe(name, settings) for name in here]


def _all_here(recipe: Recipe) -> bool:
    models = [step.stage for step in recipe.steps if isinstance(step.stage, LocalModel)]
    return bool(models) and all(_folder(model) is not None for model in models)


def count_tokens(recipe: Recipe, samples: Sequence[Sample]) -> list[TokenCounts]:
    """Both sides of each step that runs a local model. Where the data has English originals and
    references, they stand for what the steps before would give.
    """
    found = []
    now = _Texts([sample.dialogue for sample in samples])
    for step in recipe.steps:
        after = _after(step.stage, now, samples)
        if isinstance(step.stage, LocalModel):
            length, why, positions = _tokenizer(step.stage)
            found.append(
                _side(
                    recipe,
                    step,
                    samples,
                    "input",
                    now,
                    length,
                    why,
                    min(step.stage.max_source_tokens, positions),
                )
            )
            found.append(
                _side(
                    recipe, step, samples, "answer", after, length, why, step.stage.max_new_tokens
                )
            )
        now = after
    return found


def _after(stage: Stage, before: _Texts, samples: Sequence[Sample]) -> _Texts:
    """What a perfect stage would give, as far as the data has it."""
    if stage.task in ("clean", "polish") and not isinstance(stage, Resolvable | Billed):
        return _Texts(
            None if before.texts is None else stage(before.texts), before.why, before.summaries
        )
    summaries = before.summaries or stage.task == "summarize"
    if stage.target == "en":
        originals = [
            sample.english_summary if summaries else sample.english_dialogue for sample in samples
        ]
        known = [text for text in originals if text is not None]
        return (
            _Texts(known, None, summaries)
            if len(known) == len(samples)
            else _Texts(None, "no-english", summaries)
        )
    if summaries:
        references = [sample.references[0] for sample in samples if sample.references]
        return (
            _Texts(references, None, True)
            if len(references) == len(samples)
            else _Texts(None, "no-references", True)
        )
    return _Texts([sample.dialogue for sample in samples])


def _side(
    recipe: Recipe,
    step: Step,
    samples: Sequence[Sample],
    side: Side,
    texts: _Texts,
    length: Callable[[str], int] | None,
    why: Missing | None,
    limit: int,
) -> TokenCounts:
    assert isinstance(step.stage, LocalModel)
    head = (recipe.name, step.name, step.stage.model, step.over, side, limit)
    if texts.texts is None or length is None:
        return TokenCounts(*head, why=why or texts.why, revision=step.stage.revision)
    language = step.stage.source if side == "input" else step.stage.target
    prefix = getattr(step.stage, "prefix", "") if side == "input" else ""
    units = [
        (sample.id, unit)
        for sample, text in zip(samples, texts.texts, strict=True)
        for unit in split(text, step.over, language).units
    ]
    return TokenCounts(*head, [length(prefix + unit) for _, unit in units], [id for id, _ in units])


def _folder(stage: LocalModel) -> Path | None:
    """The folder of the stage's model, as far as it is on this machine. Raises `ModelUnreachable`
    where its name leads nowhere."""
    folder = local_folder(stage.model)
    if folder is not None:
        return folder
    from huggingface_hub import try_to_load_from_cache

    for name in (_TOKENIZER, "config.json"):
        file = try_to_load_from_cache(stage.model, name, revision=stage.revision)
        if isinstance(file, str):
            return Path(file).parent
    return None


def _tokenizer(stage: LocalModel) -> tuple[Callable[[str], int] | None, Missing | None, int]:
    """What counts a text's tokens, or why there is nothing, and the model's own limit."""
    unlimited = stage.max_source_tokens
    try:
        folder = _folder(stage)
    except ModelUnreachable:
        return None, "no-model", unlimited
    if folder is None:
        return None, "not-downloaded", unlimited
    try:
        return _length(folder), None, _positions(folder, unlimited)
    except StageError:
        return None, "no-tokenizer", unlimited


def _length(folder: Path) -> Callable[[str], int]:
    """Counts a text's tokens. Raises `MissingTokenizer` and `DamagedModel`."""
    if not (folder / _TOKENIZER).is_file():
        from pivot_sum.stages.models.checkpoints import load_tokenizer

        loaded = load_tokenizer(folder)
        return lambda text: len(loaded(text).input_ids)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids)


def _positions(folder: Path, unlimited: int) -> int:
    """The longest input the checkpoint says it can read."""
    limits = [unlimited]
    for name, key in (
        ("config.json", "max_position_embeddings"),
        ("tokenizer_config.json", "model_max_length"),
    ):
        if (folder / name).is_file():
            value = json.loads((folder / name).read_text(encoding="utf-8")).get(key)
            limits += [int(value)] if value else []
    return min(limits)
