"""Changing a recipe's file as text, so that its comments and its form stay as they are."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from pivot_sum.errors import RecipeInvalid, RecipeUnwritable
from pivot_sum.files import write_whole
from pivot_sum.recipes.recipe import load_recipe, recipe_path


def require_writable(recipe: str, target: Path) -> None:
    """Raises `RecipeUnwritable` when `target` is another file than the recipe's own and exists, or
    has no folder."""
    if target.exists() and not target.samefile(recipe_path(recipe)):
        raise RecipeUnwritable(
            f"--write {target}: this file exists and is not the recipe itself; name a new file"
        )
    if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
        raise RecipeUnwritable(
            f"--write {target}: the folder {target.parent} does not exist or is not writable"
        )


def write_with_masks(recipe: str, masks: Mapping[str, Sequence[str]], target: Path) -> None:
    """Write a recipe to `target` with the masks of some steps, by name, set anew; nothing else
    changes, comments included.

    Raises `RecipeUnwritable`, also where the recipe's YAML is too intricate (anchors, merge keys):
    nothing is written then.
    """
    require_writable(recipe, target)
    source = recipe_path(recipe)
    text = source.read_bytes().decode("utf-8")
    for step, names in masks.items():
        text = _with_masks(text, step, names)
    try:
        if not _differs_only_in_masks(source, text, masks):
            listing = "; ".join(f"{step}: masks: {_flow(names)}" for step, names in masks.items())
            raise RecipeUnwritable(
                f"recipe {source} uses YAML that cannot be changed safely; write into it yourself:"
                f" {listing}"
            )
        write_whole(target, text)
    except OSError as error:
        raise RecipeUnwritable(
            f"--write {target}: {error.strerror or error}; name another file"
        ) from error


def _differs_only_in_masks(source: Path, text: str, masks: Mapping[str, Sequence[str]]) -> bool:
    before = load_recipe(str(source))
    with TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.yaml"
        write_whole(draft, text)
        try:
            after = load_recipe(str(draft))
        except RecipeInvalid:
            return False
    wanted = []
    for step in before.steps:
        stage: Any = step.stage
        wanted.append(
            replace(step, stage=replace(stage, masks=tuple(masks[step.name])))
            if step.name in masks
            else step
        )
    return (after.data, after.description, list(after.steps)) == (
        before.data,
        before.description,
        wanted,
    )


def _with_masks(text: str, step: str, masks: Sequence[str]) -> str:
    entry = _entry(text, step)
    keys: dict[str, tuple[yaml.Node, yaml.Node]] = {
        key.value: (key, value) for key, value in entry.value
    }
    flow = _flow(masks)
    if "masks" in keys:
        key, value = keys["masks"]
        start = value.start_mark
        end = value.end_mark
        if isinstance(value, yaml.SequenceNode) and not value.flow_style:
            end = value.value[
                -1
            ].end_mark  # the sequence's own end lies behind the comments that follow it
        # A flow list has to stand to the right of its key; the items of a block list need not.
        indent = " " * max(0, key.start_mark.column + 1 - start.column)
        return text[: start.index] + indent + flow + text[end.index :]
    key, value = keys["stage"]
    if entry.flow_style:
        return f"{text[: value.end_mark.index]}, masks: {flow}{text[value.end_mark.index :]}"
    line_end = next(
        (at for at in range(value.end_mark.index, len(text)) if text[at] in "\r\n"), len(text)
    )
    newline = "\r\n" if text[line_end : line_end + 2] == "\r\n" else "\n"
    return f"{text[:line_end]}{newline}{' ' * key.start_mark.column}masks: {flow}{text[line_end:]}"


def _entry(text: str, step: str) -> yaml.MappingNode:
    """The mapping of a step. The recipe has been loaded, so it is there."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    steps = next(value for key, value in root.value if key.value == "steps")
    entries = {
        value.value: entry
        for entry in steps.value
        if isinstance(entry, yaml.MappingNode)
        for key, value in entry.value
        if key.value == "name"
    }
    return entries[step]


def _flow(masks: Sequence[str]) -> str:
    return f"[{', '.join(masks)}]"
