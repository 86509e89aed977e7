"""pivot-sum: Korean dialogues summarised through English, every stage cached, replayable offline.

The public names are loaded when they are used first: `import pivot_sum` alone imports nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from pivot_sum.api import compare, load_run, predict, read_samples, run, score
    from pivot_sum.api_training import regimes, train, tune
    from pivot_sum.comparison.compare import Comparison
    from pivot_sum.data.samples import Columns, Sample
    from pivot_sum.prediction import Prediction
    from pivot_sum.running.run import Run
    from pivot_sum.scoring.metric import Metric, Scores
    from pivot_sum.stages.answer import Answer
    from pivot_sum.stages.rule import Rule
    from pivot_sum.training.regimes_result import Regimes
    from pivot_sum.training.train import Training
    from pivot_sum.tuning.result import Tuning

__version__ = "0.2.0"

__all__ = [
    "Answer",
    "Columns",
    "Comparison",
    "Metric",
    "PivotSumError",
    "Prediction",
    "Regimes",
    "Rule",
    "Run",
    "Sample",
    "Scores",
    "Training",
    "Tuning",
    "compare",
    "load_run",
    "predict",
    "read_samples",
    "regimes",
    "run",
    "score",
    "train",
    "tune",
]


class PivotSumError(Exception):
    """A problem the user can do something about: what, where, what to do next. All errors of
    pivot-sum are such; docs/errors.md lists them."""

    # Defined here, because `stages` and `cache` import nothing of the rest.
    exit_code: ClassVar[int] = 1
    """What the command line returns."""


_PLACES = {
    "Answer": "stages.answer",
    "Columns": "data.samples",
    "Comparison": "comparison.compare",
    "Metric": "scoring.metric",
    "Prediction": "prediction",
    "Regimes": "training.regimes_result",
    "Rule": "stages.rule",
    "Run": "running.run",
    "Sample": "data.samples",
    "Scores": "scoring.metric",
    "Training": "training.train",
    "Tuning": "tuning.result",
    "compare": "api",
    "load_run": "api",
    "predict": "api",
    "read_samples": "api",
    "regimes": "api_training",
    "run": "api",
    "score": "api",
    "train": "api_training",
    "tune": "api_training",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
