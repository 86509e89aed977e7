"""`pivot-sum train`, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from commandline import pivot_sum
from trainings import TINY, with_files

import pivot_sum as api
from pivot_sum.errors import TrainingDataRefused

WORDS = ("train", "mine.yaml", "--data", "train.csv", "--dev", "dev.csv")


@pytest.fixture
def project(bart: Path, tmp_path: Path) -> Path:
    with_files(tmp_path, train_rows=12, dev_rows=2)
    recipe = {**TINY, "model": str(bart)}
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_a_training_ends_with_a_table_and_what_to_type_next(project: Path) -> None:
    ran = pivot_sum(project, *WORDS, "--set", "settings.num_train_epochs=1")
    scoring = "mine: scoring the dev file before the first step"
    assert ran.stderr.index(scoring) < ran.stderr.index("mine: step 0 of 1: dev loss")
    assert "mine: step 1 of 1" in ran.stderr
    assert "Warning" not in ran.stderr and "shards" not in ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "dev scores of mine (best by final: step 1 of 1)"
    assert any(line.startswith("signature: rouge|rouge-f1|tok:mecab-ko") for line in lines)
    [folder] = (project / "trainings").iterdir()
    assert folder.name.startswith("mine-")
    assert f"training folder: trainings/{folder.name}" in lines
    assert lines[-2].endswith(f"--set summarize.model=trainings/{folder.name} --out mine")
    assert lines[-1] == "  pivot-sum compare mine direct-kobart --data TEST.csv"

    again = pivot_sum(project, *WORDS, "--set", "settings.num_train_epochs=1", "--json")
    assert "is finished already" in again.stderr
    found = json.loads(again.stdout)
    assert found["folder"] == f"trainings/{folder.name}" and found["steps"] == 1

    ran = pivot_sum(project, *WORDS, "--set", "settings.seed=1", "--out", folder, code=82)
    assert "holds another training" in ran.message and "settings.seed 42 -> 1" in ran.message


def test_a_dry_run_counts_and_trains_nothing(project: Path) -> None:
    words = (*WORDS, "--set", "settings.num_train_epochs=3", "--dry-run")
    plan = json.loads(pivot_sum(project, *words, "--json").stdout)
    assert (plan["train"]["pairs"], plan["dev"]["pairs"], plan["features"]) == (12, 2, 12)
    assert (plan["steps_an_epoch"], plan["steps"]) == (1, 3)
    assert plan["trainable"] == plan["parameters"]
    assert "1 steps an epoch, 3 in all" in pivot_sum(project, *words).stdout
    assert not (project / "trainings").exists()


def test_what_is_wrong_is_said_before_anything_is_loaded(project: Path) -> None:
    of_hub = ("train", "train-kobart", *WORDS[2:])
    unreachable = pivot_sum(project, *of_hub, code=31).message
    assert unreachable.rstrip().endswith("or give a local folder instead (--set model=FOLDER)")
    assert "there is no dev file" in pivot_sum(project, *WORDS[:4], code=81).message
    assert "no file gone.csv" in pivot_sum(project, *WORDS[:5], "gone.csv", code=10).message
    wrong = pivot_sum(project, *WORDS, "--set", "settings.learning_rat=1", code=20).message
    assert "with --set settings.learning_rat=…" in wrong and "learning_rate" in wrong
    assert "not one to train" in pivot_sum(project, "train", "demo-pivot", code=20).message
    assert (
        "did you mean 'train-kobart'" in pivot_sum(project, "train", "train-kobar", code=22).message
    )


def test_a_training_recipe_can_be_copied_and_changed(tmp_path: Path) -> None:
    ran = pivot_sum(tmp_path, "init", "train-kobart")
    assert ran.stdout.splitlines()[-1] == (
        "  pivot-sum train train-kobart.yaml --data TRAIN.csv --dev DEV.csv"
    )
    schema = json.loads((tmp_path / "train.schema.json").read_text(encoding="utf-8"))
    settings = schema["definitions"]["recipe.TrainSettings"]["properties"]
    assert settings["learning_rate"]["maximum"] == 1 and settings["seed"]["description"]
    assert (
        (tmp_path / "train-kobart.yaml")
        .read_text(encoding="utf-8")
        .startswith("# yaml-language-server: $schema=train.schema.json\n")
    )
    shipped = Path(api.__file__).parents[1] / "configs" / "train.schema.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == schema, (
        "pivot-sum schema --train > configs/train.schema.json"
    )


def test_python_trains_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    from trainings import rows

    settings = {"settings.max_steps": 1, "settings.eval_on_start": False}
    made = api.train(
        "mine.yaml", rows(12), "dev.csv", settings=settings, out="model", progress=False
    )
    assert isinstance(made, api.Training) and made.folder == Path("model")
    assert made.record.steps == 1 and made.record.at_start == {}
    with pytest.raises(TrainingDataRefused):
        api.train("mine.yaml", rows(12))
