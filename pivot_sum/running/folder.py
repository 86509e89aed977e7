"""The run folder: everything one run did, written as it goes."""

from __future__ import annotations

import json
import logging
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pivot_sum import __version__
from pivot_sum.data.predictions import write_predictions
from pivot_sum.data.samples import Sample, file_sha256, ids_of, oracles_of
from pivot_sum.errors import OracleRefused, RunFolderError
from pivot_sum.files import drafted, write_whole
from pivot_sum.recipes.recipe import Recipe
from pivot_sum.running.reading import PREDICTIONS, RUN_FILE, RUNS, read_run
from pivot_sum.running.record import (
    RecordedData,
    RecordedEnd,
    RecordedOptions,
    RecordedRecipe,
    RecordedStep,
    RecordedTokens,
    RunRecord,
)
from pivot_sum.running.results import StepResult
from pivot_sum.running.sources import cleaning
from pivot_sum.running.step_file import StepFile
from pivot_sum.running.writing import writing

log = logging.getLogger(__name__)

_PACKAGES = (
    "ctranslate2",
    "torch",
    "transformers",
    "tokenizers",
    "sentencepiece",
    "safetensors",
    "sentencex",
    "pydantic",
    "deepl",
)


def utc_now() -> str:
    """The time now, UTC, to the second, ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_folder(recipe: str, out: Path | None) -> Path:
    """Where the next run goes: `out`, or `runs/<recipe>-<UTC time>`. The folder is not made yet.

    Raises `RunFolderError` when `out` holds something already, other than a run that failed or was
    interrupted: what that computed is in the cache, so the same command goes on from there.
    """
    if out is not None:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            if not _holds_failed_run(out):
                raise RunFolderError(
                    f"--out {out} exists and is not empty; a run never overwrites another, name a"
                    " new folder"
                )
            log.warning("the run in %s did not come to its end; it is begun anew", out)
        return out
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [f"{recipe}-{stamp}", *(f"{recipe}-{stamp}-{number}" for number in range(2, 1000))]
    return next(RUNS / name for name in names if not (RUNS / name).exists())


def _holds_failed_run(folder: Path) -> bool:
    """Whether there is a run that came to no end, and nothing else. One that is still going on, or
    was killed, cannot be told from here: it counts as no such run."""
    with suppress(OSError, RunFolderError):
        only = {path.name for path in folder.iterdir()} <= {RUN_FILE, "steps"}
        linked = (folder / "steps").is_symlink()
        return only and not linked and read_run(folder).status == "failed"
    return False


class RunFolder:
    """Writes one run. `record` is what `run.json` holds; its `status` is started, finished or
    failed."""

    def __init__(
        self, path: Path, recipe: Recipe, data: Path, samples: Sequence[Sample], **options: Any
    ) -> None:
        self.path = path
        self.recipe = recipe
        self.ids = ids_of(samples)
        self._made: list[Path] = []
        self.record = RunRecord(
            status="started",
            started=utc_now(),
            pivot_sum=__version__,
            recipe=RecordedRecipe.model_validate(recipe.filled()),
            data=RecordedData(file=str(data), sha256=file_sha256(data), samples=len(samples)),
            options=RecordedOptions(**options),
            steps=[],
            oracles=oracles_of(samples),
            versions=package_versions(_PACKAGES),
            git=_git_revision(),
        )

    def start(self) -> None:
        """Make the folder and say that the run has started."""
        self._made = [path for path in (self.path, *self.path.parents) if not path.exists()]
        self._clear()  # of a run that failed
        with writing(self.path):
            (self.path / "steps").mkdir(parents=True, exist_ok=True)
        self._write_record()

    def discard(self) -> None:
        """Remove what was written, and the folders that were made for it."""
        self._clear()
        with suppress(OSError):
            for folder in self._made:
                folder.rmdir()

    def _clear(self) -> None:
        shutil.rmtree(self.path / "steps", ignore_errors=True)
        with suppress(OSError):
            (self.path / RUN_FILE).unlink(missing_ok=True)

    @contextmanager
    def step_file(self, position: int) -> Iterator[StepFile]:
        """Where the texts of a step go. Its file is there when all of them are."""
        path = self.path / self._file(position)
        with drafted(path) as draft:
            with writing(self.path):
                given = StepFile(draft, self.ids, self.path)
            try:
                yield given
            finally:
                given.close()
            with writing(self.path):
                draft.replace(path)
            given.path = path

    def _file(self, position: int) -> str:
        return f"steps/{position + 1:02d}-{self.recipe.steps[position].name}.jsonl"

    def add_step(self, position: int, result: StepResult) -> None:
        """Record a step's counts."""
        step = self.recipe.steps[position]
        tokens = result.tokens.record() if result.tokens.encoder else None
        self.record.steps.append(
            RecordedStep(
                name=result.name,
                stage=step.kind,
                task=step.stage.task,
                source=step.stage.source,
                target=step.stage.target,
                file=self._file(position),
                identity=result.identity,
                texts=result.units,
                unique=result.unique,
                cached=result.cached,
                computed=result.computed,
                billed=result.billed,
                seconds=round(result.seconds, 3),
                tokens=RecordedTokens.model_validate(tokens) if tokens else None,
                **{kind: dict(counter.most_common()) for kind, counter in result.counts.items()},
            )
        )
        if result.end_counts is not None:
            at = cleaning(self.recipe.steps)
            self.record.end = RecordedEnd(
                step=result.name,
                against=None if at is None else self.recipe.steps[at].name,
                verdicts=dict(result.end_counts.most_common()),
            )
        self._write_record()

    def finish(self, summaries: Iterable[str] | None) -> None:
        """Write the predictions, where the recipe ran to its end, and say that the run is finished.

        Raises `OracleRefused` where an oracle took the place of a step: such texts know what no
        system may know.
        """
        if summaries is not None:
            if self.record.oracles:
                raise OracleRefused(
                    f"{self.path}: no predictions are written of a run in which the data took the"
                    f" place of {', '.join(self.record.oracles)}; its texts are there to look"
                    " at, not to be submitted"
                )
            with writing(self.path):
                write_predictions(self.path / PREDICTIONS, zip(self.ids, summaries, strict=True))
            self.record.predictions = PREDICTIONS
        self.record.status, self.record.finished = "finished", utc_now()
        self._write_record()

    def fail(self, reason: str) -> None:
        """Say that the run failed, and why. A disk that is full must not hide the first error
        behind this one."""
        self.record.status, self.record.finished = "failed", utc_now()
        self.record.error = reason
        with suppress(RunFolderError):
            self._write_record()

    def _write_record(self) -> None:
        with writing(self.path):
            text = json.dumps(self.record.as_json(), ensure_ascii=False, indent=2)
            write_whole(self.path / RUN_FILE, text + "\n")


def package_versions(packages: Sequence[str]) -> dict[str, str]:
    """The versions of Python, the platform and those of the packages that are installed."""
    found = {"python": platform.python_version(), "platform": sys.platform}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _git_revision() -> str | None:
    """The commit of the checkout the program runs from; None where it was installed otherwise."""
    home = Path(__file__).resolve().parents[2]
    if not (home / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "-C", str(home), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None
