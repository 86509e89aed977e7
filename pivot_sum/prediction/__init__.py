"""Predicting how far a pivot will be from the direct system, before its summariser is run."""

from pivot_sum.prediction.measures import COMET, MEASURES
from pivot_sum.prediction.predict import (
    LEAST_SYSTEMS,
    SAMPLE,
    Expected,
    Learned,
    Prediction,
    predict,
)

__all__ = [
    "COMET",
    "LEAST_SYSTEMS",
    "MEASURES",
    "SAMPLE",
    "Expected",
    "Learned",
    "Prediction",
    "predict",
]
