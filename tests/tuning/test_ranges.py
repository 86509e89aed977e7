"""The block `tune:` of a training recipe: every mistake is said before the first trial."""

from __future__ import annotations

from typing import Any

import pytest
from trainings import TINY

from pivot_sum.errors import RecipeInvalid
from pivot_sum.training.ranges import with_values
from pivot_sum.training.recipe import checked_recipe


def mistakes(tune: dict[str, Any]) -> str:
    with pytest.raises(RecipeInvalid) as error:
        checked_recipe({**TINY, "tune": tune}, "mine.yaml")
    return str(error.value)


@pytest.mark.parametrize(
    ("key", "range_", "said"),
    [
        ("settings.learning_rat", {"low": 1e-5, "high": 1e-3}, "mean 'settings.learning_rate'"),
        ("learning_rate", {"low": 1e-5, "high": 1e-3}, "mean 'settings.learning_rate'"),
        ("settings", {"choices": [1]}, "tune.settings: the recipe has no such value"),
        ("metric", {"choices": ["rouge", "loss"]}, "stays the same for all trials"),
        ("data.train", {"choices": ["a.csv"]}, "stays the same for all trials"),
        ("settings.learning_rate", {"low": 1e-5, "high": 2.0}, "learning_rate.high: input should"),
        ("lora.rank", {"low": 0, "high": 8}, "tune.lora.rank.low: input should be greater"),
        ("lora.rank", {"low": 1, "high": 8, "step": 0.5}, "tune.lora.rank.step: is an integer"),
        ("settings.optim", {"choices": ["adafactor", "sgd"]}, "settings.optim.choices[1]: input"),
        ("settings.eval_steps", {"low": 1, "high": 5}, "has no effect where eval_strategy is"),
        ("settings.learning_rate", {"low": 1e-3}, "needs low and high, or choices"),
        ("settings.learning_rate", {"low": 1e-3, "high": 1e-5}, "low has to be below high"),
        ("settings.weight_decay", {"low": 0.0, "high": 0.1, "log": True}, "log needs a low above"),
        ("lora.rank", {"low": 1, "high": 8, "step": 9}, "no more than high - low"),
        ("lora.rank", {"choices": [1], "low": 1}, "choices stand alone"),
        ("lora.rank", {"lo": 1, "high": 8}, "tune.lora.rank.lo: unknown key"),
    ],
)
def test_a_range_that_cannot_be_is_refused(key: str, range_: dict[str, Any], said: str) -> None:
    assert said in mistakes({key: range_})


def test_all_mistakes_are_said_at_once() -> None:
    said = mistakes(
        {
            "settings.learning_rate": {"low": 0.0, "high": 2.0},
            "search.num_beam": {"choices": [1]},
        }
    )
    assert "3 mistakes" in said


def test_numbers_as_yaml_takes_them_for_text_are_read() -> None:
    recipe = checked_recipe(
        {**TINY, "tune": {"settings.learning_rate": {"choices": ["1e-5", "3e-5"]}}}, "mine.yaml"
    )
    assert recipe.tune["settings.learning_rate"].choices == [1e-5, 3e-5]


def test_a_recipe_takes_values_and_leaves_the_search_behind() -> None:
    recipe = checked_recipe({**TINY, "tune": {"lora.rank": {"low": 2, "high": 8}}}, "mine.yaml")
    changed = with_values(recipe, {"lora.rank": 4, "settings.learning_rate": 1e-4})
    assert (changed.lora.rank, changed.settings.learning_rate, changed.tune) == (4, 1e-4, {})
