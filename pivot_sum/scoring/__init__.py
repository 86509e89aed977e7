"""Scores of Korean summaries that say how they were made."""

from pivot_sum.scoring.baselines import baselines
from pivot_sum.scoring.rouge import METRICS, OverReferences, Placeholders, Rouge, Scorer, Scores
from pivot_sum.scoring.tokenizers import DEFAULT_TOKENIZER, TOKENIZERS, Tokenizer, load_tokenizer

__all__ = [
    "DEFAULT_TOKENIZER",
    "METRICS",
    "TOKENIZERS",
    "OverReferences",
    "Placeholders",
    "Rouge",
    "Scorer",
    "Scores",
    "Tokenizer",
    "baselines",
    "load_tokenizer",
]
