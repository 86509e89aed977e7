"""The run folder: everything one run did, written as it goes."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pivot_sum import __version__
from pivot_sum.data.predictions import write_predictions
from pivot_sum.data.samples import Sample, file_sha256
from pivot_sum.errors import OracleRefused, RunFolderError
from pivot_sum.files import write_whole
from pivot_sum.recipes.recipe import Recipe
from pivot_sum.running.reading import PREDICTIONS, RUN_FILE, RUNS, StepLine
from pivot_sum.running.record import (
    RecordedData,
    RecordedEnd,
    RecordedOptions,
    RecordedRecipe,
    RecordedStep,
    RecordedTokens,
    RunRecord,
)
from pivot_sum.running.runner import StepResult
from pivot_sum.running.sources import cleaning

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

    Raises `RunFolderError` when `out` holds something already.
    """
    if out is not None:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise RunFolderError(
                f"--out {out} exists and is not empty; a run never overwrites another, name a new"
                " folder"
            )
        return out
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = [f"{recipe}-{stamp}", *(f"{recipe}-{stamp}-{number}" for number in range(2, 1000))]
    return next(RUNS / name for name in names if not (RUNS / name).exists())


class RunFolder:
    """Writes one run. `record` is what `run.json` holds; its `status` is started, finished or
    failed."""

    def __init__(
        self, path: Path, recipe: Recipe, data: Path, samples: Sequence[Sample], **options: Any
    ) -> None:
        self.path = path
        self.recipe = recipe
        self.samples = samples
        self.record = RunRecord(
            status="started",
            started=utc_now(),
            pivot_sum=__version__,
            recipe=RecordedRecipe.model_validate(recipe.filled()),
            data=RecordedData(file=str(data), sha256=file_sha256(data), samples=len(samples)),
            options=RecordedOptions(**options),
            steps=[],
            oracles=sorted({name for sample in samples for name in sample.oracles}),
            versions=package_versions(_PACKAGES),
            git=_git_revision(),
        )

    def start(self) -> None:
        """Make the folder and say that the run has started."""
        with writing(self.path):
            (self.path / "steps").mkdir(parents=True, exist_ok=True)
        self._write_record()

    def add_step(self, position: int, result: StepResult) -> None:
        """Write a step's texts and counts."""
        name = f"{position + 1:02d}-{result.name}.jsonl"
        lines = []
        encoded = json.JSONEncoder(ensure_ascii=False).encode
        ends = result.ends or [None] * len(self.samples)
        for sample, text, noticed, end in zip(
            self.samples, result.texts, result.remarks, ends, strict=True
        ):
            line = StepLine(sample.id, text, dict(sorted(noticed.items())), end).as_json()
            lines.append(encoded(line) + "\n")
        with writing(self.path):
            write_whole(self.path / "steps" / name, "".join(lines))
        step = self.recipe.steps[position]
        tokens = result.tokens.record() if result.tokens.encoder else None
        self.record.steps.append(
            RecordedStep(
                name=result.name,
                stage=step.kind,
                task=step.stage.task,
                source=step.stage.source,
                target=step.stage.target,
                file=f"steps/{name}",
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
        if result.ends is not None:
            at = cleaning(self.recipe.steps)
            self.record.end = RecordedEnd(
                step=result.name,
                against=None if at is None else self.recipe.steps[at].name,
                verdicts=dict(Counter(end for end in result.ends if end).most_common()),
            )
        self._write_record()

    def finish(self, summaries: Sequence[str] | None) -> None:
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
                ids = [sample.id for sample in self.samples]
                write_predictions(self.path / PREDICTIONS, zip(ids, summaries, strict=True))
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


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write below `path` into a `RunFolderError`."""
    try:
        yield
    except OSError as error:
        raise RunFolderError(
            f"cannot write to the run folder {path}: {error.strerror or error}. What was computed"
            " is in the cache: make room (or name another folder with --out) and run the same"
            " command again"
        ) from error


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
