"""Every recipe we ship, from end to end through the command line, with small checkpoints of the
same families in place of the models it names.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commandline import dialogues, pivot_sum, write_csv

from pivot_sum.recipes.recipe import Recipe, load_recipe, shipped_recipes
from pivot_sum.stages.base import Billed

STAND_INS = {
    "demo:translator": "nllb",
    "demo:summarizer-en": "bart",
    "demo:summarizer-ko": "bart",
    "facebook/nllb-200-distilled-600M": "nllb",
    "facebook/mbart-large-50-many-to-many-mmt": "mbart50",
    "Helsinki-NLP/opus-mt-ko-en": "marian-ko-en",
    "Helsinki-NLP/opus-mt-tc-big-en-ko": "marian-en-ko",
    "philschmid/bart-large-cnn-samsum": "bart",
    "philschmid/flan-t5-base-samsum": "t5",
    "gogamza/kobart-summarization": "kobart",
    "eenzeenee/t5-base-korean-summarization": "t5",
}
"""The small checkpoint that stands in for each model our recipes name."""

RECIPES = [
    recipe
    for recipe in map(load_recipe, shipped_recipes())
    if not any(
        isinstance(step.stage, Billed) for step in recipe.steps
    )  # those need a service: see the tests of DeepL and of chat
]


def settings(recipe: Recipe, small: Callable[[str], Path]) -> list[str]:
    """The `--set` words that put a stand-in in place of every model, with short answers. Batches of
    four are too small to be judged by their language, which random weights cannot keep.
    """
    words = []
    for step in recipe.steps:
        if model := getattr(step.stage, "model", None):
            for value in (
                f"model={small(STAND_INS[model])}",
                "max_new_tokens=6",
                "num_beams=1",
                "batch_size=4",
            ):
                words += ["--set", f"{step.name}.{value}"]
    return words


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_runs_from_end_to_end_and_replays_offline(
    recipe: Recipe, small: Callable[[str], Path], tmp_path: Path
) -> None:
    rows = dialogues(3)
    write_csv(tmp_path / "data.csv", rows)
    words = ["run", recipe.name, "--data", "data.csv", *settings(recipe, small)]
    pivot_sum(tmp_path, *words, "--out", "first")

    record = json.loads((tmp_path / "first" / "run.json").read_text(encoding="utf-8"))
    assert record["status"] == "finished"
    assert [step["name"] for step in record["steps"]] == [step.name for step in recipe.steps]
    predictions = (tmp_path / "first" / "predictions.csv").read_text(encoding="utf-8")
    assert [row[0] for row in csv.reader(predictions.splitlines())][1:] == [
        name for name, _ in rows
    ]

    pivot_sum(tmp_path, *words, "--offline", "--out", "again")
    assert (tmp_path / "again" / "predictions.csv").read_text(encoding="utf-8") == predictions


def test_every_stand_in_is_used() -> None:
    """A model that no recipe names any more leaves the list."""
    named = {
        model
        for recipe in RECIPES
        for step in recipe.steps
        if (model := getattr(step.stage, "model", None))
    }
    assert named == set(STAND_INS)
