"""What the shell completes: recipes, their steps and fields, run folders.

A recipe is only read here, never checked, and no stage from outside is imported: pressing TAB runs
nobody's code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer


def shipped_recipes(incomplete: str) -> list[str]:
    """Names of the recipes that come with the program."""
    from pivot_sum.recipes import recipe

    return _beginning(incomplete, recipe.shipped_recipes())


def every_recipe(incomplete: str) -> list[str]:
    """Names of the recipes that come with the program, to run and to train."""
    from pivot_sum.recipes.recipe import shipped_training_recipes

    return [*shipped_recipes(incomplete), *_beginning(incomplete, shipped_training_recipes())]


def training_recipes(incomplete: str) -> list[str]:
    """Names of shipped training recipes, YAML files, and folders on the way to some."""
    from pivot_sum.recipes.recipe import shipped_training_recipes

    return [
        *_beginning(incomplete, shipped_training_recipes()),
        *_paths(incomplete, (".yaml", ".yml")),
    ]


def recipes(incomplete: str) -> list[str]:
    """Names of shipped recipes, YAML files, and folders on the way to some."""
    return [*shipped_recipes(incomplete), *_paths(incomplete, (".yaml", ".yml"))]


def run_folders(incomplete: str) -> list[str]:
    """Run folders, the newest first, and folders on the way to some."""
    runs = [str(path.parent) for path in Path("runs").glob("*/run.json")]
    return list(
        dict.fromkeys(
            [*_beginning(incomplete, sorted(runs, reverse=True)), *_paths(incomplete, ())]
        )
    )


def answers(incomplete: str) -> list[str]:
    """Run folders and predictions files."""
    files = _paths(incomplete, (".csv", ".tsv", ".jsonl", ".parquet"))
    return list(dict.fromkeys([*run_folders(incomplete), *files]))


def systems(incomplete: str) -> list[str]:
    """What can be compared: run folders, predictions files and recipes."""
    return list(dict.fromkeys([*answers(incomplete), *recipes(incomplete)]))


def metrics(incomplete: str) -> list[str]:
    """Metrics that come with the program or are registered by an installed package."""
    from pivot_sum.scoring.metrics import METRICS, WITH_MODEL
    from pivot_sum.scoring.outside import registered_names

    models = [f"{name}:" for name in WITH_MODEL]
    return _beginning(incomplete, [*METRICS, *models, *registered_names()])


def measures(incomplete: str) -> list[str]:
    """Measures of a translation that can predict."""
    from pivot_sum.prediction import COMET, MEASURES

    return _beginning(incomplete, [*MEASURES, COMET])


def tokenizers(incomplete: str) -> list[str]:
    """Tokenizers of scoring."""
    from pivot_sum.scoring import TOKENIZERS

    return _beginning(incomplete, TOKENIZERS)


def step_names(ctx: typer.Context, incomplete: str) -> list[str]:
    """Steps of the recipe that was typed, also as the second of `A..B` or `A,B`."""
    before, separator, last = max(
        (incomplete.rpartition(separator) for separator in ("..", ",")),
        key=lambda parts: len(parts[0]),
    )
    names = [str(step["name"]) for step in _steps(ctx)]
    return [before + separator + name for name in _beginning(last, names)]


def step_fields(ctx: typer.Context, incomplete: str) -> list[str]:
    """`STEP.FIELD=` for the steps of the recipe that was typed."""
    from pivot_sum.stages import STAGES
    from pivot_sum.stages.base import stage_fields

    fields = [
        f"{step['name']}.{field}"
        for step in _steps(ctx)
        for field in (
            [f"{item.name}=" for item in stage_fields(STAGES[step["stage"]])]
            if step.get("stage") in STAGES
            else [""]
        )
    ]
    return _beginning(incomplete, fields)


def _steps(ctx: typer.Context) -> Iterator[dict[str, Any]]:
    import yaml

    from pivot_sum.errors import RecipeMissing
    from pivot_sum.recipes.recipe import DEFAULT_RECIPE, recipe_path
    from pivot_sum.recipes.settings import step_entries
    from pivot_sum.strict_yaml import read_yaml

    # Where the option to be completed has no value yet, the parser leaves the arguments in args.
    typed = next((word for word in ctx.args if not word.startswith("-")), None)
    try:
        path = recipe_path(typed or str(ctx.params.get("recipe") or DEFAULT_RECIPE))
        raw = read_yaml(path.read_text(encoding="utf-8"))
    except (RecipeMissing, yaml.YAMLError, UnicodeDecodeError, OSError):
        return  # the command will say what is wrong
    if isinstance(raw, dict):
        yield from (entry for _, entry in step_entries(raw) if "name" in entry)


def _paths(incomplete: str, endings: tuple[str, ...]) -> list[str]:
    """Files of these endings and folders that begin with what was typed, hidden ones left out."""
    folder = incomplete.rpartition("/")[0] + "/" if "/" in incomplete else ""
    try:
        found = sorted(Path(folder or ".").iterdir())
    except OSError:
        return []
    names = [
        f"{folder}{path.name}" + ("/" if path.is_dir() else "")
        for path in found
        if not path.name.startswith(".") and (path.is_dir() or path.suffix in endings)
    ]
    return _beginning(incomplete, names)


def _beginning(incomplete: str, words: Iterable[str]) -> list[str]:
    return [word for word in words if word.startswith(incomplete)]
