"""Recipes: what is accepted, what is refused, and with which message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recipefiles import Recipes

from pivot_sum.errors import PivotSumError, RecipeInvalid, RecipeMissing, UnknownStep
from pivot_sum.recipes.recipe import Data, load_recipe
from pivot_sum.stages import STAGES
from pivot_sum.stages.base import declared_identity, stage_fields


@pytest.fixture
def recipes(tmp_path: Path) -> Recipes:
    return Recipes(tmp_path)


# What a recipe becomes


def test_the_filled_recipe_holds_every_default(recipes: Recipes) -> None:
    filled = recipes.load().filled()
    assert filled["name"] == "mine"
    assert filled["data"] == Data().model_dump()
    assert (filled["data"]["columns"]["id"], filled["data"]["columns"]["references"]) == (
        "fname",
        None,
    )
    for step in filled["steps"]:
        fields = {field.name: field.default for field in stage_fields(STAGES[step["stage"]])}
        assert set(step) == {"name", "stage", "over", *fields}
    english = filled["steps"][1]
    assert (english["over"], english["num_beams"], english["length_penalty"]) == ("turn", 4, 1.0)
    assert filled["steps"][0]["over"] == "dialogue"
    assert json.loads(json.dumps(filled))


def test_a_whole_number_for_a_fraction_is_the_same_identity(recipes: Recipes) -> None:
    whole, fraction = (recipes.load(f"summarize.length_penalty={value}") for value in ("1", "1.0"))
    assert json.dumps(declared_identity(whole.steps[2].stage)) == json.dumps(
        declared_identity(fraction.steps[2].stage)
    )


def test_a_recipe_is_found_by_path_and_by_name(recipes: Recipes) -> None:
    assert [step.name for step in recipes.load().steps] == [
        "clean",
        "to-english",
        "summarize",
        "to-korean",
        "polish",
    ]
    with pytest.raises(
        RecipeMissing,
        match=r"no recipe 'demo-pivto' \(did you mean 'demo-pivot'\?\); shipped recipes: .*direct",
    ):
        load_recipe("demo-pivto")


# Mistakes


def test_all_mistakes_are_reported_at_once_with_their_path_and_the_nearest_name(
    recipes: Recipes,
) -> None:
    recipes.steps[1]["num_beam"] = 2
    recipes.steps[1]["over"] = "sentense"
    recipes.steps[2]["stage"] = "sumarize"
    recipes.steps[3]["name"] = "clean"
    recipes.raw["data"]["languag"] = "ko"
    assert recipes.mistakes() == [
        "data.languag: unknown key (did you mean 'language'?)",
        (
            "steps[1] (to-english).over: input should be 'dialogue', 'turn' or 'sentence', not"
            " 'sentense' (did you mean 'sentence'?)"
        ),
        "steps[1] (to-english).num_beam: unknown key (did you mean 'num_beams'?)",
        "steps[2] (summarize).stage: no stage is called 'sumarize' (did you mean 'summarize'?)",
        "steps: two steps are called 'clean'",
    ]


@pytest.mark.parametrize(
    ("step", "field", "value", "mistake"),
    [
        (0, "langauge", "ko", "steps[0] (clean).langauge: unknown key (did you mean 'language'?)"),
        (0, "colloquial", "maybe", "steps[0] (clean).colloquial: input should be a valid boolean"),
        (
            0,
            "batch_size",
            0,
            "steps[0] (clean).batch_size: input should be greater than or equal to 1, not 0",
        ),
        (
            1,
            "batch_size",
            0,
            "steps[1] (to-english).batch_size: input should be greater than or equal to 1, not 0",
        ),
        (
            4,
            "batch_size",
            -1,
            "steps[4] (polish).batch_size: input should be greater than or equal to 1, not -1",
        ),
        (1, "name", "To English", "steps[1] (To English).name: string should match pattern"),
        (1, "name", 5, "steps[1].name: input should be a valid string, not 5"),
        (
            1,
            "over",
            "turns",
            (
                "steps[1] (to-english).over: input should be 'dialogue', 'turn' or 'sentence', not"
                " 'turns' (did you"
            ),
        ),
        (
            1,
            "stage",
            "translation",
            (
                "steps[1] (to-english).stage: no stage is called 'translation' (did you mean"
                " 'translate'?)"
            ),
        ),
        (
            1,
            "num_beams",
            "many",
            "steps[1] (to-english).num_beams: input should be a valid integer",
        ),
        (
            1,
            "num_beams",
            0,
            "steps[1] (to-english).num_beams: input should be greater than or equal to 1, not 0",
        ),
        (1, "num_beams", 1.5, "steps[1] (to-english).num_beams: input should be a valid integer"),
        (
            1,
            "num_beams",
            "",
            "steps[1] (to-english).num_beams: input should be a valid integer, not ''",
        ),
        (
            1,
            "length_penalty",
            float("nan"),
            "steps[1] (to-english).length_penalty: input should be a finite number",
        ),
        (
            1,
            "repetition_penalty",
            float("inf"),
            "steps[1] (to-english).repetition_penalty: input should be a finite number",
        ),
        (1, "model", None, "steps[1] (to-english).model: input should be a valid string, not None"),
        (
            1,
            "target",
            "kr",
            (
                "steps[1] (to-english).target: input should be 'ko' or 'en', not 'kr' (did you mean"
                " 'ko'?)"
            ),
        ),
        (
            1,
            "dtype",
            "bfloat",
            (
                "steps[1] (to-english).dtype: input should be 'auto', 'float32', 'bfloat16',"
                " 'float16' or 'int8'"
            ),
        ),
        (
            1,
            "masks",
            ["as-is", "wrod"],
            "steps[1] (to-english).masks[1]: input should be 'as-is', 'word'",
        ),
        (
            1,
            "masks",
            "word",
            "steps[1] (to-english).masks: input should be a list, not 'word'",
        ),
        (2, "do_sample", True, "steps[2] (summarize).do_sample: unknown key"),
        (2, "temperature", 0.7, "steps[2] (summarize).temperature: unknown key"),
        (2, 1, "a", "steps[2] (summarize)[1]: keys should be strings, not 1"),
    ],
)
def test_a_mistake_in_a_step_is_named(
    step: int, field: str, value: Any, mistake: str, recipes: Recipes
) -> None:
    recipes.steps[step][field] = value
    (found,) = recipes.mistakes()
    assert found.startswith(mistake)
    assert "did you mean ''" not in found


@pytest.mark.parametrize("field", ["name", "stage", "model", "source", "target"])
def test_a_missing_field_is_named(field: str, recipes: Recipes) -> None:
    del recipes.steps[1][field]
    where = "steps[1]" if field == "name" else "steps[1] (to-english)"
    assert recipes.mistakes() == [f"{where}.{field}: is missing"]


@pytest.mark.parametrize(
    ("key", "value", "mistake"),
    [
        ("step", [], "step: unknown key (did you mean 'steps'?)"),
        ("data", {"columns": {"idd": "x"}}, "data.columns.idd: unknown key (did you mean 'id'?)"),
        (
            "data",
            {"reference_language": "kr"},
            "data.reference_language: input should be 'ko' or 'en', not 'kr' (did you mean",
        ),
        ("data", "dev.csv", "data: input should be a valid dictionary"),
        ("steps", [], "steps: should have at least one item, not []"),
        ("steps", None, "steps: input should be a valid list, not None"),
        ("steps", {"clean": {}}, "steps: input should be a valid list"),
    ],
)
def test_a_mistake_outside_the_steps_is_named(
    key: str, value: Any, mistake: str, recipes: Recipes
) -> None:
    recipes.raw[key] = value
    (found,) = recipes.mistakes()
    assert found.startswith(mistake)


def test_a_step_that_is_no_mapping_does_not_shift_the_numbers_of_the_others(
    recipes: Recipes,
) -> None:
    recipes.steps.insert(0, "clean")
    recipes.steps[1]["colour"] = "red"
    first, second = recipes.mistakes()
    assert first.startswith("steps[0]: input should be a valid dictionary")
    assert second.startswith("steps[1] (clean).colour: unknown key")


# Languages


def test_english_dialogues_are_refused_by_a_korean_pivot(recipes: Recipes) -> None:
    recipes.raw["data"]["language"] = "en"
    assert recipes.mistakes() == ["steps[0] (clean): takes ko, but data.language gives en"]


def test_korean_dialogues_are_refused_by_an_english_summariser(recipes: Recipes) -> None:
    del recipes.steps[1]
    assert recipes.mistakes() == ["steps[1] (summarize): takes en, but step clean gives ko"]


def test_a_pivot_that_forgets_to_translate_back_is_refused(recipes: Recipes) -> None:
    del recipes.steps[3]
    assert recipes.mistakes() == ["steps[3] (polish): takes ko, but step summarize gives en"]


def test_a_language_is_not_translated_into_itself(recipes: Recipes) -> None:
    recipes.steps[1]["target"] = "ko"
    assert recipes.mistakes()[0].startswith(
        "steps[1] (to-english).target: translates from ko into ko;"
    )


def test_english_summaries_are_not_scored_against_korean_references(recipes: Recipes) -> None:
    del recipes.steps[3:]
    (mistake,) = recipes.mistakes()
    assert mistake.startswith(
        "data.reference_language: the references are ko, but step summarize gives en; translate"
        " back, or say"
    )
    recipes.raw["data"]["reference_language"] = "en"
    assert recipes.load().steps[-1].stage.target == "en"


# Files that are no recipe


@pytest.mark.parametrize(
    "text", ["steps: [", "steps:\n\t- a", "a: 1\n---\nb: 2\n", "a: !!python/object:os.system x"]
)
def test_a_file_that_is_not_yaml_is_refused(text: str, recipes: Recipes) -> None:
    with pytest.raises(RecipeInvalid, match=r"mine\.yaml is not readable YAML: .*line \d"):
        recipes.load_text(text)


def test_a_file_that_is_not_utf_8_is_refused(recipes: Recipes) -> None:
    recipes.path.write_bytes("description: 요약".encode("cp949"))
    with pytest.raises(RecipeInvalid, match=r"mine\.yaml is not readable YAML: 'utf-8' codec"):
        load_recipe(str(recipes.path))


@pytest.mark.parametrize(
    "text", ["", "# only a comment\n", "- name: clean\n  stage: clean\n", "just words", "5"]
)
def test_a_file_without_a_mapping_is_refused(text: str, recipes: Recipes) -> None:
    with pytest.raises(
        RecipeInvalid, match=r"mine\.yaml is empty or not a mapping; see .*demo-pivot\.yaml"
    ):
        recipes.load_text(text)


def test_each_error_has_its_exit_code() -> None:
    codes = {error: error.exit_code for error in (RecipeInvalid, UnknownStep, RecipeMissing)}
    assert codes == {RecipeInvalid: 20, UnknownStep: 21, RecipeMissing: 22}
    assert all(issubclass(error, PivotSumError) for error in codes)


def test_a_key_written_twice_is_a_mistake_not_a_silent_winner(recipes: Recipes) -> None:
    with pytest.raises(RecipeInvalid, match=r"the key 'stage' stands here twice.*line 2"):
        recipes.load_text("steps:\n  - {name: clean, stage: clean, stage: polish}\n")
