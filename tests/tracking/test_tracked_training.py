"""A training in Weights & Biases (offline), TensorBoard and MLflow: what each of them holds
afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import wandbfile
from trainings import TINY, trained, with_files

from pivot_sum.training.record import read_record
from pivot_sum.training.tracked import run_name
from pivot_sum.training.train import Training

NAME = "bart_train_lr0.003_bs12_ep2"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, bart: Path) -> Path:
    folder = tmp_path_factory.mktemp("tracked")
    shutil.copytree(bart, folder / "bart")
    return with_files(folder, train_rows=12, dev_rows=2)


@pytest.fixture(scope="module")
def made(project: Path) -> Training:
    """A training that reports to all tools, in a folder of its own without any key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        for name in ("WANDB_API_KEY", "WANDB_DIR", "MLFLOW_TRACKING_URI"):
            patch.delenv(name, raising=False)
        patch.setenv("WANDB_MODE", "offline")
        patch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
        import wandb

        wandb.teardown()  # it keeps what it read from the environment
        try:
            return trained(
                project,
                model="bart",
                search={"num_beams": 1, "max_new_tokens": 4},
                report_to=["wandb", "tensorboard", "mlflow"],
                settings={**TINY["settings"], "logging_steps": 1},
            )
        finally:
            wandb.teardown()


def test_weights_and_biases_holds_scores_and_signatures_offline(
    made: Training, project: Path
) -> None:
    [folder] = (project / "wandb").glob("offline-run-*")
    run, history, config, summary = wandbfile.logged(next(folder.glob("*.wandb")))
    assert (run.display_name, run.project) == (NAME, "pivot-sum")
    best = made.record.scores
    assert {"eval/final", "eval/rouge1", "eval/exact_match", "eval/loss"} <= set(history)
    assert len(history["eval/final"]) == 3 and len(history["train/loss"]) == 2
    assert summary["best/final"] == best["final"] and summary["best/loss"] == best["loss"]
    assert config["signatures"]["rouge"] == made.record.signatures["rouge"]
    assert config["recipe"]["settings"]["learning_rate"] == 3e-3
    assert config["data"]["train"]["sha256"] == made.record.train.sha256


def test_tensorboard_holds_scores_and_signatures(made: Training, project: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(project / "tensorboard" / NAME))
    events.Reload()
    assert [event.step for event in events.Scalars("eval/final")] == [0, 1, 2]
    [best] = events.Scalars("best/loss")
    assert best.value == pytest.approx(made.record.scores["loss"])
    assert "config/signatures.rouge/text_summary" in events.Tags()["tensors"]


def test_mlflow_holds_scores_and_signatures(made: Training, project: Path) -> None:
    from mlflow import MlflowClient

    client = MlflowClient(f"sqlite:///{project / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("pivot-sum")
    assert experiment
    [run] = client.search_runs([experiment.experiment_id])
    assert (run.info.run_name, run.info.status) == (NAME, "FINISHED")
    assert run.data.metrics["best/final"] == made.record.scores["final"]
    assert len(client.get_metric_history(run.info.run_id, "eval_final")) == 3
    assert run.data.params["signatures.rouge"] == made.record.signatures["rouge"]


def test_where_it_reports_to_makes_no_other_training(
    made: Training, project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(project)
    again = trained(
        project,
        model="bart",
        search={"num_beams": 1, "max_new_tokens": 4},
        report_to="none",
        settings={**TINY["settings"], "logging_steps": 1},
    )
    assert again.record == made.record
    assert "finished already" in caplog.text


def test_the_name_says_steps_where_the_recipe_does(made: Training) -> None:
    record = read_record(made.folder)
    assert record
    record.recipe["settings"] |= {"max_steps": 500, "gradient_accumulation_steps": 2}
    record.recipe["model"] = "digit82/kobart-summarization"
    assert run_name(record) == "kobart-summarization_train_lr0.003_bs24_st500"
