"""Training recipes: mistakes, changes by --set, and the shipped ones on small checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from trainings import TINY, TRANSLATE, with_files

from pivot_sum.errors import RecipeInvalid, UnknownStep
from pivot_sum.recipes.recipe import RECIPES_FOLDER, load_recipe, shipped_training_recipes
from pivot_sum.stages.models.catalogue import CATALOGUE
from pivot_sum.training.form import TrainRecipe
from pivot_sum.training.progress import no_training_progress
from pivot_sum.training.recipe import checked_recipe, load_train_recipe
from pivot_sum.training.train import TrainRequest, train

STAND_INS = {
    "digit82/kobart-summarization": "kobart",
    "google/flan-t5-base": "t5",
    "facebook/nllb-200-distilled-600M": "nllb",
    "paust/pko-t5-base": "t5",
    "philschmid/bart-large-cnn-samsum": "bart",
    "demo:summarizer-ko": "bart",
}
"""The small checkpoint that stands in for each model that training recipes name."""

QUICK = (
    "settings.per_device_train_batch_size=2",
    "settings.max_steps=2",
    "settings.eval_strategy=steps",
    "settings.eval_steps=1",
    "settings.eval_on_start=false",
    "settings.device=cpu",
    "search.num_beams=2",
    "search.max_new_tokens=6",
    "text.max_target_tokens=128",
)


def test_one_column_of_targets_needs_no_list() -> None:
    recipe = load_train_recipe("train-demo", ["data.columns.target=summary2"])
    assert recipe.data.columns.target == ["summary2"]


@pytest.mark.parametrize("name", shipped_training_recipes())
def test_a_shipped_recipe_trains_a_small_model_of_its_architecture(
    name: str, small: Callable[[str], Path], tmp_path: Path
) -> None:
    with_files(tmp_path, train_rows=4, dev_rows=2)
    model = small(STAND_INS[load_train_recipe(name).model])
    columns = ["data.columns.target=[summary]"] if name == "train-demo" else []
    pipeline = load_train_recipe(name).data.pipeline is not None
    stand_in = ["data.pipeline.recipe=demo-pivot"] if pipeline else []
    recipe = load_train_recipe(name, [f"model={model}", *QUICK, *columns, *stand_in])
    files = str(tmp_path / "train.csv"), str(tmp_path / "dev.csv")
    request = TrainRequest(name, recipe, *files, tmp_path / "out", cache=tmp_path / "kept.sqlite3")
    made = train(request, no_training_progress)
    assert made.record.steps == 2 and made.record.status == "finished"
    assert (tmp_path / "out" / "model.safetensors").is_file()
    adapted = recipe.train == "lora"
    assert (tmp_path / "out" / "adapter" / "adapter_model.safetensors").is_file() is adapted
    assert (made.record.trainable < made.record.parameters) is adapted


def test_every_stand_in_is_used() -> None:
    named = {load_train_recipe(name).model for name in shipped_training_recipes()}
    assert named == set(STAND_INS)
    assert "facebook/nllb-200-distilled-600M" in {preset.model for preset in CATALOGUE}


def keys(model: Any, path: str = "") -> set[str]:
    """Every key of a model of pydantic, those of its blocks included."""
    found = set()
    for name, field in model.model_fields.items():
        found.add(name)
        if hasattr(field.annotation, "model_fields"):
            found |= keys(field.annotation)
    return found


def test_the_shipped_recipes_explain_every_key() -> None:
    texts = [
        (RECIPES_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
        for name in shipped_training_recipes()
    ]
    comments = " ".join(
        line for text in texts for line in text.splitlines() if line.startswith(("#", "  #"))
    )
    written = {
        key
        for text in texts
        for block in [yaml.safe_load(text)]
        for key in (*block, *_below(block))
    }
    assert keys(TrainRecipe) - written <= {"over", "directions", "warmup_steps"}
    for key in ("over", "directions", "warmup_steps", "too_long", "eval_steps", "placeholders"):
        assert key in comments


def _below(block: dict[str, Any]) -> set[str]:
    return {
        key
        for value in block.values()
        if isinstance(value, dict)
        for key in (*value, *_below(value))
    }


def test_all_mistakes_come_at_once_with_their_path_and_the_nearest_name() -> None:
    wrong = {
        **TINY,
        "task": "sumarize",
        "modle": "x",
        "settings": {"learning_rat": 1e-5, "warmup_ratio": 2, "precision": "fp61"},
    }
    with pytest.raises(RecipeInvalid) as refused:
        checked_recipe(wrong, "mine.yaml")
    message = str(refused.value)
    assert message.startswith("training recipe mine.yaml has 5 mistakes:")
    assert "- settings.learning_rat: unknown key (did you mean 'learning_rate'?)" in message
    assert "- modle: unknown key (did you mean 'model'?)" in message
    assert "- settings.warmup_ratio: input should be less than 1, not 2" in message
    assert "- task: input should be 'summarize' or 'translate'" in message
    assert "did you mean 'fp16'?" in message


def mistakes(raw: dict[str, Any], *settings: str) -> list[str]:
    """The lines of the message that list the mistakes of a recipe."""
    with pytest.raises(RecipeInvalid) as refused:
        checked_recipe(raw, "mine.yaml", settings)
    return [line[4:] for line in str(refused.value).splitlines() if line.startswith("  - ")]


def test_a_mistyped_value_hides_no_conflict_and_no_mistake_of_a_range() -> None:
    ranges = {
        "settings.learning_rate": {"low": 1e-5, "high": 2.0},
        "settings.eval_steps": {"choices": [5]},
        "lora.rank": {"lo": 1},
        "search.num_beam": {"choices": [1]},
    }
    wrong = {**TINY, "target": "en", "start": "scratch", "train": "lora", "tune": ranges}
    found = mistakes({**wrong, "settings": {"seed": "x"}, "srch": {"num_beams": 1}})
    assert [line.partition(": ")[0] for line in found] == [
        "settings.seed",
        "tune.lora.rank.lo",
        "srch",
        "target",
        "train",
        "tune.settings.learning_rate.high",
        "tune.settings.eval_steps.choices[0]",
        "tune.search.num_beam",
    ]


def test_a_conflict_with_a_value_that_is_wrong_itself_is_not_made_up() -> None:
    steps = {"eval_strategy": "stps", "eval_steps": 5}
    assert len(mistakes({**TINY, "settings": steps})) == 1
    assert len(mistakes({**TINY, "settings": {"eval_stratgy": "steps", "eval_steps": 5}})) == 1
    assert len(mistakes({**TRANSLATE, "task": "translat", "metric": "rouge"})) == 1
    misspelt = {key: value for key, value in TRANSLATE.items() if key != "metric"}
    [found] = mistakes({**misspelt, "metrc": "chrf"})
    assert found == "metrc: unknown key (did you mean 'metric'?)"
    assert mistakes({**TINY, "settings": 3}) == [
        "settings: input should be a valid dictionary or instance of TrainSettings, not 3"
    ]


def test_a_misspelt_key_beside_the_right_one_hides_no_conflict_of_that_one() -> None:
    misspelt = ("setings.seed=1", "settings.warmup_steps=5", "settings.warmup_ratio=0.1")
    assert [line.partition(": ")[0] for line in mistakes(TINY, *misspelt)] == [
        "setings",
        "settings.warmup_steps",
    ]


def test_a_block_that_is_there_conflicts_although_something_in_it_is_wrong() -> None:
    data = {"over": "turn", "pipeline": {"recip": "demo-pivot"}}
    assert [line.partition(": ")[0] for line in mistakes({**TRANSLATE, "data": data})] == [
        "data.pipeline.recipe",
        "data.pipeline.recip",
        "data.pipeline",
    ]
    assert "data.pipeline.recip: unknown key (did you mean 'recipe'?)" in mistakes(
        {**TINY, "data": data}
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("target=en",), "a summary is in the language of its dialogue"),
        (("settings.eval_strategy=steps",), "settings.eval_steps: is missing"),
        (("settings.eval_steps=5",), "has no effect where eval_strategy is epoch"),
        (("settings.warmup_steps=5", "settings.warmup_ratio=0.1"), "give it or warmup_ratio"),
        (
            (
                "settings.eval_strategy=steps",
                "settings.eval_steps=50",
                "settings.save_steps=100",
            ),
            "settings.save_steps: has no effect as a multiple of eval_steps",
        ),
        (("start=scratch", "train=lora"), "leaves most of them random"),
        (("data.directions=both",), "only a translator has several"),
        (("data.over=turn",), "a summariser reads whole dialogues"),
    ],
)
def test_what_does_not_go_together_is_refused(changes: tuple[str, ...], said: str) -> None:
    with pytest.raises(RecipeInvalid, match=said):
        checked_recipe(TINY, "mine.yaml", changes)


def test_a_translator_is_not_told_what_only_summarisers_know() -> None:
    with pytest.raises(RecipeInvalid) as refused:
        checked_recipe(
            TRANSLATE, "mine.yaml", ("metric=rouge", "text.placeholders=names", "text.prefix=x")
        )
    assert "has 3 mistakes" in str(refused.value)


def test_values_are_set_as_they_are_meant() -> None:
    recipe = checked_recipe(
        TINY,
        "mine.yaml",
        (
            "settings.learning_rate=1e-5",
            "settings.max_steps=null",
            "data.columns.target=[summary1, summary2]",
            "data.pipeline={recipe: demo-pivot}",
            "data.pipeline.set=[to-english.num_beams=1]",
            'text.prefix="요약: "',
            "model=1234",
            "settings.early_stopping_patience=3",
        ),
    )
    assert recipe.settings.learning_rate == 1e-5 and recipe.settings.max_steps is None
    assert recipe.data.columns.target == ["summary1", "summary2"]
    assert recipe.data.pipeline and recipe.data.pipeline.set == ["to-english.num_beams=1"]
    assert (recipe.text.prefix, recipe.model) == ("요약: ", "1234")
    assert recipe.settings.early_stopping_patience == 3


def test_a_setting_for_no_block_is_one_mistake_among_others() -> None:
    assert mistakes(TINY, "setings.learning_rate=1", "model.name=x", "target=en") == [
        "model: input should be a valid string, not {'name': 'x'}",
        "setings: unknown key (did you mean 'settings'?)",
        "target: a summary is in the language of its dialogue (source)",
    ]
    with pytest.raises(UnknownStep, match="not of the form key=value"):
        checked_recipe(TINY, "mine.yaml", ("settings.learning_rate",))


def test_a_recipe_to_run_and_one_to_train_are_not_mistaken_for_each_other() -> None:
    with pytest.raises(RecipeInvalid, match="a recipe to train, not one to run: pivot-sum train"):
        load_recipe("train-kobart")
    with pytest.raises(RecipeInvalid, match="a recipe to run, not one to train"):
        load_train_recipe("demo-pivot")
