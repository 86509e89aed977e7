"""Scores of summaries that say how they were made."""

from pivot_sum.scoring.baselines import baselines
from pivot_sum.scoring.metric import Metric, Parts, Scores, measure, similarities
from pivot_sum.scoring.metrics import DEFAULT_METRICS, METRICS, load_metric, load_metrics
from pivot_sum.scoring.rouge import OverReferences, Rouge, RougeF1
from pivot_sum.scoring.tokenizers import DEFAULT_TOKENIZER, TOKENIZERS, Tokenizer, load_tokenizer
from pivot_sum.scoring.units import WAYS, Placeholders

__all__ = [
    "DEFAULT_METRICS",
    "DEFAULT_TOKENIZER",
    "METRICS",
    "TOKENIZERS",
    "WAYS",
    "Metric",
    "OverReferences",
    "Parts",
    "Placeholders",
    "Rouge",
    "RougeF1",
    "Scores",
    "Tokenizer",
    "baselines",
    "load_metric",
    "load_metrics",
    "load_tokenizer",
    "measure",
    "similarities",
]
