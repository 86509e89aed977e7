"""`--set` and `--stages`: changing fields of a recipe and choosing a part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from recipefiles import Recipes

from pivot_sum.errors import UnknownStep
from pivot_sum.recipes.recipe import chosen_steps


@pytest.fixture
def recipes(tmp_path: Path) -> Recipes:
    return Recipes(tmp_path)


# --set


def test_one_column_of_references_needs_no_list(recipes: Recipes) -> None:
    assert recipes.load("data.columns.references=note").columns.references == ("note",)
    assert recipes.load("data.columns.references=[a, b]").columns.references == ("a", "b")


def test_set_changes_fields_of_steps_and_of_the_data(recipes: Recipes) -> None:
    recipe = recipes.load(
        "summarize.num_beams=1",
        "to-english.masks=[word, xml]",
        "to-english.over=sentence",
        "data.file=dev.csv",
        "data.columns.id=key",
        "clean.colloquial=true",
        "to-korean.model=./a=b",
    )
    stages = {step.name: step.stage.__dict__ for step in recipe.steps}
    assert (stages["summarize"]["num_beams"], stages["to-english"]["masks"]) == (1, ("word", "xml"))
    assert (stages["clean"]["colloquial"], stages["to-korean"]["model"]) == (True, "./a=b")
    assert (recipe.steps[1].over, recipe.data.file, recipe.columns.id) == (
        "sentence",
        "dev.csv",
        "key",
    )


def test_the_last_setting_of_a_field_counts(recipes: Recipes) -> None:
    assert recipes.load("clean.batch_size=1", "clean.batch_size=2").steps[0].stage.batch_size == 2


def test_set_reaches_a_recipe_without_a_data_section(recipes: Recipes) -> None:
    del recipes.raw["data"]
    assert recipes.load("data.columns.id=key").columns.id == "key"


@pytest.mark.parametrize(
    ("setting", "mistake"),
    [
        (
            "summarize.num_beam=1",
            "steps[2] (summarize).num_beam: unknown key (did you mean 'num_beams'?)",
        ),
        (
            "summarize.num_beams=lots",
            "steps[2] (summarize).num_beams: input should be a valid integer",
        ),
        (
            "summarize.num_beams=",
            "steps[2] (summarize).num_beams: input should be a valid integer, not None",
        ),
        ("data.fil=x", "data.fil: unknown key (did you mean 'file'?)"),
        ("data.columns.dialog=x", "data.columns.dialog: unknown key (did you mean 'dialogue'?)"),
        ("summarize.language=ko", "steps[2] (summarize): takes ko, but step to-english gives en"),
    ],
)
def test_a_setting_is_checked_like_the_file(setting: str, mistake: str, recipes: Recipes) -> None:
    assert recipes.mistakes(setting)[0].startswith(mistake)


def test_a_setting_for_an_unknown_step_names_the_nearest(recipes: Recipes) -> None:
    with pytest.raises(
        UnknownStep,
        match=r"no step 'sumarize' \(did you mean 'summarize'\?\); steps: clean, to-english, summ",
    ):
        recipes.load("sumarize.num_beams=1")


@pytest.mark.parametrize(
    "setting", ["", "summarize", "summarize.num_beams", "summarize=1", "=1", ".=1 2", "num_beams=1"]
)
def test_a_setting_of_another_form_is_refused(setting: str, recipes: Recipes) -> None:
    with pytest.raises(UnknownStep, match=r"is not of the form|there is no step"):
        recipes.load(setting)


@pytest.mark.parametrize(
    "setting",
    [
        "summarize.num_beams=[1",
        "data.language.part=1",
        "data.language.part.of=1",
        "clean.stage.a.b=1",
    ],
)
def test_a_setting_whose_value_or_place_makes_no_sense_is_refused(
    setting: str, recipes: Recipes
) -> None:
    with pytest.raises(UnknownStep, match="cannot be read as YAML, or the field has no parts"):
        recipes.load(setting)


# --stages


@pytest.mark.parametrize(
    ("selection", "positions"),
    [
        (None, [0, 1, 2, 3, 4]),
        ("to-english..to-korean", [1, 2, 3]),
        ("summarize..summarize", [2]),
        ("to-korean..", [3, 4]),
        ("..to-english", [0, 1]),
        ("..", [0, 1, 2, 3, 4]),
        ("summarize", [2]),
        ("clean,summarize", [0, 2]),
        ("summarize, clean,summarize", [0, 2]),
    ],
)
def test_a_selection_names_steps(
    selection: str | None, positions: Sequence[int], recipes: Recipes
) -> None:
    assert chosen_steps(recipes.load(), selection) == positions


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            "to-korean..to-english",
            (
                "--stages to-korean..to-english: to-korean comes after to-english; the order is"
                " clean -> to-e"
            ),
        ),
        (
            "sumarize",
            (
                "no step 'sumarize' in the recipe (did you mean 'summarize'?); its steps: clean,"
                " to-english, summ"
            ),
        ),
        ("clean..sumarize", "no step 'sumarize' in the recipe (did you mean 'summarize'?)"),
        ("clean,nothing", "no step 'nothing' in the recipe; its steps"),
        ("", "no step '' in the recipe"),
        ("clean,", "no step '' in the recipe"),
        ("clean...polish", "no step '.polish' in the recipe (did you mean 'polish'?)"),
    ],
)
def test_a_selection_that_names_no_steps_is_refused(
    selection: str, message: str, recipes: Recipes
) -> None:
    with pytest.raises(UnknownStep, match=re.escape(message)):
        chosen_steps(recipes.load(), selection)


@pytest.mark.parametrize("text", ["summarize: ", "[draft", "a: b: c", "@x", "{a: b}"])
def test_what_is_no_yaml_value_for_a_field_of_text_is_the_text(recipes: Recipes, text: str) -> None:
    recipe = recipes.load(f"summarize.prefix={text}", f"data.columns.dialogue={text}")
    stages = {step.name: step.stage for step in recipe.steps}
    assert stages["summarize"].prefix == recipe.columns.dialogue == text  # type: ignore[attr-defined]


def test_other_fields_take_no_text_for_a_value(recipes: Recipes) -> None:
    with pytest.raises(UnknownStep, match="cannot be read as YAML"):
        recipes.load("summarize.num_beams=[1")
    assert recipes.load("data.columns={dialogue: text}").columns.dialogue == "text"
