"""`pivot-sum init` and `pivot-sum schema`: a recipe of one's own, and what an editor knows about
it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pivot_sum.commands.completion import shipped_recipes
from pivot_sum.commands.streams import json_text
from pivot_sum.errors import RecipeUnwritable
from pivot_sum.recipes.recipe import DEFAULT_RECIPE, load_recipe, shipped_recipe
from pivot_sum.recipes.schema import SCHEMA_FILE, recipe_schema
from pivot_sum.stages.registry import all_stages


def init(
    recipe: Annotated[
        str,
        typer.Argument(
            help="The name of a recipe that comes with the program.", autocompletion=shipped_recipes
        ),
    ] = DEFAULT_RECIPE,
) -> None:
    """Copy a recipe into the working folder, to be changed, with its schema for editors beside it.

    Nothing is ever overwritten.
    """
    source = shipped_recipe(recipe)
    target, schema = Path(source.name), Path(SCHEMA_FILE)
    _write_new(target, source.read_text(encoding="utf-8"))
    print(f"{target}: a copy of the shipped recipe {recipe}, to be changed")
    if schema.exists():
        print(f"{schema}: was here and is left as it is (pivot-sum schema prints a new one)")
    else:
        _write_new(schema, schema_text())
        print(f"{schema}: what editors with a YAML language server complete and check it by")
    own_data = load_recipe(str(source)).data.file is None
    print("\nnext:")
    print("  pivot-sum stages    # every field a step can have")
    print(f"  pivot-sum run {target}{' --data YOUR.csv' if own_data else ''}")


def schema() -> None:
    """Print the JSON schema of recipes: the built-in stages and those that installed packages
    register, with every field."""
    print(json_text(recipe_schema(all_stages()), indent=1))


def schema_text() -> str:
    """The schema as a file holds it."""
    return json.dumps(recipe_schema(all_stages()), ensure_ascii=False, indent=1) + "\n"


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
