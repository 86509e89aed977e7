"""The step `names`: where it may stand, and that the recipes that show it show it right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from recipefiles import Recipes

from pivot_sum.recipes.recipe import RECIPES_FOLDER, load_recipe


def test_it_stands_behind_the_step_that_translates_back(tmp_path: Path) -> None:
    recipes = Recipes(tmp_path)
    recipes.steps.insert(4, {"name": "names", "stage": "names"})
    assert recipes.load().steps[4].stage.name == "names"
    recipes.steps.insert(1, recipes.steps.pop(4))
    (mistake,) = recipes.mistakes()
    assert mistake.startswith("steps[1] (names): sees what a pivot made of the dialogue; put it")


@pytest.mark.parametrize("name", ["demo-pivot", "pivot-nllb-bart"])
def test_without_its_comment_signs_it_is_part_of_the_recipe(name: str, tmp_path: Path) -> None:
    text = (RECIPES_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    file = tmp_path / "own.yaml"
    file.write_text(re.sub("# (?=- name: names|  (?:stage: names|spellings))", "", text), "utf-8")
    kept = [step.name for step in load_recipe(name).steps]
    assert [step.name for step in load_recipe(str(file)).steps] == [*kept[:-1], "names", kept[-1]]
