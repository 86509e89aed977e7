"""Metrics by name: those that come with the program, and those from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring.counts import PlaceholderF1
from pivot_sum.scoring.metric import Metric, Scores
from pivot_sum.scoring.outside import load_from_outside, registered_names, require_metric
from pivot_sum.scoring.rouge import OverReferences, Rouge
from pivot_sum.scoring.sentence import Bleu, ChrF
from pivot_sum.scoring.tokenizers import DEFAULT_TOKENIZER, Tokenizer, load_tokenizer
from pivot_sum.scoring.units import WAYS, Placeholders

DEFAULT_METRICS: Final = ("rouge",)


@dataclass(frozen=True)
class Options:
    """What the metrics of the program can be told. The tokenizer is loaded by the first that needs
    it."""

    tokenizer_name: str
    over_references: OverReferences
    ways: Sequence[Placeholders]

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return load_tokenizer(self.tokenizer_name)


def _rouge(options: Options) -> Mapping[str, Metric]:
    return {way: Rouge(options.tokenizer, way, options.over_references) for way in options.ways}


# What reads names and numbers takes a while to import: only where it is asked for.
def _names(options: Options) -> Mapping[str, Metric]:
    from pivot_sum.scoring.names import NameF1

    return {"names": NameF1()}


def _numbers(options: Options) -> Mapping[str, Metric]:
    from pivot_sum.scoring.numbers import NumberF1

    return {"numbers": NumberF1()}


def _number_support(options: Options) -> Mapping[str, Metric]:
    from pivot_sum.scoring.numbers import NumberSupport

    return {"number-support": NumberSupport()}


_BUILT_IN: Final[Mapping[str, Callable[[Options], Mapping[str, Metric]]]] = {
    "rouge": _rouge,
    "chrf": lambda options: {"chrf": ChrF()},
    "bleu": lambda options: {"bleu": Bleu(options.tokenizer)},
    "placeholders": lambda options: {"placeholders": PlaceholderF1()},
    "names": _names,
    "numbers": _numbers,
    "number-support": _number_support,
}

METRICS: Final = tuple(_BUILT_IN)
"""The names of the metrics that come with the program, the default first."""

WITH_MODEL: Final = ("bertscore",)
"""Those that need a model, which is named behind a colon."""

HELP: Final = (
    f"Which metric: {', '.join(METRICS)}, bertscore:MODEL (a folder, or an id on the Hugging Face"
    " hub), the name of an installed one, or one of your own as package.module:Class."
)


def load_metrics(
    names: str | Iterable[str | Metric] = DEFAULT_METRICS,
    *,
    tokenizer: str = DEFAULT_TOKENIZER,
    over_references: OverReferences = "mean",
    ways: Sequence[Placeholders] = WAYS,
) -> dict[str, Metric]:
    """The metrics of these names (or metrics as they are), ready to use, by the key that they have
    in results; the first decides.

    A key is the metric's name, but ROUGE is two: `whole` and `raw` are ROUGE with placeholders
    whole and raw. `tokenizer`, `over_references` and `ways` are for the metrics that come with the
    program. Raises MetricInvalid for a name that is none, and TokenizerMissing.
    """
    options = Options(tokenizer, over_references, ways)
    metrics: dict[str, Metric] = {}
    asked = [names] if isinstance(names, str) else list(names)
    if not asked:
        raise MetricInvalid(f"no metric is named. Choose of {', '.join(METRICS)}, or your own")
    for place, name in enumerate(asked):
        if name in asked[:place]:
            continue
        ours = isinstance(name, str) and name.partition(":")[0] in (*METRICS, *WITH_MODEL)
        for key, metric in _load(name, options).items():
            if key in metrics or (not ours and key in (*WAYS, *METRICS, *WITH_MODEL)):
                raise MetricInvalid(
                    f"the metric {name if isinstance(name, str) else type(name).__name__} calls"
                    f" itself {key!r}, and so does another. Give it another name"
                )
            metrics[key] = metric
    return metrics


def load_metric(
    name: str | Metric = DEFAULT_METRICS[0],
    *,
    tokenizer: str = DEFAULT_TOKENIZER,
    over_references: OverReferences = "mean",
) -> Metric:
    """One metric, ROUGE with placeholders whole. Raises as `load_metrics` does."""
    [metric] = load_metrics(
        [name], tokenizer=tokenizer, over_references=over_references, ways=("whole",)
    ).values()
    return metric


def _load(name: str | Metric, options: Options) -> Mapping[str, Metric]:
    if not isinstance(name, str):
        metric = require_metric(name, type(name).__name__)
        return {metric.name: metric}
    if name in _BUILT_IN:
        return _BUILT_IN[name](options)
    if name.partition(":")[0] in WITH_MODEL:
        metric = _bertscore(name)
        return {metric.name: metric}
    metric = load_from_outside(name, [*METRICS, *WITH_MODEL, *registered_names()])
    return {metric.name: metric}


def _bertscore(name: str) -> Metric:
    """`bertscore:MODEL` or `bertscore:MODEL,layer=9`."""
    from pivot_sum.scoring.bertscore import BertScore

    model, comma, layer = name.partition(":")[2].partition(",layer=")
    if not model or (comma and not layer.isdecimal()):
        raise MetricInvalid(
            f"the metric {name.partition(':')[0]} needs an encoder: --metric"
            " bertscore:klue/roberta-base, or a folder in its place; with ,layer=9 behind it for"
            " another layer than the default"
        )
    return BertScore(model, layer=int(layer) if comma else None)


_LABELS: Final = {
    "rouge1": "R1",
    "rouge2": "R2",
    "rougeL": "RL",
    "chrf": "chrF",
    "bleu": "BLEU",
    "bertscore": "BERTScore",
}


def label(part: str, key: str = "") -> str:
    """What a part is called in a table, `R1`; `raw R1` of the metric with the key `raw`."""
    return f"{'raw ' if key == 'raw' else ''}{_LABELS.get(part, part)}"


def columns(scores: Mapping[str, Scores], every: Sequence[str] = ()) -> list[tuple[str, str]]:
    """The key and the part of each value to show: all parts of the first metric and of those with a
    key in `every`, of the others the headline."""
    first = next(iter(scores))
    return [
        (key, part)
        for key, found in scores.items()
        for part in (found.values if key in (first, *every) else [found.headline])
    ]
