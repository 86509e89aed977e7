"""The recipes we ship: valid, explained, and with identities that do not change by accident.

The identities are held in `tests/golden/identities.json`. To write the file anew: `pytest
tests/recipes/test_configs.py --rewrite-golden`, then look at `git diff tests/golden`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from recipefiles import Recipes

from pivot_sum.cache.keys import differences
from pivot_sum.recipes.recipe import (
    DEFAULT_RECIPE,
    RECIPES_FOLDER,
    ColumnNames,
    Data,
    load_recipe,
    shipped_recipes,
)
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import declared_identity, stage_fields

GOLDEN = Path(__file__).parents[1] / "golden" / "identities.json"
SHIPPED = shipped_recipes()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_recipe_is_valid(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert recipe.description


def test_the_default_recipe_is_shipped() -> None:
    assert DEFAULT_RECIPE in SHIPPED


def test_the_identities_of_shipped_recipes_do_not_change_by_accident(
    request: pytest.FixtureRequest,
) -> None:
    now = {
        name: {step.name: declared_identity(step.stage) for step in load_recipe(name).steps}
        for name in SHIPPED
    }
    if request.config.getoption("--rewrite-golden"):
        GOLDEN.write_text(json.dumps(now, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        pytest.skip(f"{GOLDEN} is written anew; look at `git diff {GOLDEN.parent}`")
    changed = [
        f"{item.field}: {item.stored!r} -> {item.wanted!r}"
        for item in differences(now, json.loads(GOLDEN.read_text("utf-8")))
    ]
    assert not changed, (
        "these identities are not what they were, so everything users have cached for these steps"
        " is computed again:\n  "
        + "\n  ".join(changed)
        + "\nIf that is not meant, undo it. If a stage now answers differently, raise its version."
        " Then write the file anew:\n  pytest tests/recipes/test_configs.py --rewrite-golden\nand"
        " name the change in CHANGELOG.md."
    )


def key_lines(node: yaml.Node | None) -> list[tuple[str, int]]:
    """Every key of a YAML document with the number of its line, from 0, in order."""
    if isinstance(node, yaml.MappingNode):
        return [
            entry
            for key, value in node.value
            for entry in ((key.value, key.start_mark.line), *key_lines(value))
        ]
    if isinstance(node, yaml.SequenceNode):
        return [entry for item in node.value for entry in key_lines(item)]
    return []


EXPLAINED = {
    "demo-pivot": set(STAGES) - {"deepl", "chat", "rewrite", "names"},
    "pivot-deepl-bart": {"deepl"},
    "pivot-chat": {"chat"},
}
"""The recipes that explain keys, and of which stages: the demo all it can use, those with a service
its own. No recipe uses `rewrite`: there is no model for it to ship; `names` is commented out."""


def first_keys(name: str) -> dict[str, int]:
    text = (RECIPES_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    keys: dict[str, int] = {}
    for key, line in key_lines(yaml.compose(text)):
        keys.setdefault(key, line)
    return keys


@pytest.mark.parametrize("name", EXPLAINED)
def test_every_key_is_explained_where_it_first_occurs(name: str) -> None:
    """By a comment on the line above it, or by one further up that names it."""
    lines = (RECIPES_FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    known = set() if name == "demo-pivot" else set(first_keys("demo-pivot"))
    keys = {key: line for key, line in first_keys(name).items() if key not in known}
    assert len(keys) > 8
    unexplained = []
    for key, line in keys.items():
        comments = " ".join(text for text in lines[:line] if text.lstrip().startswith("#"))
        named = re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", comments)
        if not (lines[line - 1].lstrip().startswith("#") or named):
            unexplained.append(f"line {line + 1}: {key}")
    assert not unexplained, f"write a comment above these keys of configs/{name}.yaml"


@pytest.mark.parametrize(("name", "stages"), EXPLAINED.items())
def test_a_recipe_that_explains_a_stage_shows_every_field_of_it(
    name: str, stages: set[str]
) -> None:
    assert stages <= {step.stage.name for step in load_recipe(name).steps}
    fields = {field.name for stage in stages for field in stage_fields(STAGES[stage])}
    assert fields <= set(first_keys(name)) | set(first_keys("demo-pivot"))


def test_the_demo_recipe_shows_every_key_of_a_recipe_and_nothing_unknown() -> None:
    fields = {
        field.name for stage in EXPLAINED["demo-pivot"] for field in stage_fields(STAGES[stage])
    }
    data = {*Data.model_fields, *ColumnNames.model_fields}
    assert fields | data | {"description", "data", "steps", "name", "stage", "over"} == set(
        first_keys("demo-pivot")
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_the_filled_recipe_is_a_recipe_that_means_the_same(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    filled = json.loads(json.dumps(recipe.filled()))
    del filled["name"]
    again = Recipes(tmp_path).load_text(yaml.safe_dump(filled))
    assert (again.steps, again.data, again.columns) == (recipe.steps, recipe.data, recipe.columns)
