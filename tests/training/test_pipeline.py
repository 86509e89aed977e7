"""A summariser learns on what the steps before it give."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from paidstages import ASKED, ByCharacter
from trainings import TINY, request, write_rows

from pivot_sum import api_training
from pivot_sum.demo.train_data import sampled_rows
from pivot_sum.errors import (
    RecipeInvalid,
    TrainingDataRefused,
    TrainingFolderError,
    TrainingRefused,
)
from pivot_sum.running.execute import Request, execute
from pivot_sum.stages import STAGES
from pivot_sum.stages.errors import BudgetExceeded
from pivot_sum.stages.text.scripts import main_script
from pivot_sum.training.examples import TrainFile, read_file, read_rows
from pivot_sum.training.pipeline import PipelineInputs
from pivot_sum.training.ranges import Range
from pivot_sum.training.recipe import checked_recipe
from pivot_sum.training.train import TrainRequest, begin, look, train
from pivot_sum.tuning.request import TuneRequest
from pivot_sum.tuning.tune import tune

PIPELINE = "data.pipeline.recipe=demo-pivot"
ENGLISH = {"source": "en", "target": "en", "model": "demo:summarizer-en"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = sampled_rows(1)
    write_rows(tmp_path / "train.csv", made[:4])
    write_rows(tmp_path / "dev.csv", made[4:6])


def read(*settings: str) -> TrainFile:
    recipe = checked_recipe({**TINY, **ENGLISH}, "tiny", (PIPELINE, *settings))
    return read_file(
        recipe, read_rows(recipe, "train.csv", "train"), PipelineInputs.of(recipe, None, None)
    )


def test_its_inputs_are_what_the_steps_of_the_recipe_give(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = execute(Request("demo-pivot", data="train.csv", stages="clean..to-english"))
    capsys.readouterr()
    file = read()
    assert [example.source for example in file.examples] == list(run.steps["to-english"].values())
    assert [example.targets for example in file.examples] == [
        (row["summary_en"],) for row in sampled_rows(1)[:4]
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


PAID = """\
data: {file: train.csv}
steps:
  - {name: corrected, stage: by-character}
  - {name: summarize, stage: summarize, model: demo:summarizer-ko, language: ko}
"""


@pytest.fixture
def paid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainRequest:
    """A training on what a step gives that is billed each character."""
    monkeypatch.setitem(STAGES, "by-character", ByCharacter)
    ASKED.clear()
    (tmp_path / "paid.yaml").write_text(PAID, encoding="utf-8")
    changes = {"model": "demo:summarizer-ko", "data": {"pipeline": {"recipe": "paid.yaml"}}}
    return replace(request(tmp_path, **changes), cache=tmp_path / "kept.sqlite3")


def test_what_the_steps_were_billed_is_recorded_once(paid: TrainRequest) -> None:
    record, _ = begin(paid)
    assert record.spent == {"characters": sum(map(len, ASKED))} and ASKED
    assert begin(paid)[0].spent == {}


def test_a_search_spends_no_more_than_its_budget(paid: TrainRequest) -> None:
    tuned = paid.recipe.model_copy(
        update={"tune": {"settings.learning_rate": Range(low=1e-4, high=1e-3)}}
    )
    files = (paid.train_file, paid.dev_file)
    with pytest.raises(BudgetExceeded):
        tune(TuneRequest("tiny", tuned, *files, trials=1, cache=paid.cache, budget=1))
    assert not ASKED and Path("kept.sqlite3").exists()


@pytest.mark.parametrize("fault", ["package", "folder", "dev"])
def test_what_can_be_refused_at_once_is_refused_before_anything_is_billed(
    fault: str, paid: TrainRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "package":
        monkeypatch.setattr("pivot_sum.training.train.find_spec", lambda name: None)
    elif fault == "folder":
        Path("out").mkdir()
        Path("out", "notes.txt").touch()
    else:
        paid = replace(paid, dev_file=None)
    with pytest.raises((TrainingRefused, TrainingFolderError, TrainingDataRefused)):
        train(paid)
    assert not ASKED


def test_rows_in_memory_are_written_beside_the_cache_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrainRequest] = []
    monkeypatch.setattr(api_training, "train_model", lambda request, _: asked.append(request))
    made = sampled_rows(1)
    api_training.train("train-demo", made[:4], made[4:6], cache=tmp_path / "own" / "kept.sqlite3")
    for file in (asked[0].train_file, asked[0].dev_file):
        assert file and Path(file).is_relative_to(tmp_path / "own")
