"""A summariser learns on what the steps before it give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from trainings import TINY, request, write_rows

from pivot_sum.demo.training_rows import training_rows
from pivot_sum.errors import RecipeInvalid, TrainingRefused
from pivot_sum.running.execute import Request, execute
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.training.examples import TrainFile, read_file
from pivot_sum.training.pipeline import PipelineInputs
from pivot_sum.training.recipe import checked_recipe
from pivot_sum.training.train import look, train

PIPELINE = "data.pipeline.recipe=demo-pivot"
ENGLISH = {"source": "en", "target": "en", "model": "demo:summarizer-en"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = training_rows(1)
    write_rows(tmp_path / "train.csv", made[:4])
    write_rows(tmp_path / "dev.csv", made[4:6])


def read(*settings: str) -> TrainFile:
    recipe = checked_recipe({**TINY, **ENGLISH}, "tiny", (PIPELINE, *settings))
    return read_file(recipe, "train.csv", "train", PipelineInputs.of(recipe, None, None))


def test_its_inputs_are_what_the_steps_of_the_recipe_give(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = execute(Request("demo-pivot", data="train.csv", stages="clean..to-english"))
    capsys.readouterr()
    file = read()
    assert [example.source for example in file.examples] == list(run.steps["to-english"].values())
    assert [example.targets for example in file.examples] == [
        (row["summary_en"],) for row in training_rows(1)[:4]
    ]
    assert ", 0 to compute" in capsys.readouterr().err


def test_targets_are_translated_where_that_is_asked_for() -> None:
    file = read("data.pipeline.targets=translated")
    for example in file.examples:
        assert len(example.targets) == 3  # of each Korean reference one
        assert all(main_script(target) == "en" for target in example.targets)
        assert "#Person1#" in " ".join(example.targets)


def test_another_translator_makes_other_data() -> None:
    usual, cut = read(), read("data.pipeline.set=[to-english.max_new_tokens=4]")
    assert usual.sha256 == read().sha256 != cut.sha256


def test_a_model_trained_so_is_one_that_the_recipe_runs(tmp_path: Path) -> None:
    made = train(
        request(tmp_path, PIPELINE, "settings.max_steps=1", "search.max_new_tokens=8", **ENGLISH)
    )
    assert made.record.train.counts["pairs"] == 4
    settings = [f"summarize.model={made.folder}", "summarize.max_new_tokens=8"]
    run = execute(Request("demo-pivot", data="dev.csv", settings=settings, stages="..summarize"))
    assert all(run.steps["summarize"].values())
    # The texts that the model learned on are those that it is given here.
    assert run.record.steps[1].computed == 0
    assert json.loads((made.folder / "training.json").read_text())["recipe"]["data"]["pipeline"]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("source=ko", "stands en, and this recipe trains one that reads ko"),
        ("data.pipeline.step=sumarize", "has no step 'sumarize'; it has clean, to-english"),
        ("data.pipeline.set=[to-english.num_beam=1]", "did you mean 'num_beams'?"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_computed(setting: str, said: str) -> None:
    settings = [PIPELINE, setting, *(["target=ko"] if setting == "source=ko" else [])]
    recipe = checked_recipe({**TINY, **ENGLISH}, "tiny", settings)
    with pytest.raises((TrainingRefused, RecipeInvalid)) as refused:
        PipelineInputs.of(recipe, None, None)
    assert said in str(refused.value)


def test_a_dry_run_computes_nothing(tmp_path: Path) -> None:
    asked = request(tmp_path, PIPELINE, **ENGLISH)
    with pytest.raises(TrainingRefused, match=r"--stages \.\.to-english --dry-run` says"):
        look(asked)
    assert not Path(".pivot-sum/cache.sqlite3").exists()


def test_a_recipe_that_translates_nothing_cannot_translate_targets() -> None:
    korean = {**TINY, "data": {"pipeline": {"recipe": "demo-direct", "targets": "translated"}}}
    with pytest.raises(TrainingRefused, match="translates nothing before its summariser"):
        PipelineInputs.of(checked_recipe(korean, "tiny"), None, None)
