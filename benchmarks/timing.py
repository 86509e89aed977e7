"""Timing one step of a recipe as the program runs it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from pivot_sum.data.samples import Sample
from pivot_sum.recipes.recipe import Step
from pivot_sum.running.progress import StepProgress
from pivot_sum.running.runner import Runner
from pivot_sum.stages.text.segmentation import Over


def run_step(stage: Any, samples: Sequence[Sample], over: Over) -> float:
    """Seconds the runner takes for one step over the samples, from an empty cache."""
    from pivot_sum.cache import Cache

    with tempfile.TemporaryDirectory() as place, Cache(Path(place) / "cache.sqlite3") as cache:
        runner = Runner(samples, cache, lambda *_: nullcontext(Silent()))
        start = time.perf_counter()
        list(runner.run([Step("step", over, stage)], [0]))
        return time.perf_counter() - start


class Silent(StepProgress):
    """Shows nothing."""

    def advance(self, number: int) -> None:
        pass
