"""Several processes on one study, and one that is killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from trainings import with_files
from tunings import search

from pivot_sum.tuning import study
from pivot_sum.tuning.tune import tune

SUPPORT = Path(__file__).resolve().parent.parent / "support"

SHARING = """
import sys; sys.path.insert(0, {support!r})
from pathlib import Path
from tunings import Pretended, search
from pivot_sum.tuning import tune as tuning
tuning.train = Pretended(seconds=0.5)
tuning.tune(search(Path({project!r}), trials=8, sampler="random"), say=print)
"""

KILLED = """
import os, signal, sys; sys.path.insert(0, {support!r})
from pathlib import Path
from tunings import search
from pivot_sum.tuning import callback, study, tune as tuning
study.HEARTBEAT_INTERVAL = 1
told = callback.ToPruner.on_evaluate
def killed(self, args, state, control, **more):
    told(self, args, state, control, **more)
    if round(state.epoch) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
callback.ToPruner.on_evaluate = killed
tuning.tune(search(Path({project!r}), trials=1, settings={{"num_train_epochs": 3}}))
"""


@pytest.fixture
def project(tmp_path: Path, bart: Path) -> Path:
    """A folder with small data files and the small model."""
    shutil.copytree(bart, tmp_path / "bart")
    return with_files(tmp_path, train_rows=12, dev_rows=2)


def started(code: str, project: Path) -> subprocess.Popen[str]:
    filled = code.format(support=str(SUPPORT), project=str(project))
    return subprocess.Popen(
        [sys.executable, "-c", filled],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


@pytest.mark.slow
def test_two_processes_share_the_trials_of_a_study(project: Path) -> None:
    both = [started(SHARING, project) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    done = [output.count("complete") for output, _ in said]
    made = tune(search(project, trials=8, sampler="random"), say=lambda text: None)
    # Where both look at the same moment, there is one more.
    assert len(made.trials) in (8, 9) and sum(done) == len(made.trials)
    assert len({trial.params["settings.learning_rate"] for trial in made.trials}) == sum(done)


@pytest.mark.slow
def test_a_trial_whose_process_was_killed_goes_on_from_its_checkpoint(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    process = started(KILLED, project)
    output = process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL, output
    monkeypatch.setattr(study, "HEARTBEAT_INTERVAL", 1)
    monkeypatch.setattr(study, "GRACE_PERIOD", 2)
    made = tune(search(project, trials=1, settings={"num_train_epochs": 3}))
    said = capfd.readouterr().err
    assert "going on from the checkpoint of step 1" in said
    [trial] = made.trials
    assert (trial.state, trial.folder) == ("complete", "trials/0000")
    [_, again] = study.open_study(
        made.study, "tiny", made.key, search(project).recipe, "median"
    ).trials
    assert sorted(again.intermediate_values) == [1, 2, 3]
