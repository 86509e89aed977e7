"""The catalogue of models: whole, in step with the recipes and with docs/models.md."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import ROOT, pivot_sum

from pivot_sum.recipes.recipe import Recipe, load_recipe, shipped_recipes
from pivot_sum.stages.base import Billed
from pivot_sum.stages.models.architectures import summarisers, translators
from pivot_sum.stages.models.catalogue import CATALOGUE, Preset

RECIPES = [load_recipe(name) for name in shipped_recipes()]
PRESETS = {preset.model: preset for preset in CATALOGUE}
DIALOGSUM = {True: "yes", False: "no", None: "not known"}


def models_of(recipe: Recipe) -> list[tuple[str, str]]:
    """What each step that loads a model is there for, as the catalogue says it, and the model. What
    a server calls its own is in no catalogue of ours."""
    found = []
    for step in recipe.steps:
        if isinstance(step.stage, Billed):
            continue
        if model := getattr(step.stage, "model", None):
            languages = (
                f"{step.stage.source}-{step.stage.target}"
                if step.stage.name == "translate"
                else step.stage.target
            )
            found.append((f"{step.stage.name} {languages}", model))
    return found


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_model_of_a_recipe_is_in_the_catalogue_for_what_the_recipe_does_with_it(
    recipe: Recipe,
) -> None:
    for task, model in models_of(recipe):
        kind, languages = task.split(" ")
        listed_kind, _, listed_languages = PRESETS[model].task.partition(" ")
        assert kind == listed_kind and languages in listed_languages.split(", ")


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_no_recipe_names_a_model_that_the_competition_bans(recipe: Recipe) -> None:
    assert not any(PRESETS[model].dialogsum for _, model in models_of(recipe))


def test_no_model_is_listed_twice() -> None:
    assert len(PRESETS) == len(CATALOGUE)


@pytest.mark.parametrize("preset", CATALOGUE, ids=lambda preset: preset.model)
def test_every_fact_of_a_model_is_given(preset: Preset) -> None:
    assert preset.size > 0 and all(
        (preset.task, preset.licence, preset.trained_on, preset.good_for)
    )
    families = (
        {family.name for family in translators()}
        if preset.task.startswith("translate")
        else {kind.name for kind in summarisers()}
    )
    assert any(
        family in preset.family
        for family in {*families, *(name.partition(" ")[0] for name in families)}
    )


@pytest.mark.parametrize("preset", CATALOGUE, ids=lambda preset: preset.model)
def test_the_page_of_models_says_what_the_catalogue_says(preset: Preset) -> None:
    facts = (
        f"`{preset.model}`",
        preset.task,
        preset.family,
        f"{preset.size:,}",
        preset.licence,
        preset.trained_on,
        DIALOGSUM[preset.dialogsum],
        preset.good_for,
    )
    assert f"| {' | '.join(facts)} |" in (ROOT / "docs" / "models.md").read_text(encoding="utf-8")


def test_the_page_of_models_names_every_recipe_with_its_models() -> None:
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for recipe in RECIPES:
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{recipe.name}` |")]
        assert all(model in line for _, model in models_of(recipe))


def test_a_model_that_not_everybody_may_use_is_named_before_it_is_used(tmp_path: Path) -> None:
    assert "South Korea" in pivot_sum(tmp_path, "models").stdout.splitlines()[0]
    recipe = ("run", "pivot-vllm-hunyuan-mt", "--data", "demo:dialogues", "--limit", "1")
    said = pivot_sum(tmp_path, *recipe, "--stages", "..to-english", "--dry-run").stderr
    assert said.count("tencent/Hunyuan-MT-7B: its licence") == 1 and "South Korea" in said


def test_models_prints_licence_and_whether_a_model_is_banned(tmp_path: Path) -> None:
    printed = pivot_sum(tmp_path, "models").stdout
    for preset in CATALOGUE:
        [line] = [line for line in printed.splitlines() if line.startswith(f"{preset.model} ")]
        assert f" {DIALOGSUM[preset.dialogsum].split(' ')[0]} " in line
    listed = json.loads(pivot_sum(tmp_path, "models", "--json").stdout)
    assert [(model["model"], model["dialogsum"]) for model in listed] == [
        (each.model, each.dialogsum) for each in CATALOGUE
    ]
