"""`pivot-sum init` and `pivot-sum schema`: a recipe of one's own, and what an editor knows about
it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from pivot_sum.commands.completion import every_recipe
from pivot_sum.commands.streams import json_text
from pivot_sum.errors import RecipeUnwritable
from pivot_sum.recipes.recipe import DEFAULT_RECIPE, TRAINING, load_recipe, shipped_recipe
from pivot_sum.recipes.schema import SCHEMA_FILE, TRAIN_SCHEMA_FILE, model_schema, recipe_schema
from pivot_sum.stages.registry import all_stages
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.recipe import load_train_recipe


def init(
    recipe: Annotated[
        str,
        typer.Argument(
            help="The name of a recipe that comes with the program.", autocompletion=every_recipe
        ),
    ] = DEFAULT_RECIPE,
) -> None:
    """Copy a recipe into the working folder, to be changed, with its schema for editors beside it.

    Nothing is ever overwritten.
    """
    source = shipped_recipe(recipe)
    is_training = source.stem.startswith(TRAINING)
    schema = Path(TRAIN_SCHEMA_FILE if is_training else SCHEMA_FILE)
    target = Path(source.name)
    _write_new(target, source.read_text(encoding="utf-8"))
    print(f"{target}: a copy of the shipped recipe {recipe}, to be changed")
    if schema.exists():
        print(f"{schema}: was here and is left as it is (pivot-sum schema prints a new one)")
    else:
        _write_new(schema, train_schema_text() if is_training else schema_text())
        print(f"{schema}: what editors with a YAML language server complete and check it by")
    print("\nnext:")
    if is_training:
        data = load_train_recipe(str(source)).data.train
        print(f"  pivot-sum train {target}{'' if data else ' --data TRAIN.csv --dev DEV.csv'}")
        return
    own_data = load_recipe(str(source)).data.file is None
    print("  pivot-sum stages    # every field a step can have")
    print(f"  pivot-sum run {target}{' --data YOUR.csv' if own_data else ''}")


def schema(
    train: Annotated[
        bool, typer.Option("--train", help="The schema of training recipes instead.")
    ] = False,
) -> None:
    """Print the JSON schema of recipes: the built-in stages and those that installed packages
    register, with every field."""
    print(json_text(_train_schema() if train else recipe_schema(all_stages()), indent=1))


def schema_text() -> str:
    """The schema as a file holds it."""
    return json.dumps(recipe_schema(all_stages()), ensure_ascii=False, indent=1) + "\n"


def train_schema_text() -> str:
    """The schema of training recipes as a file holds it."""
    return json.dumps(_train_schema(), ensure_ascii=False, indent=1) + "\n"


def _train_schema() -> dict[str, Any]:
    return model_schema(TrainRecipe, "A training recipe of pivot-sum")


def _write_new(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise RecipeUnwritable(
            f"{path} exists and is left as it is; rename it, or change to another folder"
        ) from error
    except OSError as error:
        raise RecipeUnwritable(
            f"cannot write {path}: {error.strerror or error}; change to a folder you can write to"
        ) from error
