"""How the demo models are trained: what they learn from, and a whole tiny run repeated."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file
from torch import float16

from pivot_sum.demo.rows import COLUMNS, dev_rows, held_out_rows, training_rows
from pivot_sum.demo_training.train import MODELS, RECIPES, train_model
from pivot_sum.training.recipe import load_train_recipe

NAMES = sorted(COLUMNS)
TINY = [
    "settings.max_steps=2",
    "settings.eval_steps=2",
    "search.num_beams=1",
    "search.max_new_tokens=2",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_ends_by_steps_on_one_thread_and_names_the_shipped_model(name: str) -> None:
    recipe = load_train_recipe(str(RECIPES / f"{name}.yaml"))
    assert recipe.model == f"demo:{name}" and recipe.start == "scratch"
    assert recipe.settings.max_steps and recipe.settings.threads == 1
    assert recipe.settings.max_steps % (recipe.settings.eval_steps or 0) == 0


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_always_the_same_and_have_the_columns_of_their_model(name: str) -> None:
    rows = training_rows(name, 60)
    assert rows == training_rows(name, 90)[:60] and len(rows) == 60
    assert all(set(row) == {"fname", *COLUMNS[name]} and all(row.values()) for row in rows)
    assert dev_rows(name) == dev_rows(name)


@pytest.mark.parametrize("name", ["summarizer-ko", "summarizer-en"])
def test_the_checkpoint_is_chosen_by_dialogues_that_are_neither_learned_nor_shipped(
    name: str,
) -> None:
    column = COLUMNS[name][0]
    dev = {row[column] for row in dev_rows(name)}
    assert len(dev) > 20
    assert not dev & {row[column] for row in training_rows(name, 3000)}
    assert not dev & {row[column] for row in held_out_rows()}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["translator", "summarizer-ko"])
def test_the_same_machine_gives_the_same_model_twice_and_a_card_with_its_data(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = []
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        training = train_model(name, Path("work"), Path("out"), TINY)
        models.append(tmp_path / place / "out")
    assert training.record.steps == 2
    files = sorted(path.name for path in (MODELS / name).iterdir())
    for model in models:
        assert sorted(path.name for path in model.iterdir()) == files
    first, second = ((model / "model.safetensors").read_bytes() for model in models)
    assert first == second
    weights = load_file(models[0] / "model.safetensors")
    assert {tensor.dtype for tensor in weights.values()} == {float16}
    card = (models[0] / "README.md").read_text(encoding="utf-8")
    assert training.record.train.sha256 in card and training.record.dev.sha256 in card
    assert "license: mit" in card and f"--only {name}" in card
