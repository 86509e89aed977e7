"""`tune`: trials of a study, what is kept of them, and what a search refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from optuna.pruners import ThresholdPruner
from trainings import rows, with_files, write_rows
from tunings import Pretended, search

from pivot_sum.errors import TrainingDiverged, TrainingStopped, TuningRefused
from pivot_sum.training.recipe import load_train_recipe
from pivot_sum.training.train import TrainRequest, begin, train
from pivot_sum.tuning import study
from pivot_sum.tuning import tune as tuning
from pivot_sum.tuning.page import PAGE
from pivot_sum.tuning.tune import tune


@pytest.fixture
def project(tmp_path: Path, bart: Path) -> Path:
    """A folder with small data files and the small model."""
    shutil.copytree(bart, tmp_path / "bart")
    return with_files(tmp_path, train_rows=16, dev_rows=4)


@pytest.fixture
def pretended(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same folder, where trainings only pretend."""
    monkeypatch.setattr(tuning, "train", Pretended())
    return project


def quiet(text: str) -> None:
    pass


def test_a_search_ends_with_a_recipe_and_the_model_of_its_best_trial(project: Path) -> None:
    asked = search(project, trials=3, sampler="random", settings={"num_train_epochs": 1})
    made = tune(asked)
    assert [trial.state for trial in made.trials] == ["complete"] * 3
    best = made.best_trial
    assert best and best.value == min(trial.value for trial in made.trials if trial.value)
    kept = [trial for trial in made.trials if list((made.folder / trial.folder).glob("*.safe*"))]
    assert kept == [best] and not list(made.folder.rglob("checkpoint*"))

    # The recipe is that of the best trial: its folder holds this training already.
    recipe = load_train_recipe(str(made.best_recipe))
    assert recipe.settings.learning_rate == best.params["settings.learning_rate"]
    again = train(TrainRequest("best", recipe, folder=made.folder / best.folder))
    assert again.record.scores["loss"] == best.value

    page = (made.folder / PAGE).read_text(encoding="utf-8")
    assert f"{best.value:.4f}" in page and "Dev score by trial" in page
    assert json.loads((made.folder / "tuning.json").read_text())["best"] == best.number
    assert list(made.to_pandas()["settings.learning_rate"]) == [
        trial.params["settings.learning_rate"] for trial in made.trials
    ]

    assert tune(asked).trials == made.trials  # nothing is run again


def test_a_trial_that_is_pruned_says_when(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(study._PRUNERS, "median", lambda: ThresholdPruner(upper=0.0))
    made = tune(search(project, trials=1))
    [trial] = made.trials
    assert (trial.state, trial.pruned_at, made.best) == ("pruned", 1, None)
    assert not made.best_recipe.exists()
    assert "No trial is complete" in (made.folder / PAGE).read_text(encoding="utf-8")


def test_the_grid_is_searched_whole_and_values_that_do_not_fit_fail_alone(pretended: Path) -> None:
    ranges = {
        "start": {"choices": ["pretrained", "scratch"]},
        "train": {"choices": ["full", "decoder"]},
        "lora.rank": {"low": 2, "high": 6, "step": 4},
    }
    made = tune(search(pretended, tune=ranges, sampler="grid", trials=100), say=quiet)
    tried = {tuple(trial.params.values()) for trial in made.trials}
    assert len(made.trials) == len(tried) == 8
    failed = [trial for trial in made.trials if trial.state == "failed"]
    assert len(failed) == 2 and all("leaves most of them random" in trial.why for trial in failed)
    with pytest.raises(TuningRefused, match=r"the grid has no end: settings\.learning_rate"):
        tune(search(pretended, sampler="grid", folder=pretended / "endless"), say=quiet)


def test_a_search_in_two_parts_tries_the_same_values(pretended: Path) -> None:
    whole = tune(search(pretended, trials=12, folder=pretended / "whole"), say=quiet)
    tune(search(pretended, trials=5), say=quiet)
    parts = tune(search(pretended, trials=12), say=quiet)
    assert [trial.params for trial in parts.trials] == [trial.params for trial in whole.trials]
    assert len({trial.params["settings.learning_rate"] for trial in parts.trials}) == 12
    assert parts.importance == {"settings.learning_rate": 1.0}


def test_a_trial_that_diverges_fails_and_the_search_goes_on(
    pretended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverging(request: TrainRequest, progress: Any = None) -> Any:
        if request.folder and request.folder.name == "0000":
            raise TrainingDiverged("the loss is no number (NaN) at step 3: it has diverged. Lower")
        return Pretended()(request)

    monkeypatch.setattr(tuning, "train", diverging)
    made = tune(search(pretended, trials=2), say=quiet)
    assert [trial.state for trial in made.trials] == ["failed", "complete"]
    assert made.trials[0].why.endswith("it has diverged") and made.best == 1


@pytest.mark.parametrize("stop", [TrainingStopped("no room"), KeyboardInterrupt("step 2")])
def test_a_trial_that_was_stopped_is_taken_up_again(
    pretended: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    def stopped(request: TrainRequest, progress: Any = None) -> Any:
        raise stop

    monkeypatch.setattr(tuning, "train", stopped)
    asked = search(pretended, trials=2)
    lines: list[str] = []
    with pytest.raises(type(stop)):
        tune(asked, say=lines.append)
    monkeypatch.setattr(tuning, "train", Pretended())
    made = tune(asked, say=lines.append)
    assert [trial.state for trial in made.trials] == ["complete", "complete"]
    assert made.trials[0].folder == "trials/0000"
    assert lines[0] == lines[1], "the same values"


@pytest.mark.parametrize("change", ["range", "recipe", "data"])
def test_a_folder_or_a_study_of_another_search_is_refused(pretended: Path, change: str) -> None:
    file = pretended / "study.sqlite3"
    tune(search(pretended, trials=1, study_file=file), say=quiet)
    ranges = {"settings.learning_rate": {"low": 1e-4, "high": 2e-2, "log": True}}
    other = search(
        pretended,
        **({"tune": ranges} if change == "range" else {}),
        **({"settings": {"seed": 1}} if change == "recipe" else {}),
        study_file=file,
    )
    if change == "data":
        write_rows(pretended / "train.csv", rows(20))
    with pytest.raises(TuningRefused, match="out holds another search"):
        tune(other, say=quiet)
    with pytest.raises(TuningRefused, match="holds a study 'tiny' of another search"):
        tune(replace(other, folder=pretended / "elsewhere"), say=quiet)


def test_what_cannot_be_searched_is_refused(
    pretended: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(TuningRefused, match="a block `tune:`"):
        tune(search(pretended, tune={}), say=quiet)
    (pretended / "out").mkdir()
    (pretended / "out" / "thesis.txt").write_text("mine")
    with pytest.raises(TuningRefused, match="something that is no search"):
        tune(search(pretended), say=quiet)
    file = pretended / "dev.csv"
    with pytest.raises(TuningRefused, match="cannot be used: file is not a database"):
        tune(search(pretended, study_file=file, folder=pretended / "o"), say=quiet)


def test_where_weights_are_kept_they_are(pretended: Path) -> None:
    made = tune(search(pretended, trials=3, keep="all"), say=quiet)
    assert len(list(made.folder.rglob("*.safetensors"))) == 3


def test_what_services_billed_is_kept_whichever_call_paid_it(
    pretended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paid(request: TrainRequest) -> Any:
        record, files = begin(request)
        record.spent = {"characters": 100.0}
        return record, files

    with monkeypatch.context() as patch:
        patch.setattr(tuning, "begin", paid)
        patch.setattr(tuning, "train", Interrupting())
        with pytest.raises(KeyboardInterrupt):
            tune(search(pretended, trials=1), say=quiet)
    made = tune(search(pretended, trials=1), say=quiet)
    assert made.spent == {"characters": 100.0}
    assert json.loads((made.folder / "tuning.json").read_text())["spent"] == made.spent


class Interrupting:
    """Takes the place of `train`, and is interrupted."""

    def __call__(self, request: TrainRequest, progress: Any = None) -> Any:
        raise KeyboardInterrupt("step 2")
