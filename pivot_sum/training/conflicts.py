"""Values of a training recipe that are possible one by one and do not go together.

A conflict names the keys it looks at, so that it is looked for wherever those can be read, whatever
else is wrong in the recipe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class _Conflict:
    """`is_there` gets the values of `keys`; `says` what is wrong with the first of them."""

    keys: tuple[str, ...]
    is_there: Callable[..., bool]
    says: str


_CONFLICTS: Final = (
    _Conflict(
        ("target", "source", "task"),
        lambda target, source, task: task == "translate" and source == target,
        "a translator's is not its source",
    ),
    _Conflict(
        ("target", "source", "task"),
        lambda target, source, task: task == "summarize" and source != target,
        "a summary is in the language of its dialogue (source)",
    ),
    _Conflict(
        ("text.placeholders", "task"),
        lambda placeholders, task: task == "translate" and placeholders == "names",
        "names are for summarisers; take plain",
    ),
    _Conflict(
        ("metric", "task"),
        lambda metric, task: task == "translate" and metric == "rouge",
        "rouge is for summaries; take chrf or bleu",
    ),
    _Conflict(
        ("text.prefix", "task"),
        lambda prefix, task: task == "translate" and prefix != "",
        "a translator is told its languages in its family's own way",
    ),
    _Conflict(
        ("data.directions", "task"),
        lambda directions, task: task == "summarize" and directions == "both",
        "only a translator has several",
    ),
    _Conflict(
        ("data.pipeline", "task"),
        lambda pipeline, task: task == "translate" and pipeline is not None,
        "its steps lead to a summariser; take task: summarize",
    ),
    _Conflict(
        ("data.over", "task"),
        lambda over, task: task == "summarize" and over == "turn",
        "a summariser reads whole dialogues (text)",
    ),
    _Conflict(
        ("settings.eval_steps", "settings.eval_strategy"),
        lambda steps, strategy: strategy == "steps" and steps is None,
        "is missing (eval_strategy is steps)",
    ),
    _Conflict(
        ("settings.eval_steps", "settings.eval_strategy"),
        lambda steps, strategy: strategy == "epoch" and steps is not None,
        "has no effect where eval_strategy is epoch",
    ),
    _Conflict(
        ("settings.save_steps", "settings.eval_steps"),
        lambda save, steps: save is not None and steps is not None and save % steps == 0,
        "has no effect as a multiple of eval_steps: each evaluation keeps a checkpoint",
    ),
    _Conflict(
        ("settings.warmup_steps", "settings.warmup_ratio"),
        lambda steps, ratio: steps > 0 and ratio > 0,
        "give it or warmup_ratio, not both",
    ),
    _Conflict(
        ("train", "start"),
        lambda train, start: start == "scratch" and train != "full",
        "take full for fresh weights (start: scratch): all else leaves most of them random",
    ),
)


def conflicts(values: Mapping[str, Any]) -> list[str]:
    """What does not go together among values by their dotted keys, each as `key: what is wrong`. A
    key that is left out, because its value cannot be read, conflicts with nothing."""
    return [
        f"{one.keys[0]}: {one.says}"
        for one in _CONFLICTS
        if values.keys() >= set(one.keys) and one.is_there(*(values[key] for key in one.keys))
    ]
